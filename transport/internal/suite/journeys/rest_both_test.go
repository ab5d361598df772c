package journeys

import (
	"net/http"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"

	"stagedoor/transport/config"
	"stagedoor/transport/internal/suite"
	"stagedoor/transport/server"
)

// TestRestBesideHeadless signs one account in over either contract, and offers each
// contract's tokens to the other.
func TestRestBesideHeadless(t *testing.T) {
	l := suite.NewLab(t, suite.Dev)
	s := l.Insider("ada@example.com")
	secret := s.TOTPOn()
	app := l.App()
	app.Login("ada@example.com").Is(401).Pending("mfa_authenticate recovery_codes totp")
	run := l.Script().Post("/login/", suite.M{"email": "ada@example.com", "password": suite.Password}).Is(401).MFAToken

	// A run of one is nothing to the other.
	stranger := l.Script()
	stranger.Post("/mfa/authenticate/", suite.M{"token": app.Token, "code": l.TOTP(secret)}).Is(410)
	stranger.Access = app.Token
	stranger.Do("GET", "/user/", nil).Stranger()
	other := l.App()
	other.Token = run
	other.Session().Is(410)
	other.Token = s.Access
	other.Session().Is(410)
	web := l.Browser()
	web.HTTP.Jar.SetCookies(web.Site, []*http.Cookie{{Name: "sessionid", Value: run}})
	web.Session().Is(401).Pending()
	web.HTTP.Jar.SetCookies(web.Site, []*http.Cookie{{Name: "sessionid", Value: s.Access}})
	web.Session().Is(401).Pending()

	// Cookies do not count.
	l.Script().Send("GET", "/user/", nil, "Cookie", "sessionid="+s.Access).Stranger()

	app.Factor(l.TOTP(secret)).Is(200)
	l.Script().Post("/mfa/authenticate/", suite.M{"token": run, "code": l.TOTP(secret)}).Is(400, "code:incorrect_code")
	s.Do("GET", "/user/", nil).Is(200)
	app.Session().Is(200)
	if n := l.Count(`SELECT count(*) FROM sessions`); n != 2 {
		t.Errorf("%d sessions, want one of each contract", n)
	}
	// A change over one is known to the other at once.
	s.Post("/password/change/", suite.M{"current_password": suite.Password, "new_password": "staple-battery-8"}).Is(200)
	app.Session().Is(401)
}

// TestRestSwitches serves each contract alone.
func TestRestSwitches(t *testing.T) {
	for _, c := range []struct{ headless, rest bool }{{true, false}, {false, true}, {true, true}} {
		l := suite.NewLab(t, suite.Dev, func(x *config.Config, _ *server.Options) {
			x.Serve.Headless, x.Serve.Rest = c.headless, c.rest
		})
		for path, served := range map[string]bool{"/auth/config/": c.rest, "/_allauth/app/v1/config": c.headless} {
			got, err := http.Get(l.URL + path)
			if err != nil {
				t.Fatal(err)
			}
			got.Body.Close()
			if (got.StatusCode == 200) != served {
				t.Errorf("%s: %d, served: %v", path, got.StatusCode, served)
			}
		}
	}
}

// TestRestAtOnce submits one second factor fifty times at once: one session comes of it,
// and whoever is signed in has its token.
func TestRestAtOnce(t *testing.T) {
	for name, change := range map[string]suite.SetUp{"session": func(*config.Config, *server.Options) {}, "jwt": suite.JWT} {
		t.Run(name, func(t *testing.T) {
			l := suite.NewLab(t, suite.Dev, change)
			s := l.Insider("ada@example.com")
			// The clock stands still: time that passes all at once would end what waits a moment.
			s.Prove()
			made := s.Post("/mfa/totp/add/", suite.M{}).Is(200)
			s.Post("/mfa/totp/confirm/", suite.M{"secret": made.Secret, "code": l.TOTP(made.Secret)}).Is(200)
			recovery := s.Do("GET", "/mfa/recovery-codes/", nil).Is(200).Unused[0]
			s.Post("/logout/", nil).Is(200)
			run := l.Script().Post("/login/", suite.M{"email": "ada@example.com", "password": suite.Password}).MFAToken
			body := suite.M{"token": run, "code": recovery}
			all := suite.AtOnce(50, func(int) *suite.Said { return l.Script().Send("POST", "/mfa/authenticate/", body) })
			tokens, statuses := make(map[string]bool), make(map[int]int)
			for _, r := range all {
				statuses[r.Status]++
				if r.Status == 200 {
					tokens[r.Access] = true
				}
			}
			if n := l.Count(`SELECT count(*) FROM sessions`); n != 1 || len(tokens) != 1 {
				t.Errorf("%d sessions and %d tokens of %v", n, len(tokens), statuses)
			}
			for tok := range tokens {
				s.Access = tok
				s.Do("GET", "/user/", nil).Is(200)
			}
			for status := range statuses {
				if status != 200 && status != 400 && status != 409 && status != 410 && status != 503 {
					t.Errorf("answered %v", statuses)
				}
			}
		})
	}
}

// TestRestDocument holds the document against OpenAPI and against the routes.
func TestRestDocument(t *testing.T) {
	for name, change := range map[string]suite.SetUp{"link": func(*config.Config, *server.Options) {}, "codes": suite.Codes, "jwt": suite.JWT} {
		t.Run(name, func(t *testing.T) {
			l := suite.NewLab(t, suite.Dev, change)
			got, err := http.Get(l.URL + "/auth/openapi.yaml")
			if err != nil {
				t.Fatal(err)
			}
			defer got.Body.Close()
			loader := openapi3.NewLoader()
			doc, err := loader.LoadFromIoReader(got.Body)
			if err != nil {
				t.Fatal(err)
			}
			if err := doc.Validate(t.Context()); err != nil {
				t.Fatal(err)
			}
			s := l.Script()
			for path, item := range doc.Paths.Map() {
				for method := range item.Operations() {
					r := s.Send(method, strings.TrimPrefix(strings.ReplaceAll(path, "{id}", "dummy"), "/auth"), suite.M{})
					if r.Status == 404 || r.Status == 405 {
						t.Errorf("%s %s is written down and not there: %d", method, path, r.Status)
					}
				}
			}
			for _, want := range []string{"/auth/login", "/auth/stages/mfa_authenticate", "/auth/stages/verify_email"} {
				if doc.Paths.Find(want) == nil {
					t.Errorf("%s is not written down", want)
				}
			}
			fields := doc.Paths.Find("/auth/login").Post.RequestBody.Value.Content["application/json"].Schema.Value
			if len(fields.Required) != 2 || fields.Properties["email"] == nil || fields.Properties["password"].Value.Format != "password" {
				t.Errorf("the input of login: %+v", fields.Properties)
			}
		})
	}
}
