package config

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// frontEnd is a production server at https://auth.example.com with one front end.
func frontEnd(origin string, change func(*Config)) Config {
	c := sound()
	c.PublicURL = "https://auth.example.com"
	c.Headless.FrontendURLs = FrontendURLs{}
	c.Account.EmailVerificationByCodeEnabled, c.Account.PasswordResetByCodeEnabled = true, true
	c.MFA.SupportedTypes = []string{"totp", "recovery_codes"}
	c.CORSAllowedOrigins, c.CSRFTrustedOrigins = []string{origin}, []string{origin}
	if change != nil {
		change(&c)
	}
	return c
}

func passkeys(c *Config) { c.MFA.SupportedTypes = []string{"totp", "webauthn"} }

func TestAdvice(t *testing.T) {
	for _, tt := range []struct {
		about, origin string
		change        func(*Config)
		want          []string
	}{
		{"the same host", "https://auth.example.com:8443", nil, nil},
		{"another host of the site", "https://app.example.com", nil, []string{
			"https://app.example.com cannot read the cookie csrftoken of auth.example.com, which stagedoor.js alone does without; write session.cookie_domain: example.com"}},
		{"the narrowest domain of both", "https://app.eu.example.com", func(c *Config) { c.PublicURL = "https://auth.eu.example.com" }, []string{
			"https://app.eu.example.com cannot read the cookie csrftoken of auth.eu.example.com, which stagedoor.js alone does without; write session.cookie_domain: eu.example.com"}},
		{"the domain itself", "https://example.com", nil, []string{
			"https://example.com cannot read the cookie csrftoken of auth.example.com, which stagedoor.js alone does without; write session.cookie_domain: example.com"}},
		{"covered", "https://app.example.com", func(c *Config) { c.Session.CookieDomain = "example.com" }, nil},
		{"a domain that does not cover", "https://app.example.com", func(c *Config) { c.Session.CookieDomain = "auth.example.com" }, []string{
			"https://app.example.com cannot read the cookie csrftoken of auth.example.com, which stagedoor.js alone does without; write session.cookie_domain: example.com"}},
		{"another site", "https://app.example.org", nil, []string{
			"https://app.example.org is of another site than https://auth.example.com: browsers send no cookies from there that are SameSite lax; write session.cookie_samesite: none"}},
		{"another site, strict", "https://app.example.org", func(c *Config) { c.Session.CookieSameSite = "strict" }, []string{
			"https://app.example.org is of another site than https://auth.example.com: browsers send no cookies from there that are SameSite strict; write session.cookie_samesite: none"}},
		{"another site, none", "https://app.example.org", func(c *Config) { c.Session.CookieSameSite = "None" }, nil},
		{"everybody's domain is no site", "https://app.github.io", func(c *Config) { c.PublicURL = "https://auth.github.io" }, []string{
			"https://app.github.io is of another site than https://auth.github.io: browsers send no cookies from there that are SameSite lax; write session.cookie_samesite: none"}},
		{"plain http", "http://app.example.com", nil, []string{
			"http://app.example.com is plain http: whoever is between it and people can read the answers and ask in their names; have its pages on https"}},
		{"local", "http://127.0.0.1:3000", func(c *Config) { c.PublicURL = "http://localhost:8080" }, nil},
		{"passkeys of another host", "https://app.example.com", func(c *Config) { passkeys(c); c.Session.CookieDomain = "example.com" }, []string{
			"https://app.example.com does not belong to auth.example.com, and its pages can neither make nor use passkeys of that; write mfa.webauthn_rp_id: example.com"}},
		{"passkeys of the site", "https://app.example.com", func(c *Config) {
			passkeys(c)
			c.Session.CookieDomain, c.MFA.WebAuthnRPID = "example.com", "example.com"
		}, nil},
		{"passkeys not from there", "https://app.example.com", func(c *Config) {
			passkeys(c)
			c.Session.CookieDomain, c.MFA.WebAuthnRPID, c.MFA.WebAuthnOrigins = "example.com", "example.com", []string{"https://auth.example.com"}
		}, []string{
			"https://app.example.com is not among those that may use passkeys; write mfa.webauthn_origins: [https://auth.example.com, https://app.example.com]"}},
		{"passkeys of another site", "https://app.example.org", func(c *Config) { passkeys(c); c.Session.CookieSameSite = "none" }, []string{
			"https://app.example.org does not belong to auth.example.com, and its pages can neither make nor use passkeys of that; write mfa.webauthn_rp_id: example.org"}},
		{"passkeys of the other site", "https://app.example.org", func(c *Config) {
			passkeys(c)
			c.Session.CookieSameSite, c.MFA.WebAuthnRPID = "none", "example.org"
		}, nil},
		{"passkeys are of one site", "https://app.example.net", func(c *Config) {
			passkeys(c)
			c.Session.CookieSameSite, c.MFA.WebAuthnRPID = "none", "example.com"
		}, []string{
			"https://app.example.net does not belong to example.com, and its pages can neither make nor use passkeys of that; write mfa.webauthn_related_origins: [https://app.example.net]"}},
		{"passkeys of related sites", "https://app.example.net", func(c *Config) {
			passkeys(c)
			c.Session.CookieSameSite, c.MFA.WebAuthnRelatedOrigins = "none", []string{"https://app.example.net"}
			c.MFA.WebAuthnRPID = "example.com"
		}, []string{
			"https://example.com must answer /.well-known/webauthn as this server does at https://auth.example.com/.well-known/webauthn: browsers look there for whether https://app.example.net may use its passkeys"}},
		{"passkeys of related sites, here", "https://app.example.net", func(c *Config) {
			passkeys(c)
			c.Session.CookieSameSite, c.MFA.WebAuthnRelatedOrigins = "none", []string{"https://app.example.net"}
		}, nil},
		{"passkeys that browsers make", "https://auth.example.com:8443", func(c *Config) { passkeys(c); c.MFA.PasskeyUpgradeEnabled = true }, []string{
			"https://auth.example.com takes a passkey that a browser makes by itself after a sign-in with a password, without another proof: whoever comes upon that browser meanwhile can add one (mfa.passkey_upgrade_enabled)",
			"https://auth.example.com makes its accounts ones with a second factor by passkeys that browsers make: in a browser without the passkey their password alone signs nobody in any more, and their recovery codes nobody has seen (mfa.passkey_upgrade_enabled)"}},
		{"passkeys in frames", "https://app.example.com", func(c *Config) {
			passkeys(c)
			c.Session.CookieDomain, c.MFA.WebAuthnRPID, c.MFA.WebAuthnTopOrigins = "example.com", "example.com", []string{"https://shop.example"}
		}, []string{
			"https://shop.example may have people use passkeys in a frame of its pages: what is around the frame, and over it, is its own"}},
		{"asks, and cannot read", "https://auth.example.com:8443", func(c *Config) { c.CORSAllowedOrigins = []string{"https://auth.example.com:444"} }, []string{
			"https://auth.example.com:444 may read answers, but requests of the browser client that change something are refused; write csrf_trusted_origins: [https://auth.example.com:8443, https://auth.example.com:444]",
			"https://auth.example.com:8443 is trusted to change something, but scripts there cannot read the answers; write cors_allowed_origins: [https://auth.example.com:444, https://auth.example.com:8443]"}},
		{"pages of nobody", "https://auth.example.com:8443", func(c *Config) {
			c.Headless.FrontendURLs = FrontendURLs{ConfirmEmail: "https://auth.example.com:444/verify/{key}", Signup: "https://auth.example.com:444/signup"}
		}, []string{
			"https://auth.example.com:444 has pages that headless.frontend_urls.account_confirm_email leads to, and may neither read answers nor change anything; " +
				"write cors_allowed_origins: [https://auth.example.com:8443, https://auth.example.com:444] and csrf_trusted_origins: [https://auth.example.com:8443, https://auth.example.com:444]"}},
		{"pages that are a path", "https://auth.example.com:8443", func(c *Config) { c.Headless.FrontendURLs.Signup = "/signup" }, nil},
		{"pages of the server's own, on another site than the passkeys", "https://app.example.org", func(c *Config) {
			passkeys(c)
			c.Session.CookieSameSite, c.MFA.WebAuthnRPID, c.Serve.Pages = "none", "example.org", true
		}, []string{
			"https://auth.example.com has the server's own pages, which can neither make nor use passkeys of example.org; write serve.pages: false"}},
		{"pages of the server's own, left out", "https://app.example.com", func(c *Config) {
			passkeys(c)
			c.Session.CookieDomain, c.MFA.WebAuthnRPID, c.Serve.Pages = "example.com", "example.com", true
			c.MFA.WebAuthnOrigins = []string{"https://app.example.com"}
		}, []string{
			"https://auth.example.com has the server's own pages, and is not among those that may use passkeys; write mfa.webauthn_origins: [https://app.example.com, https://auth.example.com]"}},
		{"pages of the server's own, of the site", "https://app.example.com", func(c *Config) {
			passkeys(c)
			c.Session.CookieDomain, c.MFA.WebAuthnRPID, c.Serve.Pages = "example.com", "example.com", true
		}, nil},
		{"apps have no cookies", "https://app.example.org", func(c *Config) { c.Headless.Clients, c.CSRFTrustedOrigins = []string{"app"}, nil }, nil},
	} {
		c := frontEnd(tt.origin, tt.change)
		if err := c.Validate(); err != nil {
			t.Errorf("%s: %v", tt.about, err)
			continue
		}
		var got []string
		for _, a := range c.Advice() {
			got = append(got, a.String())
		}
		if diff := cmp.Diff(tt.want, got); diff != "" {
			t.Errorf("%s:\n%s", tt.about, diff)
		}
		notes := strings.Join(c.Notes(), "\n")
		for _, line := range tt.want {
			if !strings.Contains(notes, "front end: "+line) {
				t.Errorf("%s: the start does not say it: %s", tt.about, notes)
			}
		}
	}
}

// TestAdviceMends writes what each advice says into a file, until there is none: what is
// advised is accepted, and is all that is needed.
func TestAdviceMends(t *testing.T) {
	for _, origin := range []string{
		"https://auth.example.com:8443", "https://app.example.com", "https://example.com", "https://app.example.org", "https://app.github.io",
	} {
		lines := []string{
			"public_url: https://auth.example.com", "data_dir: x", "secret_key: " + strings.Repeat("k", 32),
			"mail: {smtp_host: mail.example.com, from: a@example.com}", "mfa.supported_types: [totp, webauthn]",
			"headless.frontend_urls: {account_confirm_email: '" + origin + "/v/{key}', account_reset_password_from_key: '" + origin + "/r/{key}'}",
		}
		var left []Advice
		for range 4 {
			c, err := Load(written(t, lines), nil)
			if err != nil {
				t.Fatalf("%s: %v\n%s", origin, err, strings.Join(lines, "\n"))
			}
			if left = c.Advice(); len(left) == 0 {
				break
			}
			for _, a := range left {
				lines = append(lines, a.Write...)
			}
		}
		if len(left) > 0 {
			t.Errorf("%s: what is advised does not help: %v\n%s", origin, left, strings.Join(lines, "\n"))
		}
		at, _ := Load(written(t, []string{lines[0], lines[2], lines[3],
			"account: {email_verification_by_code_enabled: true, password_reset_by_code_enabled: true}"}), nil)
		trusting, err := Load(written(t, append([]string{lines[0], lines[2], lines[3],
			"account: {email_verification_by_code_enabled: true, password_reset_by_code_enabled: true}"}, at.ToTrust(origin)...)), nil)
		if err != nil || len(trusting.Advice()) > 0 || len(trusting.ToTrust(origin)) > 0 || !trusting.trusted(origin) || !trusting.readable(origin) {
			t.Errorf("%s: ToTrust says %v: %v, %v", origin, at.ToTrust(origin), err, trusting.Advice())
		}
	}
}

// written is a file with these lines, of which a dot in a key is a section.
func written(t *testing.T, lines []string) string {
	t.Helper()
	sections := map[string][]string{}
	var text strings.Builder
	for i := len(lines) - 1; i >= 0; i-- { // the last of a key counts
		key, value, _ := strings.Cut(lines[i], ": ")
		section, below, nested := strings.Cut(key, ".")
		if !nested {
			if !strings.Contains("\n"+text.String(), "\n"+key+": ") {
				text.WriteString(key + ": " + value + "\n")
			}
			continue
		}
		if line := below + ": " + value; !strings.Contains(strings.Join(sections[section], "\n"), below+": ") {
			sections[section] = append(sections[section], line)
		}
	}
	for _, section := range sortedKeys(sections) {
		text.WriteString(section + ":\n  " + strings.Join(sections[section], "\n  ") + "\n")
	}
	file := filepath.Join(t.TempDir(), "stagedoor.yaml")
	if err := os.WriteFile(file, []byte(text.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}

// TestDevelopmentTrustsThisMachine: front ends of any port just work.
func TestDevelopmentTrustsThisMachine(t *testing.T) {
	c := Dev()
	if !c.LocalOrigins() || len(c.Advice()) > 0 {
		t.Errorf("local origins %v, advice %v", c.LocalOrigins(), c.Advice())
	}
	if lines := c.ToTrust("http://localhost:4321"); len(lines) > 0 {
		t.Errorf("a port of this machine: write %v", lines)
	}
	if lines := c.ToTrust("https://app.example.com"); len(lines) < 2 {
		t.Errorf("another machine: write %v", lines)
	}
	for _, remote := range []func(*Config){
		func(c *Config) { c.Dev.AllowRemote = true },
		func(c *Config) { c.PublicURL = "https://dev.example.com" },
		func(c *Config) { c.Dev.Enabled = false },
	} {
		c := Dev()
		if remote(&c); c.LocalOrigins() {
			t.Errorf("pages of the machine of whoever comes are trusted: %+v", c.Dev)
		}
	}
	if c.PublicURL = "https://auth.example.com"; c.ToTrust("http://app.example.com") != nil {
		t.Error("pages of plain http can be written for a server on https")
	}
	for _, origin := range []string{"", "null", "https://", "capacitor://localhost", "https://app.example.com/path", "nonsense"} {
		if lines := c.ToTrust(origin); lines != nil {
			t.Errorf("%q can be written: %v", origin, lines)
		}
	}
}
