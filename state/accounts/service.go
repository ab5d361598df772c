package accounts

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"time"

	"stagedoor/state"
)

// entropy derives what must be unpredictable from one request's random bytes.
type entropy interface {
	Bytes(purpose string, n int) []byte
	ID(purpose string) int64
}

// Principal is the signed-in client that asks for a change. With a session, the change is stored
// only while that goes on; Epoch is the account's when the session began.
type Principal struct {
	Account state.AccountID
	Session int64
	Epoch   int64
	Now     time.Time
	// Seed derives what must be unpredictable from the random bytes of one request.
	Seed entropy
	// IP and UserAgent go into notices to the owner.
	IP        string
	UserAgent string
}

// Service changes accounts on behalf of their signed-in owners. Its fields are set before
// it is used.
type Service struct {
	Accounts state.Accounts
	Ledger   state.Ledger
	MFA      *MFA
	Hasher   *Hasher
	Policy   *Policy
	// EmailOnly: one signs in with an address and nothing else, so an account keeps one.
	EmailOnly bool
	// ProvidersOnly: nobody signs in without a third party.
	ProvidersOnly bool
	// EmailMandatory: nobody signs in without a verified address.
	EmailMandatory bool
	// Notices mails the owner when something about security changes.
	Notices bool
	// AllowUnverified permits authenticators on accounts with an unverified address.
	AllowUnverified bool
	// Passwordless reports whether a WebAuthn credential is a passkey, nil where that is
	// not known.
	Passwordless func(*state.Authenticator) *bool
	// SignsInAlone reports whether a WebAuthn credential is a way in by itself; nil where none is.
	SignsInAlone func(*state.Authenticator) bool
	// CodesSignIn are the contacts to which one signs in with a code, of [state.KeyEmail] and
	// [state.KeyPhone], where they are verified.
	CodesSignIn []string
	// RPID is the domain that WebAuthn credentials belong to.
	RPID string
}

// Account reads an account whole, or fails with [state.ErrNotFound].
func (s *Service) Account(ctx context.Context, id state.AccountID) (*state.Account, error) {
	return s.Accounts.Account(ctx, id)
}

// maxAsks is how often a change is decided anew because the account has changed meanwhile.
const maxAsks = 5

// RefusedError says that a change is not allowed.
type RefusedError struct {
	// Code is the contract's, Param the field it belongs to, "" for none.
	Code  string
	Param string
}

// Error names the code.
func (e *RefusedError) Error() string { return "refused: " + e.Code }

// plan is what is written and sent, or the code of the refusal.
type plan struct {
	refused, param string
	writes         []state.Write
	notices        []state.Message
}

// decide makes a change that is allowed only on an account as it is found: what must stay
// stays, also where two ask at once for what each may have. It fails with a
// [*RefusedError], or with [state.ErrMoved] where the account does not come to rest.
func (s *Service) decide(ctx context.Context, by Principal, event string, ask func(*state.Account) plan) (*state.Account, error) {
	for range maxAsks {
		a, err := s.Account(ctx, by.Account)
		if err != nil {
			return nil, err
		}
		p := ask(a)
		if p.refused != "" {
			return nil, &RefusedError{Code: p.refused, Param: p.param}
		}
		changed, err := s.commitOn(ctx, by, event, a.Revision, p.writes, p.notices...)
		if !errors.Is(err, state.ErrMoved) {
			return changed, err
		}
	}
	return nil, state.ErrMoved
}

// IsConflict reports whether a change was refused because of another change at the same
// time.
func IsConflict(err error) bool {
	var c *state.ConflictError
	return errors.As(err, &c) || errors.Is(err, state.ErrSpent) || errors.Is(err, state.ErrEnded) || errors.Is(err, state.ErrMoved)
}

// commit stores the writes and the notices about them, and lets the notices go out. It
// returns the account as it is then.
func (s *Service) commit(ctx context.Context, by Principal, event string, writes []state.Write, notices ...state.Message) (*state.Account, error) {
	return s.commitOn(ctx, by, event, 0, writes, notices...)
}

// commitOn is commit for writes that were decided on a revision of the account.
func (s *Service) commitOn(ctx context.Context, by Principal, event string, revision int64, writes []state.Write, notices ...state.Message) (*state.Account, error) {
	run := base64.RawURLEncoding.EncodeToString(by.Seed.Bytes("change "+event, 16))
	for _, m := range notices {
		writes = append(writes, state.Queue{Message: m})
	}
	data, err := json.Marshal(map[string]string{"ip": by.IP})
	if err != nil {
		return nil, err
	}
	writes = append(writes, state.Audit{Event: event, Data: data})
	receipt, err := s.Ledger.Commit(ctx, state.Batch{
		Run: run, Account: by.Account, Revision: revision, Writes: writes, Now: by.Now, Guard: by.Session != 0, Epoch: by.Epoch, Holder: by.Session,
	})
	if err != nil {
		return nil, err
	}
	if len(notices) > 0 {
		if err := s.Ledger.Release(context.WithoutCancel(ctx), run, 0, by.Now); err != nil {
			return nil, err
		}
	}
	return receipt.Account, nil
}

// notice is the mail that tells the owner of a change, if notices are on and there is
// an address to send it to.
func (s *Service) notice(a *state.Account, by Principal, template state.Template) []state.Message {
	if !s.Notices || a.Primary() == nil {
		return nil
	}
	return []state.Message{Notice(a, state.Seen{At: by.Now, IP: by.IP, UserAgent: by.UserAgent}, template)}
}

// Notice is a mail to the primary address of an account, which has one, about what was seen of it.
func Notice(a *state.Account, seen state.Seen, template state.Template) state.Message {
	to := a.Primary().Address
	return state.Message{Channel: state.ByMail, Template: template, To: to, Data: map[string]string{
		"user": a.Snapshot().Display(), "email": to, "at": seen.At.UTC().Format(time.RFC3339),
		"ip": seen.IP, "user_agent": seen.UserAgent,
	}}
}
