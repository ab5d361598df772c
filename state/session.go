package state

import (
	"encoding/json"
	"slices"
	"time"
)

// Session is a signed-in client.
type Session struct {
	// ID is random, positive and below 2^53.
	ID      int64
	Account AccountID
	// Run is the run that was granted the session; it is unique.
	Run string
	// TokenHash is the SHA-256 of the token's id; the token itself is stored nowhere.
	TokenHash []byte
	// Client is the kind of client that holds it: browser, app or rest.
	Client string
	// Epoch is the account's when the session began.
	Epoch     int64
	CreatedAt time.Time
	LastSeen  time.Time
	// ExpiresAt is when the session ends by itself.
	ExpiresAt time.Time
	IP        string
	UserAgent string
	// Methods is the client's log of authentications as JSON.
	Methods json.RawMessage
	// Binding is the key of the device that it is bound to, if it is.
	Binding Binding
	// BindBy is when it must have been bound, or it does not go on: the browser is known to
	// bind. Zero where it may stay as it is.
	BindBy time.Time
}

// Snapshot is what answers need of an account, kept beside the record of each of its
// sessions so that reading a session asks no database. Its tags are those of the JSON in
// which earlier releases kept it.
type Snapshot struct {
	Account  AccountID `json:"id"`
	Revision int64     `json:"rev"`
	Username string    `json:"un,omitempty"`
	// Email is the primary address, else the first verified one, or empty.
	Email       string `json:"em,omitempty"`
	HasPassword bool   `json:"pw,omitempty"`
	// Verified are the verified addresses, sorted; Phone is the number if it is verified.
	Verified []string `json:"ems,omitempty"`
	Phone    string   `json:"ph,omitempty"`
	// Providers are the ids of the providers that the account is connected to, sorted.
	Providers []string `json:"pr,omitempty"`
	// SecondFactor lists the kinds of second factor the account has, in the wire's
	// order: recovery_codes, totp, webauthn.
	SecondFactor []AuthenticatorType `json:"mfa,omitempty"`
	// Profile is the account's own.
	Profile Profile `json:"pf,omitzero"`
}

// Ticket is what the store of records keeps of a session beside its record. Its tags are those
// of the JSON in which earlier releases kept it.
type Ticket struct {
	Session   int64     `json:"id"`
	Account   AccountID `json:"acc"`
	Epoch     int64     `json:"ep,omitempty"`
	CreatedAt time.Time `json:"at"`
	ExpiresAt time.Time `json:"exp"`
	// CheckedAt is when the database last confirmed that the session goes on.
	CheckedAt time.Time `json:"chk"`
	// Binding and BindBy are the session's.
	Binding Binding   `json:"-"`
	BindBy  time.Time `json:"-"`
	// GoodUntil is when the newest of the short-lived cookies ends by which the browser of a bound
	// session shows its key; zero where that is not known. No database keeps it.
	GoodUntil time.Time `json:"-"`
}

// Overdue reports whether the session is not bound, and must have been by now.
func (t *Ticket) Overdue(now time.Time) bool {
	return !t.Binding.Bound() && !t.BindBy.IsZero() && t.BindBy.Before(now)
}

// Snapshot returns what answers need of the account.
func (a *Account) Snapshot() Snapshot {
	s := Snapshot{Account: a.ID, Revision: a.Revision, Username: a.Username, HasPassword: a.PasswordHash != "", Profile: a.Profile()}
	if e := a.Primary(); e != nil {
		s.Email = e.Address
	}
	for _, e := range a.Emails {
		if e.Verified {
			s.Verified = append(s.Verified, e.Address)
		}
	}
	slices.Sort(s.Verified)
	if a.PhoneVerified {
		s.Phone = a.Phone
	}
	for _, p := range a.Providers {
		s.Providers = append(s.Providers, p.Provider)
	}
	slices.Sort(s.Providers)
	s.Providers = slices.Compact(s.Providers)
	for _, t := range []AuthenticatorType{RecoveryCodes, TOTP, WebAuthn} {
		if a.Authenticator(t) != nil {
			s.SecondFactor = append(s.SecondFactor, t)
		}
	}
	return s
}

// Recipients are where the account gets codes by which it is known: its verified addresses,
// sorted, then its verified number.
func (s Snapshot) Recipients() []string {
	if s.Phone == "" {
		return s.Verified
	}
	return append(s.Verified[:len(s.Verified):len(s.Verified)], s.Phone)
}

// Display is what to call the person: the username, else the address.
func (s Snapshot) Display() string {
	if s.Username != "" {
		return s.Username
	}
	return s.Email
}

// Ticket returns what the store of records keeps of the session.
func (s *Session) Ticket() Ticket {
	return Ticket{
		Session: s.ID, Account: s.Account, Epoch: s.Epoch,
		CreatedAt: s.CreatedAt, ExpiresAt: s.ExpiresAt, CheckedAt: s.LastSeen, Binding: s.Binding, BindBy: s.BindBy,
	}
}
