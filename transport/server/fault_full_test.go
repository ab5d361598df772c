package server

import (
	"strings"
	"testing"

	"stagedoor/transport/config"
)

// TestEmbeddedIsFull: when strangers have filled the Redis inside the process, nothing new
// is begun by who is not signed in, and nothing is half done; all others go on.
func TestEmbeddedIsFull(t *testing.T) {
	t.Parallel()
	l := newLab(t, onEmbedded, func(c *config.Config, _ *Options) {
		c.Redis.EmbeddedMegabytes = 1
		c.MFA.SupportedTypes, c.MFA.PasskeyLoginEnabled = []string{"totp", "recovery_codes", "webauthn"}, true
	})
	in := l.member("app", "ada@example.com")
	factor, secret := l.guarded("app", "eve@example.com")
	waiting := l.app()
	waiting.signup("bob@example.com").is(401)
	key := l.code("bob@example.com")
	l.quiet()

	begin := func() *reply { return l.app().do("GET", "/auth/webauthn/login", nil) }
	n := 0
	for r := begin(); r.Status == 200; r = begin() {
		if n++; n > 2000 {
			t.Fatal("it is never full")
		}
	}
	begin().busy()
	before, mails := l.rows(), l.mails.attempts()
	l.app().signup("carl@example.com").busy()
	if l.rows() != before || l.mails.attempts() != mails {
		t.Error("a sign-up that was refused left something behind")
	}
	in.session().is(200)
	waiting.verify(key).is(401)
	waiting.login("bob@example.com").is(200)
	factor.factor(l.totp(secret)).is(200)
	l.app().login("ada@example.com").is(200)
	if strings.Contains(l.log.String(), "request failed") {
		t.Error("the log has a line for every request that is refused")
	}
	if got := strings.Count(l.log.String(), "the embedded redis is full"); got != 1 {
		t.Errorf("the log tells of it %d times, want once", got)
	}
}

// TestRoundTripsOfWhatIsBegun: the limit of what strangers begin travels with the record.
func TestRoundTripsOfWhatIsBegun(t *testing.T) {
	t.Parallel()
	l := newLab(t, defaultLimits, func(c *config.Config, _ *Options) {
		c.MFA.SupportedTypes, c.MFA.PasskeyLoginEnabled = []string{"totp", "recovery_codes", "webauthn"}, true
	})
	c := l.app()
	l.costs(2, "passkey options", func() *reply { return c.do("GET", "/auth/webauthn/login", nil) }).is(200)
	l.costs(2, "passkey options again", func() *reply { return c.do("GET", "/auth/webauthn/login", nil) }).is(200)
}
