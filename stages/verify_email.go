package stages

import (
	"context"
	"strings"
	"time"

	"stagedoor/engine"
	"stagedoor/state"
)

// NewEmailKey makes the key of a verification link. own says whether the letter was asked
// for by a client that acts for the account.
func (e *Env) NewEmailKey(a *state.Account, address string, own bool, now time.Time) string {
	return e.newLetterKey(verifies, a, address, own, now)
}

// emailKey is what a good verification key stands for.
type emailKey struct {
	account *state.Account
	address string
	// own is set where the letter was asked for by a client that acts for the account.
	own bool
}

// openEmailKey returns what the key stands for, or nil: for one that is no good, or whose
// address is verified.
func (e *Env) openEmailKey(ctx context.Context, key string, now time.Time) (*emailKey, error) {
	k, err := e.openLetterKey(ctx, verifies, key, now)
	if k == nil || err != nil || k.email.Verified {
		return nil, err
	}
	return &emailKey{account: k.account, address: k.email.Address, own: k.mark}, nil
}

// letter tells one verification link from another: whether it is the sign-up's, and
// whether it is the account's own: asked for by a client that acts for the account, to an
// address that it has had from its sign-up. Any other may go to somebody who knows nothing
// of the account; opened in a client that is signed in to it, it is as good.
type letter struct{ signup, own bool }

// disownable reports whether the reader of the letter may say that the account is not his:
// of a sign-up's always, and of any other that is the account's own while no contact of it
// is proved. What opens such a letter endorses what somebody else may have set.
func (l letter) disownable(proved bool) bool { return l.signup || l.own && !proved }

// linkMessage mails a verification link. It says who asked for it, so that its reader
// can tell their own sign-up from that of somebody else.
func (e *Env) linkMessage(a *state.Account, address string, l letter, s engine.Submission) engine.Message {
	return e.linkFor(a, address, l, a.Proved(), s.Client, s.Now)
}

// linkFor is linkMessage where no more of the account is known than its names and epoch.
func (e *Env) linkFor(a *state.Account, address string, l letter, proved bool, c engine.Client, now time.Time) engine.Message {
	key := e.NewEmailKey(a, address, l.own, now)
	template := state.EmailConfirmationTemplate
	if l.signup {
		template = state.EmailConfirmationSignupTemplate
	}
	m := state.Message{Channel: state.ByMail, Template: template, To: address, Data: map[string]string{
		"key": key, "url": strings.ReplaceAll(e.ConfirmURL, "{key}", key), "email": address, "user": a.Snapshot().Display(),
		"at": now.UTC().Format(time.RFC3339), "ip": c.From(),
	}}
	if l.disownable(proved) {
		e.offerDisown(m, a, now)
	}
	return m
}

// offerDisown lets the reader of a letter say that the account is not his.
func (e *Env) offerDisown(m state.Message, a *state.Account, now time.Time) {
	key := e.NewDisownKey(a, m.To, now)
	m.Data["disown_key"], m.Data["disown_url"] = key, strings.ReplaceAll(e.DisownURL, "{key}", key)
}

// verifiedElsewhere reports whether another account has verified the address.
func (e *Env) verifiedElsewhere(ctx context.Context, account state.AccountID, address string) (bool, error) {
	other, err := e.find(ctx, state.KeyEmail, address)
	if err != nil || other == nil || other.ID == account {
		return false, err
	}
	found := other.Email(address)
	return found != nil && found.Verified, nil
}

// numberElsewhere reports whether another account has verified the number.
func (e *Env) numberElsewhere(ctx context.Context, account state.AccountID, number string) (bool, error) {
	other, err := e.find(ctx, state.KeyPhone, number)
	return other != nil && other.ID != account && other.PhoneVerified, err
}

// taken reports whether an address that is to be proved is another account's: what the
// account has itself it knows that of.
func (e *Env) taken(ctx context.Context, a *state.Account, address string) (bool, error) {
	if own := a.Email(address); own != nil {
		return own.Taken, nil
	}
	return e.verifiedElsewhere(ctx, a.ID, address)
}

// proveEmail returns the writes and messages of a proved address. own says that the proof
// is of a client that acts for the account.
func (e *Env) proveEmail(a *state.Account, address string, own bool, s engine.Submission) ([]engine.Write, []engine.Message) {
	prove := state.ProveContact{Email: address, Own: own || state.AccountID(s.Client.Account) == a.ID, Replace: e.ReplaceEmail}
	messages := removedNotice(a, prove, s)
	old := a.Primary()
	if e.Notices && e.ReplaceEmail && old != nil && old.Address != address {
		messages = append(messages, state.Message{Channel: state.ByMail, Template: state.EmailChangedTemplate, To: old.Address, Data: map[string]string{
			"from_email": old.Address, "to_email": address, "user": a.Snapshot().Display(),
		}})
	}
	return []engine.Write{prove}, messages
}
