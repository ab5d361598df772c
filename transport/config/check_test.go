package config

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// faultCase changes a sound configuration and names the one line that follows.
type faultCase struct {
	change func(*Config)
	want   string
}

func checkFaults(t *testing.T, cases []faultCase) {
	t.Helper()
	for _, tc := range cases {
		c := sound()
		tc.change(&c)
		err := c.Validate()
		if err == nil {
			t.Errorf("no fault, want\n\t%s", tc.want)
			continue
		}
		if diff := cmp.Diff(strings.Split(tc.want, "\n"), strings.Split(err.Error(), "\n")); diff != "" {
			t.Errorf("-want +got:\n%s", diff)
		}
		if strings.Contains(err.Error(), "hunter2") {
			t.Errorf("a secret is shown: %v", err)
		}
	}
}

// TestNoFault holds what looks odd and is fine.
func TestNoFault(t *testing.T) {
	for name, change := range map[string]func(*Config){
		"a slash after the public URL": func(c *Config) { c.PublicURL += "/" },
		"http on a localhost":          func(c *Config) { c.PublicURL = "http://app.localhost:8080" },
		"http on IPv6 loopback":        func(c *Config) { c.PublicURL = "http://[::1]:8080" },
		"a remote page of development": func(c *Config) {
			c.Dev.Enabled, c.Dev.AllowRemote, c.Listen, c.TrustedProxyCount = true, true, ":8080", 1
		},
		"a local page under https": func(c *Config) {
			c.Dev.Enabled, c.Listen, c.PublicURL = true, "127.0.0.1:8080", "https://app.localhost"
		},
		"an origin with a port":         func(c *Config) { c.CORSAllowedOrigins = []string{"http://localhost:3000"} },
		"a parent's cookie":             func(c *Config) { c.Session.CookieDomain = "example.com" },
		"cookies for other sites":       func(c *Config) { c.Session.CookieSameSite = "none" },
		"mail by the program":           func(c *Config) { c.Mail = Mail{SMTPTLS: "none", SMTPPort: 25, Timeout: 1, Supplied: true} },
		"SMS by the program":            func(c *Config) { c.Account.LoginMethods, c.SMS.Supplied = []string{"email", "phone"}, true },
		"a webhook in the same network": func(c *Config) { c.SMS.WebhookURL = "http://sms:8080/send" },
		"a relay without TLS inside": func(c *Config) {
			c.Mail.SMTPHost, c.Mail.SMTPUser, c.Mail.SMTPPassword, c.Mail.SMTPTLS = "10.0.0.5", "app", "x", "none"
		},
		"PostgreSQL on a socket": func(c *Config) { c.Database.URL = "postgres:///app?host=/run/postgresql" },
		"sentinels": func(c *Config) {
			c.Redis = Redis{SentinelAddresses: []string{"a:1"}, SentinelMaster: "m", Password: "x"}
		},
		"a cluster":             func(c *Config) { c.Redis = Redis{ClusterAddresses: []string{"a:1", "b:1"}, TLS: true} },
		"always reauthenticate": func(c *Config) { c.Account.ReauthenticationTimeout = 0 },
		"codes where phones are": func(c *Config) {
			nameless(c)
			c.Account.LoginMethods, c.SMS.Supplied, c.Account.LoginByCodeEnabled = []string{"username", "phone"}, true, true
		},
	} {
		c := sound()
		change(&c)
		if err := c.Validate(); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestEveryFaultIsReported(t *testing.T) {
	c := sound()
	c.Listen, c.PublicURL, c.Mail.From, c.MFA.TOTPDigits, c.Headless.Mount = "", "x", "y", 0, ""
	var faults Faults
	if !errors.As(c.Validate(), &faults) {
		t.Fatal("no faults")
	}
	seen := map[string]bool{}
	for _, fault := range faults {
		seen[fault.Key] = true
	}
	for _, key := range []string{"listen", "public_url", "mail.from", "mfa.totp_digits", "headless.mount"} {
		if !seen[key] {
			t.Errorf("%s is not reported", key)
		}
	}
}
