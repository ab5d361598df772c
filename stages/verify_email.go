package stages

import (
	"context"
	"crypto/hmac"
	"encoding/base64"
	"encoding/binary"
	"strings"
	"time"

	"stagedoor/engine"
	"stagedoor/state"
)

// keyPrefix starts every verification key, so that the form can change one day.
const keyPrefix = "1."

// emailKeyLen is an account, a time, whether it is the account's own letter, and a MAC.
const emailKeyLen = 8 + 8 + 1 + 16

// NewEmailKey makes the key of a verification link: the account, the time in
// milliseconds, whether the letter was asked for by who acts for the account, and a MAC
// over all of it, the address and the account's epoch: what ends everything that began
// before ends letters, too. Nothing of it is stored.
func (e *Env) NewEmailKey(a *state.Account, address string, own bool, now time.Time) string {
	b := make([]byte, 0, emailKeyLen)
	b = binary.BigEndian.AppendUint64(b, uint64(a.ID))
	b = binary.BigEndian.AppendUint64(b, uint64(now.UnixMilli()))
	b = append(b, 0)
	if own {
		b[len(b)-1] = 1
	}
	b = append(b, e.emailMAC(b, address, a.Epoch)...)
	return keyPrefix + base64.RawURLEncoding.EncodeToString(b)
}

func (e *Env) emailMAC(head []byte, address string, epoch int64) []byte {
	return e.Keys.MAC("email key", head, []byte(address), binary.BigEndian.AppendUint64(nil, uint64(epoch)))[:16]
}

// emailKey is what a good verification key stands for.
type emailKey struct {
	account *state.Account
	address string
	// own is set where the letter was asked for by who acts for the account.
	own bool
}

// openEmailKey returns what the key stands for, or nil: for a key that is forged, too
// old, or whose address is verified or gone.
func (e *Env) openEmailKey(ctx context.Context, key string, now time.Time) (*emailKey, error) {
	body, ok := strings.CutPrefix(key, keyPrefix)
	raw, err := base64.RawURLEncoding.DecodeString(body)
	if !ok || err != nil || len(raw) != emailKeyLen {
		return nil, nil
	}
	id, at := int64(binary.BigEndian.Uint64(raw)), int64(binary.BigEndian.Uint64(raw[8:]))
	if age := now.UnixMilli() - at; age < 0 || age > e.KeyLifetime.Milliseconds() {
		return nil, nil
	}
	account, err := e.account(ctx, id)
	if account == nil || err != nil {
		return nil, err
	}
	head, mac := raw[:emailKeyLen-16], raw[emailKeyLen-16:]
	for _, a := range account.Emails {
		if hmac.Equal(mac, e.emailMAC(head, a.Address, account.Epoch)) && !a.Verified {
			return &emailKey{account: account, address: a.Address, own: head[len(head)-1] == 1}, nil
		}
	}
	return nil, nil
}

// letter tells one verification link from another: whether it is the sign-up's, and
// whether it is the account's own: asked for by who acts for the account, to an address
// that it has had from its sign-up. Any other may go to somebody who knows nothing of the
// account; opened by who is signed in to it, it is as good.
type letter struct{ signup, own bool }

// linkMessage mails a verification link. It says who asked for it, so that who reads it
// can tell his own sign-up from that of somebody else.
func (e *Env) linkMessage(a *state.Account, address string, l letter, s engine.Submission) engine.Message {
	return e.linkFor(a, address, l, s.Client, s.Now)
}

func (e *Env) linkFor(a *state.Account, address string, l letter, c engine.Client, now time.Time) engine.Message {
	key := e.NewEmailKey(a, address, l.own, now)
	template := "email_confirmation"
	if l.signup {
		template = "email_confirmation_signup"
	}
	return engine.Message{Channel: "mail", Template: template, To: address, Data: map[string]string{
		"key": key, "url": strings.ReplaceAll(e.ConfirmURL, "{key}", key), "email": address, "user": a.Snapshot().Display(),
		"at": now.UTC().Format(time.RFC3339), "ip": c.IP,
	}}
}

// verifiedElsewhere reports whether another account has verified the address.
func (e *Env) verifiedElsewhere(ctx context.Context, account int64, address string) (bool, error) {
	other, err := e.find(ctx, "email", address)
	if err != nil || other == nil || other.ID == account {
		return false, err
	}
	found := other.Email(address)
	return found != nil && found.Verified, nil
}

// numberElsewhere reports whether another account has verified the number.
func (e *Env) numberElsewhere(ctx context.Context, account int64, number string) (bool, error) {
	other, err := e.find(ctx, "phone", number)
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

// confirmed is what proving an address comes to. own says that the proof is of who acts
// for the account.
func (e *Env) confirmed(a *state.Account, address string, own bool, s engine.Submission) ([]any, []engine.Message) {
	prove := state.ProveContact{Email: address, Own: own || s.Client.Account == a.ID, Replace: e.ReplaceEmail}
	messages := removedNotice(a, prove, s)
	old := a.Primary()
	if e.Notices && e.ReplaceEmail && old != nil && old.Address != address {
		messages = append(messages, engine.Message{Channel: "mail", Template: "email_changed", To: old.Address, Data: map[string]string{
			"from_email": old.Address, "to_email": address, "user": a.Snapshot().Display(),
		}})
	}
	return []any{prove}, messages
}
