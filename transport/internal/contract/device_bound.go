package contract

import (
	"net/http"
	"time"

	"stagedoor/engine"
	"stagedoor/state"
	"stagedoor/transport/internal/dbsc"
	"stagedoor/transport/internal/token"
)

// DeviceBound is how browsers bind their sessions to keys of their devices.
type DeviceBound struct {
	*dbsc.Binder
	// Grace is for how long after its bound cookie has ended a browser may read that says it could
	// not fetch another.
	Grace time.Duration
	// Required is set where browsers that have bound sessions before must bind new ones, too.
	Required bool
	// ClearSiteData is what browsers are told to clear where their bound session ends, "" for nothing.
	ClearSiteData string
}

func (b *DeviceBound) requires() bool { return b != nil && b.Required }

// ahead is how long before its end a browser fetches another bound cookie.
const ahead = 2 * time.Minute

// cookieValue is that of a request's cookie, "" for none.
func cookieValue(r *http.Request, name string) string {
	if cookie, err := r.Cookie(name); err == nil {
		return cookie.Value
	}
	return ""
}

// device reads which browser it is, and whether it was there when the session began; ok is false
// where it has no cookie that says so.
func (c *Call) device(session int64) (d dbsc.Device, here, ok bool) {
	return c.DeviceBound.Device(cookieValue(c.Request, dbsc.DeviceCookie), session)
}

// addBrowser says what is known of a browser's keys.
func (c *Call) addBrowser(client *engine.Client) {
	if c.DeviceBound == nil || c.Kind != token.Browser {
		return
	}
	if t := &c.Visit.Ticket; c.Visit.SignedIn && t.Binding.Kind == state.BoundDBSC && !c.Visit.Unshown && !c.Visit.ReadOnly {
		client.Key = t.Binding.Thumbprint
	}
	d, _, _ := c.device(0)
	client.Binds = d.Binds && !c.fromElsewhere() // where it is offered nothing
}

// SetBinding sets what an answer to a browser says of its key: an offer to register one, where
// its session has none; the end of its cookie, where that is no good. minted is set where the
// answer brings the token of a session that has just begun, ended where it takes one away.
func (c *Call) SetBinding(h http.Header, minted, ended bool) {
	if c.DeviceBound == nil || c.Kind != token.Browser {
		return
	}
	switch v := &c.Visit; {
	case ended:
		c.clearBound(h)
	case v.SignedIn && !v.Ticket.Binding.Bound():
		c.offer(h, minted)
	case !v.SignedIn && v.Withheld != nil:
		if v.Withheld.Ticket.Binding.Bound() && cookieValue(c.Request, dbsc.BoundCookie) != "" {
			addCookie(h, c.DeviceBound.Unbound())
		}
	}
}

// offer offers to register a key: to whom the session was granted, and to nobody who came by
// its token later. A page of another site can keep no bound cookie, so it is offered nothing. To each
// offer browsers make a key, and they make few signatures in ten minutes: what was not taken up at
// once is offered again once a minute.
func (c *Call) offer(h http.Header, minted bool) {
	if !minted && !c.Visit.Confirmed || c.fromElsewhere() {
		return
	}
	hash, err := c.Visit.Key.Bytes()
	if err != nil {
		return
	}
	session := c.Visit.Ticket.Session
	d, here, known := c.device(session)
	switch {
	case minted:
		if !known {
			d = dbsc.Device{ID: dbsc.ID(c.Seed().Bytes("device", len(dbsc.ID{})))}
		}
		addCookie(h, c.DeviceBound.DeviceCookie(d, session))
	case !here:
		return
	}
	h.Set(dbsc.RegistrationHeader, c.DeviceBound.Offer(hash, d.ID, c.Now))
	if h.Get("Cache-Control") == "" { // a program's own answer: whoever gets it can take up the offer
		h.Set("Cache-Control", "no-store")
	}
}

// Unheld reports whether a browser that binds its sessions has sent the request without waiting for
// its bound cookie, since a page of another host has led to it: what leads to it next may be a page of
// ours.
func (c *Call) Unheld() bool {
	if c.DeviceBound == nil || c.Kind != token.Browser || cookieValue(c.Request, dbsc.BoundCookie) != "" || !c.ledHere() {
		return false
	}
	_, signedIn, ok := c.Tokens.Parse(token.Browser, cookieValue(c.Request, SessionCookie))
	d, _, _ := c.device(0)
	return ok && signedIn && d.Binds
}

// fromElsewhere reports whether a script of another site has asked (Fetch metadata, sections 2.2
// and 2.3).
func (c *Call) fromElsewhere() bool {
	h := c.Request.Header
	return h.Get("Sec-Fetch-Site") == "cross-site" && h.Get("Sec-Fetch-Mode") != "navigate"
}

// clearBound ends the browser's side of a session that was bound. The cookie is taken back in
// any case, as it is not among what storage means.
func (c *Call) clearBound(h http.Header) {
	if !c.bound && cookieValue(c.Request, dbsc.BoundCookie) == "" {
		return
	}
	addCookie(h, c.DeviceBound.Unbound())
	if clear := c.DeviceBound.ClearSiteData; clear != "" {
		h.Set("Clear-Site-Data", clear)
	}
}

func addCookie(h http.Header, cookie *http.Cookie) { h.Add("Set-Cookie", cookie.String()) }
