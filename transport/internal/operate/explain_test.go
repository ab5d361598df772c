package operate_test

import (
	"encoding/json"
	"errors"
	"log/slog"
	"strings"
	"testing"
	"time"

	"stagedoor/engine/explain"
	"stagedoor/transport/config"
	"stagedoor/transport/internal/suite"
	"stagedoor/transport/server"
)

// story is what is told of the latest run of an account, or of a run.
func story(l *suite.Lab, who string) explain.Explanation {
	l.T.Helper()
	list, err := l.Explainer().User(l.T.Context(), who, 1)
	if err != nil || len(list) != 1 {
		l.T.Fatalf("explain %s: %d runs, %v", who, len(list), err)
	}
	return list[0]
}

// TestExplain tells of a sign-in with a second factor while it waits and when it is over,
// with wrong tries on its way.
func TestExplain(t *testing.T) {
	l := suite.NewLab(t, suite.ByCode)
	c := l.Member("app", "ada@example.com")
	secret := c.TOTPOn()
	l.Clock.Pass(time.Minute)
	c = l.App()
	c.Login("ada@example.com").Is(401)
	c.Factor("000000").Is(400, "code:incorrect_code")
	x := story(l, "ada@example.com")
	if x.Flow != "login" || x.Client != "app" || x.Older || x.Now.State != "waiting" || x.Now.Node != "mfa_authenticate" || x.Now.Wrong != 1 {
		t.Errorf("while it waits:\n%s", x)
	}
	if !x.Deadline.Equal(l.Clock.Read().Add(900 * time.Second)) {
		t.Errorf("it waits until %v", x.Deadline)
	}
	c.Factor(l.TOTP(secret)).Is(200)
	x = story(l, "ADA@example.com")
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
	l := suite.NewLab(t, suite.ByCode, func(c *config.Config, _ *server.Options) { c.Account.LoginByCodeEnabled = true })
	l.Member("app", "ada@example.com")
	l.Clock.Pass(time.Second)
	l.App().Do("POST", "/auth/login", suite.M{"email": "ada@example.com", "password": "not the password"}).Is(400, "password:email_password_mismatch")
	l.App().Do("POST", "/auth/code/request", suite.M{"email": "stranger@example.com"}).Is(401)
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
	if n := l.Count(`SELECT COUNT(*) FROM runs WHERE run || flow || node || shown_as || marks LIKE '%example%'`); n != 0 {
		t.Errorf("%d trails hold an address", n)
	}
}

// TestExplainEnds tells of runs that end otherwise.
func TestExplainEnds(t *testing.T) {
	l := suite.NewLab(t, suite.ByCode, func(c *config.Config, _ *server.Options) { c.Account.LoginByCodeEnabled = true })
	l.Member("app", "ada@example.com")
	l.Clock.Pass(time.Second)
	guess := l.App()
	guess.Do("POST", "/auth/code/request", suite.M{"email": "ada@example.com"}).Is(401)
	for range 3 {
		guess.Do("POST", "/auth/code/confirm", suite.M{"code": "BCDFGH"})
	}
	if x := story(l, "ada@example.com"); x.Now.State != "spent" || x.Now.Wrong != 3 {
		t.Errorf("tries used up:\n%s", x)
	}
	l.Clock.Pass(time.Second)
	l.App().Do("POST", "/auth/code/request", suite.M{"email": "ada@example.com"}).Is(401)
	l.Clock.Pass(time.Hour)
	x := story(l, "ada@example.com")
	if x.Now.State != "expired" || len(x.Now.Wants) != 0 {
		t.Errorf("out of time:\n%s", x)
	}
	if _, err := l.Explainer().Run(t.Context(), x.Run+"x"); !errors.Is(err, server.ErrNoRun) || !strings.Contains(err.Error(), x.Run+"x") {
		t.Errorf("a run there is not: %v", err)
	}
	for _, who := range []string{"eve@example.com", "+3212345678", "17", "eve", ""} {
		if _, err := l.Explainer().User(t.Context(), who, 1); !errors.Is(err, server.ErrNobody) {
			t.Errorf("%q: %v", who, err)
		}
	}
}

// TestOpenExplainer reads what a server has kept from beside it, by the graphs of another
// configuration too: then the run is told to be of an older one.
func TestOpenExplainer(t *testing.T) {
	l := suite.NewLab(t)
	l.Member("app", "ada@example.com")
	if _, err := l.Explainer().Latest(t.Context(), 1); err != nil { // it has them stored
		t.Fatal(err)
	}
	open := func(c config.Config) (*server.Explainer, error) {
		return server.OpenExplainer(t.Context(), c, server.Options{Now: l.Clock.Read, Log: slog.New(slog.DiscardHandler)})
	}
	changed := l.Config
	changed.Account.EmailVerificationByCodeEnabled = true
	for c, older := range map[*config.Config]bool{&l.Config: false, &changed: true} {
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
	nowhere, none := l.Config, l.Config
	nowhere.DataDir, none.Trails.KeepDays = t.TempDir(), 0
	if _, err := open(nowhere); err == nil || !strings.Contains(err.Error(), "no database at ") {
		t.Errorf("without a database: %v", err)
	}
	if _, err := open(none); !errors.Is(err, server.ErrNoTrails) {
		t.Errorf("without trails: %v", err)
	}
}

// TestTurnsInTheLog: one line for a turn, with no more of it than names.
func TestTurnsInTheLog(t *testing.T) {
	log := &suite.Journal{}
	l := suite.NewLab(t, suite.ByCode, func(_ *config.Config, o *server.Options) { o.Log = slog.New(slog.NewJSONHandler(log, nil)) })
	c := l.App()
	c.Signup("ada@example.com").Is(401)
	c.Verify("BCDF-GHJK").Is(400, "key:incorrect_code")
	code := l.Code("ada@example.com")
	c.Verify(code).Is(200)
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
	for _, secret := range []string{"ada@", suite.Password, code, c.Token} {
		if strings.Contains(log.String(), secret) {
			t.Errorf("the log has %q", secret)
		}
	}
}
