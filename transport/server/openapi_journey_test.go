package server

import (
	"context"
	"encoding/json"
	"testing"
	"time"

	"stagedoor/engine"
	"stagedoor/transport/config"
)

// Every answer of these journeys is held against the document, see [client.send]; here
// the document's statuses are walked through on purpose.

// offers switches on what the default leaves off.
func offers(c *config.Config, _ *Options) {
	c.Account.LoginByCodeEnabled, c.Account.LoginByCodeSupportsResend = true, 2
	c.Account.PasswordResetByCodeEnabled = true
	c.MFA.SupportedTypes = []string{"totp", "recovery_codes", "webauthn"}
	c.MFA.PasskeyLoginEnabled, c.MFA.PasskeySignupEnabled, c.MFA.TrustEnabled = true, true, true
	c.MFA.WebAuthnAllowInsecureOrigin = true
}

func TestDescribedByLink(t *testing.T) {
	kinds(t, func(t *testing.T, kind string) {
		l := newLab(t)
		c := l.client(kind)
		const ada = "ada@example.com"
		c.do("GET", "/config", nil).is(200)
		c.do("POST", "/auth/login", `{`).is(400, ":malformed_body")
		c.do("POST", "/auth/login", nil)
		c.do("POST", "/auth/code/request", map[string]string{"email": ada}).is(404, ":not_found")
		c.do("POST", "/auth/email/verify", map[string]string{"key": "wrong"}).is(400, "key:invalid_or_expired_key")
		c.do("GET", "/auth/email/verify", nil, "X-Email-Verification-Key", "wrong").is(400, "key:invalid_or_expired_key")
		c.signup(ada).is(401).pending("verify_email")
		key := l.code(ada)
		c.do("GET", "/auth/email/verify", nil, "X-Email-Verification-Key", key).is(200)
		c.verify(key).is(401).pending()
		c.login(ada).is(200)
		c.login(ada).is(409)

		c.do("GET", "/account/email", nil).is(200)
		c.do("POST", "/account/email", map[string]string{"email": "no"}).is(400, "email:invalid")
		c.do("POST", "/account/email", map[string]string{"email": "ada2@example.com"}).is(200)
		c.do("PUT", "/account/email", map[string]string{"email": "ada2@example.com"})
		c.do("PATCH", "/account/email", map[string]any{"email": "ada2@example.com", "primary": true})
		c.do("DELETE", "/account/email", map[string]string{"email": ada}).is(400, "email:cannot_remove_primary_email")
		c.do("DELETE", "/account/email", map[string]string{"email": "ada2@example.com"}).is(200)
		c.do("GET", "/account/phone", nil).is(200)
		c.do("GET", "/account/providers", nil).is(200)

		other := l.client(kind)
		other.login(ada).is(200)
		c.endOthers()
		other.do("GET", "/auth/sessions", nil)

		c.do("POST", "/account/password/change", map[string]string{"current_password": "no", "new_password": "other-horse-8"}).
			is(400, "current_password:enter_current_password")
		c.do("POST", "/account/password/change", map[string]string{"current_password": password, "new_password": password}).is(200)
		c.do("GET", "/account/authenticators/recovery-codes", nil).is(404)
		c.do("POST", "/account/authenticators/recovery-codes", nil).is(400, ":cannot_generate_recovery_codes")
		c.do("PATCH", "/account/phone", nil).is(405, ":method_not_allowed")
		c.logout().is(401)

		c.do("POST", "/auth/password/request", map[string]string{"email": ada}).is(200)
		c.do("GET", "/auth/password/reset", nil, "X-Password-Reset-Key", "wrong").is(400, "key:invalid_password_reset")
		reset := l.reset(ada)
		c.do("GET", "/auth/password/reset", nil, "X-Password-Reset-Key", reset).is(200)
		c.do("POST", "/auth/password/reset", map[string]string{"key": reset, "password": password}).is(401).pending()
		c.covered(kind+"Login", 200, 400, 409)
		c.covered(kind+"Signup", 401)
		c.covered(kind+"VerifyEmail", 400, 401)
		c.covered(kind+"AddEmail", 200, 400)
		c.covered(kind+"RequestLoginCode", 404)
		c.covered(kind+"EndSessions", 200)
		c.covered(kind+"GetPasswordReset", 200, 400)
		c.covered(kind+"ResetPassword", 401)
		c.covered(kind+"ChangePassword", 200, 400)
	})
}

// endOthers ends every session of the account but this one.
func (c *client) endOthers() {
	c.t.Helper()
	var list []struct {
		ID      int64 `json:"id"`
		Current bool  `json:"is_current"`
	}
	if err := json.Unmarshal(c.do("GET", "/auth/sessions", nil).is(200).Data, &list); err != nil {
		c.t.Fatal(err)
	}
	ids := []int64{}
	for _, s := range list {
		if !s.Current {
			ids = append(ids, s.ID)
		}
	}
	c.do("DELETE", "/auth/sessions", map[string]any{"sessions": ids}).is(200)
}

// reset is the key or code of the next mail about a reset; others are passed over.
func (l *lab) reset(address string) string {
	l.t.Helper()
	for {
		msg := l.mail(address)
		switch msg.Template {
		case "password_reset_key":
			return msg.Data["key"]
		case "password_reset_code":
			return msg.Data["code"]
		}
	}
}

func TestDescribedByCode(t *testing.T) {
	kinds(t, func(t *testing.T, kind string) {
		l := newLab(t, byCode, offers)
		const ada = "ada@example.com"
		c := l.client(kind)
		c.do("POST", "/auth/email/verify/resend", nil).is(409)
		c.signup(ada).is(401)
		l.code(ada)
		c.do("POST", "/auth/email/verify/resend", nil).is(200)
		c.verify(l.code(ada)).is(200)
		c.logout()

		c.do("POST", "/auth/code/confirm", map[string]string{"code": "x"}).is(409)
		c.do("POST", "/auth/code/request", map[string]string{"email": ada}).is(401).pending("login_by_code")
		l.code(ada)
		c.do("POST", "/auth/code/resend", nil).is(200)
		c.do("POST", "/auth/code/confirm", map[string]string{"code": "AAAA-AAAA"}).is(400, "code:incorrect_code")
		c.do("POST", "/auth/code/confirm", map[string]string{"code": l.code(ada)}).is(200)
		c.logout()

		c.do("GET", "/auth/password/reset", nil, "X-Password-Reset-Key", "x").is(409)
		c.do("POST", "/auth/password/request", map[string]string{"email": ada}).is(401)
		code := l.reset(ada)
		c.do("GET", "/auth/password/reset", nil, "X-Password-Reset-Key", code).is(200)
		c.do("POST", "/auth/password/reset", map[string]string{"key": code, "password": password})
		c.login(ada).is(200)

		c.do("GET", "/auth/webauthn/reauthenticate", nil)
		c.do("GET", "/account/authenticators/webauthn?passwordless", nil).is(200)
		c.do("POST", "/account/authenticators/webauthn", map[string]any{"credential": map[string]any{"id": "x"}}).is(400, ":incorrect_code")
		c.do("PUT", "/account/authenticators/webauthn", map[string]any{"id": 7, "name": "x"}).is(400, "id:invalid_choice")
		c.do("DELETE", "/account/authenticators/webauthn", map[string]any{"authenticators": []int{7}}).is(400, "authenticators:invalid_choice")
		c.logout()
		c.do("GET", "/auth/webauthn/login", nil).is(200)
		c.do("POST", "/auth/webauthn/login", map[string]any{"credential": map[string]any{"id": "x"}}).is(400, "credential:incorrect_code")
		c.do("GET", "/auth/webauthn/authenticate", nil).is(401)
		c.do("GET", "/auth/webauthn/signup", nil).is(409)
		c.do("POST", "/auth/webauthn/signup", map[string]string{"email": "bea@example.com"}).is(401)
		c.verify(l.code("bea@example.com")).is(401).pending("mfa_signup_webauthn")
		c.do("GET", "/auth/webauthn/signup", nil).is(200)
		c.do("PUT", "/auth/webauthn/signup", map[string]any{"credential": map[string]any{"id": "x"}}).is(400, ":incorrect_code")

		c.covered(kind+"ConfirmLoginCode", 200, 400, 409)
		c.covered(kind+"GetKeyOptions", 200)
		c.covered(kind+"GetPasskeyLoginOptions", 200)
		c.covered(kind+"GetPasskeySignupOptions", 200, 409)
		c.covered(kind+"GetPasswordReset", 200, 409)
		c.covered(kind+"GetSecondFactorOptions", 401)
	})
}

func TestDescribedSecondFactor(t *testing.T) {
	kinds(t, func(t *testing.T, kind string) {
		l := newLab(t, byCode, offers)
		c, secret := l.guarded(kind, "ada@example.com")
		c.factor("000000").is(400, "code:incorrect_code")
		l.clock.pass(time.Minute)
		r := c.factor(c.totp(secret))
		if kind == "browser" {
			r.is(401).pending("mfa_trust")
			r = c.do("POST", "/auth/2fa/trust", map[string]bool{"trust": true})
			c.covered("browserTrustBrowser", 200)
		}
		r.is(200)
		c.do("GET", "/account/authenticators", nil).is(200)
		c.do("GET", "/account/authenticators/totp", nil).is(200)
		c.do("GET", "/account/authenticators/recovery-codes", nil).is(200)
		c.do("POST", "/account/authenticators/recovery-codes", nil).is(200)
		l.clock.pass(time.Hour)
		c.do("POST", "/account/authenticators/recovery-codes", nil).is(401)
		c.do("POST", "/auth/2fa/reauthenticate", map[string]string{"code": c.totp(secret)}).is(200)
		c.do("DELETE", "/account/authenticators/totp", nil).is(200)
		c.covered(kind+"AuthenticateSecondFactor", 400)
		c.covered(kind+"RenewRecoveryCodes", 200, 401)
		c.covered(kind+"GetTOTP", 200, 404)
		c.covered(kind+"ActivateTOTP", 200)
		c.covered(kind+"DeactivateTOTP", 200)
	})
}

func TestDescribedPhone(t *testing.T) {
	phones := func(c *config.Config, o *Options) {
		c.Account.LoginMethods = []string{"phone"}
		c.Account.SignupFields = []string{"phone*", "email", "password1*"}
		c.Account.EmailVerification = "optional"
		c.Account.PhoneVerificationEnabled, c.Account.PhoneVerificationSupportsResend, c.Account.PhoneVerificationSupportsChange = true, 2, 2
		o.SMS, c.SMS.Supplied = o.Mail, true
	}
	kinds(t, func(t *testing.T, kind string) {
		l := newLab(t, phones)
		c := l.client(kind)
		const first, second = "+12025550123", "+12025550145"
		c.do("POST", "/auth/phone/verify", map[string]string{"code": "x"}).is(409)
		c.do("POST", "/auth/signup", map[string]string{"phone": first, "password": password}).is(401).pending("verify_phone")
		l.code(first)
		c.do("POST", "/auth/phone/verify/resend", nil).is(200)
		c.do("POST", "/auth/phone/verify", map[string]string{"code": "wrong"}).is(400, "code:incorrect_code")
		c.do("POST", "/auth/phone/verify", map[string]string{"code": l.code(first)}).is(200)
		c.do("GET", "/account/phone", nil).is(200)
		c.do("POST", "/account/phone", map[string]string{"phone": "12"}).is(400, "phone:invalid_phone")
		c.do("POST", "/account/phone", map[string]string{"phone": second}).is(202)
		c.do("POST", "/auth/phone/verify", map[string]string{"code": l.code(second)}).is(200)
		c.covered(kind+"VerifyPhone", 200, 400, 409)
		c.covered(kind+"ChangePhone", 202, 400)
		c.covered(kind+"GetPhone", 200)
	})
}

func TestDescribedRefusals(t *testing.T) {
	kinds(t, func(t *testing.T, kind string) {
		l := newLab(t, func(c *config.Config, _ *Options) {
			c.Account.RateLimits = config.RateLimits{Rates: engine.Rates{"signup": {{Max: 1, Per: time.Minute, By: "ip"}}}}
		})
		c := l.client(kind)
		if kind == "browser" {
			c.send("POST", "/auth/login", map[string]string{"email": "a@example.com", "password": password}, "X-CSRFToken", "").is(403, ":csrf_failed")
			c.covered("browserLogin", 403)
		} else {
			c.token = "made-up"
			c.do("GET", "/config", nil).is(410)
			c.covered("appGetConfiguration", 410)
		}
		c.signup("a@example.com").is(401)
		c.signup("b@example.com").is(429)
		c.covered(kind+"Signup", 401, 429)
		l.gate.watch(func(context.Context, string) error { return context.DeadlineExceeded }, nil)
		c.session()
		l.gate.watch(nil, nil)
	})
}
