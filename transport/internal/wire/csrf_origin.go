package wire

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"net/url"
	"strings"
)

// originSet answers whether an Origin header is one of a configured set. Exact
// origins are compared as a whole, wildcards by scheme and the end of the host.
type originSet struct {
	exact map[string]bool
	wild  []wildOrigin
	any   bool
	// local has every origin of this machine, whatever its port.
	local bool
}

// wildOrigin is https://*.example.com: scheme "https", suffix ".example.com".
type wildOrigin struct{ scheme, suffix string }

// newOriginSet reads origins such as https://app.example.com:8443 or
// https://*.example.com, which covers example.com and all below it, or * if that
// is allowed. It reports every fault together.
func newOriginSet(origins []string, allowAny bool) (originSet, error) {
	set := originSet{exact: make(map[string]bool)}
	var errs []error
	for _, o := range origins {
		if o == "*" && allowAny {
			set.any = true
			continue
		}
		scheme, host, err := splitOrigin(o)
		switch {
		case err != nil:
			errs = append(errs, err)
		case strings.HasPrefix(host, "*.") && !strings.Contains(host[1:], "*"):
			set.wild = append(set.wild, wildOrigin{scheme, host[1:]})
		case strings.Contains(host, "*"):
			errs = append(errs, fmt.Errorf("origin %q: a wildcard stands only in front, as in https://*.example.com", o))
		default:
			set.exact[scheme+"://"+host] = true
		}
	}
	return set, errors.Join(errs...)
}

// has reports whether an origin, as a browser writes it, is in the set. "null", which
// sandboxed and local pages send, is in none, not even with *.
func (s originSet) has(origin string) bool {
	if s.exact[origin] {
		return true
	}
	scheme, host, ok := strings.Cut(origin, "://")
	if !ok || host == "" || strings.ContainsAny(host, "/?#@\\ ") {
		return false
	}
	for _, w := range s.wild {
		if scheme == w.scheme && (host == w.suffix[1:] || strings.HasSuffix(host, w.suffix)) {
			return true
		}
	}
	return s.any || s.local && (scheme == "http" || scheme == "https") && isLoopback((&url.URL{Host: host}).Hostname())
}

// addOwn adds the origin of the server itself, under all its names.
func (s originSet) addOwn(own string) {
	s.exact[own] = true
	for _, o := range loopbackOrigins(own) {
		s.exact[o] = true
	}
}

// splitOrigin reads a configured origin and normalises it as browsers do (RFC
// 6454 section 6.1): lower case, no default port.
func splitOrigin(origin string) (scheme, host string, err error) {
	u, err := url.Parse(origin)
	if err != nil {
		return "", "", fmt.Errorf("origin %q is not a URL", origin)
	}
	if u.Scheme != "https" && u.Scheme != "http" || u.Hostname() == "" {
		return "", "", fmt.Errorf("origin %q has no scheme and host, write it as https://app.example.com", origin)
	}
	if u.Path != "" && u.Path != "/" || u.RawQuery != "" || u.Fragment != "" || u.User != nil {
		return "", "", fmt.Errorf("origin %q has more than scheme, host and port", origin)
	}
	return u.Scheme, browserHost(u), nil
}

// browserHost is host and port of a URL in the form of an Origin header.
func browserHost(u *url.URL) string {
	host := strings.ToLower(u.Host)
	if u.Scheme == "https" {
		return strings.TrimSuffix(host, ":443")
	}
	return strings.TrimSuffix(host, ":80")
}

// PublicOrigin takes a public URL apart: its origin, and whether cookies get the
// Secure flag. They always do except where the URL is plain http on this very
// machine (localhost or a loopback address), where browsers would refuse them.
func PublicOrigin(publicURL string) (origin string, secure bool, err error) {
	u, err := url.Parse(publicURL)
	if err != nil || u.Scheme != "https" && u.Scheme != "http" || u.Hostname() == "" {
		return "", false, fmt.Errorf("public URL %q has no scheme and host, write it as https://auth.example.com", publicURL)
	}
	return u.Scheme + "://" + browserHost(u), u.Scheme == "https" || !isLoopback(u.Hostname()), nil
}

func isLoopback(host string) bool {
	if host == "localhost" || strings.HasSuffix(host, ".localhost") {
		return true
	}
	addr, err := netip.ParseAddr(host)
	return err == nil && addr.IsLoopback()
}

// isLocalName reports whether nobody can point the host of a header Host at another machine:
// an address, a name of this machine, one without a dot, or one of a domain that is kept for
// private use (RFC 6761, section 6.2; RFC 6762; RFC 8375).
func isLocalName(hostport string) bool {
	u := url.URL{Host: hostport}
	host := strings.TrimSuffix(strings.ToLower(u.Hostname()), ".")
	if _, err := netip.ParseAddr(host); err == nil || isLoopback(host) {
		return true
	}
	for _, domain := range []string{".test", ".local", ".internal", ".home.arpa"} {
		if strings.HasSuffix(host, domain) {
			return true
		}
	}
	return host != "" && !strings.Contains(host, ".")
}

// loopbackOrigins are the other names of an origin on this very machine:
// http://127.0.0.1:8080 is the same server as http://localhost:8080.
func loopbackOrigins(origin string) []string {
	u, err := url.Parse(origin)
	if err != nil || !isLoopback(u.Hostname()) || strings.HasSuffix(u.Hostname(), ".localhost") {
		return nil
	}
	var all []string
	for _, host := range []string{"localhost", "127.0.0.1", "::1"} {
		o := *u
		switch {
		case u.Port() != "":
			o.Host = net.JoinHostPort(host, u.Port())
		case strings.Contains(host, ":"):
			o.Host = "[" + host + "]"
		default:
			o.Host = host
		}
		all = append(all, o.String())
	}
	return all
}
