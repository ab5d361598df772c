package bound

import (
	"strings"
	"testing"
	"time"

	"stagedoor/transport/config"
	"stagedoor/transport/internal/suite"
	"stagedoor/transport/server"
)

// trusted is the cookie of trusted browsers.
const trusted = "mfa_trusted"

// trusting trusts browsers alone that bind their sessions.
func trusting(c *config.Config, _ *server.Options) {
	c.MFA.TrustEnabled, c.MFA.TrustBoundOnly = true, true
}

// guarded is a browser of an account with a second factor, and the secret of that.
func guarded(l *suite.Lab) (tab, string) {
	l.T.Helper()
	secret := l.Member("app", ada).TOTPOn()
	l.Clock.Pass(time.Minute)
	return newTab(l), secret
}

// leave signs out.
func (b tab) leave() {
	b.T.Helper()
	b.send("DELETE", "/auth/session", nil).Is(401)
	b.Told()
	b.Clock.Pass(time.Minute)
}

// factor shows the second factor.
func (b tab) factor(secret string) *suite.Reply {
	b.T.Helper()
	return b.send("POST", "/auth/2fa/authenticate", map[string]string{"code": b.TOTP(secret)})
}

// TestTrustOfBoundSessions: a browser that has bound no session yet is not offered to be trusted,
// one that has is. Its trust is good from the first request on that shows the key of the session that it
// was given in, and a copy that was made before that is not.
func TestTrustOfBoundSessions(t *testing.T) {
	t.Parallel()
	l := lab(t, trusting)
	b, secret := guarded(l)
	b.login().Is(401)
	b.factor(secret).Is(200)
	b.did("registered")
	b.leave()

	b.login().Is(401)
	b.factor(secret).Is(401).Pending("mfa_trust")
	b.Slow = true
	b.send("POST", "/auth/2fa/trust", map[string]bool{"trust": true}).Is(200)
	if v := b.Cookies.Value(trusted); !strings.HasPrefix(v, ".") {
		t.Errorf("the trust does not wait: %q", v)
	}
	early := b.thief()
	b.session().Is(200)
	if v := b.Cookies.Value(trusted); !strings.HasPrefix(v, ".") {
		t.Errorf("the trust is good before its session is bound: %q", v)
	}
	b.Register(t.Context())
	b.Told()
	b.session().Is(200)
	if v := b.Cookies.Value(trusted); v == "" || strings.Contains(v, ".") {
		t.Errorf("the trust of a bound session is %q", v)
	}
	b.Slow = false
	b.leave()
	b.login().Is(200)
	b.leave()

	early.login().Is(401).Pending("mfa_authenticate recovery_codes totp")
}

// TestTrustOfUnboundSessions: a browser that has bound one before and does so no more is trusted in
// vain.
func TestTrustOfUnboundSessions(t *testing.T) {
	t.Parallel()
	l := lab(t, trusting)
	b, secret := guarded(l)
	b.login().Is(401)
	b.factor(secret).Is(200)
	b.leave()
	b.Slow = true
	b.login().Is(401)
	b.factor(secret).Is(401).Pending("mfa_trust")
	b.send("POST", "/auth/2fa/trust", map[string]bool{"trust": true}).Is(200)
	b.session().Is(200)
	b.leave()
	b.login().Is(401).Pending("mfa_authenticate recovery_codes totp")
}
