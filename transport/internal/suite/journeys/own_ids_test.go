package journeys

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"

	"stagedoor/state"
	"stagedoor/transport/config"
	"stagedoor/transport/internal/suite"
	"stagedoor/transport/server"
)

// TestOwnIDs takes accounts whose ids a program has brought through all that knows accounts
// by their ids, on both contracts: user.id is answered as it was given.
func TestOwnIDs(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ id, wire string }{
		{"4711", `4711`},
		{"-9007199254740992", `-9007199254740992`},
		{"9007199254740993", `"9007199254740993"`},
		{"0197f3d2-1d6c-7c1e-a2a4-3f0a5e2b9c11", `"0197f3d2-1d6c-7c1e-a2a4-3f0a5e2b9c11"`},
		{"auth0|00042", `"auth0|00042"`},
	} {
		t.Run(c.id, func(t *testing.T) {
			t.Parallel()
			l := suite.NewLab(t, suite.Dev, suite.JWT, suite.WithToken)
			l.TextIDs = c.wire[0] == '"'
			o := &owned{Lab: l, wire: c.wire}
			added, err := l.AddAccount(t.Context(), server.NewAccount{
				ID: state.AccountID(c.id), Email: "ada@example.com", EmailVerified: true, Password: suite.Password, TOTP: true, RecoveryCodes: true,
			})
			if err != nil || added.ID != state.AccountID(c.id) {
				t.Fatalf("added %+v, %v", added, err)
			}
			o.overHeadless(t, added)
			s := o.overRest(t, added)
			o.passkey(t, s)
			o.reset(t)
			o.operators(t, c.id)
		})
	}
}

// owned is a lab with an account that is called ada@example.com.
type owned struct {
	*suite.Lab
	wire string
}

// answers holds user.id of an answer, below data where there is one, against what was given.
func (o *owned) answers(t *testing.T, raw string) {
	t.Helper()
	type person struct {
		User struct{ ID json.RawMessage }
	}
	var body struct {
		person
		Data person
	}
	if err := json.Unmarshal([]byte(raw), &body); err != nil {
		t.Fatalf("%s: %v", raw, err)
	}
	if got := string(body.User.ID) + string(body.Data.User.ID); got != o.wire {
		t.Errorf("user.id is %s, want %s: %s", got, o.wire, raw)
	}
}

func (o *owned) overHeadless(t *testing.T, added server.AddedAccount) {
	app := o.App()
	app.Login("ada@example.com").Is(401).Pending("mfa_authenticate recovery_codes totp")
	in := app.Factor(o.TOTP(added.TOTPSecret)).Is(200)
	o.answers(t, string(in.Raw))
	o.answers(t, string(app.Session().Is(200).Raw))
	browser := o.Browser()
	browser.Login("ada@example.com").Is(401)
	browser.Factor(added.RecoveryCodes[0]).Is(401).Pending("mfa_trust")
	o.answers(t, string(browser.Do("POST", "/auth/2fa/trust", suite.M{"trust": true}).Is(200).Raw))
	if list := browser.Do("GET", "/auth/sessions", nil).Is(200); strings.Count(string(list.Raw), `"created_at"`) != 2 {
		t.Errorf("sessions: %s", list.Raw)
	}
	o.Clock.Pass(30 * time.Second)
}

// overRest signs in, with signed tokens that are exchanged.
func (o *owned) overRest(t *testing.T, added server.AddedAccount) *suite.Script {
	s := o.Script()
	run := s.Post("/login/", suite.M{"email": "ada@example.com", "password": suite.Password}).Is(401).MFAToken
	in := s.Post("/mfa/authenticate/", suite.M{"token": run, "code": o.TOTP(added.TOTPSecret)}).Is(200)
	o.answers(t, in.Raw)
	s.Post("/token/refresh/", suite.M{"refresh_token": in.Refresh}).Is(200)
	o.answers(t, s.Do("GET", "/user/", nil).Is(200).Raw)
	return s
}

// passkey adds one and signs in by it: the user handle is found again.
func (o *owned) passkey(t *testing.T, s *suite.Script) {
	k := newSoftKey(o.Lab)
	s.Prove()
	begun := s.Post("/mfa/webauthn/add/", suite.M{"passwordless": true}).Is(200)
	s.Post("/mfa/webauthn/add/", suite.M{"credential": k.create(t, begun)}).Is(200)
	o.Mail("ada@example.com") // tells of it
	in := o.Script()
	options := in.Post("/stages/mfa_login_webauthn/options/", suite.M{}).Is(200)
	o.answers(t, in.Post("/stages/mfa_login_webauthn/", suite.M{"token": options.FlowToken, "credential": k.get(t, options)}).Is(200).Raw)
}

// reset sets a new password by a mailed key, which ends all sessions.
func (o *owned) reset(t *testing.T) {
	s := o.Script()
	s.Post("/password/reset/", suite.M{"email": "ada@example.com"}).Is(200)
	s.Post("/password/reset/confirm/", suite.M{"key": o.Code("ada@example.com"), "password": "staple-battery-8"}).Is(200)
	if n := o.Count(`SELECT count(*) FROM sessions`); n != 0 {
		t.Errorf("%d sessions after a reset", n)
	}
}

// operators are told of the account by its id.
func (o *owned) operators(t *testing.T, id string) {
	o.Quiet()
	path := strings.NewReplacer("|", "%7C").Replace(id)
	r, body := o.Operator("GET", "/admin/users/"+path+"/runs?limit=50", "Authorization", "Bearer "+suite.AdminToken)
	if r.StatusCode != 200 || !strings.Contains(body, `"account":`+o.wire+`,`) && !strings.Contains(body, `"account": `+o.wire+`,`) {
		t.Errorf("runs of the account: %d %s", r.StatusCode, body)
	}
	tok, err := o.CreateSessionToken(t.Context(), state.AccountID(id), "app")
	if err != nil {
		t.Fatal(err)
	}
	if u, err := o.ValidateSessionToken(t.Context(), tok); err != nil || u.ID != state.AccountID(id) {
		t.Errorf("a token that the program made is that of %+v, %v", u, err)
	}
}

// TestOwnIDsTrust: a browser is trusted for accounts of several kinds of ids, for each what
// it has earned there.
func TestOwnIDsTrust(t *testing.T) {
	t.Parallel()
	l := suite.NewLab(t, suite.Dev, func(c *config.Config, _ *server.Options) { c.MFA.TrustEnabled = true })
	l.TextIDs = true
	browser := l.Browser()
	sign := func(email, secret string) {
		browser.Login(email).Is(401).Pending("mfa_authenticate totp")
		l.Clock.Pass(30 * time.Second)
		browser.Factor(l.TOTP(secret)).Is(401)
		browser.Do("POST", "/auth/2fa/trust", suite.M{"trust": true}).Is(200)
		browser.Logout()
	}
	people := map[string]state.AccountID{"ada@example.com": "", "bob@example.com": "0197f3d2-1d6c-7c1e-a2a4-3f0a5e2b9c11", "eve@example.com": "abcdefgh"}
	for email, id := range people {
		added, err := l.AddAccount(t.Context(), server.NewAccount{ID: id, Email: email, EmailVerified: true, Password: suite.Password, TOTP: true})
		if err != nil {
			t.Fatal(err)
		}
		sign(email, added.TOTPSecret)
	}
	for email := range people {
		browser.Login(email).Is(200)
		browser.Logout()
	}
}

// TestOwnIDsRefused: an id that is none, or taken, makes no account.
func TestOwnIDsRefused(t *testing.T) {
	t.Parallel()
	l := suite.NewLab(t)
	for _, id := range []string{"0", "a b", "a\n", "ä", "\x00", strings.Repeat("x", 65)} {
		if _, err := l.AddAccount(t.Context(), server.NewAccount{ID: state.AccountID(id), Email: "ada@example.com"}); err == nil || !strings.Contains(err.Error(), "account id") {
			t.Errorf("%q: %v", id, err)
		}
	}
	if _, err := l.AddAccount(t.Context(), server.NewAccount{ID: "x", Email: "ada@example.com"}); err != nil {
		t.Fatal(err)
	}
	_, err := l.AddAccount(t.Context(), server.NewAccount{ID: "x", Email: "bob@example.com"})
	if conflict, is := errors.AsType[*state.ConflictError](err); !is || conflict.Field != "id" || !strings.Contains(err.Error(), "account x is there already") {
		t.Errorf("a taken id: %v", err)
	}
}
