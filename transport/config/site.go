package config

import (
	"net/netip"
	"net/url"
	"strings"

	"golang.org/x/net/publicsuffix"
)

// siteOf is the scheme and registrable domain of an origin: what browsers call its site, within
// which they send cookies that are Lax or Strict (RFC 6265bis, section 5.2). Domains under
// which everybody can have a name are no site: auth.github.io and app.github.io are two.
func siteOf(origin string) string {
	u, err := url.Parse(origin)
	if err != nil {
		return origin
	}
	return u.Scheme + "://" + registrable(u.Hostname())
}

// registrable is the domain that somebody can register of a host, or the host itself where
// it is an address or a name without a dot.
func registrable(host string) string {
	if _, err := netip.ParseAddr(host); err == nil {
		return host
	}
	domain, err := publicsuffix.EffectiveTLDPlusOne(host)
	if err != nil {
		return host
	}
	return domain
}

// commonDomain is the narrowest domain that both hosts belong to and that can have cookies and
// passkeys, or empty where there is none.
func commonDomain(a, b string) string {
	least := registrable(a)
	if least != registrable(b) || !strings.Contains(least, ".") {
		return ""
	}
	if _, err := netip.ParseAddr(a); err == nil {
		return ""
	}
	if suffix, _ := publicsuffix.PublicSuffix(least); suffix == least {
		return ""
	}
	domain := a
	for !belongs(b, domain) {
		_, domain, _ = strings.Cut(domain, ".")
	}
	return domain
}

// mayClaim says whether browsers let pages of a host use passkeys of an RP id: it is the host, or
// a domain of it that somebody can register (WebAuthn, section 5.1.3, by way of "is a registrable
// domain suffix of or is equal to" of HTML). Nobody registers localhost, or another name without
// a dot, so app.localhost has no passkeys of localhost.
func mayClaim(host, id string) bool {
	if host == id {
		return true
	}
	suffix, _ := publicsuffix.PublicSuffix(id)
	return suffix != id && belongs(host, id)
}
