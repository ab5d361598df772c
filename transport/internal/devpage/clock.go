package devpage

import (
	"encoding/json"
	"errors"
	"net/http"
	"sync/atomic"
	"time"

	"stagedoor/transport/internal/headless"
	"stagedoor/transport/internal/wire"
)

// maxAhead is how far a clock goes ahead at most, in all: a session lives for weeks, a trusted
// browser for months.
const maxAhead = 5 * 365 * 24 * time.Hour

// Clock is a server's clock that can be put ahead, so that what expires can be seen to. It cannot
// be put back: what is stored would be of the future. It begins anew with each process, and is
// safe for concurrent use.
type Clock struct {
	now   func() time.Time
	ahead atomic.Int64
}

// NewClock makes a clock that goes with another.
func NewClock(now func() time.Time) *Clock { return &Clock{now: now} }

// Now is the time.
func (c *Clock) Now() time.Time { return c.now().Add(c.Ahead()) }

// Ahead is how far the clock has been put ahead.
func (c *Clock) Ahead() time.Duration { return time.Duration(c.ahead.Load()) }

// Pass puts the clock further ahead, by whole seconds. It refuses to go back, and further than five
// years in all.
func (c *Clock) Pass(d time.Duration) error {
	d = d.Truncate(time.Second)
	if d <= 0 {
		return errors.New("a clock goes ahead only, by at least a second")
	}
	for {
		was := c.ahead.Load()
		if d > maxAhead-time.Duration(was) {
			return errors.New("the clock is five years ahead at most; start the server again to have the right time")
		}
		if c.ahead.CompareAndSwap(was, was+int64(d)) {
			return nil
		}
	}
}

// clockView is what the page is told of the clock.
type clockView struct {
	Now time.Time `json:"now"`
	// Ahead is how far it was put ahead, in seconds.
	Ahead int64 `json:"ahead"`
	// Follows is false where records are kept in a Redis elsewhere, which has a time of its own:
	// what it forgets by itself it forgets later then.
	Follows bool `json:"follows"`
}

func (p *Page) clockView() clockView {
	return clockView{Now: p.Clock.Now(), Ahead: int64(p.Clock.Ahead() / time.Second), Follows: p.Follows}
}

// tell answers what time it is.
func (p *Page) tell(w http.ResponseWriter, _ *http.Request) {
	wire.Quiet(w)
	writeJSON(w, p.clockView())
}

// pass puts the clock ahead by {"ahead": SECONDS}.
func (p *Page) pass(w http.ResponseWriter, r *http.Request) {
	var asked struct {
		Ahead int64 `json:"ahead"`
	}
	if err := json.NewDecoder(http.MaxBytesReader(w, r.Body, 256)).Decode(&asked); err != nil {
		headless.WriteProblem(w, r, wire.BadRequest(wire.CodeInvalid, err))
		return
	}
	// More seconds than a duration holds are too many in any case.
	if err := p.Clock.Pass(time.Duration(min(asked.Ahead, int64(2*maxAhead/time.Second))) * time.Second); err != nil {
		http.Error(w, err.Error(), http.StatusConflict)
		return
	}
	p.Passed()
	writeJSON(w, p.clockView())
}

// writeJSON answers the page.
func writeJSON(w http.ResponseWriter, body any) {
	w.Header().Set("Content-Type", "application/json")
	// The client is gone if this fails; nobody is left to tell.
	_ = json.NewEncoder(w).Encode(body)
}
