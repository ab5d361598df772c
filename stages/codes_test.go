package stages_test

import (
	"testing"
	"time"

	"stagedoor/engine"
	"stagedoor/stages"
	"stagedoor/state"
)

func TestCodeRequest(t *testing.T) {
	w := newWorld(t)
	w.NoticeUnknown = true
	for _, c := range []struct {
		values engine.MapValues
		exit   engine.Exit
		wrong  []string
	}{
		{engine.MapValues{"email": "ann@x.org"}, "known", nil},
		{engine.MapValues{"phone": "+31600000001"}, "known", nil},
		{engine.MapValues{"email": "nobody@x.org"}, "unknown", nil},
		{engine.MapValues{}, "", []string{"required"}},
		{engine.MapValues{"email": "ann@x.org", "phone": "+31600000001"}, "", []string{"select_only_one"}},
	} {
		v := w.submit("code_request", w.submission(c.values))
		if v.Exit != c.exit || (v.Subject == "7") != (c.exit == "known") {
			t.Errorf("%v: %+v", c.values, v)
		}
		w.wantErrors("request", v.Errors, c.wrong...)
	}
	v := w.submit("code_request", w.submission(engine.MapValues{"email": "nobody@x.org"}))
	w.wantMessages("unknown", v.Messages, "mail unknown_account to nobody@x.org")
	v = w.submit("code_request", w.submission(engine.MapValues{"phone": "+31611111111"}))
	w.wantMessages("unknown", v.Messages, "sms phone_unknown to +31611111111")
	w.ann().Active = false
	if v := w.submit("code_request", w.submission(engine.MapValues{"email": "ann@x.org"})); v.Exit != "unknown" {
		t.Errorf("a disabled account: %+v", v)
	}
	w.PreventEnumeration = "false"
	w.wantErrors("shown", w.submit("code_request", w.submission(engine.MapValues{"phone": "+3"})).Errors, "phone:unknown_phone")
	w.down("code_request", w.submission(engine.MapValues{"email": "ann@x.org"}))
}

func TestLoginCode(t *testing.T) {
	w := newWorld(t)
	for _, c := range []struct {
		hint, channel string
		writes        []engine.Write
	}{
		{"ann@x.org", "mail login_code", nil},
		{"new@x.org", "mail login_code", []engine.Write{state.ProveContact{Email: "new@x.org"}}},
		{"+31600000001", "sms phone_login_code", nil},
	} {
		a := engine.Arrival{Run: engine.Run{Subject: "7", Hint: c.hint}, Facts: engine.Facts{Asked: true}, Person: engine.Person{Email: "ann@x.org"}}
		run, in := w.enter("login_code", a)
		w.wantMessages(c.hint, in.Messages, c.channel+" to "+c.hint)
		s := w.submission(nil)
		s.Run, s.Node = &run, "login_code"
		code := codeOf(t, in.Messages)
		s.Values = engine.MapValues{"code": "BBBB-BBBB"}
		w.wantErrors("a wrong code", w.submit("login_code", s).Errors, "code:incorrect_code")
		s.Values = engine.MapValues{"code": code}
		v := w.submit("login_code", s)
		if v.Exit != engine.OK || v.Epoch != 0 || len(v.Methods) != 1 || v.Methods[0].Method != "code" {
			t.Errorf("%s: %+v", c.hint, v)
		}
		w.wantWrites(c.hint, v.Writes, c.writes...)
		s.Node = "login_by_code"
		if v := w.submit("login_by_code", s); v.Exit != engine.OK || v.Epoch != 0 {
			t.Errorf("besides a first factor: %+v", v)
		}
		again := w.act("login_code", "resend", s)
		resent := kept(t, run, again.Data, again.Hint)
		s.Run = &resent
		w.wantErrors("the code of before", w.submit("login_code", s).Errors, "code:incorrect_code")
	}
	// An address that somebody else has verified meanwhile stays theirs.
	w.bob().Emails = append(w.bob().Emails, state.Email{Address: "new@x.org", Verified: true})
	run, in := w.enter("login_code", engine.Arrival{Run: engine.Run{Subject: "7", Hint: "new@x.org"}, Facts: engine.Facts{Asked: true}})
	s := w.submission(engine.MapValues{"code": codeOf(t, in.Messages)})
	s.Run = &run
	w.wantErrors("verified elsewhere", w.submit("login_code", s).Errors, "code:incorrect_code")
	run, in = w.enter("login_code", engine.Arrival{Pretend: true, Run: engine.Run{Hint: "nobody@x.org"}})
	w.wantMessages("nobody", in.Messages)
	s.Run = &run
	w.wantErrors("nobody", w.submit("login_code", s).Errors, "code:incorrect_code")
	w.wantMessages("nobody, again", w.act("login_code", "resend", s).Messages, noMessage)
}

// TestCodeBesides: where it was not asked for, the code goes to what matters.
func TestCodeBesides(t *testing.T) {
	w := newWorld(t)
	_, in := w.enter("login_by_code", engine.Arrival{Run: engine.Run{Subject: "7", Hint: "other@x.org"}, Person: engine.Person{Email: "ann@x.org", Phone: "+3"}})
	w.wantMessages("an address", in.Messages, "mail login_code to ann@x.org")
	_, in = w.enter("login_by_code", engine.Arrival{Run: engine.Run{Subject: "7"}, Person: engine.Person{Phone: "+3"}})
	w.wantMessages("a number", in.Messages, "sms phone_login_code to +3")
}

// TestPhoneStages: a sign-in and a change of the number end after as many wrong codes, and
// after the time of the code.
func TestPhoneStages(t *testing.T) {
	s := stages.Settings{PhoneTries: 3, PhoneLifetime: time.Minute}
	for _, st := range []engine.Stage{stages.VerifyPhone(s), stages.ChangePhone(s)} {
		if st.Tries != 3 || st.Lifetime != time.Minute {
			t.Errorf("%s: %d tries, %v", st.ID, st.Tries, st.Lifetime)
		}
	}
}

func TestPhoneCode(t *testing.T) {
	w := newWorld(t)
	w.PhoneChange = 2
	run, in := w.enter("verify_phone", engine.Arrival{Run: engine.Run{Subject: "8"}, Person: engine.Person{Phone: "+31600000002"}})
	w.wantMessages("a login", in.Messages, "sms phone_code to +31600000002")
	s := w.submission(engine.MapValues{"code": codeOf(t, in.Messages)})
	s.Run = &run
	v := w.submit("verify_phone", s)
	w.wantWrites("the right code", v.Writes, state.ProveContact{Phone: "+31600000002", Own: true})
	w.down("verify_phone", s)

	change := func(to string) engine.Acted {
		c := s
		c.Values = engine.MapValues{"phone": to}
		return w.act("verify_phone", "change", c)
	}
	w.wantErrors("the same", change("+31600000002").Errors, "phone:same_as_current")
	moved := change("+31600000003")
	w.wantWrites("another", moved.Writes, state.SetPhone{Number: "+31600000003"})
	taken := change("+31600000001")
	w.wantMessages("a taken one", taken.Messages, "sms phone_taken to +31600000001")
	w.wantWrites("a taken one", taken.Writes, state.SetPhone{Number: "+31600000001"})
	held := kept(t, run, taken.Data, taken.Hint)
	after := s
	after.Run = &held
	w.wantErrors("after it", w.submit("verify_phone", after).Errors, "code:incorrect_code")
	w.PreventEnumeration = "false"
	w.wantErrors("shown", change("+31600000001").Errors, "phone:phone_taken")
	w.bob().LastLogin = noon
	if !change("+31600000003").Conflict {
		t.Error("after the first sign-in the number can be changed still")
	}
	w.ann().Phone = "+31600000002"
	w.book.list[0], w.book.list[1] = w.book.list[1], w.book.list[0]
	w.book.list[0].Phone = "+31600000009"
	w.wantErrors("taken meanwhile", w.submit("verify_phone", s).Errors, "code:phone_taken")
}

func TestPhoneRequest(t *testing.T) {
	w := newWorld(t)
	ask := func(number string) engine.Verdict {
		s := w.submission(engine.MapValues{"phone": number})
		s.Client.Account = "7"
		return w.submit("phone_request", s)
	}
	w.wantErrors("the same", ask("+31600000001").Errors, "phone:same_as_current")
	if v := ask("+31600000002"); v.Exit != engine.OK || v.Hint != "+31600000002" {
		t.Errorf("a taken one, hidden: %+v", v)
	}
	w.PreventEnumeration = "false"
	w.wantErrors("one that somebody only claims", ask("+31600000002").Errors)
	w.bob().PhoneVerified = true
	w.wantErrors("a taken one", ask("+31600000002").Errors, "phone:phone_taken")
}

// reset asks for a reset of ann by key and returns it.
func (w *world) reset() string { return w.NewResetKey(w.ann(), "ann@x.org", noon) }

func TestResetByKey(t *testing.T) {
	for name, c := range map[string]struct {
		change func(*state.Account)
		after  time.Duration
		good   bool
	}{
		"at once":             {func(*state.Account) {}, 0, true},
		"in time":             {func(*state.Account) {}, time.Hour, true},
		"too late":            {func(*state.Account) {}, time.Hour + time.Millisecond, false},
		"before it was made":  {func(*state.Account) {}, -time.Millisecond, false},
		"after a login":       {func(a *state.Account) { a.LastLogin = noon }, 0, false},
		"after a reset":       {func(a *state.Account) { a.PasswordHash = "other" }, 0, false},
		"after an address":    {func(a *state.Account) { a.Emails = a.Emails[:1] }, 0, false},
		"after all was ended": {func(a *state.Account) { a.Epoch++ }, 0, false},
		"of a disabled":       {func(a *state.Account) { a.Active = false }, 0, false},
	} {
		w := newWorld(t)
		key := w.reset()
		c.change(w.ann())
		s := w.submission(engine.MapValues{"key": key, "password": "battery staple 9"})
		s.Now = noon.Add(c.after)
		v := w.submit("reset_key", s)
		if !c.good {
			w.wantErrors(name, v.Errors, "key:invalid_password_reset")
			continue
		}
		if v.Exit != engine.OK || v.Subject != "7" || v.Epoch != 3 || len(v.Writes) != 2 {
			t.Fatalf("%s: %+v", name, v)
		}
		w.wantWrites(name, v.Writes[:1], state.ProveContact{Email: "ann@x.org", Reached: true, Recovers: true})
		if set := v.Writes[1].(state.SetPassword); !set.SignOut {
			t.Errorf("%s: %+v", name, set)
		}
		w.wantErrors(name+", used meanwhile", v.IfSpent, "key:invalid_password_reset")
		info := w.act("reset_key", "info", s)
		if c := info.Reply.(*state.Claim); !info.Keep || c.Account.ID != "7" {
			t.Errorf("%s: %+v", name, info)
		}
	}
	w := newWorld(t)
	for _, key := range []string{"", "1.", "1.AAAA", w.NewEmailKey(w.ann(), "new@x.org", true, noon), w.reset()[2:], w.reset()[:len(w.reset())-4] + "AAAA"} {
		w.wantErrors(key, w.submit("reset_key", w.submission(engine.MapValues{"key": key, "password": "battery staple 9"})).Errors, "key:invalid_password_reset")
	}
	s := w.submission(engine.MapValues{"key": w.reset(), "password": "123"})
	w.wantErrors("a bad password", w.submit("reset_key", s).Errors, "password:password_too_short", "password:password_too_common", "password:password_entirely_numeric")
	w.down("reset_key", s)
}

func TestResetByCode(t *testing.T) {
	w := newWorld(t)
	asked := w.submit("reset_request", w.submission(engine.MapValues{"email": "ann@x.org"}))
	if asked.Exit != "known" || asked.Subject != "7" {
		t.Fatalf("%+v", asked)
	}
	if v := w.submit("reset_request", w.submission(engine.MapValues{"email": "new@x.org"})); v.Exit != "unknown" {
		t.Fatalf("an address that only seems to be the account's: %+v", v)
	}
	run, in := w.enter("reset_code", engine.Arrival{Run: engine.Run{Subject: "7", Epoch: 3, Hint: "new@x.org"}})
	code := codeOf(t, in.Messages)
	s := w.submission(engine.MapValues{"key": code, "password": "battery staple 9"})
	s.Run = &run
	v := w.submit("reset_code", s)
	if v.Exit != engine.OK || len(v.Writes) != 2 {
		t.Fatalf("%+v", v)
	}
	w.wantWrites("the address is theirs", v.Writes[:1], state.ProveContact{Email: "new@x.org", Recovers: true})
	shown := w.act("reset_code", "info", s)
	if !shown.Renew || shown.Keep {
		t.Errorf("the code shown begins no time anew: %+v", shown)
	}
	again := kept(t, run, shown.Data, "")
	s.Run = &again
	if v := w.act("reset_code", "info", s); v.Renew || v.Data != nil {
		t.Errorf("shown again it does: %+v", v)
	}
	s.Values = engine.MapValues{"key": code, "password": "123"}
	if v := w.submit("reset_code", s); !v.Uncounted || v.Exit != engine.Again {
		t.Errorf("a bad password counts: %+v", v)
	}
	s.Values = engine.MapValues{"key": "BBBB-BBBB", "password": "battery staple 9"}
	if v := w.submit("reset_code", s); v.Uncounted {
		t.Error("a wrong code does not count")
	}
	s.Values = engine.MapValues{"key": code, "password": "battery staple 9"}
	w.ann().Epoch++
	w.wantErrors("the epoch moved", w.submit("reset_code", s).Errors, "key:incorrect_code")
	for stage, exit := range map[engine.StageID]engine.Exit{"reset_request": "unknown", "reset_link": "sent"} {
		if v := w.submit(stage, w.submission(engine.MapValues{"email": "nobody@x.org"})); v.Exit != exit {
			t.Errorf("%s of nobody: %+v", stage, v)
		}
	}
	link := w.submit("reset_link", w.submission(engine.MapValues{"email": "ann@x.org"}))
	w.wantMessages("a link", link.Messages, "mail password_reset_key to ann@x.org")
	w.PreventEnumeration = "false"
	for _, stage := range []engine.StageID{"reset_request", "reset_link"} {
		w.wantErrors("shown", w.submit(stage, w.submission(engine.MapValues{"email": "nobody@x.org"})).Errors, "email:unknown_email")
	}
}
