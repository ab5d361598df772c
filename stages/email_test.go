package stages_test

import (
	"strings"
	"testing"
	"time"

	"stagedoor/engine"
	"stagedoor/state"
)

func TestLink(t *testing.T) {
	w := newWorld(t)
	good := w.NewEmailKey(w.ann(), "new@x.org", true, noon)
	at := func(key string, after time.Duration) engine.Verdict {
		s := w.submission(engine.MapValues{"key": key})
		s.Now = noon.Add(after)
		return w.submit("email_key", s)
	}
	for name, key := range map[string]string{
		"nothing": "", "no prefix": strings.TrimPrefix(good, "1."), "another version": "2." + good[2:], "short": good[:20], "long": good + "AAAA",
		"not base64": "1.!!!!", "a byte changed": good[:len(good)-3] + flip(good[len(good)-3]) + good[len(good)-2:],
		"of another account":  w.NewEmailKey(w.bob(), "new@x.org", true, noon),
		"of nobody":           w.NewEmailKey(&state.Account{ID: "99"}, "new@x.org", true, noon),
		"of no address":       w.NewEmailKey(w.ann(), "else@x.org", true, noon),
		"of a verified one":   w.NewEmailKey(w.ann(), "ann@x.org", true, noon),
		"from the future":     w.NewEmailKey(w.ann(), "new@x.org", true, noon.Add(time.Minute)),
		"of another's keyed":  strings.Replace(good, good[2:10], w.NewEmailKey(w.bob(), "new@x.org", true, noon)[2:10], 1)[:len(good)-1] + flip(good[len(good)-1]),
		"in the wrong letter": strings.ToLower(good),
	} {
		w.wantErrors("a key "+name, at(key, 0).Errors, "key:invalid_or_expired_key")
	}
	w.wantErrors("too old", at(good, time.Hour+time.Millisecond).Errors, "key:invalid_or_expired_key")
	v := at(good, time.Hour)
	if v.Exit != engine.OK || v.About != "7" || v.Subject != "" {
		t.Errorf("%+v", v)
	}
	w.wantWrites("a good key", v.Writes, state.ProveContact{Email: "new@x.org", Own: true})
	// It is good until the address is verified, and not where somebody else has verified it.
	w.bob().Emails = append(w.bob().Emails, state.Email{Address: "new@x.org", Verified: true})
	w.wantErrors("verified elsewhere", at(good, 0).Errors, "key:email_taken")
	w.ann().Emails[1].Verified = true
	w.wantErrors("used", at(good, 0).Errors, "key:invalid_or_expired_key")
	w.down("email_key", w.submission(engine.MapValues{"key": good}))
}

func flip(b byte) string {
	if b == 'A' {
		return "Q"
	}
	return "A"
}

// TestLinkInALogin: a good key ends the run that waits, unless it is the run's own and so
// configured.
func TestLinkInALogin(t *testing.T) {
	w := newWorld(t)
	for _, c := range []struct {
		subject engine.AccountID
		goesOn  bool
		want    engine.Exit
	}{{"7", false, "signed_out"}, {"7", true, engine.OK}, {"8", true, "signed_out"}, {"", true, "signed_out"}} {
		w.LoginOnEmailConfirmation = c.goesOn
		s := w.submission(engine.MapValues{"key": w.NewEmailKey(w.ann(), "new@x.org", true, noon)})
		s.Run = &engine.Run{Subject: c.subject}
		if v := w.submit("verify_email_link", s); v.Exit != c.want || v.About != "7" {
			t.Errorf("subject %q, goes on %t: leaves by %q about %q", c.subject, c.goesOn, v.Exit, v.About)
		}
	}
}

func TestLinkIsMailed(t *testing.T) {
	w := newWorld(t)
	a := engine.Arrival{Run: engine.Run{Subject: "7"}, Person: engine.Person{Email: "new@x.org", Name: "Ann", Epoch: 3}}
	_, in := w.enter("verify_email_link", a)
	w.wantMessages("a login", in.Messages, "mail email_confirmation to new@x.org")
	data := dataOf(t, in.Messages)
	if !in.DropIfLimited || len(in.Takes) != 1 || data["url"] != "https://x/verify/"+data["key"] {
		t.Errorf("%+v", in)
	}
	if v := w.submit("email_key", w.submission(engine.MapValues{"key": data["key"]})); v.Exit != engine.OK {
		t.Errorf("the key of the mail: %+v", v)
	}
	a.Facts.Signup = true
	_, in = w.enter("verify_email_link", a)
	w.wantMessages("a signup", in.Messages, "mail email_confirmation_signup to new@x.org")
	_, in = w.enter("verify_email_link", engine.Arrival{Pretend: true, Run: engine.Run{Hint: "taken@x.org"}})
	if w.wantMessages("a run that pretends", in.Messages); len(in.Takes) != 1 {
		t.Error("a run that pretends takes no limit: that can be told")
	}
	info := w.act("verify_email_link", "info", w.submission(engine.MapValues{"key": data["key"]}))
	if c, ok := info.Reply.(*state.Claim); !ok || !info.Keep || c.Email != "new@x.org" || c.Account.ID != "7" {
		t.Errorf("%+v", info)
	}
	w.wantErrors("info", w.act("verify_email_link", "info", w.submission(engine.MapValues{"key": "x"})).Errors, "key:invalid_or_expired_key")
}

// waitsForCode returns a login of ann that waits for the code sent to new@x.org.
func (w *world) waitsForCode() (engine.Submission, string) {
	run, in := w.enter("verify_email_code", engine.Arrival{Run: engine.Run{Subject: "7"}, Person: engine.Person{Email: "new@x.org", Name: "Ann"}})
	s := w.submission(nil)
	s.Run, s.Held = &engine.Run{Subject: "7"}, &run
	return s, codeOf(w.t, in.Messages)
}

func keyed(s engine.Submission, key string) engine.Submission {
	s.Values = engine.MapValues{"key": key}
	return s
}

func TestEmailCode(t *testing.T) {
	w := newWorld(t)
	s, code := w.waitsForCode()
	if strings.Contains(string(s.Held.Data), code) || s.Held.Hint != "new@x.org" {
		t.Errorf("kept is %s", s.Held.Data)
	}
	for _, bad := range []string{"", "BBBB-BBBB", code[:8], code + "B"} {
		w.wantErrors(bad, w.submit("verify_email_code", keyed(s, bad)).Errors, "key:incorrect_code")
	}
	for _, good := range []string{code, strings.ToLower(code), strings.ReplaceAll(code, "-", ""), " " + strings.Replace(code, "-", " ", 1)} {
		v := w.submit("verify_email_code", keyed(s, good))
		if v.Exit != engine.OK || v.About != "7" {
			t.Errorf("%q: %+v", good, v)
		}
		w.wantWrites(good, v.Writes, state.ProveContact{Email: "new@x.org", Own: true})
	}
	info := w.act("verify_email_code", "info", keyed(s, code))
	if c := info.Reply.(*state.Claim); !info.Keep || c.Email != "new@x.org" {
		t.Errorf("%+v", info)
	}
	if bad := w.act("verify_email_code", "info", keyed(s, "x")); !bad.Counts {
		t.Error("guesses by info do not count")
	}
	other, _ := w.waitsForCode()
	w.wantErrors("a code of before", w.submit("verify_email_code", keyed(other, code)).Errors, "key:incorrect_code")
	w.down("verify_email_code", keyed(s, code))
	w.bob().Emails = append(w.bob().Emails, state.Email{Address: "new@x.org", Verified: true})
	w.wantErrors("verified elsewhere", w.submit("verify_email_code", keyed(s, code)).Errors, "key:email_taken")
}

func TestEmailCodeResent(t *testing.T) {
	w := newWorld(t)
	s, code := w.waitsForCode()
	again := w.act("verify_email_code", "resend", s)
	fresh := codeOf(t, again.Messages)
	held := kept(t, *s.Held, again.Data, again.Hint)
	s.Held = &held
	if fresh == code || len(again.Takes) != 1 {
		t.Errorf("%+v", again)
	}
	w.wantErrors("the old code", w.submit("verify_email_code", keyed(s, code)).Errors, "key:incorrect_code")
	if v := w.submit("verify_email_code", keyed(s, fresh)); v.Exit != engine.OK {
		t.Errorf("the new code: %+v", v)
	}
	s.Held = &engine.Run{Hint: "nobody@x.org"}
	nobody := w.act("verify_email_code", "resend", s)
	if w.wantMessages("a run that pretends", nobody.Messages, noMessage); len(nobody.Takes) != 1 {
		t.Errorf("a run that pretends: %+v", nobody)
	}
}

func TestEmailCodeChange(t *testing.T) {
	w := newWorld(t)
	s, _ := w.waitsForCode()
	to := func(address string) engine.Acted {
		s.Values = engine.MapValues{"email": address}
		return w.act("verify_email_code", "change", s)
	}
	w.wantErrors("the same", to("new@x.org").Errors, "email:same_as_current")
	moved := to("third@x.org")
	w.wantWrites("another", moved.Writes, state.AddEmail{Address: "third@x.org"}, state.RemoveEmail{Address: "new@x.org"})
	w.wantMessages("another", moved.Messages, "mail email_code to third@x.org")
	if moved.Hint != "third@x.org" || len(moved.Reply.([]state.Email)) != 2 {
		t.Errorf("%+v", moved)
	}
	w.wantMessages("one that somebody only claims", to("bob@x.org").Messages, "mail email_code to bob@x.org")
	// The same is stored for one that is somebody else's, but no code is right.
	w.bob().Emails[0].Verified = true
	taken := to("bob@x.org")
	w.wantMessages("a taken one", taken.Messages, "mail account_already_exists to bob@x.org")
	w.wantWrites("a taken one", taken.Writes, state.AddEmail{Address: "bob@x.org"}, state.RemoveEmail{Address: "new@x.org"})
	held := kept(t, *s.Held, taken.Data, taken.Hint)
	before := s.Held
	s.Held = &held
	for _, code := range []string{"", "BBBB-BBBB"} {
		w.wantErrors("after it", w.submit("verify_email_code", keyed(s, code)).Errors, "key:incorrect_code")
	}
	s.Held = before
	w.PreventEnumeration = "false"
	w.wantErrors("a taken one, shown", to("bob@x.org").Errors, "email:email_taken")
	w.ann().LastLogin = noon
	if !to("fourth@x.org").Conflict {
		t.Error("after the first sign-in the address can be changed still")
	}
}

func TestEmailCodePretends(t *testing.T) {
	w := newWorld(t)
	run, in := w.enter("verify_email_code", engine.Arrival{Pretend: true, Run: engine.Run{Hint: "taken@x.org"}})
	if w.wantMessages("it", in.Messages); run.Hint != "taken@x.org" || len(in.Takes) != 1 {
		t.Errorf("%+v", in)
	}
	s := w.submission(nil)
	s.Run, s.Held = &engine.Run{}, &run
	w.wantErrors("any code", w.submit("verify_email_code", keyed(s, "BBBB-BBBB")).Errors, "key:incorrect_code")
}

func TestAddEmail(t *testing.T) {
	w := newWorld(t)
	for _, stage := range []engine.StageID{"email_add", "email_request"} {
		for _, c := range []struct {
			address string
			change  func()
			want    []string
		}{
			{"third@x.org", func() {}, nil},
			{"ann@x.org", func() {}, []string{"email:duplicate_email"}},
			{"bob@x.org", func() {}, nil},
			{"bob@x.org", func() { w.PreventEnumeration = "false" }, nil},
			{"bob@x.org", func() { w.PreventEnumeration, w.bob().Emails[0].Verified = "false", true }, []string{"email:email_taken"}},
			{"third@x.org", func() { w.MaxEmails = 2 }, []string{"email:max_email_addresses"}},
			{"third@x.org", func() { w.MaxEmails, w.ReplaceEmail = 2, true }, nil},
			{"third@x.org", func() { w.ann().Authenticators = []state.Authenticator{{Type: state.TOTP}} }, []string{"email:add_email_blocked"}},
		} {
			*w = *newWorld(t)
			c.change()
			s := w.submission(engine.MapValues{"email": c.address})
			s.Client.Account = "7"
			if c.want != nil && c.want[0] == "email:add_email_blocked" && stage == "email_request" {
				c.want = nil
			}
			w.wantErrors(string(stage)+" "+c.address, w.submit(stage, s).Errors, c.want...)
		}
	}
	*w = *newWorld(t)
	w.ReplaceEmail = true
	s := w.submission(engine.MapValues{"email": "third@x.org"})
	s.Client.Account = "7"
	v := w.submit("email_add", s)
	w.wantWrites("with one address", v.Writes, state.RemoveEmail{Address: "new@x.org"}, state.AddEmail{Address: "third@x.org"})
	w.wantMessages("with one address", v.Messages, "mail email_confirmation to third@x.org")
	if !v.DropIfLimited || v.Exit != "sent" {
		t.Errorf("%+v", v)
	}
}

func TestResendEmail(t *testing.T) {
	w := newWorld(t)
	for _, stage := range []engine.StageID{"email_resend", "email_recode"} {
		s := w.submission(engine.MapValues{"email": "bob@x.org"})
		s.Client.Account = "7"
		w.wantErrors(string(stage), w.submit(stage, s).Errors, "email:unknown_email")
		s.Values = engine.MapValues{"email": "new@x.org"}
		v := w.submit(stage, s)
		if len(v.Errors) != 0 || stage == "email_recode" && v.Hint != "new@x.org" || stage == "email_resend" && len(v.Messages) != 1 {
			t.Errorf("%s: %+v", stage, v)
		}
	}
}
