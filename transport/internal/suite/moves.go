package suite

import (
	"encoding/json"
	"net/http"
	"strconv"

	"stagedoor/transport/config"
	"stagedoor/transport/server"
)

// Busy fails the test unless the answer asks to come again: 503 with Retry-After, and
// the reason in the contract's form.
func (r *Reply) Busy() {
	r.T.Helper()
	r.Is(http.StatusServiceUnavailable, ":unavailable")
	if s, err := strconv.Atoi(r.Header.Get("Retry-After")); err != nil || s < 1 || s > 60 {
		r.T.Errorf("%s: Retry-After is %q, want whole seconds", r.What, r.Header.Get("Retry-After"))
	}
	if r.Token() != "" {
		r.T.Errorf("%s: a 503 hands out a token", r.What)
	}
}

// DefaultLimits leaves the rate limits on.
func DefaultLimits(c *config.Config, _ *server.Options) {
	c.Account.RateLimits, c.MFA.RateLimits = config.RateLimits{}, config.RateLimits{}
}

// RecoveryCodes lists the codes that are left.
func (c *Client) RecoveryCodes() []string {
	c.T.Helper()
	var data struct {
		Unused []string `json:"unused_codes"`
	}
	c.Prove()
	r := c.Do("GET", "/account/authenticators/recovery-codes", nil).Is(200)
	if err := json.Unmarshal(r.Data, &data); err != nil {
		c.T.Fatal(err)
	}
	return data.Unused
}

// Every answer of these journeys is held against the document, see [client.send]; here
// the document's statuses are walked through on purpose.

// Offers switches on what the default leaves off.
func Offers(c *config.Config, _ *server.Options) {
	c.Account.LoginByCodeEnabled, c.Account.LoginByCodeSupportsResend = true, 2
	c.Account.PasswordResetByCodeEnabled = true
	c.MFA.SupportedTypes = []string{"totp", "recovery_codes", "webauthn"}
	c.MFA.PasskeyLoginEnabled, c.MFA.PasskeySignupEnabled, c.MFA.TrustEnabled = true, true, true
	c.MFA.WebAuthnAllowInsecureOrigin = true
}

// Reset is the key or code of the next mail about a reset; others are passed over.
func (l *Lab) Reset(address string) string {
	l.T.Helper()
	for {
		msg := l.Mail(address)
		switch msg.Template {
		case "password_reset_key":
			return msg.Data["key"]
		case "password_reset_code":
			return msg.Data["code"]
		}
	}
}
