package journeys

import (
	"regexp"
	"strings"
	"testing"

	"stagedoor/transport/config"
	"stagedoor/transport/internal/suite"
	"stagedoor/transport/server"
)

// TestCodeFormats gives every use of codes a format of its own: each message has a code of
// that form, which works, and the document says how long it is.
func TestCodeFormats(t *testing.T) {
	t.Parallel()
	digits := func(n int, dashed bool) config.CodeFormat {
		return config.CodeFormat{Numeric: new(true), Length: n, Dashed: new(dashed)}
	}
	l := suite.NewLab(t, suite.ByCode, func(c *config.Config, o *server.Options) {
		a := &c.Account
		a.LoginByCodeEnabled, a.PasswordResetByCodeEnabled = true, true
		a.LoginMethods, a.SignupFields = []string{"email", "phone"}, []string{"email*", "password1*", "phone"}
		a.LoginByCodeFormat, a.EmailVerificationByCodeFormat = digits(6, false), digits(7, true)
		a.PasswordResetByCodeFormat, a.PhoneVerificationCodeFormat = digits(10, true), digits(8, false)
		c.UserCodeFormat = config.CodeFormat{Length: 5}
		o.SMS, c.SMS.Supplied = o.Mail, true
	})
	has := func(code, form string) string {
		t.Helper()
		if !regexp.MustCompile(`^` + form + `$`).MatchString(code) {
			t.Errorf("the code is %q, want %s", code, form)
		}
		return code
	}
	c := l.Client("app")
	c.Do("POST", "/auth/signup", map[string]string{"email": "ada@example.com", "password": suite.Password, "phone": "+31612345678"}).Is(401).Pending("verify_phone")
	number := has(l.Code("+31612345678"), `\d{8}`)
	c.Do("POST", "/auth/phone/verify", map[string]string{"code": number[:4] + " " + number[4:]}).Is(401).Pending("verify_email")
	c.Verify(has(l.Code("ada@example.com"), `\d{4}-\d{3}`)).Is(200)

	c.Logout().Is(401)
	c.Do("POST", "/auth/code/request", map[string]string{"email": "ada@example.com"}).Is(401).Pending("login_by_code")
	c.Do("POST", "/auth/code/confirm", map[string]string{"code": has(l.Code("ada@example.com"), `\d{6}`)}).Is(200)
	c.Do("POST", "/auth/reauthenticate/code/request", map[string]string{"email": "ada@example.com"}).Is(200)
	c.Do("POST", "/auth/reauthenticate/code/confirm", map[string]string{"code": has(l.Code("ada@example.com"), `\d{6}`)}).Is(200)
	c.Logout().Is(401)
	c.Do("POST", "/auth/code/request", map[string]string{"phone": "+31612345678"}).Is(401).Pending("login_by_code")
	c.Do("POST", "/auth/code/confirm", map[string]string{"code": has(l.Code("+31612345678"), `\d{6}`)}).Is(200)

	other := l.Client("browser")
	other.Session().Is(401)
	other.Do("POST", "/auth/password/request", map[string]string{"email": "ada@example.com"}).Is(401)
	reset := has(l.Reset("ada@example.com"), `\d{4}-\d{4}-\d{2}`)
	other.Do("POST", "/auth/password/reset", map[string]string{"key": strings.ReplaceAll(reset, "-", ""), "password": "another-horse-8"}).Is(401)

	for _, path := range []string{"/_allauth/openapi.json", "/auth/openapi.json"} {
		document := l.Get("GET", l.Host(), path, "").Body.String()
		for _, words := range []string{"6 digits", "7 digits", "8 digits", "10 digits"} {
			if !strings.Contains(document, words) {
				t.Errorf("%s does not say %q", path, words)
			}
		}
	}
}
