package contract

import (
	"encoding/json"
	"errors"
	"testing"

	"stagedoor/engine"
	"stagedoor/state"
	"stagedoor/transport/internal/wire"
)

// TestSecondFactor judges logs of authentications: what is two factors, and what is answered
// where it is not.
func TestSecondFactor(t *testing.T) {
	password, code, app := engine.Method{Method: "password"}, engine.Method{Method: "code"}, engine.Method{Method: "mfa", Type: "totp"}
	touch, passkey := engine.Method{Method: "mfa", Type: "webauthn", ID: 5}, engine.Method{Method: "mfa", Type: "webauthn", ID: 5, Passwordless: true}
	verified := passkey
	verified.Verified = true
	other := touch
	other.ID = 6
	for _, c := range []struct {
		what string
		log  []engine.Method
		want bool
	}{
		{"nothing", nil, false},
		{"a password", []engine.Method{password}, false},
		{"a password and a mailed code", []engine.Method{password, code}, false},
		{"a password and TOTP", []engine.Method{password, app}, true},
		{"TOTP, the password forgotten", []engine.Method{app}, true},
		{"a recovery code", []engine.Method{password, {Method: "mfa", Type: "recovery_codes"}}, true},
		{"a password and a touch", []engine.Method{password, touch}, true},
		{"a provider and a touch", []engine.Method{{Method: "socialaccount"}, touch}, true},
		{"a verified passkey", []engine.Method{verified}, true},
		{"a passkey, touched", []engine.Method{passkey}, false},
		{"touched twice", []engine.Method{passkey, touch}, false},
		{"two keys, touched", []engine.Method{passkey, other}, false},
		{"touched, then a password", []engine.Method{passkey, password}, true},
	} {
		v := Visit{}
		v.Entry.Record.Methods = c.log
		if got := v.SecondFactor(); got != c.want {
			t.Errorf("%s: %v", c.what, got)
		}
		for _, has := range [][]state.AuthenticatorType{nil, {state.TOTP}} {
			v.Account = state.Snapshot{HasPassword: true, SecondFactor: has}
			call := Call{Base: &Base{Reauthentication: Reauthentication{Methods: everyWay()}}, Visit: v}
			err := call.RequireSecondFactor()
			ways := call.Ways(err)
			switch {
			case c.want && err != nil:
				t.Errorf("%s: %v", c.what, err)
			case !c.want && has == nil && wire.AsProblem(err).Code != wire.CodeNoSecondFactor:
				t.Errorf("%s, without a second factor: %v", c.what, err)
			case !c.want && has != nil && (!errors.Is(err, ErrReauthenticate) || len(ways) != 1 || ways[0].ID != "mfa_reauthenticate"):
				t.Errorf("%s: %v, by %v", c.what, err, ways)
			}
		}
	}
}

// TestShownMethods: answers have what records have, in their own units, but what the server
// keeps to itself.
func TestShownMethods(t *testing.T) {
	m := engine.Method{Method: "mfa", At: 1_500, Type: "webauthn", ID: 5, Passwordless: true, Verified: true}
	v := Visit{}
	if b, err := json.Marshal(v.ShownMethods()); err != nil || string(b) != "[]" {
		t.Errorf("no method: %s, %v", b, err)
	}
	v.Entry.Record.Methods = []engine.Method{m, {
		Method: "m", At: 2_000, Email: "e", Phone: "p", Username: "u", Type: "t", ID: 1, Provider: "o", UID: "i", Reauthenticated: true,
	}}
	const want = `[{"method":"mfa","type":"webauthn","id":5,"passwordless":true,"at":1.5},` +
		`{"method":"m","email":"e","phone":"p","username":"u","type":"t","id":1,"provider":"o","uid":"i","reauthenticated":true,"at":2}]`
	if b, err := json.Marshal(v.ShownMethods()); err != nil || string(b) != want {
		t.Errorf("%s, %v", b, err)
	}
}
