package backends

import (
	"strings"
	"testing"

	"stagedoor/state/statetest"
	"stagedoor/transport/config"
	"stagedoor/transport/internal/suite"
	"stagedoor/transport/server"
)

// TestSecretIsChanged server by server, and nobody notices: what one with the old key has made
// is good before one with the new one, and the other way round.
func TestSecretIsChanged(t *testing.T) {
	t.Parallel()
	first, second := config.Secret(strings.Repeat("1", 32)), config.Secret(strings.Repeat("2", 32))
	dir, redis := suite.Memory(t), statetest.StartRedis(t)
	lab := func(present, fallback config.Secret) *suite.Lab {
		return suite.NewLab(t, func(c *config.Config, _ *server.Options) {
			c.DataDir, c.Redis.URL = dir, config.Secret(redis)
			c.SecretKey, c.SecretKeyFallback = present, fallback
			suite.ByCode(c, nil)
		})
	}
	lab(first, "")                // the first of all
	old := lab(first, second)     // prepared
	changed := lab(second, first) // changed
	for _, way := range []struct{ from, to *suite.Lab }{{old, changed}, {changed, old}} {
		name := "at-" + string(way.from.Config.SecretKey.Reveal()[0])
		in := way.from.Member("app", name+"-in@example.com")
		in.At(way.to).Session().Is(200)
		secret := in.At(way.to).TOTPOn()
		in.Logout()

		waiting := way.from.App()
		waiting.Signup(name + "-new@example.com").Is(401).Pending("verify_email")
		code := way.from.Code(name + "-new@example.com")
		waiting.At(way.to).Verify(code).Is(200)

		way.from.Clock.Pass(60e9)
		way.to.Clock.Pass(60e9)
		again := way.from.App()
		again.Login(name + "-in@example.com").Is(401).Pending("mfa_authenticate recovery_codes totp")
		there := again.At(way.to)
		there.Factor(way.to.TOTP(secret)).Is(200)

		way.from.App().Do("POST", "/auth/password/request", map[string]string{"email": name + "-in@example.com"}).Is(200)
		key := way.from.Reset(name + "-in@example.com")
		if key == "" {
			t.Error("no letter")
		}
		way.to.App().Do("GET", "/auth/password/reset", nil, "X-Password-Reset-Key", key).Is(200)
	}
}
