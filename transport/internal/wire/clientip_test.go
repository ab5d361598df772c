package wire

import (
	"net/http"
	"net/netip"
	"strings"
	"testing"
)

func request(remote string, forwarded ...string) *http.Request {
	r := &http.Request{RemoteAddr: remote, Header: http.Header{}}
	for _, f := range forwarded {
		r.Header.Add("X-Forwarded-For", f)
	}
	return r
}

func TestClientIP(t *testing.T) {
	const remote = "192.0.2.1:1234"
	for _, tt := range []struct {
		about     string
		remote    string
		proxies   int
		forwarded []string
		want      string
	}{
		{"no proxy", remote, 0, nil, "192.0.2.1"},
		{"no proxy, header of the client", remote, 0, []string{"198.51.100.7"}, "192.0.2.1"},
		{"negative count", remote, -1, []string{"198.51.100.7"}, "192.0.2.1"},
		{"one proxy", remote, 1, []string{"198.51.100.7"}, "198.51.100.7"},
		{"one proxy, the client forged some", remote, 1, []string{"203.0.113.9, 10.0.0.1,198.51.100.7"}, "198.51.100.7"},
		{"two proxies", remote, 2, []string{"203.0.113.9, 198.51.100.7, 10.0.0.1"}, "198.51.100.7"},
		{"on several lines", remote, 2, []string{"203.0.113.9", "198.51.100.7", "10.0.0.1"}, "198.51.100.7"},
		{"on lines of several", remote, 3, []string{"203.0.113.9, 198.51.100.7", "10.0.0.2, 10.0.0.1"}, "198.51.100.7"},
		{"fewer than proxies", remote, 2, []string{"198.51.100.7"}, "192.0.2.1"},
		{"no header", remote, 1, nil, "192.0.2.1"},
		{"empty header", remote, 1, []string{""}, "192.0.2.1"},
		{"junk", remote, 1, []string{"unknown"}, "192.0.2.1"},
		{"junk further left", remote, 1, []string{"junk, <script>, 198.51.100.7"}, "198.51.100.7"},
		{"ends in a comma", remote, 1, []string{"198.51.100.7,"}, "192.0.2.1"},
		{"with port", remote, 1, []string{"198.51.100.7:8080"}, "198.51.100.7"},
		{"IPv6", remote, 1, []string{"2001:DB8:0:0::1"}, "2001:db8::1"},
		{"IPv6 in brackets", remote, 1, []string{"[2001:db8::1]"}, "2001:db8::1"},
		{"IPv6 with port", remote, 1, []string{"[2001:db8::1]:443"}, "2001:db8::1"},
		{"IPv4 in brackets", remote, 1, []string{"[198.51.100.7]"}, "192.0.2.1"},
		{"IPv4 in IPv6", remote, 1, []string{"::ffff:198.51.100.7"}, "198.51.100.7"},
		{"zone", remote, 1, []string{"fe80::1%eth0"}, "fe80::1"},
		{"leading zeros", remote, 1, []string{"198.051.100.7"}, "192.0.2.1"},
		{"remote IPv6", "[2001:db8::9]:99", 0, nil, "2001:db8::9"},
		{"remote IPv4 in IPv6", "[::ffff:192.0.2.1]:99", 0, nil, "192.0.2.1"},
		{"remote without port", "192.0.2.1", 0, nil, "192.0.2.1"},
		{"Unix socket", "@", 0, nil, "invalid IP"},
		{"Unix socket behind a proxy", "@", 1, []string{"198.51.100.7"}, "198.51.100.7"},
		{"nothing", "", 1, nil, "invalid IP"},
	} {
		if got := (Network{Proxies: tt.proxies}).ClientIP(request(tt.remote, tt.forwarded...)).String(); got != tt.want {
			t.Errorf("%s: %s, want %s", tt.about, got, tt.want)
		}
	}
}

func TestLimitKey(t *testing.T) {
	for addr, want := range map[string]string{
		"192.0.2.1":            "192.0.2.1",
		"::ffff:192.0.2.1":     "192.0.2.1",
		"2001:db8:1:2:3:4:5:6": "2001:db8:1:2::/64",
		"2001:db8:1:2::9":      "2001:db8:1:2::/64",
		"2001:db8:1:3::9":      "2001:db8:1:3::/64",
		"fe80::1%eth0":         "fe80::/64",
		"::1":                  "::/64",
	} {
		if got := (Network{}).LimitKey(netip.MustParseAddr(addr)); got != want {
			t.Errorf("%s: %s, want %s", addr, got, want)
		}
	}
	if got := (Network{}).LimitKey(netip.Addr{}); got != "unknown" {
		t.Errorf("no address: %q", got)
	}
	for bits, want := range map[int]string{1: "::/1", 48: "2001:db8:1::/48", 56: "2001:db8:1::/56", 60: "2001:db8:1:20::/60", 128: "2001:db8:1:23::9/128", 129: "2001:db8:1:23::9"} {
		n := Network{IPv6Prefix: bits}
		if got := n.LimitKey(netip.MustParseAddr("2001:db8:1:23::9")); got != want {
			t.Errorf("%d bits: %s, want %s", bits, got, want)
		}
		if got := n.LimitKey(netip.MustParseAddr("192.0.2.1")); got != "192.0.2.1" {
			t.Errorf("%d bits: an IPv4 client is %s", bits, got)
		}
	}
}

// TestClientIPOfAHeader: what the proxy says by its own header counts, said once, and nothing
// that others say.
func TestClientIPOfAHeader(t *testing.T) {
	n := Network{Proxies: 1, Header: "X-Real-IP"}
	for want, said := range map[string][]string{
		"198.51.100.7": {"198.51.100.7"}, "2001:db8::1": {" [2001:db8::1] "},
		"192.0.2.1": nil, "192.0.2.1 ": {"unknown"}, "192.0.2.1  ": {"198.51.100.7", "203.0.113.9"}, "192.0.2.1   ": {"198.51.100.7, 203.0.113.9"},
	} {
		r := request("192.0.2.1:1234", "203.0.113.9")
		for _, v := range said {
			r.Header.Add("x-real-ip", v)
		}
		if got := n.ClientIP(r).String(); got != strings.TrimSpace(want) {
			t.Errorf("%q: %s, want %s", said, got, want)
		}
	}
	if !n.Proxied() || !(Network{Header: "X-Real-IP"}).Proxied() || (Network{}).Proxied() {
		t.Error("a proxy is overlooked, or seen where none is")
	}
}

// FuzzClientIP: the client has no say in what stands at and right of its proxies'
// entry, and the answer is in normal form.
func FuzzClientIP(f *testing.F) {
	f.Add("198.51.100.7", "203.0.113.9, junk", 1)
	f.Add("[2001:db8::1]:443", "", 2)
	f.Add("::ffff:1.2.3.4", ",,,", 1)
	f.Add("x", "y", 0)
	f.Fuzz(func(t *testing.T, entry, forged string, proxies int) {
		const remote = "192.0.2.1:1234"
		got := Network{Proxies: proxies}.ClientIP(request(remote, forged+","+entry))
		if !got.IsValid() || got.Is4In6() || got.Zone() != "" {
			t.Fatalf("%q: %v is not in normal form", entry, got)
		}
		if again := parseIP(got.String()); again != got {
			t.Fatalf("%v is read back as %v", got, again)
		}
		key := Network{}.LimitKey(got)
		if (got.Is4() && key != got.String()) || (got.Is6() && !strings.HasSuffix(key, "::/64") && !strings.HasSuffix(key, "/64")) {
			t.Fatalf("%v is counted under %s", got, key)
		}
		if proxies <= 0 && got.String() != "192.0.2.1" {
			t.Fatalf("without proxies %q gave %v", entry, got)
		}
		if proxies == 1 && !strings.Contains(entry, ",") {
			if want := (Network{Proxies: 1}).ClientIP(request(remote, entry)); got != want {
				t.Fatalf("%q in front changed %v to %v", forged, want, got)
			}
		}
	})
}
