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
)

// plainHost is a name as the DNS has it, in small letters.
var plainHost = regexp.MustCompile(`^[a-z0-9_-]+(\.[a-z0-9_-]+)*\.?$`)

// Origin is the public URL without a trailing slash, scheme://host[:port]. It
// takes the port from Listen where no public URL is set: write the port that
// was really taken there when it was 0.
func (c Config) Origin() string {
	if c.PublicURL != "" {
		return strings.TrimSuffix(c.PublicURL, "/")
	}
	_, port, err := net.SplitHostPort(c.Listen)
	if err != nil || port == "80" {
		return "http://localhost"
	}
	return "http://localhost:" + port
}

// Secure says whether cookies carry the attribute Secure: always, but for plain
// http on a localhost, where browsers would drop them.
func (c Config) Secure() bool { return !strings.HasPrefix(c.Origin(), "http://") }

// TrustedOrigins may send unsafe requests: the public one and
// csrf_trusted_origins, each once.
func (c Config) TrustedOrigins() []string {
	return unique(append([]string{c.Origin()}, c.CSRFTrustedOrigins...))
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
	case !k.c.SecretKey.Known():
	case secret == "" && !k.ownKeys():
		k.lacks("secret_key", "missing", "servers with one database share it; make one with: openssl rand -base64 48")
	case secret != "" && len(secret) < minSecret:
		k.wrong("secret_key", fmt.Sprintf("shorter than %d bytes", minSecret), nil, "make one with: openssl rand -base64 48")
	}
	switch other := k.c.SecretKeyFallback; {
	case other == "" || !other.Known():
	case len(other.Reveal()) < minSecret:
		k.wrong("secret_key_fallback", fmt.Sprintf("shorter than %d bytes", minSecret), nil, "it is the secret_key of before, or the next one")
	case other == k.c.SecretKey:
		k.wrong("secret_key_fallback", "the same as secret_key", nil, "leave it out where there is no other")
	}
	k.within("body_limit", float64(k.c.BodyLimit), 1<<10, 64<<20, "bytes")
	k.count("trusted_proxy_count", k.c.TrustedProxyCount, 0, 16, "proxies")
	k.count("rate_limit_ipv6_prefix", k.c.RateLimitIPv6Prefix, 1, 128, "bits, the usual choice being 64")
	switch header := k.c.TrustedClientIPHeader; {
	case header == "":
	case !headerToken.MatchString(header):
		k.wrong("trusted_client_ip_header", "not the name of a header", header, "such as X-Real-IP or CF-Connecting-IP")
	case strings.EqualFold(header, "X-Forwarded-For"), strings.EqualFold(header, "Forwarded"):
		k.wrong("trusted_client_ip_header", "a list, of which clients write a part", header, "set trusted_proxy_count instead")
	}
}

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

// origins checks the lists of origins.
func (k *checker) origins() {
	lists := map[string][]string{
		"cors_allowed_origins":         k.c.CORSAllowedOrigins,
		"csrf_trusted_origins":         k.c.CSRFTrustedOrigins,
		"mfa.webauthn_origins":         k.c.MFA.WebAuthnOrigins,
		"mfa.webauthn_related_origins": k.c.MFA.WebAuthnRelatedOrigins,
		"mfa.webauthn_top_origins":     k.c.MFA.WebAuthnTopOrigins,
		"session.dpop_origins":         k.c.Session.DPoPOrigins,
	}
	for _, key := range sortedKeys(lists) {
		for _, origin := range lists[key] {
			problem, hint := notOrigin(origin)
			if key == "mfa.webauthn_origins" && isApp(origin) {
				problem, hint = notApp(origin)
			}
			if problem != "" {
				k.wrong(key, problem, origin, hint)
			}
		}
	}
}

// cookieDomain wants a domain that the public URL's host belongs to, or nothing.
func (k *checker) cookieDomain(key, domain string) {
	if domain != "" && (!strings.Contains(domain, ".") || !belongs(hostOf(k.c.Origin()), domain)) {
		k.wrong(key, "not a domain of the public URL's host", domain, "for https://auth.example.com it can be example.com")
	}
}

// CheckOrigin says why a text is no origin in the form that browsers send, such as
// https://app.example.com (RFC 6454, section 6.2), or nil.
func CheckOrigin(text string) error {
	problem, hint := notOrigin(text)
	if problem == "" {
		return nil
	}
	return fmt.Errorf("%s (got %s); %s", problem, show(text), hint)
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

// isLoopback says whether a host is an address of this machine alone.
func isLoopback(host string) bool {
	addr, err := netip.ParseAddr(host)
	return err == nil && addr.Unmap().IsLoopback()
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

// hostOf is the host of an origin without its port.
func hostOf(origin string) string {
	u, err := url.Parse(origin)
	if err != nil {
		return ""
	}
	return u.Hostname()
}

// originOf is the origin of a URL as browsers write it, or empty where it is none.
func originOf(text string) string {
	u, err := url.Parse(text)
	if err != nil || u.Host == "" {
		return ""
	}
	origin := u.Scheme + "://" + strings.ToLower(u.Host)
	if problem, _ := notOrigin(origin); problem != "" {
		return ""
	}
	return origin
}

// belongs says whether a host is the domain or one of its subdomains.
func belongs(host, domain string) bool {
	return host == domain || strings.HasSuffix(host, "."+domain)
}

// unique drops what came before; the order stays.
func unique(list []string) []string {
	var once []string
	for _, item := range list {
		if !slices.Contains(once, item) {
			once = append(once, item)
		}
	}
	return once
}
