package passkey

import (
	"bytes"
	"testing"

	"stagedoor/state"
)

func TestUserOf(t *testing.T) {
	mail := []state.Email{{Address: "old@example.com"}, {Address: "ada@example.com", Primary: true}}
	for _, c := range []struct {
		account       state.Account
		name, display string
	}{
		{state.Account{Username: "ada", Emails: mail, Phone: "+3161"}, "ada@example.com", "ada"},
		{state.Account{Emails: mail, Phone: "+3161"}, "ada@example.com", "ada@example.com"},
		{state.Account{Username: "ada", Phone: "+3161"}, "+3161", "ada"},
		{state.Account{Username: "ada"}, "ada", "ada"},
		{state.Account{Phone: "+3161"}, "+3161", "+3161"},
	} {
		c.account.ID = "5"
		c.account.Authenticators = []state.Authenticator{{ID: 6}}
		u := UserOf(&c.account)
		if u.ID != "5" || u.Name != c.name || u.DisplayName != c.display || len(u.Credentials) != 1 {
			t.Errorf("%+v gave %+v", c.account, u)
		}
	}
}

func TestUserHandle(t *testing.T) {
	seen := map[string]bool{}
	for _, id := range []state.AccountID{"1", "255", "256", "1099511627776", "9007199254740991"} {
		h := UserHandle(id)
		if len(h) != 8 || seen[string(h)] || !bytes.Equal(h, UserHandle(id)) {
			t.Errorf("account %s has the handle %x", id, h)
		}
		seen[string(h)] = true
	}
	if !bytes.Equal(UserHandle("258"), []byte{0, 0, 0, 0, 0, 0, 1, 2}) {
		t.Error("handles are kept by authenticators: the form must not change")
	}
	if id := "0197f3d2-1d6c-7c1e-a2a4-3f0a5e2b9c11"; string(UserHandle(state.AccountID(id))) != id {
		t.Error("the handle of a text id is not its text")
	}
}

func TestViewOfBrokenRecords(t *testing.T) {
	for _, record := range []string{"", "x", "[]", `{"extensions":{"rk":1}}`, `{"extensions":null}`} {
		a := &state.Authenticator{Name: "Phone", Credential: []byte(record)}
		if v := ViewOf(a); v.Name != "Phone" || v.Passwordless != nil {
			t.Errorf("%q shows as %+v", record, v)
		}
	}
}

func TestDefaultName(t *testing.T) {
	a := &state.Account{Authenticators: []state.Authenticator{{Type: state.TOTP}, {Type: state.RecoveryCodes}}}
	for _, want := range []string{"Master key", "Backup key", "Key nr. 3", "Key nr. 4"} {
		if got := DefaultName(a); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
		a.Authenticators = append(a.Authenticators, state.Authenticator{Type: state.WebAuthn})
	}
}

// Only WebAuthn credentials are found, whatever else has the same bytes.
func TestFindLooksAtWebAuthnOnly(t *testing.T) {
	a := &state.Account{Authenticators: []state.Authenticator{
		{ID: 1, Type: state.TOTP}, {ID: 2, Type: state.WebAuthn, CredentialID: []byte{1}},
	}}
	if x := find(a, nil); x != nil {
		t.Errorf("no id found %d", x.ID)
	}
	if x := find(a, []byte{1}); x == nil || x.ID != 2 {
		t.Error("the credential was not found")
	}
}
