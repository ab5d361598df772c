package config

import (
	"fmt"
	"net"
	"net/netip"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

// maxAge is the longest time that makes sense: a hundred years, in seconds.
const maxAge Seconds = 100 * 365 * 86400

// plainHost is a name as the DNS has it, in small letters.
var plainHost = regexp.MustCompile(`^[a-z0-9_-]+(\.[a-z0-9_-]+)*\.?$`)

// minSecret is how many bytes a key for signing must have.
const minSecret = 32

// Validate reports every fault of the configuration together, as a Faults, or
// nil. It reads no file and asks no server.
func (c Config) Validate() error {
	k := checker{c: c}
	k.address()
	k.origins()
	k.serving()
	k.account()
	k.signup()
	k.codes()
	k.rateLimits()
	k.socialAccount()
	k.mfa()
	k.webAuthn()
	k.headless()
	k.pages()
	k.jwt()
	k.rest()
	k.database()
	k.redis()
	k.mail()
	k.sms()
	k.costs()
	k.operators()
	return k.faults.orNil()
}

// checker collects the faults of a configuration.
type checker struct {
	c      Config
	faults Faults
	// lost says that the public URL is at fault, so that nothing else can be
	// held against it.
	lost bool
}

// wrong notes a fault. A got of nil or "" shows nothing.
func (k *checker) wrong(key, problem string, got any, hint string) {
	shown := ""
	if got != "" {
		shown = show(got)
	}
	k.faults = append(k.faults, Fault{Key: key, Problem: problem, Got: shown, Hint: hint})
}

// oneOf wants one of the choices.
func (k *checker) oneOf(key, value string, choices ...string) {
	if slices.Contains(choices, value) {
		return
	}
	hint := "the first is the usual choice"
	if near := nearest(strings.ToLower(value), choices); near != "" {
		hint = "did you mean " + near
	}
	k.wrong(key, "not one of "+strings.Join(choices, ", "), value, hint)
}

// someOf wants a list of the choices, each at most once.
func (k *checker) someOf(key string, list []string, choices ...string) {
	for i, value := range list {
		k.oneOf(key, value, choices...)
		if slices.Contains(list[:i], value) {
			k.wrong(key, "names something twice", value, "once is enough")
		}
	}
}

// within wants a number between two others, these included.
func (k *checker) within(key string, n, low, high float64, unit string) {
	if n >= low && n <= high {
		return
	}
	plain := func(n float64) string { return strconv.FormatFloat(n, 'f', -1, 64) }
	k.wrong(key, "out of range", n, strings.TrimSpace(fmt.Sprintf("from %s to %s %s", plain(low), plain(high), unit)))
}

// count wants a whole number between two others, these included.
func (k *checker) count(key string, n int, low, high int, unit string) {
	k.within(key, float64(n), float64(low), float64(high), unit)
}

// age wants a time above zero: a millisecond is the least that is told apart.
func (k *checker) age(key string, s Seconds) {
	if s.Duration() >= time.Millisecond && s <= maxAge {
		return
	}
	k.wrong(key, "out of range", float64(s), "a time in seconds above 0, such as 900 or 0.5")
}

// address checks where the server listens and under which URL it is known.
func (k *checker) address() {
	_, port, err := net.SplitHostPort(k.c.Listen)
	n, portErr := strconv.Atoi(port)
	switch {
	case err != nil:
		k.wrong("listen", "not host:port", k.c.Listen, "such as 127.0.0.1:8080, or :8080 for every address")
	case portErr != nil || n < 0 || n > 65535:
		k.wrong("listen", "the port is no number up to 65535", k.c.Listen, "port 0 takes a free one")
	}
	k.publicURL()
	k.development()
	if k.c.DataDir == "" && k.c.Embedded() {
		k.wrong("data_dir", "missing", nil, "the SQLite file needs a directory, such as stagedoor-data")
	}
	switch secret := k.c.SecretKey.Reveal(); {
	case secret == "" && !k.ownKeys():
		k.wrong("secret_key", "missing", nil, "servers with one database share it; make one with: openssl rand -base64 48")
	case secret != "" && len(secret) < minSecret:
		k.wrong("secret_key", fmt.Sprintf("shorter than %d bytes", minSecret), nil, "make one with: openssl rand -base64 48")
	}
	k.within("body_limit", float64(k.c.BodyLimit), 1<<10, 64<<20, "bytes")
	k.count("trusted_proxy_count", k.c.TrustedProxyCount, 0, 16, "proxies")
}

// development checks that nobody else reaches the page that shows every letter: neither
// at the address nor by way of something in front of it.
func (k *checker) development() {
	if !k.c.Dev.Enabled || k.c.Dev.AllowRemote {
		return
	}
	if host, _, err := net.SplitHostPort(k.c.Listen); err == nil && !isLocal(host) {
		k.wrong("dev.enabled", "the mailbox would be open to others at this address", k.c.Listen,
			"listen on 127.0.0.1, or set dev.allow_remote if nobody else reaches this address")
	}
	if !k.lost && !isLocal(hostOf(k.c.Origin())) {
		k.wrong("dev.enabled", "the mailbox would be open to others under the public URL", k.c.PublicURL,
			"leave public_url out, or set dev.allow_remote if nobody else reaches this URL")
	}
	if k.c.TrustedProxyCount > 0 {
		k.wrong("dev.enabled", "the mailbox would be open to who comes by the trusted proxies", k.c.TrustedProxyCount,
			"leave trusted_proxy_count out, or set dev.allow_remote if nobody else reaches the proxies")
	}
}

// ownKeys says whether keys that are not configured may be made.
func (k *checker) ownKeys() bool { return k.c.Embedded() || k.c.Dev.Enabled }

func (k *checker) publicURL() {
	if k.c.PublicURL == "" {
		return
	}
	origin := strings.TrimSuffix(k.c.PublicURL, "/")
	if problem, hint := notOrigin(origin); problem != "" {
		k.wrong("public_url", problem, k.c.PublicURL, hint)
		k.lost = true
		return
	}
	if strings.HasPrefix(origin, "http://") && !isLocal(hostOf(origin)) {
		k.wrong("public_url", "plain http on a public host", k.c.PublicURL, "browsers would not keep the cookies; use https")
	}
}

// origins checks the lists of origins and the cookies that go to them.
func (k *checker) origins() {
	lists := map[string][]string{
		"cors_allowed_origins": k.c.CORSAllowedOrigins,
		"csrf_trusted_origins": k.c.CSRFTrustedOrigins,
		"mfa.webauthn_origins": k.c.MFA.WebAuthnOrigins,
	}
	for _, key := range sortedKeys(lists) {
		for _, origin := range lists[key] {
			if problem, hint := notOrigin(origin); problem != "" {
				k.wrong(key, problem, origin, hint)
			}
		}
	}
	k.age("session.cookie_age", k.c.Session.CookieAge)
	k.oneOf("session.cookie_samesite", k.c.Session.CookieSameSite, "lax", "strict", "none")
	if k.lost {
		return
	}
	if k.c.Session.CookieSameSite == "none" && !k.c.Secure() {
		k.wrong("session.cookie_samesite", "none needs https", k.c.Origin(), "browsers drop such cookies; set public_url to an https URL")
	}
	if domain := k.c.Session.CookieDomain; domain != "" && (!strings.Contains(domain, ".") || !belongs(hostOf(k.c.Origin()), domain)) {
		k.wrong("session.cookie_domain", "not a domain of the public URL's host", domain, "for https://auth.example.com it can be example.com")
	}
}

// serving checks that there is something to serve.
func (k *checker) serving() {
	if !k.c.Serve.Headless && !k.c.Serve.Rest {
		k.wrong("serve", "nothing is served", nil, "switch serve.headless or serve.rest on")
	}
	k.oneOf("log.level", k.c.Log.Level, "info", "debug", "warn", "error")
	k.oneOf("log.format", k.c.Log.Format, "text", "json")
}

// notOrigin says why a text is no origin in the form that browsers send
// (RFC 6454, section 6.2), or nothing.
func notOrigin(text string) (problem, hint string) {
	u, err := url.Parse(text)
	switch {
	case strings.Contains(text, "*"):
		return "no wildcards here", "list each origin"
	case err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Hostname() == "":
		return "not an http or https origin", "such as https://app.example.com"
	case u.User != nil:
		return "not an origin", "leave out the user and the password"
	case u.Path != "" || u.RawQuery != "" || u.ForceQuery || u.Fragment != "" || strings.HasSuffix(text, "#"):
		return "not an origin", "nothing may follow the host: " + u.Scheme + "://" + u.Host
	}
	if port := u.Port(); port != "" || strings.HasSuffix(u.Host, ":") {
		if n, err := strconv.Atoi(port); err != nil || n < 1 || n > 65535 || port != strconv.Itoa(n) {
			return "not an origin", "the port is a number from 1 to 65535"
		}
		if u.Scheme == "http" && port == "80" || u.Scheme == "https" && port == "443" {
			return "not an origin as browsers write it", "leave out the port " + port
		}
	}
	if canonical := u.Scheme + "://" + strings.ToLower(u.Host); canonical != text {
		return "not an origin as browsers write it", "write " + canonical
	}
	if _, err := netip.ParseAddr(u.Hostname()); err != nil && !plainHost.MatchString(u.Hostname()) {
		return "not an origin as browsers write it", "names in other letters begin with xn--, as the browser's address bar copies them"
	}
	return "", ""
}

// isLocal says whether a host is this machine alone.
func isLocal(host string) bool {
	return isLoopback(host) || belongs(host, "localhost")
}

// isInside says whether a host is of one's own network, by its address or name:
// this machine, a private address, a name without a dot as containers have.
func isInside(host string) bool {
	if addr, err := netip.ParseAddr(host); err == nil {
		return isLoopback(host) || addr.Unmap().IsPrivate()
	}
	inside := func(domain string) bool { return belongs(host, domain) }
	return !strings.Contains(host, ".") || slices.ContainsFunc([]string{"localhost", "internal", "local", "svc"}, inside)
}
