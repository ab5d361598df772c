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

// NewEmailKey makes the key of a verification link: the account, the time in
// milliseconds, and a MAC over both and the address. Nothing of it is stored.
func (e *Env) NewEmailKey(account int64, address string, now time.Time) string {
	b := make([]byte, 0, 32)
	b = binary.BigEndian.AppendUint64(b, uint64(account))
	b = binary.BigEndian.AppendUint64(b, uint64(now.UnixMilli()))
	b = append(b, e.emailMAC(b, address)...)
	return keyPrefix + base64.RawURLEncoding.EncodeToString(b)
}

func (e *Env) emailMAC(head []byte, address string) []byte {
	return e.Keys.MAC("email key", head, []byte(address))[:16]
}

// emailKey is what a good verification key stands for.
type emailKey struct {
	account *state.Account
	address string
}

// openEmailKey returns what the key stands for, or nil: for a key that is forged, too
// old, or whose address is verified or gone.
func (e *Env) openEmailKey(ctx context.Context, key string, now time.Time) (*emailKey, error) {
	body, ok := strings.CutPrefix(key, keyPrefix)
	raw, err := base64.RawURLEncoding.DecodeString(body)
	if !ok || err != nil || len(raw) != 32 {
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
	for _, a := range account.Emails {
		if hmac.Equal(raw[16:], e.emailMAC(raw[:16], a.Address)) && !a.Verified {
			return &emailKey{account: account, address: a.Address}, nil
		}
	}
	return nil, nil
}

// linkMessage mails a verification link.
func (e *Env) linkMessage(a *state.Account, address string, signup bool, now time.Time) engine.Message {
	key := e.NewEmailKey(a.ID, address, now)
	template := "email_confirmation"
	if signup {
		template = "email_confirmation_signup"
	}
	return engine.Message{Channel: "mail", Template: template, To: address, Data: map[string]string{
		"key": key, "url": strings.ReplaceAll(e.ConfirmURL, "{key}", key), "email": address, "user": a.Snapshot().Display(),
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

// confirmed is what proving an address comes to.
func (e *Env) confirmed(a *state.Account, address string) ([]any, []engine.Message) {
	write := state.VerifyEmail{Address: address, Replace: e.ReplaceEmail}
	old := a.Primary()
	if !e.Notices || !e.ReplaceEmail || old == nil || old.Address == address {
		return []any{write}, nil
	}
	return []any{write}, []engine.Message{{Channel: "mail", Template: "email_changed", To: old.Address, Data: map[string]string{
		"from_email": old.Address, "to_email": address, "user": a.Snapshot().Display(),
	}}}
}
