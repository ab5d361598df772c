package contract

import (
	"net/http"
	"time"

	"stagedoor/transport/internal/dbsc"
	"stagedoor/transport/internal/wire"
)

// holdsDBSC says why a session that is bound by Device Bound Session Credentials is not this
// request's. Where browsers are not offered to bind any more, nobody asks.
func (c *Call) holdsDBSC(v *Visit) (why string) {
	c.bound = true
	b := c.DeviceBound
	if b == nil {
		return ""
	}
	fault := b.Judge(cookieValue(c.Request, dbsc.BoundCookie), dbsc.HolderOf(&v.Ticket), c.Now)
	if fault == "" {
		return ""
	}
	if c.settling(v) {
		v.Unshown = true
		return ""
	}
	if fault == dbsc.Missing || fault == dbsc.Expired {
		if skipped := dbsc.Skipped(c.Request.Header.Get(dbsc.SkippedHeader)); skipped != "" {
			if c.mayLook(v) {
				v.ReadOnly = true
				return ""
			}
			return whySkipped
		}
		if c.ledHere() {
			return WhyUnheld
		}
	}
	return string(fault)
}

// whySkipped is why a session is withheld from a browser that says it could not fetch its cookie.
const whySkipped = "skipped"

// GoesOn reports whether a bound session was withheld from a browser that will show its key again: it has
// not waited for its cookie here, or could not fetch it for a while.
func (c *Call) GoesOn() bool {
	w := c.Visit.Withheld
	if w == nil {
		return false
	}
	if w.Why != whySkipped {
		return w.Why == WhyUnheld
	}
	switch dbsc.Skipped(c.Request.Header.Get(dbsc.SkippedHeader)) {
	case "quota_exceeded", "unreachable", "server_error":
		return true
	}
	return false
}

// settles is for how long after its registration a session goes on without its bound cookie. Requests that
// were on their way have none, or that of a session before: a page's calls go out beside the
// registration.
const settles = 10 * time.Second

// settling reports whether the session was bound a moment ago, by the browser that asks. Who has
// that browser's cookies without the bound one has got them before there was any. The clock of the
// server that has bound it may be ahead of this one's.
func (c *Call) settling(v *Visit) bool {
	since := c.Now.Sub(v.Ticket.Binding.At)
	if since < -dbsc.Skew || since >= settles {
		return false
	}
	_, here, _ := c.device(v.Ticket.Session)
	return here
}

// ledHere reports whether a page of another host has led a browser to this document. Browsers do
// not fetch their cookie for it, unless the host is one of the initiators.
func (c *Call) ledHere() bool {
	h := c.Request.Header
	site := h.Get("Sec-Fetch-Site")
	return c.Request.Method == http.MethodGet && h.Get("Sec-Fetch-Mode") == "navigate" && (site == "cross-site" || site == "same-site")
}

// mayLook reports whether a browser that could not fetch its bound cookie may read: what the route
// says is no secret, from shortly before the last one's end until the grace is over.
func (c *Call) mayLook(v *Visit) bool {
	until := v.Ticket.GoodUntil
	if !c.Harmless || c.DeviceBound.Grace <= 0 || until.IsZero() {
		return false
	}
	return c.reads() && !c.Now.Before(until.Add(-ahead)) && c.Now.Before(until.Add(c.DeviceBound.Grace))
}

// nobody makes the visit an anonymous one, where the request may do less than it asks for.
func (c *Call) nobody() error {
	c.Visit = Visit{}
	return wire.Unauthorized()
}
