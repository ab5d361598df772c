package journeys

import (
	"strings"
	"testing"

	"stagedoor/transport/internal/suite"
)

// restPaths are routes of the plain contract that take a body, those of stages and
// third parties too, and a few that are none.
func restPaths() []string {
	return []string{
		"login", "signup", "logout", "user", "password/reset", "password/reset/confirm", "password/change", "email/verify", "email/request",
		"code/request", "code/confirm", "mfa/authenticate", "mfa/totp/confirm", "mfa/webauthn/add", "stages/login_by_code", "stages/signup",
		"stages/login_by_code/resend", "stages/mfa_login_webauthn/options", "stages/mfa_login_webauthn", "stages/%00", "stages/x/y",
		"providers/dummy/redirect", "providers/dummy/callback", "providers/dummy/token", "providers/%2e%2e/token", "token/refresh",
	}
}

// FuzzRest holds the plain contract to its word for any body on any route: an answer of
// the form its document promises, no fault of the server, and nobody signed in who did
// not give a password, a code or a credential. The dummy provider signs in whoever it
// likes and is left out of that.
func FuzzRest(f *testing.F) {
	l := suite.NewLab(f, suite.Dev)
	l.Somebody("ada@example.com")
	run := l.Script().Post("/code/request/", suite.M{"email": "ada@example.com"}).FlowToken
	for path := range restPaths() {
		for _, body := range []string{
			"", "null", "[]", `"x"`, "{", "{}", `{"email":"ada@example.com"}`, `{"email":"ada@example.com","password":"wrong"}`,
			`{"token":"RUN","code":"123456"}`, `{"token":"RUN","credential":{"id":"x","response":{}}}`, `{"token":"RUN"}`, `{"token":1}`,
			`{"email":{"a":[1e999]},"password":true,"code":null,"key":"\u0000\ud800"}`, `{"key":"` + strings.Repeat("x", 5000) + `"}`,
			strings.Repeat("[", 70), "\xff\xfe", `{"a":1,"a":2}`, `{"state":"RUN","code":"x"}`, `{"id_token":"{}","access_token":"x","process":"connect"}`,
		} {
			f.Add(uint8(path), body)
		}
	}
	paths := restPaths()
	f.Fuzz(func(t *testing.T, path uint8, body string) {
		one := *l
		one.T = t
		s := one.Script()
		at := paths[int(path)%len(paths)]
		r := s.Send("POST", "/"+at+"/", strings.ReplaceAll(body, "RUN", run))
		if r.Status >= 500 {
			t.Errorf("%s answers %d to %.300q: %s", at, r.Status, body, r.Raw)
		}
		if r.Access != "" && !strings.HasPrefix(at, "providers/dummy/") {
			t.Errorf("%s signs in with %.300q", at, body)
		}
		s.Access = strings.ToValidUTF8(strings.Map(headerSafe, body), "")
		if s.Access != "" {
			s.Send("GET", "/user/", nil).Is(401)
		}
	})
}

// headerSafe drops what a header cannot hold.
func headerSafe(r rune) rune {
	if r < ' ' || r > '~' {
		return -1
	}
	return r
}
