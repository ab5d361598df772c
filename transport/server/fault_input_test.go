package server

import (
	"strings"
	"testing"
	"time"
)

// submission is one request and what it must come to.
type submission struct {
	name, method, path string
	body               any
	status             int
	errs               []string
}

// play sends submissions one after the other. A refusal hands out no token.
func (c *client) play(t *testing.T, all []submission) {
	t.Helper()
	for _, s := range all {
		before := c.token
		r := c.do(s.method, s.path, s.body)
		if r.Status != s.status || strings.Join(r.codes(), " ") != strings.Join(s.errs, " ") {
			t.Errorf("%s: %s: %d %v, want %d %v\n%.300s", s.name, r.what, r.Status, r.codes(), s.status, s.errs, r.Raw)
		}
		if r.token() != "" && s.status != 200 {
			t.Errorf("%s: a refusal hands out the token %s", s.name, r.token())
		}
		if s.status != 410 && c.token != before && s.status != 200 {
			t.Errorf("%s: the token changed", s.name)
		}
	}
}

// TestBadInput sends to the first steps of the journey what no client should, from one
// that is fresh. Each is a clear error and changes nothing.
func TestBadInput(t *testing.T) {
	t.Parallel()
	huge := `{"email": "ada@example.com", "password": "` + strings.Repeat("a", 1<<20) + `"}`
	long := strings.Repeat("a", 5000)
	deep := strings.Repeat(`[`, 100_000) + strings.Repeat(`]`, 100_000)
	both := []string{"email:required", "password:required"}
	kinds(t, func(t *testing.T, kind string) {
		l := newLab(t)
		c := l.client(kind)
		for _, path := range []string{"/auth/login", "/auth/signup"} {
			c.play(t, []submission{
				{"no body", "POST", path, nil, 400, both},
				{"an empty body", "POST", path, "", 400, both},
				{"null", "POST", path, "null", 400, both},
				{"an empty object", "POST", path, "{}", 400, both},
				{"nulls", "POST", path, `{"email": null, "password": null}`, 400, both},
				{"spaces", "POST", path, `{"email": " ", "password": "  "}`, 400, both},
				{"half an object", "POST", path, `{"email": "ada@example.com"`, 400, []string{":malformed_body"}},
				{"two objects", "POST", path, `{} {}`, 400, []string{":malformed_body"}},
				{"an array", "POST", path, `["email", "password"]`, 400, []string{":malformed_body"}},
				{"a string", "POST", path, `"email"`, 400, []string{":malformed_body"}},
				{"deep nesting", "POST", path, `{"email": ` + deep + `}`, 400, []string{":malformed_body"}},
				{"more than 1 MiB", "POST", path, huge, 400, []string{":body_too_large"}},
				{"a number for text", "POST", path, `{"email": 5, "password": "` + password + `"}`, 400, []string{"email:invalid"}},
				{"an object for text", "POST", path, `{"email": {"a": 1}, "password": "` + password + `"}`, 400, []string{"email:invalid"}},
				{"no address", "POST", path, `{"email": "ada", "password": "` + password + `"}`, 400, []string{"email:invalid"}},
				{"an address of 5 kB", "POST", path, `{"email": "` + long + `@example.com", "password": "` + password + `"}`, 400, []string{"email:invalid", "email:max_length"}},
				{"a line break in the address", "POST", path, `{"email": "ada@example.com\nBcc: eve@example.com", "password": "` + password + `"}`, 400, []string{"email:invalid"}},
				{"a NUL", "POST", path, `{"email": "ada\u0000@example.com", "password": "` + password + `"}`, 400, []string{"email:invalid", "email:null_characters_not_allowed"}},
				{"bytes that are no text", "POST", path, "{\"email\": \"ada\xff@example.com\", \"password\": \"" + password + "\"}", 400, []string{":malformed_body"}},
			})
		}
		c.play(t, []submission{
			{"an unknown account", "POST", "/auth/login", `{"email": "ada@example.com", "password": "` + password + `"}`, 400, []string{"password:email_password_mismatch"}},
			{"a short password", "POST", "/auth/signup", `{"email": "ada@example.com", "password": "xq7"}`, 400, []string{"password:password_too_short"}},
			{"a common password", "POST", "/auth/signup", `{"email": "ada@example.com", "password": "password1"}`, 400, []string{"password:password_too_common"}},
			{"only digits", "POST", "/auth/signup", `{"email": "ada@example.com", "password": "93027561840"}`, 400, []string{"password:password_entirely_numeric"}},
			{"an unknown path", "POST", "/auth/logon", `{}`, 404, []string{":not_found"}},
			{"a wrong method", "PATCH", "/config", `{}`, 405, []string{":method_not_allowed"}},
		})
		c.session().is(401).pending()
		if n := l.count(`SELECT (SELECT count(*) FROM accounts) + (SELECT count(*) FROM sessions) + (SELECT count(*) FROM outbox)`); n != 0 {
			t.Errorf("%d rows were stored", n)
		}
	})
}

// TestOutOfOrder sends to each stage what only another one waits for.
func TestOutOfOrder(t *testing.T) {
	t.Parallel()
	signIn := map[string]string{"email": "ada@example.com", "password": password}
	code := map[string]string{"code": "123456"}
	key := map[string]string{"key": "BCDF-GHJK"}
	kinds(t, func(t *testing.T, kind string) {
		l := newLab(t, byCode)
		c := l.client(kind)
		c.play(t, []submission{
			{"a code where none waits", "POST", "/auth/email/verify", key, 409, nil},
			{"no code where none waits", "POST", "/auth/email/verify", `{`, 409, nil},
			{"resend where none waits", "POST", "/auth/email/verify/resend", nil, 409, nil},
			{"a change where none waits", "POST", "/account/email", signIn, 409, nil},
			{"a factor where none waits", "POST", "/auth/2fa/authenticate", code, 401, nil},
			{"the password again, of nobody", "POST", "/auth/reauthenticate", signIn, 401, nil},
			{"TOTP of nobody", "GET", "/account/authenticators/totp", nil, 401, nil},
			{"TOTP of nobody, set", "POST", "/account/authenticators/totp", code, 401, nil},
			{"sign out of nothing", "DELETE", "/auth/session", nil, 401, nil},
		})
		c.signup("ada@example.com").is(401).pending("verify_email")
		right := map[string]string{"key": l.code("ada@example.com")}
		c.play(t, []submission{
			{"a factor before the code", "POST", "/auth/2fa/authenticate", code, 401, nil},
			{"the password again, before the code", "POST", "/auth/reauthenticate", signIn, 401, nil},
			{"TOTP before the code", "POST", "/account/authenticators/totp", code, 401, nil},
		})
		c.session().is(401).pending("verify_email")
		c.do("POST", "/auth/email/verify", right).is(200)
		c.play(t, []submission{
			{"the code again", "POST", "/auth/email/verify", right, 409, nil},
			{"resend afterwards", "POST", "/auth/email/verify/resend", nil, 409, nil},
			{"a login while signed in", "POST", "/auth/login", signIn, 409, nil},
			{"a wrong login while signed in", "POST", "/auth/login", `{}`, 400, []string{"email:required", "password:required"}},
			{"a signup while signed in", "POST", "/auth/signup", map[string]string{"email": "eve@example.com", "password": password}, 409, nil},
			{"TOTP without a secret", "POST", "/account/authenticators/totp", code, 400, []string{"code:incorrect_code"}},
			{"recovery codes without TOTP", "POST", "/account/authenticators/recovery-codes", nil, 400, []string{":cannot_generate_recovery_codes"}},
			{"a factor while signed in", "POST", "/auth/2fa/authenticate", code, 401, nil},
		})
		if got := c.session().is(200).user(); got.Email != "ada@example.com" {
			t.Errorf("signed in as %+v", got)
		}
		if n := l.count(`SELECT count(*) FROM accounts`); n != 1 {
			t.Errorf("%d accounts, want 1", n)
		}
	})
}

// TestDuplicates submits things a second time, after the first time worked.
func TestDuplicates(t *testing.T) {
	t.Parallel()
	kinds(t, func(t *testing.T, kind string) {
		l := newLab(t)
		c := l.client(kind)
		c.signup("ada@example.com").is(401).pending("verify_email")
		key := l.code("ada@example.com")
		c.signup("ada@example.com").is(401).pending("verify_email")
		// The address is nobody's yet: each sign-up is told how to verify it.
		if got := l.mail("ada@example.com").Template; got != "email_confirmation_signup" {
			t.Errorf("the second sign-up mails %s", got)
		}
		c.verify(key).is(401).pending()
		if n := l.count(`SELECT count(*) FROM emails`); n != 1 {
			t.Fatalf("%d accounts have the address once it is verified", n)
		}
		c.verify(key).is(400, "key:invalid_or_expired_key")
		c.login("ada@example.com").is(200)
		first := c.session().is(200).user()
		c.login("ada@example.com").is(409)

		secret := c.totpOn()
		again := map[string]string{"code": l.totp(secret)}
		c.do("POST", "/account/authenticators/totp", again).is(409)
		c.do("GET", "/account/authenticators/totp", nil).is(200)
		c.logout().is(401)
		c.logout().is(401)
		c.login("ada@example.com").is(401).pending("mfa_authenticate recovery_codes totp")
		c.login("ada@example.com").is(401).pending("mfa_authenticate recovery_codes totp")
		l.clock.pass(time.Minute)
		if got := c.factor(l.totp(secret)).is(200).user(); got != first {
			t.Errorf("signed in as %+v, then as %+v", first, got)
		}
	})
}

// TestUnknownTokens asks with tokens the server never gave to this kind of client.
func TestUnknownTokens(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	app, browser := l.member("app", "ada@example.com"), l.member("browser", "bob@example.com")
	good := app.token
	flipped := []byte(good)
	flipped[20] ^= 1
	for name, tok := range map[string]string{
		"made up": "let-me-in", "a byte changed": string(flipped), "cut": good[:len(good)-1], "longer": good + "A",
		"of a browser": browser.cookie("sessionid"), "huge": strings.Repeat("A", 8000),
	} {
		c := l.app()
		c.token = tok
		r := c.send("GET", "/auth/session", nil).is(410)
		if r.Meta.Authenticated != nil {
			t.Errorf("%s: is_authenticated is %v, want null", name, *r.Meta.Authenticated)
		}
		if r := c.send("GET", "/config", nil); r.Status != 410 {
			t.Errorf("%s: config answers %d", name, r.Status)
		}
		if r := c.send("POST", "/auth/login", `{`); r.Status != 410 {
			t.Errorf("%s: a login with half a body answers %d", name, r.Status)
		}
	}
	b := l.browser()
	b.send("GET", "/auth/session", nil, "Cookie", "sessionid="+good).is(401).pending()
	app.session().is(200)
	browser.session().is(200)
}

// TestForgery sends unsafe requests that no page of ours has made.
func TestForgery(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	c := l.browser()
	c.signup("ada@example.com").is(401)
	c.verify(l.code("ada@example.com")).is(401)
	signIn := map[string]string{"email": "ada@example.com", "password": password}
	c.send("POST", "/auth/login", signIn, "X-CSRFToken", "").is(403, ":csrf_failed")
	c.send("POST", "/auth/login", signIn, "X-CSRFToken", "null").is(403, ":csrf_failed")
	c.send("POST", "/auth/login", signIn, "X-CSRFToken", strings.Repeat("a", 32)).is(403, ":csrf_failed")
	c.send("POST", "/auth/login", signIn, "Origin", "https://evil.example").is(403, ":csrf_failed")
	c.session().is(401).pending()
	before := c.cookie("csrftoken")
	c.login("ada@example.com").is(200)
	if c.cookie("csrftoken") == before {
		t.Error("the CSRF token outlives the sign-in")
	}
	c.send("DELETE", "/auth/session", nil, "X-CSRFToken", before).is(403, ":csrf_failed")
	c.session().is(200)
}
