package stages_test

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"stagedoor/engine"
	"stagedoor/state"
)

// planted is bob's account as a stranger may have made it, with all that one can have.
func (w *world) planted() *state.Account {
	b := w.bob()
	b.Epoch, b.PhoneVerified = 5, false
	b.Emails = append(b.Emails, state.Email{Address: "stranger@x.org"})
	b.Authenticators = []state.Authenticator{{ID: 31, Type: state.TOTP}, {ID: 32, Type: state.RecoveryCodes}, {ID: 33, Type: state.WebAuthn}}
	b.Providers = []state.ProviderAccount{{Provider: "mock", UID: "1"}, {Provider: "other", UID: "2"}}
	return b
}

func TestDisownKey(t *testing.T) {
	w := newWorld(t)
	b := w.planted()
	good := w.NewDisownKey(b, "bob@x.org", noon)
	at := func(key string, after time.Duration) []engine.FieldError {
		s := w.submission(engine.MapValues{"key": key})
		s.Now = noon.Add(after)
		acted := w.act("disown_key", "info", s).Errors
		got := w.submit("disown_key", s).Errors
		if len(acted) != len(got) {
			t.Errorf("%s: info says %v, a submission %v", key, acted, got)
		}
		return got
	}
	for name, key := range map[string]string{
		"nothing": "", "no prefix": strings.TrimPrefix(good, "1."), "short": good[:20], "long": good + "AAAA", "not base64": "1.!!!!",
		"a byte changed":         good[:len(good)-3] + flip(good[len(good)-3]) + good[len(good)-2:],
		"of another account":     w.NewDisownKey(w.ann(), "bob@x.org", noon),
		"of nobody":              w.NewDisownKey(&state.Account{ID: "99"}, "bob@x.org", noon),
		"of no address":          w.NewDisownKey(b, "else@x.org", noon),
		"from the future":        w.NewDisownKey(b, "bob@x.org", noon.Add(time.Minute)),
		"of a verification link": w.NewEmailKey(b, "bob@x.org", false, noon),
	} {
		w.wantErrors("a key "+name, at(key, 0), "key:invalid_or_expired_key")
	}
	w.wantErrors("too old", at(good, time.Hour+time.Millisecond), "key:invalid_or_expired_key")
	w.wantErrors("good", at(good, time.Hour))
	// It is no key of a verification link either.
	w.wantErrors("for another use", w.submit("email_key", w.submission(engine.MapValues{"key": good})).Errors, "key:invalid_or_expired_key")
	b.Emails[0].Verified = true
	b.Epoch++
	w.wantErrors("with the address verified and the password changed meanwhile", at(good, 0))
	w.down("disown_key", w.submission(engine.MapValues{"key": good}))
}

// TestDisown: nothing by which somebody could enter the account, or be found by, is left,
// and what did it is good for nothing afterwards.
func TestDisown(t *testing.T) {
	w := newWorld(t)
	b := w.planted()
	key := w.NewDisownKey(b, "bob@x.org", noon)
	s := w.submission(engine.MapValues{"key": key})
	v := w.submit("disown_key", s)
	if v.Exit != engine.OK || v.Subject != engine.AccountID(b.ID) || v.Epoch != 5 || len(v.Messages) != 0 || len(v.IfSpent) != 1 {
		t.Errorf("%+v", v)
	}
	if reply, err := json.Marshal(v.Reply); err != nil || string(reply) != `{"email":"bob@x.org"}` {
		t.Errorf("replies %s, %v", reply, err)
	}
	w.wantWrites("disowned", v.Writes,
		state.SetActive{}, state.SetPassword{SignOut: true}, state.RemoveAuthenticators{IDs: []int64{31, 32, 33}},
		state.DisconnectProvider{Provider: "mock", UID: "1"}, state.DisconnectProvider{Provider: "other", UID: "2"},
		state.RemoveEmail{Address: "bob@x.org"}, state.RemoveEmail{Address: "stranger@x.org"}, state.SetPhone{},
		state.Audit{Event: "account_disowned", Data: json.RawMessage(`{"ip":"192.0.2.1"}`)})
	for _, write := range v.Writes {
		write.(state.Write).Apply(b)
	}
	if b.Active || b.PasswordHash != "" || len(b.Authenticators)+len(b.Providers)+len(b.Emails) != 0 || b.Phone != "" || b.PhoneVerified || b.Epoch <= 5 {
		t.Errorf("left is %s, %d authenticators, %d providers, %v, %q", b.Username, len(b.Authenticators), len(b.Providers), b.Emails, b.Phone)
	}
	w.wantErrors("again", w.submit("disown_key", s).Errors, "key:invalid_or_expired_key")
}

// TestDisownOfAnAddress: whoever has proved another contact keeps the account.
func TestDisownOfAnAddress(t *testing.T) {
	noted := state.Audit{Event: "address_disowned", Data: json.RawMessage(`{"ip":"192.0.2.1"}`)}
	for _, c := range []struct {
		change func(*state.Account)
		want   []engine.Write
	}{
		{func(b *state.Account) { b.PhoneVerified = true }, nil},
		{func(b *state.Account) { b.PhoneVerified, b.Emails = true, b.Emails[:1] }, nil},
		{func(b *state.Account) { b.Emails[1].Reached = true }, []engine.Write{state.SetPrimaryEmail{Address: "stranger@x.org"}}},
		{func(b *state.Account) {
			b.Emails[1].Verified, b.Emails[1].Primary, b.Emails[0].Primary = true, true, false
		}, nil},
	} {
		w := newWorld(t)
		b := w.planted()
		b.Emails[0].Primary = true
		c.change(b)
		s := w.submission(engine.MapValues{"key": w.NewDisownKey(b, "bob@x.org", noon)})
		v := w.submit("disown_key", s)
		w.wantWrites("of an address", v.Writes, append(c.want, state.RemoveEmail{Address: "bob@x.org"}, noted)...)
		for _, write := range v.Writes {
			write.(state.Write).Apply(b)
		}
		w.wantErrors("again", w.submit("disown_key", s).Errors, "key:invalid_or_expired_key")
	}
}

// TestDisownOfLittle asks for no more writes than there is to end.
func TestDisownOfLittle(t *testing.T) {
	w := newWorld(t)
	w.bob().PasswordHash, w.bob().Phone = "", ""
	s := w.submission(engine.MapValues{"key": w.NewDisownKey(w.bob(), "bob@x.org", noon)})
	v := w.submit("disown_key", s)
	w.wantWrites("of little", v.Writes, state.SetActive{}, state.RemoveEmail{Address: "bob@x.org"},
		state.Audit{Event: "account_disowned", Data: json.RawMessage(`{"ip":"192.0.2.1"}`)})
}

func TestDisownInfo(t *testing.T) {
	w := newWorld(t)
	got := w.act("disown_key", "info", w.submission(engine.MapValues{"key": w.NewDisownKey(w.bob(), "bob@x.org", noon)}))
	claim, ok := got.Reply.(*state.Claim)
	if !ok || claim.Email != "bob@x.org" || claim.Account.ID != "8" || !got.Keep || len(got.Writes) != 0 {
		t.Errorf("%+v", got)
	}
	s := w.submission(nil)
	s.Invalid = []engine.FieldError{{Param: "key", Code: "required"}}
	w.wantErrors("without a key", w.act("disown_key", "info", s).Errors, "key:required")
}
