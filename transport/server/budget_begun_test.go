package server_test

import (
	"testing"

	"stagedoor/transport/config"
	"stagedoor/transport/internal/suite"
	"stagedoor/transport/server"
)

// TestRoundTripsOfWhatIsBegun: the limit of what strangers begin travels with the record.
func TestRoundTripsOfWhatIsBegun(t *testing.T) {
	t.Parallel()
	l := suite.NewLab(t, suite.DefaultLimits, func(c *config.Config, _ *server.Options) {
		c.MFA.SupportedTypes, c.MFA.PasskeyLoginEnabled = []string{"totp", "recovery_codes", "webauthn"}, true
	})
	c := l.App()
	costs(l, 2, "passkey options", func() *suite.Reply { return c.Do("GET", "/auth/webauthn/login", nil) }).Is(200)
	costs(l, 2, "passkey options again", func() *suite.Reply { return c.Do("GET", "/auth/webauthn/login", nil) }).Is(200)
}
