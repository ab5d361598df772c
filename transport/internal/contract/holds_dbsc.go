package contract

import (
	"net/http"

	"stagedoor/transport/internal/dbsc"
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
	if fault == dbsc.Missing || fault == dbsc.Expired {
		if skipped := dbsc.Skipped(c.Request.Header.Get(dbsc.SkippedHeader)); skipped != "" {
			if c.mayLook(v) {
				v.ReadOnly = true
				return ""
			}
			return "skipped"
		}
	}
	return string(fault)
}

// mayLook reports whether a browser that could not fetch its bound cookie may read: what the route
// says is no secret, from shortly before the last one's end until the grace is over.
func (c *Call) mayLook(v *Visit) bool {
	until := v.Ticket.GoodUntil
	if !c.Harmless || c.DeviceBound.Grace <= 0 || until.IsZero() {
		return false
	}
	reads := c.Request.Method == http.MethodGet || c.Request.Method == http.MethodHead
	return reads && !c.Now.Before(until.Add(-ahead)) && c.Now.Before(until.Add(c.DeviceBound.Grace))
}
