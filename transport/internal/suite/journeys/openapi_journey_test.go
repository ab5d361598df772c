package journeys

import (
	"context"
	"encoding/json"
	"testing"
	"time"

	"stagedoor/engine"
	"stagedoor/transport/config"
	"stagedoor/transport/internal/suite"
	"stagedoor/transport/server"
)

func TestDescribedByLink(t *testing.T) {
	suite.Kinds(t, func(t *testing.T, kind string) {
		l := suite.NewLab(t)
		c := l.Client(kind)
		const ada = "ada@example.com"
		c.Do("GET", "/config", nil).Is(200)
		c.Do("POST", "/auth/login", `{`).Is(400, ":malformed_body")
		c.Do("POST", "/auth/login", nil)
		c.Do("POST", "/auth/code/request", map[string]string{"email": ada}).Is(404, ":not_found")
		c.Do("POST", "/auth/email/verify", map[string]string{"key": "wrong"}).Is(400, "key:invalid_or_expired_key")
		c.Do("GET", "/auth/email/verify", nil, "X-Email-Verification-Key", "wrong").Is(400, "key:invalid_or_expired_key")
		c.Signup(ada).Is(401).Pending("verify_email")
		key := l.Code(ada)
		c.Do("GET", "/auth/email/verify", nil, "X-Email-Verification-Key", key).Is(200)
		c.Verify(key).Is(401).Pending()
		c.Login(ada).Is(200)
		c.Login(ada).Is(409)

		c.Do("GET", "/account/email", nil).Is(200)
		c.Do("POST", "/account/email", map[string]string{"email": "no"}).Is(400, "email:invalid")
		c.Do("POST", "/account/email", map[string]string{"email": "ada2@example.com"}).Is(200)
		c.Do("PUT", "/account/email", map[string]string{"email": "ada2@example.com"})
		c.Do("PATCH", "/account/email", map[string]any{"email": "ada2@example.com", "primary": true})
		c.Do("DELETE", "/account/email", map[string]string{"email": ada}).Is(400, "email:cannot_remove_primary_email")
		c.Do("DELETE", "/account/email", map[string]string{"email": "ada2@example.com"}).Is(200)
		c.Do("GET", "/account/phone", nil).Is(200)
		c.Do("GET", "/account/providers", nil).Is(200)

		other := l.Client(kind)
		other.Login(ada).Is(200)
		endOthers(c)
		other.Do("GET", "/auth/sessions", nil)

		c.Do("POST", "/account/password/change", map[string]string{"current_password": "no", "new_password": "other-horse-8"}).
			Is(400, "current_password:enter_current_password")
		c.Do("POST", "/account/password/change", map[string]string{"current_password": suite.Password, "new_password": suite.Password}).Is(200)
		c.Do("GET", "/account/authenticators/recovery-codes", nil).Is(404)
		c.Do("POST", "/account/authenticators/recovery-codes", nil).Is(400, ":cannot_generate_recovery_codes")
		c.Do("PATCH", "/account/providers", nil).Is(405, ":method_not_allowed")
		c.Logout().Is(401)

		c.Do("POST", "/auth/password/request", map[string]string{"email": ada}).Is(200)
		c.Do("GET", "/auth/password/reset", nil, "X-Password-Reset-Key", "wrong").Is(400, "key:invalid_password_reset")
		reset := l.Reset(ada)
		c.Do("GET", "/auth/password/reset", nil, "X-Password-Reset-Key", reset).Is(200)
		c.Do("POST", "/auth/password/reset", map[string]string{"key": reset, "password": suite.Password}).Is(401).Pending()
		c.Covered(kind+"Login", 200, 400, 409)
		c.Covered(kind+"Signup", 401)
		c.Covered(kind+"VerifyEmail", 400, 401)
		c.Covered(kind+"AddEmail", 200, 400)
		c.Covered(kind+"EndSessions", 200)
		c.Covered(kind+"GetPasswordReset", 200, 400)
		c.Covered(kind+"ResetPassword", 401)
		c.Covered(kind+"ChangePassword", 200, 400)
	})
}

// endOthers ends every session of the account but this one.
func endOthers(c *suite.Client) {
	c.T.Helper()
	var list []struct {
		ID      int64 `json:"id"`
		Current bool  `json:"is_current"`
	}
	if err := json.Unmarshal(c.Do("GET", "/auth/sessions", nil).Is(200).Data, &list); err != nil {
		c.T.Fatal(err)
	}
	ids := []int64{}
	for _, s := range list {
		if !s.Current {
			ids = append(ids, s.ID)
		}
	}
	c.Do("DELETE", "/auth/sessions", map[string]any{"sessions": ids}).Is(200)
}

func TestDescribedByCode(t *testing.T) {
	suite.Kinds(t, func(t *testing.T, kind string) {
		l := suite.NewLab(t, suite.ByCode, suite.Offers)
		const ada = "ada@example.com"
		c := l.Client(kind)
		c.Do("POST", "/auth/email/verify/resend", nil).Is(409)
		c.Signup(ada).Is(401)
		l.Code(ada)
		c.Do("POST", "/auth/email/verify/resend", nil).Is(200)
		c.Verify(l.Code(ada)).Is(200)
		c.Logout()

		c.Do("POST", "/auth/code/confirm", map[string]string{"code": "x"}).Is(409)
		c.Do("POST", "/auth/code/request", map[string]string{"email": ada}).Is(401).Pending("login_by_code")
		l.Code(ada)
		c.Do("POST", "/auth/code/resend", nil).Is(200)
		c.Do("POST", "/auth/code/confirm", map[string]string{"code": "AAAA-AAAA"}).Is(400, "code:incorrect_code")
		c.Do("POST", "/auth/code/confirm", map[string]string{"code": l.Code(ada)}).Is(200)
		c.Logout()

		c.Do("GET", "/auth/password/reset", nil, "X-Password-Reset-Key", "x").Is(409)
		c.Do("POST", "/auth/password/request", map[string]string{"email": ada}).Is(401)
		code := l.Reset(ada)
		c.Do("GET", "/auth/password/reset", nil, "X-Password-Reset-Key", code).Is(200)
		c.Do("POST", "/auth/password/reset", map[string]string{"key": code, "password": suite.Password})
		c.Login(ada).Is(200)

		c.Do("GET", "/auth/webauthn/reauthenticate", nil)
		c.Do("GET", "/account/authenticators/webauthn?passwordless", nil).Is(401)
		c.Do("GET", "/auth/reauthenticate?for=getKeyOptions", nil).Is(200)
		c.Do("GET", "/auth/reauthenticate?for=nothing", nil).Is(400, "for:unknown_operation")
		c.Do("POST", "/auth/reauthenticate/code/confirm", map[string]string{"code": "AAAA-AAAA"}).Is(409)
		c.Do("POST", "/auth/reauthenticate/code/request", nil).Is(400, ":required")
		c.Do("POST", "/auth/reauthenticate/code/request", map[string]string{"email": ada}).Is(200)
		l.Code(ada)
		c.Do("POST", "/auth/reauthenticate/code/resend", nil).Is(200)
		c.Do("POST", "/auth/reauthenticate/code/confirm", map[string]string{"code": "AAAA-AAAA"}).Is(400, "code:incorrect_code")
		c.Do("POST", "/auth/reauthenticate/code/confirm", map[string]string{"code": l.Code(ada)}).Is(200)
		c.Do("GET", "/auth/reauthenticate?for=getKeyOptions", nil).Is(200)
		c.Do("GET", "/account/authenticators/webauthn?passwordless", nil).Is(200)
		c.Do("POST", "/account/authenticators/webauthn", map[string]any{"credential": map[string]any{"id": "x"}}).Is(400, ":incorrect_code")
		c.Do("PUT", "/account/authenticators/webauthn", map[string]any{"id": 7, "name": "x"}).Is(400, "id:invalid_choice")
		c.Do("DELETE", "/account/authenticators/webauthn", map[string]any{"authenticators": []int{7}}).Is(400, "authenticators:invalid_choice")
		c.Logout()
		c.Do("GET", "/auth/webauthn/login", nil).Is(200)
		c.Do("POST", "/auth/webauthn/login", map[string]any{"credential": map[string]any{"id": "x"}}).Is(400, "credential:incorrect_code")
		c.Do("GET", "/auth/webauthn/authenticate", nil).Is(401)
		c.Do("GET", "/auth/webauthn/signup", nil).Is(409)
		c.Do("POST", "/auth/webauthn/signup", map[string]string{"email": "bea@example.com"}).Is(401)
		c.Verify(l.Code("bea@example.com")).Is(401).Pending("mfa_signup_webauthn")
		c.Do("GET", "/auth/webauthn/signup", nil).Is(200)
		c.Do("PUT", "/auth/webauthn/signup", map[string]any{"credential": map[string]any{"id": "x"}}).Is(400, ":incorrect_code")

		c.Covered(kind+"ConfirmLoginCode", 200, 400, 409)
		c.Covered(kind+"GetKeyOptions", 200)
		c.Covered(kind+"GetPasskeyLoginOptions", 200)
		c.Covered(kind+"GetPasskeySignupOptions", 200, 409)
		c.Covered(kind+"GetPasswordReset", 200, 409)
		c.Covered(kind+"GetSecondFactorOptions", 401)
	})
}

func TestDescribedSecondFactor(t *testing.T) {
	suite.Kinds(t, func(t *testing.T, kind string) {
		l := suite.NewLab(t, suite.ByCode, suite.Offers)
		c, secret := l.Guarded(kind, "ada@example.com")
		c.Factor("000000").Is(400, "code:incorrect_code")
		l.Clock.Pass(time.Minute)
		r := c.Factor(c.TOTP(secret))
		if kind == "browser" {
			r.Is(401).Pending("mfa_trust")
			r = c.Do("POST", "/auth/2fa/trust", map[string]bool{"trust": true})
			c.Covered("browserTrustBrowser", 200)
		}
		r.Is(200)
		c.Do("GET", "/account/authenticators", nil).Is(200)
		c.Do("GET", "/account/authenticators/totp", nil).Is(200)
		c.Prove()
		c.Do("GET", "/account/authenticators/recovery-codes", nil).Is(200)
		c.Do("POST", "/account/authenticators/recovery-codes", nil).Is(200)
		l.Clock.Pass(time.Hour)
		c.Do("POST", "/account/authenticators/recovery-codes", nil).Is(401)
		c.Do("POST", "/auth/2fa/reauthenticate", map[string]string{"code": c.TOTP(secret)}).Is(200)
		c.Do("DELETE", "/account/authenticators/totp", nil).Is(200)
		c.Covered(kind+"AuthenticateSecondFactor", 400)
		c.Covered(kind+"RenewRecoveryCodes", 200, 401)
		c.Covered(kind+"GetTOTP", 200, 404)
		c.Covered(kind+"ActivateTOTP", 200)
		c.Covered(kind+"DeactivateTOTP", 200)
	})
}

func TestDescribedPhone(t *testing.T) {
	phones := func(c *config.Config, o *server.Options) {
		c.Account.LoginMethods = []string{"phone"}
		c.Account.SignupFields = []string{"phone*", "email", "password1*"}
		c.Account.EmailVerification = "optional"
		c.Account.PhoneVerificationEnabled, c.Account.PhoneVerificationSupportsResend, c.Account.PhoneVerificationSupportsChange = true, 2, 2
		o.SMS, c.SMS.Supplied = o.Mail, true
	}
	suite.Kinds(t, func(t *testing.T, kind string) {
		l := suite.NewLab(t, phones)
		c := l.Client(kind)
		const first, second = "+12025550123", "+12025550145"
		c.Do("POST", "/auth/phone/verify", map[string]string{"code": "x"}).Is(409)
		c.Do("POST", "/auth/signup", map[string]string{"phone": first, "password": suite.Password}).Is(401).Pending("verify_phone")
		l.Code(first)
		c.Do("POST", "/auth/phone/verify/resend", nil).Is(200)
		c.Do("POST", "/auth/phone/verify", map[string]string{"code": "wrong"}).Is(400, "code:incorrect_code")
		c.Do("POST", "/auth/phone/verify", map[string]string{"code": l.Code(first)}).Is(200)
		c.Do("GET", "/account/phone", nil).Is(200)
		c.Do("POST", "/account/phone", map[string]string{"phone": "12"}).Is(400, "phone:invalid_phone")
		c.Do("POST", "/account/phone", map[string]string{"phone": second}).Is(202)
		c.Do("POST", "/auth/phone/verify", map[string]string{"code": l.Code(second)}).Is(200)
		c.Covered(kind+"VerifyPhone", 200, 400, 409)
		c.Covered(kind+"ChangePhone", 202, 400)
		c.Covered(kind+"GetPhone", 200)
	})
}

func TestDescribedRefusals(t *testing.T) {
	suite.Kinds(t, func(t *testing.T, kind string) {
		l := suite.NewLab(t, func(c *config.Config, _ *server.Options) {
			c.Account.RateLimits = config.RateLimits{Rates: engine.Rates{"signup": {{Max: 1, Per: time.Minute, By: "ip"}}}}
		})
		c := l.Client(kind)
		if kind == "browser" {
			c.Send("POST", "/auth/login", map[string]string{"email": "a@example.com", "password": suite.Password}, "X-CSRFToken", "").Is(403, ":csrf_failed")
			c.Covered("browserLogin", 403)
		} else {
			c.Token = "made-up"
			c.Do("GET", "/config", nil).Is(410)
			c.Covered("appGetConfiguration", 410)
		}
		c.Signup("a@example.com").Is(401)
		c.Signup("b@example.com").Is(429)
		c.Covered(kind+"Signup", 401, 429)
		l.Gate.Watch(func(context.Context, string) error { return context.DeadlineExceeded }, nil)
		c.Session()
		l.Gate.Watch(nil, nil)
	})
}
