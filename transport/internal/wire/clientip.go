package wire

import (
	"cmp"
	"net/http"
	"net/netip"
	"strings"
)

// Network is what stands between clients and this server, and how they are told apart. The
// zero value trusts nobody and counts an IPv6 client by its /64.
type Network struct {
	// Proxies is how many proxies of one's own stand in front. Each appends the address of
	// its own client to X-Forwarded-For.
	Proxies int
	// Header, if not empty, is the header in which the proxy in front says who its client is;
	// X-Forwarded-For is not looked at then.
	Header string
	// IPv6Prefix is how many leading bits of an IPv6 address stand for a client; 0 is 64.
	IPv6Prefix int
}

// Proxied reports whether a proxy of one's own stands in front.
func (n Network) Proxied() bool { return n.Proxies > 0 || n.Header != "" }

// ClientIP returns the address a request comes from. With n trusted proxies in front the
// n-th entry of X-Forwarded-For from the right is the client's, whatever the client itself
// wrote to the left of it. With none, with fewer entries than proxies, or with an entry that
// is no address, it is the address of the connection; likewise where Header does not stand
// there exactly once.
//
// The address has no zone, and IPv4 in IPv6 form is IPv4. It is the zero Addr only
// if the connection has none, e.g. a Unix socket.
func (n Network) ClientIP(r *http.Request) netip.Addr {
	entry, ok := "", false
	switch {
	case n.Header != "":
		if said := r.Header.Values(n.Header); len(said) == 1 {
			entry, ok = said[0], true
		}
	case n.Proxies > 0:
		entry, ok = nthFromRight(r.Header.Values("X-Forwarded-For"), n.Proxies)
	}
	if ok {
		if addr := parseIP(entry); addr.IsValid() {
			return addr
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
	if port, err := netip.ParseAddrPort(s); err == nil { // as connections have it
		return port.Addr().Unmap().WithZone("")
	}
	bracketed := len(s) > 2 && s[0] == '[' && s[len(s)-1] == ']'
	if bracketed {
		s = s[1 : len(s)-1]
	}
	addr, err := netip.ParseAddr(s)
	if err != nil || bracketed && addr.Is4() {
		return netip.Addr{}
	}
	return addr.Unmap().WithZone("")
}

// LimitKey is what a client's limits are counted under: an IPv4 address, or the network that
// an IPv6 address is in, since a client with one address there has them all. Clients without
// an address share a key.
func (n Network) LimitKey(addr netip.Addr) string {
	addr = addr.Unmap().WithZone("")
	if !addr.IsValid() {
		return "unknown"
	}
	if addr.Is6() {
		if network, err := addr.Prefix(cmp.Or(n.IPv6Prefix, 64)); err == nil {
			return network.String()
		}
	}
	return addr.String()
}
