package stages_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	"stagedoor/engine"
	"stagedoor/stages"
	"stagedoor/state"
)

func TestSignupFields(t *testing.T) {
	names := func(s engine.Stage) string {
		var out []string
		for _, f := range s.Fields {
			name := f.Name
			if f.Required {
				name += "*"
			}
			out = append(out, name)
		}
		return strings.Join(out, " ")
	}
	for _, c := range []struct {
		fields        map[string]bool
		form, passkey string
	}{
		{map[string]bool{"email": true, "password": true}, "email* password*", "email*"},
		{map[string]bool{"email": false, "username": true, "password": true}, "username* email password*", "username* email"},
		{map[string]bool{"phone": true}, "phone*", "phone*"},
		{map[string]bool{"username": true, "email": true, "phone": false, "password": false}, "username* email* phone password", "username* email* phone"},
		{nil, "", ""},
	} {
		s := stages.Settings{SignupFields: c.fields}
		if got := names(stages.SignupForm(s)); got != c.form {
			t.Errorf("%v: asks for %q, want %q", c.fields, got, c.form)
		}
		if got := names(stages.PasskeyForm(s)); got != c.passkey {
			t.Errorf("%v: with a passkey asks for %q, want %q", c.fields, got, c.passkey)
		}
	}
}

func created(t *testing.T, v engine.Verdict) state.Account {
	t.Helper()
	if v.Exit != "created" || !v.Signup || len(v.Writes) != 1 {
		t.Fatalf("%+v", v)
	}
	a := v.Writes[0].(state.CreateAccount).Account
	if a.ID != state.AccountID(v.Subject) || a.ID == "" || !a.Active || a.Epoch != v.Epoch {
		t.Errorf("made is %+v by %+v", a, v)
	}
	return a
}

func TestSignup(t *testing.T) {
	w := newWorld(t)
	a := created(t, w.submit("signup_form", w.submission(engine.MapValues{"email": "eve@x.org", "password": "battery staple 9"})))
	if a.Username != "eve" || len(a.Emails) != 1 || a.Emails[0] != (state.Email{Address: "eve@x.org", Primary: true}) {
		t.Errorf("%+v", a)
	}
	if m, err := w.Hasher.Verify(context.Background(), a.PasswordHash, "battery staple 9"); err != nil || !m.OK {
		t.Errorf("its password: %+v, %v", m, err)
	}
	a = created(t, w.submit("signup_form", w.submission(engine.MapValues{"username": "Eve", "phone": "+31600000003"})))
	if a.Username != "eve" || a.Phone != "+31600000003" || a.PhoneVerified || a.PasswordHash != "" || len(a.Emails) != 0 {
		t.Errorf("%+v", a)
	}
	w.KeepUsernameCase = true
	if a := created(t, w.submit("signup_form", w.submission(engine.MapValues{"username": "Eve"}))); a.Username != "Eve" {
		t.Errorf("%+v", a)
	}
}

func TestSignupRefuses(t *testing.T) {
	for _, c := range []struct {
		values engine.MapValues
		want   []string
	}{
		{engine.MapValues{"username": "ann"}, []string{"username:username_taken"}},
		{engine.MapValues{"username": "ANN"}, []string{"username:username_taken"}},
		{engine.MapValues{"username": "admin"}, []string{"username:username_blacklisted"}},
		{engine.MapValues{"phone": "+31600000001"}, []string{"phone:phone_taken"}},
		{engine.MapValues{"password": "12345"}, []string{"password:password_too_short", "password:password_too_common", "password:password_entirely_numeric"}},
		{engine.MapValues{"username": "ann", "password": "x7!"}, []string{"username:username_taken", "password:password_too_short"}},
	} {
		w := newWorld(t)
		v := w.submit("signup_form", w.submission(c.values))
		w.wantErrors("signup", v.Errors, c.want...)
	}
	w := newWorld(t)
	w.book.err = errDown
	for _, v := range []engine.MapValues{{"username": "x"}, {"phone": "+3"}} {
		if _, err := w.Handlers()["signup_form"].(engine.Cleaner).Clean(context.Background(), w.submission(v)); !errors.Is(err, errDown) {
			t.Errorf("%v, store down: %v", v, err)
		}
	}
	w.book.err = nil
	w.down("signup_form", w.submission(engine.MapValues{"email": "eve@x.org"}))
}

// TestSignupTaken: what becomes of a taken address, by how far it is hidden and how far
// addresses are verified.
func TestSignupTaken(t *testing.T) {
	const made, told = "created", "email_taken"
	for _, c := range []struct {
		hide   stages.Enumeration
		verify engine.Demand
		want   string
	}{
		{stages.Shown, engine.Mandatory, told}, {stages.Shown, engine.Optional, told}, {stages.Shown, engine.Off, told},
		{stages.Hidden, engine.Mandatory, made}, {stages.Hidden, engine.Optional, told}, {stages.Hidden, engine.Off, told},
		{stages.Strict, engine.Mandatory, made}, {stages.Strict, engine.Optional, made}, {stages.Strict, engine.Off, made},
	} {
		w := newWorld(t)
		w.PreventEnumeration, w.VerifyEmail = c.hide, c.verify
		v := w.submit("signup_form", w.submission(engine.MapValues{"email": "ann@x.org", "password": "battery staple 9"}))
		got := string(v.Exit)
		if len(v.Errors) > 0 {
			got = v.Errors[0].Code
		}
		if got != c.want {
			t.Errorf("hidden %q, verified %d: %s, want %s", c.hide, c.verify, got, c.want)
		}
		if got == made {
			// It is made like any other; the owner of the address is told instead of being sent
			// what would verify it.
			w.wantMessages("taken", v.Messages, "mail account_already_exists to ann@x.org")
			if e := v.Writes[0].(state.CreateAccount).Account.Emails[0]; !e.Taken || e.Verified || v.Subject == "" {
				t.Errorf("%+v, the address is %+v", v, e)
			}
		}
	}
	w := newWorld(t)
	w.VerifyPhone = true
	v := w.submit("signup_form", w.submission(engine.MapValues{"phone": "+31600000001"}))
	if v.Exit != made || !v.Writes[0].(state.CreateAccount).Account.PhoneTaken {
		t.Errorf("a number: %+v", v)
	}
	w.wantMessages("a number", v.Messages)
	for _, stage := range []engine.StageID{"verify_phone", "login_code"} {
		at := engine.Arrival{Run: engine.Run{Subject: "9"}, Person: engine.Person{Phone: "+31600000001", PhoneTaken: true}}
		_, in := w.enter(stage, at)
		w.wantMessages(string(stage)+" of a sign-in", in.Messages, noMessage)
		at.Facts.Signup = true
		_, in = w.enter(stage, at)
		w.wantMessages(string(stage)+" of a sign-up", in.Messages, "sms phone_taken to +31600000001")
	}
}

func TestSignupMailsALinkWhereOptional(t *testing.T) {
	for demand, want := range map[engine.Demand][]string{
		engine.Off: nil, engine.Mandatory: nil, engine.Optional: {"mail email_confirmation_signup to eve@x.org"},
	} {
		w := newWorld(t)
		w.VerifyEmail = demand
		v := w.submit("signup_form", w.submission(engine.MapValues{"email": "eve@x.org"}))
		created(t, v)
		w.wantMessages("signup", v.Messages, want...)
	}
}

func TestUsernamesAreMade(t *testing.T) {
	for _, c := range []struct {
		email  string
		least  int
		prefix string
		digits int
	}{
		{"Eve.Q+x@x.org", 1, "eve.q+x", 0}, {"!!@x.org", 1, "user", 0}, {"ann@x.net", 1, "ann", 1},
		{"eve@x.org", 5, "eve", 1}, {strings.Repeat("a", 200) + "@x.org", 1, strings.Repeat("a", 140), 0}, {"", 1, "user", 0},
	} {
		w := newWorld(t)
		w.UsernameMin = c.least
		values := engine.MapValues{}
		if c.email != "" {
			values["email"] = c.email
		}
		a := created(t, w.submit("signup_form", w.submission(values)))
		rest, ok := strings.CutPrefix(a.Username, c.prefix)
		if !ok || strings.Trim(rest, "0123456789") != "" || (len(rest) > 0) != (c.digits > 0) {
			t.Errorf("%q, at least %d: made is %q", c.email, c.least, a.Username)
		}
		if len(a.Username) < c.least {
			t.Errorf("%q is shorter than %d", a.Username, c.least)
		}
	}
}
