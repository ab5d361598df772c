package journeys

import (
	"testing"

	"stagedoor/transport/config"
	"stagedoor/transport/internal/suite"
	"stagedoor/transport/server"
)

// TestIPv6IsShownWhole: letters and sessions have the address of an IPv6 client, not the network
// that its limits are counted by.
func TestIPv6IsShownWhole(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]suite.SetUp{"by link": func(*config.Config, *server.Options) {}, "by code": suite.ByCode} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			l := suite.NewLab(t, change, func(c *config.Config, _ *server.Options) { c.TrustedProxyCount, c.Account.EmailNotifications = 1, true })
			const here = "2001:db8:1:2:3:4:5:6"
			c := l.Client("app")
			c.Do("POST", "/auth/signup", suite.M{"email": "ada@example.com", "password": suite.Password}, "X-Forwarded-For", here).Is(401)
			letter := l.Mail("ada@example.com")
			key := letter.Data["key"] + letter.Data["code"]
			c.Do("POST", "/auth/email/verify", suite.M{"key": key}, "X-Forwarded-For", here)
			c.Do("POST", "/auth/login", suite.M{"email": "ada@example.com", "password": suite.Password}, "X-Forwarded-For", here)
			c.Do("POST", "/account/password/change", suite.M{"current_password": suite.Password, "new_password": "other-horse-8"}, "X-Forwarded-For", here).Is(200)
			notice := l.Mail("ada@example.com")
			for what, ip := range map[string]string{"the letter": letter.Data["ip"], "the notice": notice.Data["ip"]} {
				if ip != here {
					t.Errorf("%s says %q", what, ip)
				}
			}
			if n := l.Count(`SELECT count(*) FROM sessions WHERE ip <> '` + here + `'`); n != 0 {
				t.Errorf("%d sessions have another address", n)
			}
		})
	}
}
