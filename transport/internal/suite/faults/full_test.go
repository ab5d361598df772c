package faults

import (
	"strings"
	"testing"

	"stagedoor/transport/config"
	"stagedoor/transport/internal/suite"
	"stagedoor/transport/server"
)

// TestEmbeddedIsFull: when strangers have filled the Redis inside the process, nothing new
// is begun by clients that are not signed in, and nothing is half done; all others go on.
func TestEmbeddedIsFull(t *testing.T) {
	t.Parallel()
	l := suite.NewLab(t, suite.OnEmbedded, func(c *config.Config, _ *server.Options) {
		c.Redis.EmbeddedMegabytes = 1
		c.MFA.SupportedTypes, c.MFA.PasskeyLoginEnabled = []string{"totp", "recovery_codes", "webauthn"}, true
	})
	in := l.Member("app", "ada@example.com")
	factor, secret := l.Guarded("app", "eve@example.com")
	waiting := l.App()
	waiting.Signup("bob@example.com").Is(401)
	key := l.Code("bob@example.com")
	l.Quiet()

	begin := func() *suite.Reply { return l.App().Do("GET", "/auth/webauthn/login", nil) }
	n := 0
	for r := begin(); r.Status == 200; r = begin() {
		if n++; n > 2000 {
			t.Fatal("it is never full")
		}
	}
	begin().Busy()
	before, mails := rows(l), l.Mails.Attempts()
	l.App().Signup("carl@example.com").Busy()
	if rows(l) != before || l.Mails.Attempts() != mails {
		t.Error("a sign-up that was refused left something behind")
	}
	in.Session().Is(200)
	waiting.Verify(key).Is(401)
	waiting.Login("bob@example.com").Is(200)
	factor.Factor(l.TOTP(secret)).Is(200)
	l.App().Login("ada@example.com").Is(200)
	if strings.Contains(l.Log.String(), "request failed") {
		t.Error("the log has a line for every request that is refused")
	}
	if got := strings.Count(l.Log.String(), "the embedded redis is full"); got != 1 {
		t.Errorf("the log tells of it %d times, want once", got)
	}
}
