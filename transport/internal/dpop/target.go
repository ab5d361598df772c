package dpop

import (
	"net/url"
	"strings"
)

// maxTarget is how long the target of a proof may be, in bytes.
const maxTarget = 4096

// origin is a scheme and a host with its port, in lower case; a port that the scheme has anyway is
// left out (RFC 3986, section 6.2.3).
type origin struct{ scheme, host string }

// parseOrigin reads scheme://host[:port].
func parseOrigin(text string) (origin, bool) {
	o, path, ok := parseTarget(text)
	return o, ok && path == "/"
}

// parseTarget reads an absolute http or https address: where it leads, and its path in normal form.
func parseTarget(text string) (o origin, path string, ok bool) {
	if len(text) > maxTarget {
		return origin{}, "", false
	}
	u, err := url.Parse(text)
	if err != nil || u.User != nil || u.Hostname() == "" || u.Opaque != "" {
		return origin{}, "", false
	}
	o.scheme, o.host = u.Scheme, strings.ToLower(u.Host)
	switch u.Scheme {
	case "https":
		o.host = strings.TrimSuffix(o.host, ":443")
	case "http":
		o.host = strings.TrimSuffix(o.host, ":80")
	default:
		return origin{}, "", false
	}
	o.host = strings.TrimSuffix(o.host, ":")
	return o, normal(u.EscapedPath()), true
}

// normal is a path with its escapes in normal form: none where a character needs none, and capital
// digits in the others (RFC 3986, section 6.2.2). An empty one is a slash. What an escape hides, such
// as a slash, stays hidden.
func normal(path string) string {
	if path == "" {
		return "/"
	}
	if !strings.Contains(path, "%") {
		return path
	}
	var b strings.Builder
	for i := 0; i < len(path); i++ {
		if path[i] != '%' || i+2 >= len(path) {
			b.WriteByte(path[i])
			continue
		}
		high, okHigh := digit(path[i+1])
		low, okLow := digit(path[i+2])
		c := high<<4 | low
		switch {
		case !okHigh || !okLow:
			b.WriteByte('%')
			continue
		case unreserved(c):
			b.WriteByte(c)
		default:
			b.WriteString("%" + strings.ToUpper(path[i+1:i+3]))
		}
		i += 2
	}
	return b.String()
}

// digit is the value of a hexadecimal digit.
func digit(c byte) (byte, bool) {
	switch {
	case '0' <= c && c <= '9':
		return c - '0', true
	case 'a' <= c && c <= 'f':
		return c - 'a' + 10, true
	case 'A' <= c && c <= 'F':
		return c - 'A' + 10, true
	}
	return 0, false
}

// unreserved characters mean the same with and without an escape (RFC 3986, section 2.3).
func unreserved(c byte) bool {
	return 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9' || strings.IndexByte("-._~", c) >= 0
}
