package wire

import (
	"net/http"
	"net/netip"
	"strings"
)

// ClientIP returns the address a request comes from. Each trusted proxy appends the
// address of its own client to X-Forwarded-For, so with n trusted proxies in front
// the n-th entry from the right is the client's, whatever the client itself wrote
// to the left of it. With none, with fewer entries than proxies, or with an entry
// that is no address, it is the address of the connection.
//
// The address has no zone, and IPv4 in IPv6 form is IPv4. It is the zero Addr only
// if the connection has none, e.g. a Unix socket.
func ClientIP(r *http.Request, trustedProxies int) netip.Addr {
	if trustedProxies > 0 {
		if entry, ok := nthFromRight(r.Header.Values("X-Forwarded-For"), trustedProxies); ok {
			if addr := parseIP(entry); addr.IsValid() {
				return addr
			}
		}
	}
	return parseIP(r.RemoteAddr)
}

// maxAgent is how much is kept of what a client calls itself, in bytes.
const maxAgent = 200

// UserAgent is what a client calls itself, cut short.
func UserAgent(r *http.Request) string {
	s := r.UserAgent()
	return s[:min(len(s), maxAgent)]
}

// nthFromRight finds an entry of a list header that may stand on several lines,
// which count as one (RFC 9110 section 5.3). Entries are not copied.
func nthFromRight(lines []string, n int) (string, bool) {
	for i := len(lines) - 1; i >= 0; i-- {
		rest := lines[i]
		for {
			comma := strings.LastIndexByte(rest, ',')
			if n--; n == 0 {
				return rest[comma+1:], true
			}
			if comma < 0 {
				break
			}
			rest = rest[:comma]
		}
	}
	return "", false
}

// parseIP reads 192.0.2.1, 192.0.2.1:80, 2001:db8::1, [2001:db8::1] or
// [2001:db8::1]:80. It gives the zero Addr for anything else.
func parseIP(s string) netip.Addr {
	s = strings.TrimSpace(s)
	addr, err := netip.ParseAddr(s)
	if err != nil {
		if port, err := netip.ParseAddrPort(s); err == nil {
			addr = port.Addr()
		} else if len(s) > 2 && s[0] == '[' && s[len(s)-1] == ']' {
			if addr, err = netip.ParseAddr(s[1 : len(s)-1]); err != nil || addr.Is4() {
				return netip.Addr{}
			}
		}
	}
	return addr.Unmap().WithZone("")
}

// LimitKey is what a client's limits are counted under: an IPv4 address, or the
// /64 that an IPv6 address is in, since a client with one address there has them
// all. Clients without an address share a key.
func LimitKey(addr netip.Addr) string {
	addr = addr.Unmap().WithZone("")
	if addr.Is6() {
		prefix, _ := addr.Prefix(64)
		return prefix.String()
	}
	if !addr.IsValid() {
		return "unknown"
	}
	return addr.String()
}
