package config

import "cmp"

// Arrangement is what follows from where the server and its front end are, as values of keys.
type Arrangement struct {
	// Where says it in words: same origin, same host, two hosts of one site, two sites.
	Where string
	// Foreign is set where the front end is of another origin: then cors_allowed_origins and
	// csrf_trusted_origins have it.
	Foreign bool
	// OtherSite is set where it is of another site, to which some browsers send no cookies
	// whatever they are.
	OtherSite bool
	// CookieDomain is session.cookie_domain, CookieSameSite session.cookie_samesite, RPID
	// mfa.webauthn_rp_id; empty leaves the default.
	CookieDomain, CookieSameSite, RPID string
}

// Arrange works out what a server at one origin needs for a front end at another. It takes
// origins that [CheckOrigin] accepts.
func Arrange(server, app string) Arrangement {
	here, there := hostOf(server), hostOf(app)
	switch local := isLocal(here) && isLocal(there); {
	case server == app:
		return Arrangement{Where: "same origin"}
	case siteOf(server) != siteOf(app) && !local:
		return Arrangement{Where: "two sites", Foreign: true, OtherSite: true, CookieSameSite: "none", RPID: registrable(there)}
	case here == there, local:
		return Arrangement{Where: "same host", Foreign: true}
	}
	domain := commonDomain(here, there)
	return Arrangement{Where: "two hosts of one site", Foreign: true, CookieDomain: domain, RPID: cmp.Or(domain, there)}
}

// IsLocal says whether an origin is of this machine.
func IsLocal(origin string) bool { return isLocal(hostOf(origin)) }

// HostOf is the host of an origin without its port.
func HostOf(origin string) string { return hostOf(origin) }

// Registrable is the domain of an origin's host that somebody can register, such as
// example.co.uk, or the host where there is none.
func Registrable(origin string) string { return registrable(hostOf(origin)) }
