package config

import (
	"net/http"
	"net/url"
	"regexp"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestHosts(t *testing.T) {
	for host, want := range map[string]struct{ loopback, local, inside bool }{
		"127.0.0.1":            {true, true, true},
		"127.8.9.10":           {true, true, true},
		"::1":                  {true, true, true},
		"::ffff:127.0.0.1":     {true, true, true},
		"localhost":            {false, true, true},
		"app.localhost":        {false, true, true},
		"notlocalhost":         {false, false, true},
		"keycloak":             {false, false, true},
		"idp.prod.svc":         {false, false, true},
		"printer.local":        {false, false, true},
		"db.internal":          {false, false, true},
		"10.1.2.3":             {false, false, true},
		"192.168.0.1":          {false, false, true},
		"fd00::1":              {false, false, true},
		"0.0.0.0":              {false, false, false},
		"192.0.2.1":            {false, false, false},
		"2001:db8::1":          {false, false, false},
		"example.com":          {false, false, false},
		"localhost.evil.com":   {false, false, false},
		"127.0.0.1.evil.com":   {false, false, false},
		"internal.example.com": {false, false, false},
	} {
		if got := isLoopback(host); got != want.loopback {
			t.Errorf("%s: loopback %v", host, got)
		}
		if got := isLocal(host); got != want.local {
			t.Errorf("%s: local %v", host, got)
		}
		if got := isInside(host); got != want.inside {
			t.Errorf("%s: inside %v", host, got)
		}
	}
}

func TestBelongs(t *testing.T) {
	for _, tc := range []struct {
		host, domain string
		want         bool
	}{
		{"example.com", "example.com", true},
		{"app.example.com", "example.com", true},
		{"a.b.example.com", "example.com", true},
		{"badexample.com", "example.com", false},
		{"example.com", "app.example.com", false},
		{"example.com.evil.org", "example.com", false},
		{"", "example.com", false},
	} {
		if got := belongs(tc.host, tc.domain); got != tc.want {
			t.Errorf("%s of %s: %v", tc.host, tc.domain, got)
		}
	}
}

// plainOrigin is the form of an origin written down: an independent, stricter
// check to hold notOrigin against.
var plainOrigin = regexp.MustCompile(`^https?://([a-z0-9_-]+(\.[a-z0-9_-]+)*\.?|\[[0-9a-f:.]+\])(:[1-9][0-9]{0,4})?$`)

// FuzzOrigin holds the check of origins against that form: what it accepts has
// it, and what has it passes.
func FuzzOrigin(f *testing.F) {
	for _, seed := range []string{
		"https://app.example.com", "http://localhost:3000", "http://[::1]:8080", "https://a:443", "http://a:80", "https://A", "https://a/", "https://a?", "https://a#",
		"https://u@a", "https://a:b@c", "https://*.a", "null", "file://", "https:a", "//a", "https://a:0", "http://a:08", "https://a:65536", "https://a:", "https://ä", "https://a%41", "javascript://a", "https://a b",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		problem, hint := notOrigin(text)
		if (problem == "") != (hint == "") {
			t.Fatalf("%q: problem %q, hint %q", text, problem, hint)
		}
		u, err := url.Parse(text)
		if problem == "" {
			if err != nil || u.Scheme+"://"+u.Host != text || !plainOrigin.MatchString(text) {
				t.Fatalf("%q is taken for an origin", text)
			}
			if _, err := http.NewRequest(http.MethodGet, text+"/", nil); err != nil {
				t.Fatalf("%q is taken for an origin, and nothing can be asked there: %v", text, err)
			}
			return
		}
		if err == nil && plainOrigin.MatchString(text) && !defaultPort(u) && plausible(u.Port()) {
			t.Fatalf("%q is an origin and is refused: %s", text, problem)
		}
	})
}

func defaultPort(u *url.URL) bool {
	return u.Scheme == "http" && u.Port() == "80" || u.Scheme == "https" && u.Port() == "443"
}

// plausible says whether a port of at most five digits is one.
func plausible(port string) bool {
	return len(port) < 5 || len(port) == 5 && port <= "65535"
}

func TestOrigin(t *testing.T) {
	for _, tc := range []struct {
		listen, public, origin, rpID string
		secure                       bool
	}{
		{"127.0.0.1:8080", "", "http://localhost:8080", "localhost", false},
		{":80", "", "http://localhost", "localhost", false},
		{"0.0.0.0:9000", "https://auth.example.com", "https://auth.example.com", "auth.example.com", true},
		{":1", "https://auth.example.com:8443/", "https://auth.example.com:8443", "auth.example.com", true},
		{":1", "http://127.0.0.1:8080", "http://127.0.0.1:8080", "localhost", false},
		{":1", "http://[::1]:8080", "http://[::1]:8080", "localhost", false},
		{":1", "http://app.localhost", "http://app.localhost", "app.localhost", false},
	} {
		c := Config{Listen: tc.listen, PublicURL: tc.public}
		if c.Origin() != tc.origin || c.RPID() != tc.rpID || c.Secure() != tc.secure || c.Issuer() == "" || c.RPName() != tc.rpID {
			t.Errorf("%+v: origin %s, RP id %s, secure %v, issuer %s", tc, c.Origin(), c.RPID(), c.Secure(), c.Issuer())
		}
	}
	named := Config{MFA: MFA{WebAuthnRPID: "example.com", WebAuthnRPName: "Example", TOTPIssuer: "Ex"}}
	if named.RPID() != "example.com" || named.RPName() != "Example" || named.Issuer() != "Ex" {
		t.Errorf("names that are set: %s, %s, %s", named.RPID(), named.RPName(), named.Issuer())
	}
}

func TestTrustedOrigins(t *testing.T) {
	c := Config{PublicURL: "https://auth.example.com", CSRFTrustedOrigins: []string{"https://app.example.com", "https://auth.example.com", "https://example.org"}}
	if diff := cmp.Diff([]string{"https://auth.example.com", "https://app.example.com", "https://example.org"}, c.TrustedOrigins()); diff != "" {
		t.Error(diff)
	}
	for _, tc := range []struct {
		rpID string
		set  []string
		want []string
	}{
		{"", nil, []string{"https://auth.example.com"}},
		{"example.com", nil, []string{"https://auth.example.com", "https://app.example.com"}},
		{"", []string{"https://one.auth.example.com"}, []string{"https://one.auth.example.com"}},
	} {
		c.MFA.WebAuthnRPID, c.MFA.WebAuthnOrigins = tc.rpID, tc.set
		if diff := cmp.Diff(tc.want, c.WebAuthnOrigins()); diff != "" {
			t.Errorf("%q: %s", tc.rpID, diff)
		}
	}
}

func TestLoopbackOriginsAreLocalhost(t *testing.T) {
	c := Config{PublicURL: "http://[::1]:8080", CSRFTrustedOrigins: []string{"http://127.0.0.1:3000", "http://localhost:3000"}}
	want := []string{"http://localhost:8080", "http://localhost:3000"}
	if diff := cmp.Diff(want, c.WebAuthnOrigins()); diff != "" {
		t.Error(diff)
	}
}

// Chromium refuses a page of app.localhost that asks for passkeys of localhost ("The relying party
// ID is not a registrable domain suffix of, nor equal to the current domain"), and likewise those of
// a name without a dot or of a domain under which everybody can have one.
func TestOriginsThatBrowsersRefuseAreNotTaken(t *testing.T) {
	for _, tc := range []struct {
		public, trusted string
		want            []string
	}{
		{"http://localhost:8080", "http://app.localhost:3000", []string{"http://localhost:8080"}},
		{"http://127.0.0.1:8080", "http://app.localhost:3000", []string{"http://localhost:8080"}},
		{"https://intranet", "https://app.intranet", []string{"https://intranet"}},
		{"https://github.io", "https://app.github.io", []string{"https://github.io"}},
		{"http://app.localhost", "http://one.app.localhost", []string{"http://app.localhost", "http://one.app.localhost"}},
		{"https://corp.intranet", "https://app.corp.intranet", []string{"https://corp.intranet", "https://app.corp.intranet"}},
	} {
		c := Config{PublicURL: tc.public, CSRFTrustedOrigins: []string{tc.trusted}}
		if diff := cmp.Diff(tc.want, c.WebAuthnOrigins()); diff != "" {
			t.Errorf("%s, trusting %s: %s", tc.public, tc.trusted, diff)
		}
	}
}

func TestFaultsOfAddresses(t *testing.T) {
	checkFaults(t, []faultCase{
		{func(c *Config) { c.Listen = "8080" }, `listen: not host:port (got "8080"); such as 127.0.0.1:8080, or :8080 for every address`},
		{func(c *Config) { c.Listen = ":http" }, `listen: the port is no number up to 65535 (got ":http"); port 0 takes a free one`},
		{func(c *Config) { c.Listen = ":70000" }, `listen: the port is no number up to 65535 (got ":70000"); port 0 takes a free one`},
		{func(c *Config) { c.Listen = ":-1" }, `listen: the port is no number up to 65535 (got ":-1"); port 0 takes a free one`},
		{func(c *Config) { c.Dev.Enabled, c.Listen, c.PublicURL = true, ":8080", "" },
			`dev.enabled: the mailbox would be open to others at this address (got ":8080"); listen on 127.0.0.1, or set dev.allow_remote if nobody else reaches this address`},
		{func(c *Config) { c.Dev.Enabled, c.Listen = true, "127.0.0.1:8080" },
			`dev.enabled: the mailbox would be open to others under the public URL (got "https://auth.example.com"); leave public_url out, or set dev.allow_remote if nobody else reaches this URL`},
		{func(c *Config) {
			c.Dev.Enabled, c.Listen, c.PublicURL, c.TrustedProxyCount = true, "127.0.0.1:8080", "http://localhost:8080", 1
		},
			`dev.enabled: the mailbox would be open to who comes by the trusted proxies (got 1); leave trusted_proxy_count out, or set dev.allow_remote if nobody else reaches the proxies`},
		{func(c *Config) {
			c.Dev.Enabled, c.Listen, c.PublicURL, c.TrustedClientIPHeader = true, "127.0.0.1:8080", "http://localhost:8080", "X-Real-IP"
		},
			`dev.enabled: the mailbox would be open to who comes by the trusted proxy (got "X-Real-IP"); leave trusted_client_ip_header out, or set dev.allow_remote if nobody else reaches the proxy`},
		{func(c *Config) { c.PublicURL = "auth.example.com" }, `public_url: not an http or https origin (got "auth.example.com"); such as https://app.example.com`},
		{func(c *Config) { c.PublicURL = "ftp://auth.example.com" }, `public_url: not an http or https origin (got "ftp://auth.example.com"); such as https://app.example.com`},
		{func(c *Config) { c.PublicURL = "https://auth.example.com/auth" }, `public_url: not an origin (got "https://auth.example.com/auth"); nothing may follow the host: https://auth.example.com`},
		{func(c *Config) { c.PublicURL = "https://me:hunter2@auth.example.com" }, `public_url: not an origin (got "https://***@auth.example.com"); leave out the user and the password`},
		{func(c *Config) { c.PublicURL = "http://auth.example.com" },
			`public_url: plain http on a public host (got "http://auth.example.com"); browsers would not keep the cookies; use https`},
		{func(c *Config) { c.Database.URL, c.DataDir = "", "" }, `data_dir: missing; the SQLite file needs a directory, such as stagedoor-data`},
		{func(c *Config) { c.SecretKey = "" }, `secret_key: missing; servers with one database share it; make one with: openssl rand -base64 48`},
		{func(c *Config) { c.SecretKey = "hunter2" }, `secret_key: shorter than 32 bytes; make one with: openssl rand -base64 48`},
		{func(c *Config) { c.SecretKeyFallback = "hunter2" }, `secret_key_fallback: shorter than 32 bytes; it is the secret_key of before, or the next one`},
		{func(c *Config) { c.SecretKeyFallback = c.SecretKey }, `secret_key_fallback: the same as secret_key; leave it out where there is no other`},
		{func(c *Config) { c.BodyLimit = 10 }, `body_limit: out of range (got 10); from 1024 to 67108864 bytes`},
		{func(c *Config) { c.RateLimitIPv6Prefix = 0 },
			`rate_limit_ipv6_prefix: out of range (got 0); from 1 to 128 bits, the usual choice being 64`},
		{func(c *Config) { c.RateLimitIPv6Prefix = 129 },
			`rate_limit_ipv6_prefix: out of range (got 129); from 1 to 128 bits, the usual choice being 64`},
		{func(c *Config) { c.TrustedClientIPHeader = "X Real IP" },
			`trusted_client_ip_header: not the name of a header (got "X Real IP"); such as X-Real-IP or CF-Connecting-IP`},
		{func(c *Config) { c.TrustedClientIPHeader = "x-forwarded-for" },
			`trusted_client_ip_header: a list, of which clients write a part (got "x-forwarded-for"); set trusted_proxy_count instead`},
		{func(c *Config) { c.TrustedProxyCount = -1 }, `trusted_proxy_count: out of range (got -1); from 0 to 16 proxies`},
		{func(c *Config) { c.Serve.Headless, c.Serve.Rest = false, false }, `serve: nothing is served; switch serve.headless or serve.rest on`},
		{func(c *Config) { c.Log.Level = "trace" }, `log.level: not one of info, debug, warn, error (got "trace"); the first is the usual choice`},
		{func(c *Config) { c.Log.Format = "JSON" }, `log.format: not one of text, json (got "JSON"); did you mean json`},
	})
}

func TestFaultsOfOrigins(t *testing.T) {
	cors := func(origin string) func(*Config) { return func(c *Config) { c.CORSAllowedOrigins = []string{origin} } }
	checkFaults(t, []faultCase{
		{cors("*"), `cors_allowed_origins: no wildcards here (got "*"); list each origin`},
		{cors("https://*.example.com"), `cors_allowed_origins: no wildcards here (got "https://*.example.com"); list each origin`},
		{cors("null"), `cors_allowed_origins: not an http or https origin (got "null"); such as https://app.example.com`},
		{cors("https://app.example.com/"), `cors_allowed_origins: not an origin (got "https://app.example.com/"); nothing may follow the host: https://app.example.com`},
		{cors("https://app.example.com?"), `cors_allowed_origins: not an origin (got "https://app.example.com?"); nothing may follow the host: https://app.example.com`},
		{cors("https://app.example.com#"), `cors_allowed_origins: not an origin (got "https://app.example.com#"); nothing may follow the host: https://app.example.com`},
		{cors("https://APP.example.com"), `cors_allowed_origins: not an origin as browsers write it (got "https://APP.example.com"); write https://app.example.com`},
		{cors("https://app.example.com:443"), `cors_allowed_origins: not an origin as browsers write it (got "https://app.example.com:443"); leave out the port 443`},
		{cors("http://app.example.com:80"), `cors_allowed_origins: not an origin as browsers write it (got "http://app.example.com:80"); leave out the port 80`},
		{cors("https://bücher.example.com"),
			`cors_allowed_origins: not an origin as browsers write it (got "https://bücher.example.com"); names in other letters begin with xn--, as the browser's address bar copies them`},
		{cors("https://app.example.com:0"), `cors_allowed_origins: not an origin (got "https://app.example.com:0"); the port is a number from 1 to 65535`},
		{cors("https://app.example.com:"), `cors_allowed_origins: not an origin (got "https://app.example.com:"); the port is a number from 1 to 65535`},
		{func(c *Config) { c.CSRFTrustedOrigins = []string{"app.example.com"} },
			`csrf_trusted_origins: not an http or https origin (got "app.example.com"); such as https://app.example.com`},
		{func(c *Config) { c.Session.CookieAge = 0 }, `session.cookie_age: out of range (got 0); a time in seconds above 0, such as 900 or 0.5`},
		{func(c *Config) { c.Session.CookieSameSite = "Lux" }, `session.cookie_samesite: not one of lax, strict, none (got "lux"); did you mean lax`},
		{func(c *Config) { c.Session.CookieSameSite, c.PublicURL = "none", "http://localhost:8080" },
			`session.cookie_samesite: none needs https (got "http://localhost:8080"); browsers drop such cookies; set public_url to an https URL`},
		{func(c *Config) { c.Session.CookieDomain = "example.org" },
			`session.cookie_domain: not a domain of the public URL's host (got "example.org"); for https://auth.example.com it can be example.com`},
		{func(c *Config) { c.Session.CookieDomain = "com" },
			`session.cookie_domain: not a domain of the public URL's host (got "com"); for https://auth.example.com it can be example.com`},
	})
}
