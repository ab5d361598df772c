package state

import (
	"errors"
	"slices"
	"time"
)

// Account is one person's account with all that signing in may look at.
type Account struct {
	// ID is drawn at random, or brought by a program.
	ID AccountID
	// Username is empty where accounts have none. It is unique without regard to case.
	Username string
	// PasswordHash is a PHC string (or an older form that is still verified); empty
	// for an account that has no password.
	PasswordHash string
	// Active is false for an account that was disabled: it cannot sign in.
	Active bool
	// Epoch goes up when everything that began before must end: password change or
	// reset, disabling, ending all sessions.
	Epoch int64
	// Revision goes up with every write to the account.
	Revision int64
	// CreatedAt and LastLogin are in UTC; LastLogin is zero before the first sign-in.
	CreatedAt time.Time
	LastLogin time.Time
	// Phone is in E.164, or empty. PhoneTaken says that another account has verified it;
	// the store knows, and does not keep it.
	Phone         string
	PhoneVerified bool
	PhoneTaken    bool
	// Emails are in the order they were added.
	Emails []Email
	// Authenticators are in the order they were added.
	Authenticators []Authenticator
	// Providers are the third-party accounts connected to this one.
	Providers []ProviderAccount
	// Attributes belong to custom stages; a key starts with its owner's name
	// ("acme.terms"). Those of "profile" are the account's [Profile].
	Attributes map[string]string
}

// MarshalJSON refuses: an account holds what must never be answered or logged, so nobody
// writes one out whole by accident. Answers are made of its [Snapshot].
func (Account) MarshalJSON() ([]byte, error) {
	return nil, errors.New("an account is not written out whole; use its snapshot")
}

// Email is a mail address of an account, in lower case.
type Email struct {
	Address  string `json:"email"`
	Verified bool   `json:"verified"`
	// Primary is true for at most one address of an account.
	Primary bool `json:"primary"`
	// Reached says that a message to the address came back although it does not count as
	// verified: the link of a password reset.
	Reached bool `json:"-"`
	// Taken says that another account has verified the address; the store knows, and does
	// not keep it.
	Taken bool `json:"-"`
	// Endorsement says who named it; the store decides.
	Endorsement Endorsement `json:"-"`
}

// Proved reports whether somebody has shown that he receives what is sent to the address.
func (e *Email) Proved() bool { return e.Verified || e.Reached }

// Endorsement says who stands behind a credential or an address of an account: whether the
// person who set it had shown that he receives what is sent to one of the account's
// contacts, its addresses and its number. It is decided where accounts are stored, see [ProveContact].
type Endorsement uint8

// The endorsements there are.
const (
	// Unendorsed: it was set while no contact of the account was proved.
	Unendorsed Endorsement = iota
	// OfSignup: it was made by the run that made the account. It becomes endorsed once a
	// message of that run comes back.
	OfSignup
	// Endorsed: it was set when a contact of the account was proved already.
	Endorsed
)

// AuthenticatorType names a kind of authenticator as the wire does.
type AuthenticatorType string

// The kinds of authenticator.
const (
	TOTP          AuthenticatorType = "totp"
	RecoveryCodes AuthenticatorType = "recovery_codes"
	WebAuthn      AuthenticatorType = "webauthn"
)

// Authenticator is a TOTP secret, a set of recovery codes, or a WebAuthn credential.
type Authenticator struct {
	// ID is random, positive and below 2^53.
	ID   int64
	Type AuthenticatorType
	// Name is what the person called it; only WebAuthn credentials have one.
	Name string
	// Secret is sealed: the TOTP secret (RFC 6238) or the seed of the recovery codes.
	Secret []byte
	// CredentialID is the id of a WebAuthn credential, unique over all accounts.
	CredentialID []byte
	// Credential is the JSON of a WebAuthn credential record (WebAuthn level 3, §4).
	Credential []byte
	// LastStep is the last TOTP time step that was used, the one that activated included; -1
	// before the first.
	LastStep int64
	// Used is the set of recovery codes that were used, as a bit mask by index.
	Used uint64
	// Endorsement says who stands behind it; the store decides.
	Endorsement Endorsement
	// ViewedAt is when recovery codes were shown; zero if never.
	ViewedAt   time.Time
	CreatedAt  time.Time
	LastUsedAt time.Time
}

// ProviderAccount is an account at a third party that can sign in to this one.
type ProviderAccount struct {
	// Provider is the id of the provider in the configuration; UID is the subject
	// identifier there (OpenID Connect Core, "sub"). Both together are unique.
	Provider string
	UID      string
	// Display is a name to show; Extra is the provider's JSON about the person.
	Display string
	Extra   []byte
	// Profile is what the third party said of the person when it was last asked.
	Profile     Profile
	ConnectedAt time.Time
	// Endorsement says who stands behind it; the store decides.
	Endorsement Endorsement
}

// Claim is an address that a key or a code would prove, and whose it is.
type Claim struct {
	Email   string
	Account *Account
}

// Added is an authenticator that was added, and whether recovery codes came with it.
type Added struct {
	Authenticator *Authenticator
	Codes         bool
}

// Primary returns the primary address, else the first verified one, or nil: an address that
// was added and that nobody has verified yet is not what the person is called by, nor where
// notices go.
func (a *Account) Primary() *Email {
	var verified *Email
	for i := range a.Emails {
		switch e := &a.Emails[i]; {
		case e.Primary:
			return e
		case e.Verified && verified == nil:
			verified = e
		}
	}
	return verified
}

// Email returns the address of the account that equals the given one, or nil. The
// caller passes it in lower case.
func (a *Account) Email(address string) *Email {
	for i := range a.Emails {
		if a.Emails[i].Address == address {
			return &a.Emails[i]
		}
	}
	return nil
}

// HasVerifiedEmail reports whether any address of the account is verified.
func (a *Account) HasVerifiedEmail() bool {
	for _, e := range a.Emails {
		if e.Verified {
			return true
		}
	}
	return false
}

// Proved reports whether a contact of the account is proved: somebody has shown that he
// receives what is sent to one of its addresses or to its number. Until then nothing says
// that the account is theirs whose contacts it names. What is endorsed was set by somebody
// who had shown it, and says so still where the contact is gone.
func (a *Account) Proved() bool {
	return a.Phone != "" && a.PhoneVerified ||
		slices.ContainsFunc(a.Emails, func(e Email) bool { return e.Proved() }) ||
		slices.ContainsFunc(a.Authenticators, func(x Authenticator) bool { return x.Endorsement == Endorsed }) ||
		slices.ContainsFunc(a.Providers, func(p ProviderAccount) bool { return p.Endorsement == Endorsed })
}

// Used reports whether the account is more than a sign-up that went no further: it is
// proved, or somebody has signed in to it. One that is not keeps a third-party account from
// nobody, see [ConnectProvider].
func (a *Account) Used() bool { return a.Proved() || !a.LastLogin.IsZero() }

// Authenticator returns the first authenticator of the type, or nil.
func (a *Account) Authenticator(t AuthenticatorType) *Authenticator {
	for i := range a.Authenticators {
		if a.Authenticators[i].Type == t {
			return &a.Authenticators[i]
		}
	}
	return nil
}

// HasSecondFactor reports whether the account has an authenticator that protects it:
// recovery codes alone do not.
func (a *Account) HasSecondFactor() bool {
	return a.Authenticator(TOTP) != nil || a.Authenticator(WebAuthn) != nil
}

// Clone returns a copy that shares no memory that a Write changes.
func (a *Account) Clone() *Account {
	c := *a
	c.Emails = append([]Email(nil), a.Emails...)
	c.Authenticators = append([]Authenticator(nil), a.Authenticators...)
	c.Providers = append([]ProviderAccount(nil), a.Providers...)
	if a.Attributes != nil {
		c.Attributes = make(map[string]string, len(a.Attributes))
		for k, v := range a.Attributes {
			c.Attributes[k] = v
		}
	}
	return &c
}
