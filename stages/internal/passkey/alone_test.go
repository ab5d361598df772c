package passkey

import (
	"bytes"
	"encoding/json"
	"errors"
	"testing"
)

// Which credentials are a way in by themselves: those that were made as passkeys, and
// others only where they are discoverable and verify their holder.
func TestSignsInAlone(t *testing.T) {
	yes, no := true, false
	for _, c := range []struct {
		name    string
		asked   bool
		rk      *bool
		touched bool
		alone   bool
	}{
		{"a passkey", true, &yes, false, true},
		{"a passkey, touched", true, &yes, true, true},
		{"a passkey of a client that does not say what it made", true, nil, true, true},
		{"a security key", false, &no, false, false},
		{"a security key, touched", false, &no, true, false},
		{"a security key of a client that does not say what it made", false, nil, false, false},
		{"a discoverable key beside a password", false, &yes, false, true},
		{"a discoverable key beside a password, touched", false, &yes, true, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			x := newTable(t)
			a, d := x.accounts[0], newDevice(t, -7)
			d.body = func(m map[string]any) {
				props := map[string]any{}
				if c.rk != nil {
					props["rk"] = *c.rk
				}
				m["clientExtensionResults"] = map[string]any{"credProps": props}
			}
			if !c.asked {
				d.flags = up
			}
			x.register(t, a, d, Options{Passwordless: c.asked})
			d.body, d.flags = nil, up|uv
			if c.touched {
				d.flags = up
			}
			// Twice, since the first use writes the record anew.
			for range 2 {
				got, err := x.passkey(t, d)
				if (err == nil) != c.alone || err != nil && !errors.Is(err, ErrUnknownCredential) {
					t.Errorf("alone: %+v, %v", got, err)
				}
				if got, err := x.login(t, a, d); err != nil || got.UserVerified == c.touched {
					t.Errorf("beside a password: %+v, %v", got, err)
				}
			}
		})
	}
}

// A record that does not say whether a passkey was asked for, as old ones do not, is that
// of a key beside a password.
func TestRecordWithoutWhatWasAsked(t *testing.T) {
	x := newTable(t)
	a, d := x.accounts[0], newDevice(t, -7)
	kept := x.register(t, a, d, Options{Passwordless: true})
	old := bytes.Replace(kept.Credential, []byte(`,"passkey":true`), nil, 1)
	if bytes.Equal(old, kept.Credential) || !json.Valid(kept.Credential) {
		t.Fatalf("the record is %s", kept.Credential)
	}
	a.Authenticators[0].Credential = old
	if _, err := x.passkey(t, d); err != nil {
		t.Errorf("with verification: %v", err)
	}
	d.flags = up
	if _, err := x.passkey(t, d); !errors.Is(err, ErrUnknownCredential) {
		t.Errorf("touched: %v", err)
	}
}
