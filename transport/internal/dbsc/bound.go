package dbsc

import (
	"net/http"
	"time"
)

// Overlap is for how long after a refresh the bound cookie before is good: requests that were on
// their way have it.
const Overlap = time.Minute

// late is for how long a bound cookie that has ended is good where it was replaced within
// Overlap: so long may a request have been on its way.
const late = 10 * time.Second

// Fault says what is wrong with the bound cookie of a request, "" that nothing is.
type Fault string

// The faults of bound cookies.
const (
	// Missing: the request has none.
	Missing Fault = "missing"
	// Forged: it was not made for this session and its key.
	Forged Fault = "forged"
	// Expired: its time is over.
	Expired Fault = "expired"
	// Replaced: the browser has fetched another since. Whose copy is this?
	Replaced Fault = "replaced"
)

// Bound is the bound cookie of a session that is good until a time.
func (b *Binder) Bound(h Holder, until time.Time, now time.Time) *http.Cookie {
	cookie := b.cookie(BoundCookie, b.seal(forBound, writeTime(until), h.with()...))
	cookie.MaxAge = max(1, int(until.Sub(now)/time.Second))
	return cookie
}

// Unbound takes the bound cookie back, so that a browser that can fetches another.
func (b *Binder) Unbound() *http.Cookie {
	cookie := b.cookie(BoundCookie, "")
	cookie.MaxAge = -1
	return cookie
}

// Judge holds the value of a bound cookie against the session.
func (b *Binder) Judge(value string, h Holder, now time.Time) Fault {
	if value == "" {
		return Missing
	}
	raw, ok := b.open(forBound, value, timeLen, h.with()...)
	if !ok {
		return Forged
	}
	until := readTime(raw)
	replaced, since := until.Before(h.GoodUntil.Truncate(time.Millisecond)), now.Sub(h.GoodUntil.Add(-b.Age))
	switch {
	case replaced && since < Overlap && until.After(now.Add(-late)):
		return "" // also where it has ended on the way
	case !until.After(now):
		return Expired
	case replaced:
		return Replaced
	}
	return ""
}
