package server

import (
	"net/http"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"

	"stagedoor/transport/config"
)

// TestRestBesideHeadless signs one account in over either contract, and offers each
// contract's tokens to the other.
func TestRestBesideHeadless(t *testing.T) {
	l := newLab(t, dev)
	s := l.insider("ada@example.com")
	secret := s.totpOn()
	app := l.app()
	app.login("ada@example.com").is(401).pending("mfa_authenticate recovery_codes totp")
	run := l.script().post("/login/", m{"email": "ada@example.com", "password": password}).is(401).MFAToken

	// A run of one is nothing to the other.
	stranger := l.script()
	stranger.post("/mfa/authenticate/", m{"token": app.token, "code": l.totp(secret)}).is(410)
	stranger.access = app.token
	stranger.do("GET", "/user/", nil).stranger()
	other := l.app()
	other.token = run
	other.session().is(410)
	other.token = s.access
	other.session().is(410)
	web := l.browser()
	web.http.Jar.SetCookies(web.site, []*http.Cookie{{Name: "sessionid", Value: run}})
	web.session().is(401).pending()
	web.http.Jar.SetCookies(web.site, []*http.Cookie{{Name: "sessionid", Value: s.access}})
	web.session().is(401).pending()

	// Cookies do not count.
	l.script().send("GET", "/user/", nil, "Cookie", "sessionid="+s.access).stranger()

	app.factor(l.totp(secret)).is(200)
	l.script().post("/mfa/authenticate/", m{"token": run, "code": l.totp(secret)}).is(400, "code:incorrect_code")
	s.do("GET", "/user/", nil).is(200)
	app.session().is(200)
	if n := l.count(`SELECT count(*) FROM sessions`); n != 2 {
		t.Errorf("%d sessions, want one of each contract", n)
	}
	// A change over one is known to the other at once.
	s.post("/password/change/", m{"current_password": password, "new_password": "staple-battery-8"}).is(200)
	app.session().is(401)
}

// TestRestSwitches serves each contract alone.
func TestRestSwitches(t *testing.T) {
	for _, c := range []struct{ headless, rest bool }{{true, false}, {false, true}, {true, true}} {
		l := newLab(t, dev, func(x *config.Config, _ *Options) { x.Serve.Headless, x.Serve.Rest = c.headless, c.rest })
		for path, served := range map[string]bool{"/auth/config/": c.rest, "/_allauth/app/v1/config": c.headless} {
			got, err := http.Get(l.url + path)
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
	for name, change := range map[string]setUp{"session": func(*config.Config, *Options) {}, "jwt": jwt} {
		t.Run(name, func(t *testing.T) {
			l := newLab(t, dev, change)
			s := l.insider("ada@example.com")
			// The clock stands still: time that passes all at once would end what waits a moment.
			made := s.post("/mfa/totp/add/", m{}).is(200)
			s.post("/mfa/totp/confirm/", m{"secret": made.Secret, "code": l.totp(made.Secret)}).is(200)
			recovery := s.do("GET", "/mfa/recovery-codes/", nil).is(200).Unused[0]
			s.post("/logout/", nil).is(200)
			run := l.script().post("/login/", m{"email": "ada@example.com", "password": password}).MFAToken
			body := m{"token": run, "code": recovery}
			all := atOnce(50, func(int) *said { return l.script().send("POST", "/mfa/authenticate/", body) })
			tokens, statuses := make(map[string]bool), make(map[int]int)
			for _, r := range all {
				statuses[r.Status]++
				if r.Status == 200 {
					tokens[r.Access] = true
				}
			}
			if n := l.count(`SELECT count(*) FROM sessions`); n != 1 || len(tokens) != 1 {
				t.Errorf("%d sessions and %d tokens of %v", n, len(tokens), statuses)
			}
			for tok := range tokens {
				s.access = tok
				s.do("GET", "/user/", nil).is(200)
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
	for name, change := range map[string]setUp{"link": func(*config.Config, *Options) {}, "codes": codes, "jwt": jwt} {
		t.Run(name, func(t *testing.T) {
			l := newLab(t, dev, change)
			got, err := http.Get(l.url + "/auth/openapi.yaml")
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
			s := l.script()
			for path, item := range doc.Paths.Map() {
				for method := range item.Operations() {
					r := s.send(method, strings.TrimPrefix(strings.ReplaceAll(path, "{id}", "dummy"), "/auth"), m{})
					if r.Status == 404 || r.Status == 405 {
						t.Errorf("%s %s is written down and not there: %d", method, path, r.Status)
					}
				}
			}
			for _, want := range []string{"/auth/login/", "/auth/stages/mfa_authenticate/", "/auth/stages/verify_email/"} {
				if doc.Paths.Find(want) == nil {
					t.Errorf("%s is not written down", want)
				}
			}
			fields := doc.Paths.Find("/auth/login/").Post.RequestBody.Value.Content["application/json"].Schema.Value
			if len(fields.Required) != 2 || fields.Properties["email"] == nil || fields.Properties["password"].Value.Format != "password" {
				t.Errorf("the input of login: %+v", fields.Properties)
			}
		})
	}
}
