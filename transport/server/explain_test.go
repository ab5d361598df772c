package server

import (
	"encoding/json"
	"errors"
	"log/slog"
	"strings"
	"testing"
	"time"

	"stagedoor/engine/explain"
	"stagedoor/state"
	"stagedoor/transport/config"
)

// story is what is told of the latest run of an account, or of a run.
func (l *lab) story(who string) explain.Explanation {
	l.t.Helper()
	list, err := l.Explainer().User(l.t.Context(), who, 1)
	if err != nil || len(list) != 1 {
		l.t.Fatalf("explain %s: %d runs, %v", who, len(list), err)
	}
	return list[0]
}

// TestExplain tells of a sign-in with a second factor while it waits and when it is over,
// with wrong tries on its way.
func TestExplain(t *testing.T) {
	l := newLab(t, byCode)
	c := l.member("app", "ada@example.com")
	secret := c.totpOn()
	l.clock.pass(time.Minute)
	c = l.app()
	c.login("ada@example.com").is(401)
	c.factor("000000").is(400, "code:incorrect_code")
	x := l.story("ada@example.com")
	if x.Flow != "login" || x.Client != "app" || x.Older || x.Now.State != "waiting" || x.Now.Node != "mfa_authenticate" || x.Now.Wrong != 1 {
		t.Errorf("while it waits:\n%s", x)
	}
	if !x.Deadline.Equal(l.clock.read().Add(900 * time.Second)) {
		t.Errorf("it waits until %v", x.Deadline)
	}
	c.factor(l.totp(secret)).is(200)
	x = l.story("ADA@example.com")
	want := `
  password_form left by ok: the password belongs to the account of that name; this proves subject, first and password
  account_due left by active: the account may sign in (account=active); this proves active
  code_due left by not_required: no code is needed after this way in (setting=off); so login_by_code is passed over
  phone_due left by none: the account has no number (phone=none); so verify_phone is passed over
  email_due left by verified: the address is verified (email=verified); so verify_email is passed over
  factor_due left by due: the account has a second factor (factor=present); so mfa_authenticate is asked
  mfa_authenticate left by ok: the second factor was right, after 1 wrong try; this proves second
  trust_due left by skip: browsers are not trusted here (setting=off); so mfa_trust is passed over
  ended at session (signed in)

  subject    proved by password_form.ok
  active     proved by account_due.active
  first      proved by password_form.ok
  code       waived by code_due.not_required
  phone      waived by phone_due.none
  email      waived by email_due.verified
  second     proved by mfa_authenticate.ok
`
	if _, got, _ := strings.Cut(x.String(), "Z\n"); got != want {
		t.Errorf("told\n%s\nwant\n%s", got, want)
	}
	one, err := l.Explainer().Run(t.Context(), x.Run)
	if err != nil || one.String() != x.String() {
		t.Errorf("the run by its id: %v\n%s", err, one)
	}
}

// TestExplainNobody: a run about nobody is kept, without the address it was begun with;
// a failed log-in began none.
func TestExplainNobody(t *testing.T) {
	l := newLab(t, byCode, func(c *config.Config, _ *Options) { c.Account.LoginByCodeEnabled = true })
	l.member("app", "ada@example.com")
	l.clock.pass(time.Second)
	l.app().do("POST", "/auth/login", m{"email": "ada@example.com", "password": "not the password"}).is(400, "password:email_password_mismatch")
	l.app().do("POST", "/auth/code/request", m{"email": "stranger@example.com"}).is(401)
	list, err := l.Explainer().Latest(t.Context(), 10)
	if err != nil || len(list) != 2 {
		t.Fatalf("%d runs, %v", len(list), err)
	}
	text := list[0].String() + list[1].String()
	for _, want := range []string{"about nobody", "code_request left by unknown: no account has the address or number", "only looks as if", "signup (make an account)"} {
		if !strings.Contains(text, want) {
			t.Errorf("nothing of %q in\n%s", want, text)
		}
	}
	if n := l.count(`SELECT COUNT(*) FROM runs WHERE run || flow || node || shown_as || marks LIKE '%example%'`); n != 0 {
		t.Errorf("%d trails hold an address", n)
	}
}

// TestExplainEnds tells of runs that end otherwise.
func TestExplainEnds(t *testing.T) {
	l := newLab(t, byCode, func(c *config.Config, _ *Options) { c.Account.LoginByCodeEnabled = true })
	l.member("app", "ada@example.com")
	l.clock.pass(time.Second)
	guess := l.app()
	guess.do("POST", "/auth/code/request", m{"email": "ada@example.com"}).is(401)
	for range 3 {
		guess.do("POST", "/auth/code/confirm", m{"code": "BCDFGH"})
	}
	if x := l.story("ada@example.com"); x.Now.State != "spent" || x.Now.Wrong != 3 {
		t.Errorf("tries used up:\n%s", x)
	}
	l.clock.pass(time.Second)
	l.app().do("POST", "/auth/code/request", m{"email": "ada@example.com"}).is(401)
	l.clock.pass(time.Hour)
	x := l.story("ada@example.com")
	if x.Now.State != "expired" || len(x.Now.Wants) != 0 {
		t.Errorf("out of time:\n%s", x)
	}
	if _, err := l.Explainer().Run(t.Context(), x.Run+"x"); !errors.Is(err, ErrNoRun) || !strings.Contains(err.Error(), x.Run+"x") {
		t.Errorf("a run there is not: %v", err)
	}
	for _, who := range []string{"eve@example.com", "+3212345678", "17", "eve", ""} {
		if _, err := l.Explainer().User(t.Context(), who, 1); !errors.Is(err, ErrNobody) {
			t.Errorf("%q: %v", who, err)
		}
	}
}

// TestOpenExplainer reads what a server has kept from beside it, by the graphs of another
// configuration too: then the run is told to be of an older one.
func TestOpenExplainer(t *testing.T) {
	l := newLab(t)
	l.member("app", "ada@example.com")
	if _, err := l.Explainer().Latest(t.Context(), 1); err != nil { // it has them stored
		t.Fatal(err)
	}
	open := func(c config.Config) (*Explainer, error) {
		return OpenExplainer(t.Context(), c, Options{Now: l.clock.read, Log: slog.New(slog.DiscardHandler)})
	}
	changed := l.config
	changed.Account.EmailVerificationByCodeEnabled = true
	for c, older := range map[*config.Config]bool{&l.config: false, &changed: true} {
		x, err := open(*c)
		if err != nil {
			t.Fatal(err)
		}
		list, err := x.User(t.Context(), "ada@example.com", 10)
		if err != nil || len(list) == 0 {
			t.Fatalf("%d runs, %v", len(list), err)
		}
		for _, one := range list {
			if one.Flow == "login" && one.Older != older {
				t.Errorf("older %v, want %v:\n%s", one.Older, older, one)
			}
		}
		if err := x.Close(); err != nil {
			t.Error(err)
		}
	}
	nowhere, none := l.config, l.config
	nowhere.DataDir, none.Trails.KeepDays = t.TempDir(), 0
	if _, err := open(nowhere); err == nil || !strings.Contains(err.Error(), "no database at ") {
		t.Errorf("without a database: %v", err)
	}
	if _, err := open(none); !errors.Is(err, ErrNoTrails) {
		t.Errorf("without trails: %v", err)
	}
}

// TestExplainDamaged: a trail that cannot be read is an error, and no half explanation.
func TestExplainDamaged(t *testing.T) {
	l := newLab(t)
	if err := l.database.KeepTrails(t.Context(), []state.Trail{{Run: "r", Flow: "login", Marks: "nonsense", Updated: l.clock.read()}}); err != nil {
		t.Fatal(err)
	}
	x, err := l.Explainer().Run(t.Context(), "r")
	if err == nil || errors.Is(err, ErrNoRun) || x.Flow != "" {
		t.Errorf("%v\n%s", err, x)
	}
}

// TestTurnsInTheLog: one line for a turn, with no more of it than names.
func TestTurnsInTheLog(t *testing.T) {
	log := &journal{}
	l := newLab(t, byCode, func(_ *config.Config, o *Options) { o.Log = slog.New(slog.NewJSONHandler(log, nil)) })
	c := l.app()
	c.signup("ada@example.com").is(401)
	c.verify("BCDF-GHJK").is(400, "key:incorrect_code")
	code := l.code("ada@example.com")
	c.verify(code).is(200)
	var turns []map[string]any
	for line := range strings.Lines(log.String()) {
		var entry map[string]any
		if err := json.Unmarshal([]byte(line), &entry); err != nil {
			t.Fatal(err)
		}
		if entry["msg"] == "turn" {
			turns = append(turns, entry)
		}
	}
	want := []map[string]any{
		{"flow": "signup", "stage": "signup_form", "client": "app", "outcome": "advanced", "waits": "verify_email", "marks": "signup_form/created;account_due/active:account=active;code_due/not_required:setting=off;phone_due/none:phone=none;email_due/unverified:email=unverified"},
		{"flow": "signup", "stage": "verify_email", "outcome": "wrong", "errors": "key:incorrect_code"},
		{"flow": "signup", "stage": "verify_email", "outcome": "granted", "end": "session", "marks": "verify_email/ok;factor_due/none:factor=none;trust_due/skip:setting=off"},
	}
	if len(turns) != len(want) {
		t.Fatalf("%d lines, want %d:\n%s", len(turns), len(want), log)
	}
	for i, fields := range want {
		for name, value := range fields {
			if turns[i][name] != value {
				t.Errorf("line %d: %s is %v, want %v", i, name, turns[i][name], value)
			}
		}
		if turns[i]["run"] != turns[0]["run"] || turns[i]["account"] != turns[0]["account"] {
			t.Errorf("line %d is of another run: %v", i, turns[i])
		}
	}
	for _, secret := range []string{"ada@", password, code, c.token} {
		if strings.Contains(log.String(), secret) {
			t.Errorf("the log has %q", secret)
		}
	}
}

// TestNoTrails: where none are kept nothing is noted, and what was kept goes.
func TestNoTrails(t *testing.T) {
	l := newLab(t, func(c *config.Config, _ *Options) { c.Trails.KeepDays = 0 })
	l.member("app", "ada@example.com")
	if l.trails != nil || l.Explainer() != nil || l.count(`SELECT COUNT(*) FROM runs`) != 0 {
		t.Error("trails are kept")
	}
	if err := l.database.KeepTrails(t.Context(), []state.Trail{{Run: "r", Updated: l.clock.read().Add(-time.Second)}}); err != nil {
		t.Fatal(err)
	}
	if n, err := l.database.Sweep(t.Context(), l.clock.read()); err != nil || l.count(`SELECT COUNT(*) FROM runs`) != 0 {
		t.Errorf("swept %d, %v", n, err)
	}
}
