package generators

import (
	"fmt"
	"regexp"
	"testing"
	"time"

	"stagedoor/transport/config"
	"stagedoor/transport/internal/suite"
	"stagedoor/transport/server"
)

// everything switches on what can be switched on.
func everything(c *config.Config, _ *server.Options) {
	c.Account.EmailVerificationByCodeEnabled = true
	c.Account.EmailVerificationSupportsResend, c.Account.EmailVerificationSupportsChange = 2, 2
	c.Account.PasswordResetByCodeEnabled = true
	c.Account.LoginByCodeEnabled, c.Account.LoginByCodeSupportsResend = true, 2
	c.MFA.SupportedTypes = []string{"recovery_codes", "totp", "webauthn"}
	c.MFA.PasskeyLoginEnabled, c.MFA.PasskeySignupEnabled, c.MFA.TrustEnabled = true, true, true
}

// TestSchemathesis has both contracts fuzzed by what their documents say, signed in and
// signed out, with all checks but those that the project's file excuses with a reason.
func TestSchemathesis(t *testing.T) {
	suite.Require(t, "schemathesis")
	t.Parallel()
	p := suite.NewProject(t, projects+"/schemathesis")
	p.Pip()
	l := suite.NewLab(t, everything)
	for _, kind := range []string{"app", "browser", "plain"} {
		client := "app"
		if kind == "browser" {
			client = kind
		}
		l.Member(client, kind+"@example.org")
		l.Guarded(client, "guarded-"+kind+"@example.org")
	}
	p.Env = append(p.Env, "SERVER="+l.URL, "PASSWORD="+suite.Password)
	for mount, most := range map[string]time.Duration{"_allauth": time.Minute, "auth": 30 * time.Second} {
		out, err := p.Try(fmt.Sprintf("schemathesis --no-color run --max-time %d %s/%s/openapi.yaml", int(most.Seconds()), l.URL, mount))
		if err != nil {
			t.Errorf("%s: %v\n%s", mount, err, out)
		}
		t.Log(regexp.MustCompile(`Test cases:\n.*`).FindString(out))
	}
}
