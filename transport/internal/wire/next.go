package wire

import (
	"net/url"
	"strings"
)

// MaxNext bounds a URL that people are sent to, in bytes.
const MaxNext = 512

// LeadsTo reports whether a browser may be sent to a front end's URL: a path of this origin, or
// a URL of a trusted one, of at most [MaxNext] bytes.
func (c *CSRF) LeadsTo(next string) bool {
	if next == "" || len(next) > MaxNext || strings.ContainsAny(next, "\\\t\r\n\x00") {
		return false
	}
	u, err := url.Parse(next)
	switch {
	case err != nil || u.User != nil || u.Opaque != "":
		return false
	case u.Scheme == "" && u.Host == "":
		return strings.HasPrefix(next, "/") && !strings.HasPrefix(next, "//")
	}
	return (u.Scheme == "http" || u.Scheme == "https") && c.Trusts(u.Scheme+"://"+strings.ToLower(u.Host))
}
