package record

import (
	"cmp"
	"context"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"time"

	"stagedoor/state"
)

// story is what clients did that belongs together.
type story struct {
	id               string
	kind             string
	started, updated time.Time
	exchanges        []exchange
	// accounts are those there were before, created those that were made in it.
	accounts []account
	created  map[state.AccountID]bool
	// names are those that were typed, devices how many clients there are.
	names   map[string]bool
	devices int
}

// keep puts an exchange into the story of its client.
func (r *Recorder) keep(ctx context.Context, e *exchange, a asked) {
	r.mu.Lock()
	defer r.mu.Unlock()
	c := r.clientOf(e, a)
	if c == nil {
		return
	}
	st := c.story
	c.at, st.updated, e.device = e.ended, e.ended, c.device
	for _, t := range e.turns {
		if t.account != "" {
			c.account = t.account
		}
		if t.created {
			st.created[t.account] = true
		}
	}
	e.account = c.account
	if e.path == callbackEnd {
		r.identify(ctx, e)
	}
	for _, found := range a.found {
		r.addAccount(st, found)
	}
	if c.account != "" && !st.has(c.account) {
		// A sign-in without a name, such as by a passkey, is known from its turn.
		if found, err := r.Accounts.Account(ctx, c.account); err == nil {
			r.addAccount(st, found)
		}
	}
	for _, name := range a.names {
		st.names[name] = true
	}
	if e.answer.trust != "" {
		r.clients[r.redact.hash(aRunsToken, e.answer.trust)] = c
	}
	for _, token := range e.answer.tokens {
		c.held = true
		r.clients[r.redact.hash(aRunsToken, token)] = c
	}
	if belongs(e) && len(st.exchanges) < maxExchanges {
		st.exchanges = append(st.exchanges, *e)
	}
}

// belongs reports whether an exchange is part of a story: whatever only looks is not, but
// where it brings what a later step needs.
func belongs(e *exchange) bool {
	if e.answer.status == http.StatusNotFound && e.answer.secret == "" {
		return false // there is no such place, and its name may be anything
	}
	if e.method != http.MethodGet || e.answer.options || e.answer.secret != "" || e.answer.codes != "" {
		return true
	}
	return slices.ContainsFunc(e.turns, func(t turn) bool { return len(t.marks) > 0 })
}

// binds reports whether a device has shown a key anywhere in the story.
func (s *story) binds(device string) bool {
	return slices.ContainsFunc(s.exchanges, func(e exchange) bool { return e.keyed && e.device == device })
}

// binders are the devices that have shown a key, main being the one without a name.
func (s *story) binders() []any {
	var out []any
	for _, e := range s.exchanges {
		if name := cmp.Or(e.device, "main"); e.keyed && !slices.Contains(out, any(name)) {
			out = append(out, name)
		}
	}
	return out
}

// knows reports whether any of the names was typed in the story before, or none was at
// all on either side.
func (s *story) knows(names []string) bool {
	return len(names) == 0 || len(s.names) == 0 || slices.ContainsFunc(names, func(n string) bool { return s.names[n] })
}

// has reports whether the account was made in the story, or is known to have been there
// before.
func (s *story) has(id state.AccountID) bool {
	return s.created[id] || slices.ContainsFunc(s.accounts, func(a account) bool { return a.id == id })
}

// waits is the story in which a run waits for somebody of one of the names: what another
// client of theirs does may bear on it.
func (r *Recorder) waits(e *exchange, names []string) *story {
	for _, st := range slices.Backward(r.stories) {
		if st.kind != e.kind || e.began.Sub(st.updated) > patience || len(names) == 0 || len(st.names) == 0 || !st.knows(names) {
			continue
		}
		if slices.ContainsFunc(st.trails(), func(t turn) bool { return t.end == "" }) {
			return st
		}
	}
	return nil
}

// merge puts one story into another: what happened in both bears on each other.
func (r *Recorder) merge(into, from *story) {
	devices := make(map[string]string)
	moved := make(map[*client]bool)
	for _, clients := range []map[string]*client{r.clients, r.loose} {
		for _, s := range clients {
			if s.story == from && !moved[s] {
				moved[s] = true
				if _, known := devices[s.device]; !known {
					devices[s.device] = r.join(into).device
				}
				s.story, s.device = into, devices[s.device]
			}
		}
	}
	for _, e := range from.exchanges {
		if _, known := devices[e.device]; !known {
			devices[e.device] = r.join(into).device
		}
		e.device = devices[e.device]
		into.exchanges = append(into.exchanges, e)
	}
	slices.SortStableFunc(into.exchanges, func(a, b exchange) int { return a.ended.Compare(b.ended) })
	into.accounts = slices.DeleteFunc(into.accounts, func(g account) bool { return from.created[g.id] })
	for _, g := range from.accounts {
		if !into.has(g.id) && !from.created[g.id] {
			into.accounts = append(into.accounts, g)
		}
	}
	maps.Copy(into.created, from.created)
	maps.Copy(into.names, from.names)
	if from.started.Before(into.started) {
		into.started = from.started
	}
	r.stories = slices.DeleteFunc(r.stories, func(st *story) bool { return st == from })
}

// sent is the story of a kind of client in which a code or key was sent.
func (r *Recorder) sent(kind string, codes []string) *story {
	if len(codes) == 0 {
		return nil
	}
	for _, st := range slices.Backward(r.stories) {
		if st.kind != kind {
			continue
		}
		for _, e := range st.exchanges {
			for _, m := range e.messages {
				if slices.ContainsFunc(codes, m.brings) {
					return st
				}
			}
		}
	}
	return nil
}

// begin begins a story, and forgets the oldest where there are too many.
func (r *Recorder) begin(e *exchange) *story {
	r.count++
	st := &story{
		id: strconv.Itoa(r.count), kind: e.kind, started: e.began, created: make(map[state.AccountID]bool), names: make(map[string]bool),
	}
	r.stories = append(r.stories, st)
	if len(r.stories) > maxStories {
		old := r.stories[0]
		r.stories = slices.Delete(r.stories, 0, 1)
		for _, clients := range []map[string]*client{r.clients, r.loose} {
			for key, s := range clients {
				if s.story == old {
					delete(clients, key)
				}
			}
		}
	}
	return st
}
