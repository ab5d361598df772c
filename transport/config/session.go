package config

import (
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Session is about the cookies and the life of signed-in sessions, and about binding them to a
// key of the device (Device Bound Session Credentials of the W3C).
type Session struct {
	// CookieAge is how long a session lives, in seconds.
	CookieAge Seconds `koanf:"cookie_age"`
	// CookieDomain is the Domain attribute of the cookies; empty leaves it out,
	// so that they go to the public URL's host alone.
	CookieDomain string `koanf:"cookie_domain"`
	// CookieSameSite is lax, strict or none (RFC 6265bis, section 5.6.7).
	CookieSameSite string `koanf:"cookie_samesite"`

	// DeviceBound is off, offer (clients that can bind their sessions to a key do) or require
	// (those that have done so must go on). Browsers bind over https alone.
	DeviceBound string `koanf:"device_bound"`
	// DeviceBoundAge is how long the cookie lives that a bound browser fetches by its key, in
	// seconds: for so long a copy of all its cookies may be of use. Browsers fetch another one in
	// the last two minutes of it.
	DeviceBoundAge Seconds `koanf:"device_bound_age"`
	// DeviceBoundGrace is for how long after that cookie's end a browser may still read that says
	// it could not fetch another, in seconds. It is the client's word alone; 0 is never.
	DeviceBoundGrace Seconds `koanf:"device_bound_grace"`
	// DeviceBoundWithin is how long a browser that has bound sessions before may take to bind a
	// new one, in seconds, where that is required.
	DeviceBoundWithin Seconds `koanf:"device_bound_within"`
	// DeviceBoundInitiators are hosts besides the configured front ends and OpenID providers whose pages
	// may lead to a request that waits for that cookie: app.example.com, *.example.com, or * for all. No
	// provider needs to be among them: a page of ours leads on from where it returns to.
	DeviceBoundInitiators []string `koanf:"device_bound_initiators"`
	// DeviceBoundClearSiteData is what a browser is told to clear of this host when its bound session
	// ends: storage (scripts' storage, and its side of the session), cookies (besides those of
	// all hosts below the registrable domain) or off.
	DeviceBoundClearSiteData string `koanf:"device_bound_clear_site_data"`
	// DeviceBoundMail tells the owner of a bound session of a request that had its cookie or token
	// and not its key, once a day and session.
	DeviceBoundMail bool `koanf:"device_bound_mail"`

	// DPoPWindow is how far from the server's time that of a proof may be with which an app shows its
	// key, in seconds, unless it has a nonce of the server's (RFC 9449, section 11.1).
	DPoPWindow Seconds `koanf:"dpop_window"`
	// DPoPNonceRequired wants such a nonce in every proof, so that none is made in advance (section
	// 11.2); a client is asked for it once in five minutes at most.
	DPoPNonceRequired bool `koanf:"dpop_nonce_required"`
	// DPoPOrigins are further addresses, besides the public URL, at which apps find this server or the
	// program that it is part of: https://api.example.com. A proof names the one it was made for.
	DPoPOrigins []string `koanf:"dpop_origins"`
}

func defaultSession() Session {
	return Session{
		CookieAge: 14 * 86400, CookieSameSite: "lax",
		DeviceBound: "off", DeviceBoundAge: 600, DeviceBoundWithin: 300, DeviceBoundClearSiteData: "storage", DPoPWindow: 60,
	}
}

// initiator is a host, or * for all hosts below one or for all there are.
var initiator = regexp.MustCompile(`^(\*|(\*\.)?[a-z0-9_-]+(\.[a-z0-9_-]+)*)$`)

// session checks cookies, and what binds sessions.
func (k *checker) session() {
	s := k.c.Session
	k.age("session.cookie_age", s.CookieAge)
	k.oneOf("session.cookie_samesite", strings.ToLower(s.CookieSameSite), "lax", "strict", "none")
	k.deviceBound()
	if k.lost {
		return
	}
	if strings.EqualFold(s.CookieSameSite, "none") && !k.c.Secure() {
		k.wrong("session.cookie_samesite", "none needs https", k.c.Origin(), "browsers drop such cookies; set public_url to an https URL")
	}
	k.cookieDomain("session.cookie_domain", s.CookieDomain)
}

// deviceBound checks how sessions are bound to a key of the device.
func (k *checker) deviceBound() {
	s := k.c.Session
	k.oneOf("session.device_bound", s.DeviceBound, "off", "offer", "require")
	k.within("session.device_bound_age", float64(s.DeviceBoundAge), 1, 86400, "seconds, the usual choice being 600")
	k.within("session.device_bound_grace", float64(s.DeviceBoundGrace), 0, 3600, "seconds, 0 being none")
	k.within("session.device_bound_within", float64(s.DeviceBoundWithin), 30, 86400, "seconds, the usual choice being 300")
	k.within("session.dpop_window", float64(s.DPoPWindow), 1, 600, "seconds, the usual choice being 60")
	k.oneOf("session.device_bound_clear_site_data", s.DeviceBoundClearSiteData, "storage", "cookies", "off")
	if s.DeviceBoundMail && !k.c.BindsSessions() {
		k.wrong("session.device_bound_mail", "no session is bound here", s.DeviceBound, "set session.device_bound to offer, or leave it out")
	}
	for _, host := range s.DeviceBoundInitiators {
		if !initiator.MatchString(host) {
			k.wrong("session.device_bound_initiators", "not a host", host, "such as mail.example.com or *.example.com, in small letters and without a port; * is all")
		}
	}
}

// BindsSessions says whether clients may bind their sessions: apps wherever it does, browsers where
// [Config.BindsBrowsers] says so, too.
func (c Config) BindsSessions() bool { return c.Session.DeviceBound != "off" }

// ProofOrigins are where clients that show a key find this server, the public URL first: without one,
// this machine by each of its names.
func (c Config) ProofOrigins() []string {
	origins := []string{c.Origin()}
	if port, local := strings.CutPrefix(c.Origin(), "http://localhost"); local && c.PublicURL == "" {
		origins = append(origins, "http://127.0.0.1"+port, "http://[::1]"+port)
	}
	return unique(append(origins, c.Session.DPoPOrigins...))
}

// BindsBrowsers says whether browsers are offered to bind their sessions: they do so over https
// alone.
func (c Config) BindsBrowsers() bool {
	return c.BindsSessions() && strings.HasPrefix(c.Origin(), "https://") && c.servesBrowsers()
}

// BindingRequired says whether clients that can bind their sessions must.
func (c Config) BindingRequired() bool { return c.Session.DeviceBound == "require" }

// BindWithin is how long a browser that has bound sessions before may take to bind a new one, 0
// where it need not.
func (c Config) BindWithin() time.Duration {
	if !c.BindingRequired() || !c.BindsBrowsers() {
		return 0
	}
	return c.Session.DeviceBoundWithin.Duration()
}

// ClearSiteData is the header of the same name (W3C Clear Site Data, section 3.1) for browsers
// whose bound session ends, empty for none.
func (c Config) ClearSiteData() string {
	if clear := c.Session.DeviceBoundClearSiteData; clear != "off" {
		return strconv.Quote(clear)
	}
	return ""
}

// RefreshInitiators are the hosts whose pages may lead to a request that a browser holds until
// it has fetched its bound cookie, besides our own: those of front ends, and those that are configured
// as such. Each is there once.
func (c Config) RefreshInitiators() []string {
	pages := c.Pages()
	urls := slices.Concat(c.CORSAllowedOrigins, c.CSRFTrustedOrigins, []string{
		pages.ConfirmEmail, pages.ResetPassword, pages.ResetPasswordFromKey, pages.Signup, pages.ProviderError, pages.Disown,
	})
	var hosts []string
	for _, text := range urls {
		if u, err := url.Parse(text); err == nil && u.Hostname() != "" && u.Hostname() != hostOf(c.Origin()) {
			hosts = append(hosts, u.Hostname())
		}
	}
	return unique(append(hosts, c.Session.DeviceBoundInitiators...))
}

// BoundNotes say in one line each what weakens bound sessions, or keeps them from being bound.
func (c Config) BoundNotes() []string {
	s := c.Session
	if !c.BindsSessions() {
		return nil
	}
	var notes []string
	if c.BindingRequired() && c.servesBrowsers() && !c.BindsBrowsers() {
		notes = append(notes, "bound sessions: browsers bind over https alone, so that session.device_bound: require asks nothing of them; set public_url to an https URL")
	}
	if s.DeviceBoundGrace > 0 {
		notes = append(notes, "bound sessions: session.device_bound_grace lets whoever has a copy of the cookies read for so long after the bound cookie has ended; 0 does not")
	}
	if c.BindsBrowsers() && s.DeviceBoundAge < 180 {
		notes = append(notes, "bound sessions: browsers fetch a new cookie in the last two minutes of session.device_bound_age, which are all there are of it, and make few signatures; write 600")
	}
	if s.DPoPWindow > 120 {
		notes = append(notes, "bound sessions: session.dpop_window takes proofs that were made that long ago, or in advance; write 60, as an app whose clock is wrong is handed a nonce")
	}
	if slices.ContainsFunc(s.DPoPOrigins, func(o string) bool { return strings.HasPrefix(o, "http://") }) && c.Secure() {
		notes = append(notes, "bound sessions: session.dpop_origins has an address without https, where tokens and proofs can be read on their way")
	}
	if slices.Contains(s.DeviceBoundInitiators, "*") {
		notes = append(notes, "bound sessions: with * in session.device_bound_initiators every page can have browsers make signatures, of which they make few; list the hosts")
	}
	return notes
}
