package record

import (
	"strconv"
	"time"

	"stagedoor/state"
)

// client is one device of a story.
type client struct {
	story  *story
	device string
	// account is the one that the client's last turn was about.
	account state.AccountID
	// held says that the client has received a token; at is when it was last seen.
	held bool
	at   time.Time
}

// clientOf finds the client of a request: by a token it holds; by a code or key of a mail
// of a story; or the one that came the same way before and received no token. A token
// that no story knows was issued before recording began: nothing is made of that.
func (r *Recorder) clientOf(e *exchange, a asked) *client {
	for _, token := range a.tokens {
		if c := r.clients[r.redact.hash(aRunsToken, token)]; c != nil {
			if st := r.sent(e.kind, a.codes); st != nil && st != c.story {
				r.merge(st, c.story)
			}
			return c
		}
	}
	if len(a.tokens) > 0 {
		return nil
	}
	if c := r.clients[r.redact.hash(aRunsToken, a.trust)]; a.trust != "" && c != nil {
		return c
	}
	before := r.loose[a.fingerprint]
	if before != nil && (before.held || e.ended.Sub(before.at) > patience || !before.story.knows(a.names)) {
		before = nil
	}
	if st := r.sent(e.kind, a.codes); st != nil && (before == nil || before.story != st) {
		before = r.join(st)
	}
	if before == nil {
		if !belongs(e) {
			return nil
		}
		st := r.waits(e, a.names)
		if st == nil {
			st = r.begin(e)
		}
		before = r.join(st)
	}
	r.loose[a.fingerprint] = before
	return before
}

// join makes a client of a story: the first has no name.
func (r *Recorder) join(st *story) *client {
	st.devices++
	c := &client{story: st}
	if st.devices > 1 {
		c.device = "other"
	}
	if st.devices > 2 {
		c.device += strconv.Itoa(st.devices - 1)
	}
	return c
}
