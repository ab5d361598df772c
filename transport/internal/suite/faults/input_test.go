package faults

import (
	"net/http/cookiejar"
	"strings"
	"testing"
	"time"

	"stagedoor/transport/internal/suite"
)

// submission is one request and what it must come to.
type submission struct {
	name, method, path string
	body               any
	status             int
	errs               []string
}

// play sends submissions one after the other. A refusal hands out no token.
func play(c *suite.Client, t *testing.T, all []submission) {
	t.Helper()
	for _, s := range all {
		before := c.Token
		r := c.Do(s.method, s.path, s.body)
		if r.Status != s.status || strings.Join(r.Codes(), " ") != strings.Join(s.errs, " ") {
			t.Errorf("%s: %s: %d %v, want %d %v\n%.300s", s.name, r.What, r.Status, r.Codes(), s.status, s.errs, r.Raw)
		}
		if r.Token() != "" && s.status != 200 {
			t.Errorf("%s: a refusal hands out the token %s", s.name, r.Token())
		}
		if s.status != 410 && c.Token != before && s.status != 200 {
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
	suite.Kinds(t, func(t *testing.T, kind string) {
		l := suite.NewLab(t)
		c := l.Client(kind)
		for _, path := range []string{"/auth/login", "/auth/signup"} {
			play(c, t, []submission{
				{"no body", "POST", path, nil, 400, both},
				{"an empty body", "POST", path, "", 400, both},
				{"null", "POST", path, "null", 400, []string{":malformed_body"}},
				{"an empty object", "POST", path, "{}", 400, both},
				{"nulls", "POST", path, `{"email": null, "password": null}`, 400, both},
				{"spaces", "POST", path, `{"email": " ", "password": "  "}`, 400, both},
				{"half an object", "POST", path, `{"email": "ada@example.com"`, 400, []string{":malformed_body"}},
				{"two objects", "POST", path, `{} {}`, 400, []string{":malformed_body"}},
				{"an array", "POST", path, `["email", "password"]`, 400, []string{":malformed_body"}},
				{"a string", "POST", path, `"email"`, 400, []string{":malformed_body"}},
				{"deep nesting", "POST", path, `{"email": ` + deep + `}`, 400, []string{":malformed_body"}},
				{"more than 1 MiB", "POST", path, huge, 400, []string{":body_too_large"}},
				{"a number for text", "POST", path, `{"email": 5, "password": "` + suite.Password + `"}`, 400, []string{"email:invalid"}},
				{"an object for text", "POST", path, `{"email": {"a": 1}, "password": "` + suite.Password + `"}`, 400, []string{"email:invalid"}},
				{"no address", "POST", path, `{"email": "ada", "password": "` + suite.Password + `"}`, 400, []string{"email:invalid"}},
				{"an address of 5 kB", "POST", path, `{"email": "` + long + `@example.com", "password": "` + suite.Password + `"}`, 400, []string{"email:invalid", "email:max_length"}},
				{"a line break in the address", "POST", path, `{"email": "ada@example.com\nBcc: eve@example.com", "password": "` + suite.Password + `"}`, 400, []string{"email:invalid"}},
				{"a NUL", "POST", path, `{"email": "ada\u0000@example.com", "password": "` + suite.Password + `"}`, 400, []string{"email:invalid", "email:null_characters_not_allowed"}},
				{"bytes that are no text", "POST", path, "{\"email\": \"ada\xff@example.com\", \"password\": \"" + suite.Password + "\"}", 400, []string{":malformed_body"}},
			})
		}
		play(c, t, []submission{
			{"an unknown account", "POST", "/auth/login", `{"email": "ada@example.com", "password": "` + suite.Password + `"}`, 400, []string{"password:email_password_mismatch"}},
			{"a short password", "POST", "/auth/signup", `{"email": "ada@example.com", "password": "xq7"}`, 400, []string{"password:password_too_short"}},
			{"a common password", "POST", "/auth/signup", `{"email": "ada@example.com", "password": "password1"}`, 400, []string{"password:password_too_common"}},
			{"only digits", "POST", "/auth/signup", `{"email": "ada@example.com", "password": "93027561840"}`, 400, []string{"password:password_entirely_numeric"}},
			{"an unknown path", "POST", "/auth/logon", `{}`, 404, []string{":not_found"}},
			{"a wrong method", "PATCH", "/config", `{}`, 405, []string{":method_not_allowed"}},
		})
		c.Session().Is(401).Pending()
		if n := l.Count(`SELECT (SELECT count(*) FROM accounts) + (SELECT count(*) FROM sessions) + (SELECT count(*) FROM outbox)`); n != 0 {
			t.Errorf("%d rows were stored", n)
		}
	})
}

// TestOutOfOrder sends to each stage what only another one waits for.
func TestOutOfOrder(t *testing.T) {
	t.Parallel()
	signIn := map[string]string{"email": "ada@example.com", "password": suite.Password}
	code := map[string]string{"code": "123456"}
	key := map[string]string{"key": "BCDF-GHJK"}
	suite.Kinds(t, func(t *testing.T, kind string) {
		l := suite.NewLab(t, suite.ByCode)
		c := l.Client(kind)
		play(c, t, []submission{
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
		c.Signup("ada@example.com").Is(401).Pending("verify_email")
		right := map[string]string{"key": l.Code("ada@example.com")}
		play(c, t, []submission{
			{"a factor before the code", "POST", "/auth/2fa/authenticate", code, 401, nil},
			{"the password again, before the code", "POST", "/auth/reauthenticate", signIn, 401, nil},
			{"TOTP before the code", "POST", "/account/authenticators/totp", code, 401, nil},
		})
		c.Session().Is(401).Pending("verify_email")
		c.Do("POST", "/auth/email/verify", right).Is(200)
		play(c, t, []submission{
			{"the code again", "POST", "/auth/email/verify", right, 409, nil},
			{"resend afterwards", "POST", "/auth/email/verify/resend", nil, 409, nil},
			{"a login while signed in", "POST", "/auth/login", signIn, 409, nil},
			{"a wrong login while signed in", "POST", "/auth/login", `{}`, 400, []string{"email:required", "password:required"}},
			{"a signup while signed in", "POST", "/auth/signup", map[string]string{"email": "eve@example.com", "password": suite.Password}, 409, nil},
			{"TOTP without a secret", "POST", "/account/authenticators/totp", code, 400, []string{"code:incorrect_code"}},
			{"recovery codes without TOTP", "POST", "/account/authenticators/recovery-codes", nil, 400, []string{":cannot_generate_recovery_codes"}},
			{"a factor while signed in", "POST", "/auth/2fa/authenticate", code, 401, nil},
		})
		if got := c.Session().Is(200).User(); got.Email != "ada@example.com" {
			t.Errorf("signed in as %+v", got)
		}
		if n := l.Count(`SELECT count(*) FROM accounts`); n != 1 {
			t.Errorf("%d accounts, want 1", n)
		}
	})
}

// TestDuplicates submits things a second time, after the first time worked.
func TestDuplicates(t *testing.T) {
	t.Parallel()
	suite.Kinds(t, func(t *testing.T, kind string) {
		l := suite.NewLab(t)
		c := l.Client(kind)
		c.Signup("ada@example.com").Is(401).Pending("verify_email")
		key := l.Code("ada@example.com")
		c.Signup("ada@example.com").Is(401).Pending("verify_email")
		// The address is nobody's yet: each sign-up is told how to verify it.
		if got := l.Mail("ada@example.com").Template; got != "email_confirmation_signup" {
			t.Errorf("the second sign-up mails %s", got)
		}
		c.Verify(key).Is(401).Pending()
		if n := l.Count(`SELECT count(*) FROM emails`); n != 1 {
			t.Fatalf("%d accounts have the address once it is verified", n)
		}
		c.Verify(key).Is(400, "key:invalid_or_expired_key")
		c.Login("ada@example.com").Is(200)
		first := c.Session().Is(200).User()
		c.Login("ada@example.com").Is(409)

		secret := c.TOTPOn()
		again := map[string]string{"code": l.TOTP(secret)}
		c.Do("POST", "/account/authenticators/totp", again).Is(400, "code:incorrect_code")
		c.Do("GET", "/account/authenticators/totp", nil).Is(200)
		c.Logout().Is(401)
		c.Logout().Is(401)
		c.Login("ada@example.com").Is(401).Pending("mfa_authenticate recovery_codes totp")
		c.Login("ada@example.com").Is(401).Pending("mfa_authenticate recovery_codes totp")
		l.Clock.Pass(time.Minute)
		if got := c.Factor(l.TOTP(secret)).Is(200).User(); got != first {
			t.Errorf("signed in as %+v, then as %+v", first, got)
		}
	})
}

// TestUnknownTokens asks with tokens the server never gave to this kind of client.
func TestUnknownTokens(t *testing.T) {
	t.Parallel()
	l := suite.NewLab(t)
	app, browser := l.Member("app", "ada@example.com"), l.Member("browser", "bob@example.com")
	good := app.Token
	flipped := []byte(good)
	flipped[20] ^= 1
	for name, tok := range map[string]string{
		"made up": "let-me-in", "a byte changed": string(flipped), "cut": good[:len(good)-1], "longer": good + "A",
		"of a browser": browser.Cookie("sessionid"), "huge": strings.Repeat("A", 8000),
	} {
		c := l.App()
		c.Token = tok
		r := c.Send("GET", "/auth/session", nil).Is(410)
		if r.Meta.Authenticated != nil {
			t.Errorf("%s: is_authenticated is %v, want null", name, *r.Meta.Authenticated)
		}
		if r := c.Send("GET", "/config", nil); r.Status != 410 {
			t.Errorf("%s: config answers %d", name, r.Status)
		}
		if r := c.Send("POST", "/auth/login", `{`); r.Status != 410 {
			t.Errorf("%s: a login with half a body answers %d", name, r.Status)
		}
	}
	b := l.Browser()
	b.Send("GET", "/auth/session", nil, "Cookie", "sessionid="+good).Is(401).Pending()
	app.Session().Is(200)
	browser.Session().Is(200)
}

// TestForgery sends unsafe requests that no page of ours has made.
func TestForgery(t *testing.T) {
	t.Parallel()
	l := suite.NewLab(t)
	c := l.Browser()
	c.Signup("ada@example.com").Is(401)
	c.Verify(l.Code("ada@example.com")).Is(401)
	signIn := map[string]string{"email": "ada@example.com", "password": suite.Password}
	c.Send("POST", "/auth/login", signIn, "X-CSRFToken", "").Is(403, ":csrf_failed")
	c.Send("POST", "/auth/login", signIn, "X-CSRFToken", "null").Is(403, ":csrf_failed")
	c.Send("POST", "/auth/login", signIn, "X-CSRFToken", strings.Repeat("a", 32)).Is(403, ":csrf_failed")
	c.Send("POST", "/auth/login", signIn, "Origin", "https://evil.example").Is(403, ":csrf_failed")
	c.Session().Is(401).Pending()
	before := c.Cookie("csrftoken")
	c.Login("ada@example.com").Is(200)
	if c.Cookie("csrftoken") == before {
		t.Error("the CSRF token outlives the sign-in")
	}
	c.Send("DELETE", "/auth/session", nil, "X-CSRFToken", before).Is(403, ":csrf_failed")
	c.Session().Is(200)
}

// TestForgeryOfNobody has a page write before it ever read: it is refused, and has what it takes
// to try again. A page that is not trusted is given nothing.
func TestForgeryOfNobody(t *testing.T) {
	t.Parallel()
	l := suite.NewLab(t)
	form := map[string]string{"email": "ada@example.com", "password": suite.Password}
	stranger := func() *suite.Client {
		c := l.Browser()
		jar, err := cookiejar.New(nil)
		if err != nil {
			t.Fatal(err)
		}
		c.HTTP.Jar = jar
		return c
	}
	foreign := stranger()
	foreign.Send("POST", "/auth/signup", form, "Origin", "https://evil.example").Is(403, ":csrf_failed")
	if token := foreign.Cookie("csrftoken"); token != "" {
		t.Errorf("a foreign page made the browser take the token %q", token)
	}
	c := stranger()
	c.Send("POST", "/auth/signup", form).Is(403, ":csrf_failed")
	c.Send("POST", "/auth/signup", form).Is(401).Pending("verify_email")
}
