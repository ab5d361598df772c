package wire

import (
	"crypto/subtle"
	"encoding/json"
	"time"

	"stagedoor/engine"
	"stagedoor/state"
	"stagedoor/state/accounts"
)

// Authenticator is an authenticator as both contracts show one. Times are in seconds
// since 1970.
type Authenticator struct {
	ID         int64                   `json:"id,omitempty"`
	Name       *string                 `json:"name,omitempty"`
	Passkey    *bool                   `json:"is_passwordless,omitempty"`
	Type       state.AuthenticatorType `json:"type"`
	CreatedAt  float64                 `json:"created_at"`
	LastUsedAt *float64                `json:"last_used_at"`
	Total      *int                    `json:"total_code_count,omitempty"`
	Unused     *int                    `json:"unused_code_count,omitempty"`
	Codes      []string                `json:"unused_codes,omitempty"`
}

// Authenticators describes authenticators to clients.
type Authenticators struct {
	Accounts *accounts.Service
	// Passwordless reports whether a WebAuthn credential is a passkey, nil where that is
	// not known.
	Passwordless func(*state.Authenticator) *bool
}

// View describes an authenticator; codes includes the recovery codes themselves.
func (v Authenticators) View(x *state.Authenticator, codes bool) (Authenticator, error) {
	d := Authenticator{Type: x.Type, CreatedAt: Seconds(x.CreatedAt)}
	if !x.LastUsedAt.IsZero() {
		used := Seconds(x.LastUsedAt)
		d.LastUsedAt = &used
	}
	if x.Type == state.WebAuthn {
		d.ID, d.Name, d.Passkey = x.ID, &x.Name, v.Passwordless(x)
	}
	if x.Type != state.RecoveryCodes {
		return d, nil
	}
	total, unused, err := v.Accounts.Codes(x)
	left := len(unused)
	d.Total, d.Unused = &total, &left
	if codes {
		d.Codes = unused
	}
	return d, err
}

// List describes all authenticators of an account.
func (v Authenticators) List(a *state.Account) ([]Authenticator, error) {
	list := make([]Authenticator, 0, len(a.Authenticators))
	for i := range a.Authenticators {
		d, err := v.View(&a.Authenticators[i], false)
		if err != nil {
			return nil, err
		}
		list = append(list, d)
	}
	return list, nil
}

// Seconds is a time as the contracts write it: seconds since 1970, with milliseconds as
// a fraction.
func Seconds(t time.Time) float64 { return float64(t.UnixMilli()) / 1000 }

// secretLifetime is how long a TOTP secret waits for its first code.
const secretLifetime = time.Hour

// NewTOTPSecret is the run that keeps a TOTP secret, sealed, until a code of it comes.
func NewTOTPSecret(keys *state.Keyring, account int64, secret string, now time.Time) (engine.Run, error) {
	sealed, err := keys.Seal([]byte(secret), secretContext(account))
	if err != nil {
		return engine.Run{}, err
	}
	data, err := json.Marshal(sealed)
	return engine.Run{
		Slot: engine.SlotTOTPSecret, ID: "secret", Subject: account,
		Started: now.UnixMilli(), Deadline: now.Add(secretLifetime).UnixMilli(), Data: data,
	}, err
}

// WaitingTOTPSecret returns the secret that the account was given last, "" if none waits
// for its code.
func WaitingTOTPSecret(keys *state.Keyring, r *engine.Record, account int64, now time.Time) (string, error) {
	run := r.Run(engine.SlotTOTPSecret, now)
	if run == nil || run.Subject != account {
		return "", nil
	}
	var sealed []byte
	if err := json.Unmarshal(run.Data, &sealed); err != nil {
		return "", err
	}
	secret, err := keys.Open(sealed, secretContext(account))
	return string(secret), err
}

func secretContext(account int64) []byte { return state.AccountContext("totp secret", account) }

// SameSecret compares two secrets in constant time. An empty one equals nothing.
func SameSecret(a, b string) bool {
	return a != "" && subtle.ConstantTimeCompare([]byte(a), []byte(b)) == 1
}
