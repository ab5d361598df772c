package record

import (
	"context"
	"encoding/base64"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"time"

	"stagedoor/state"
)

// seat is a client in a story.
type seat struct {
	story  *story
	device string
	// account is the one that the client's last turn was about.
	account int64
	// held says that the client has been given a token; at is when it was last seen.
	held bool
	at   time.Time
}

// story is what clients did that belongs together.
type story struct {
	id               string
	kind             string
	started, updated time.Time
	exchanges        []exchange
	// given are the accounts there were before, created those that were made in it.
	given   []given
	created map[int64]bool
	// names are those that were typed, devices how many clients there are.
	names   map[string]bool
	devices int
}

// given is an account that there was before a story, and of what kind: names are hashes.
type given struct {
	account                        int64
	emails, passkeys, keys         []string
	username, phone                string
	verified, phoneVerified        bool
	password, totp, codes, dropped bool
	providers                      map[string]string
	attributes                     map[string]string
}

// keep puts an exchange into the story of its client.
func (r *Recorder) keep(ctx context.Context, e *exchange, a asked) {
	r.mu.Lock()
	defer r.mu.Unlock()
	s := r.seatOf(e, a)
	if s == nil {
		return
	}
	st := s.story
	s.at, st.updated, e.device = e.ended, e.ended, s.device
	for _, t := range e.turns {
		if t.account != 0 {
			s.account = t.account
		}
		if t.created {
			st.created[t.account] = true
		}
	}
	e.account = s.account
	if e.path == callbackEnd {
		r.vouch(ctx, e)
	}
	for _, found := range a.found {
		r.give(st, found)
	}
	if s.account != 0 && !st.has(s.account) {
		// Whoever came by no name, such as by a passkey, is told by the turn.
		if found, err := r.Accounts.Account(ctx, s.account); err == nil {
			r.give(st, found)
		}
	}
	for _, name := range a.names {
		st.names[name] = true
	}
	if e.answer.trust != "" {
		r.seats[r.redact.hash(aRunsToken, e.answer.trust)] = s
	}
	for _, token := range e.answer.tokens {
		s.held = true
		r.seats[r.redact.hash(aRunsToken, token)] = s
	}
	if tells(e) && len(st.exchanges) < maxExchanges {
		st.exchanges = append(st.exchanges, *e)
	}
}

// vouch finds out whom a provider has vouched for: the account that came of it knows.
func (r *Recorder) vouch(ctx context.Context, e *exchange) {
	if e.account == 0 || len(e.turns) == 0 || e.turns[len(e.turns)-1].end == "refused" {
		return
	}
	found, err := r.Accounts.Account(ctx, e.account)
	if err != nil || len(found.Providers) == 0 {
		return
	}
	e.vouched = &claims{sub: r.redact.hash(aSubject, found.Providers[len(found.Providers)-1].UID)}
	if primary := found.Primary(); primary != nil {
		e.vouched.email, e.vouched.verified = r.redact.hash(anEmail, primary.Address), primary.Verified
	}
}

// tells reports whether an exchange is part of a story: whatever only looks is not, but
// where it brings what a later step needs.
func tells(e *exchange) bool {
	if e.answer.status == http.StatusNotFound && e.answer.secret == "" {
		return false // there is no such place, and its name may be anything
	}
	if e.method != http.MethodGet || e.answer.options || e.answer.secret != "" || e.answer.codes != "" {
		return true
	}
	return slices.ContainsFunc(e.turns, func(t turn) bool { return len(t.marks) > 0 })
}

// seatOf finds the client of a request: by a token it holds; by a code or key of a mail
// of a story; or the one that came the same way before and was given no token. A token
// that no story knows was given before recording began: nothing is made of that.
func (r *Recorder) seatOf(e *exchange, a asked) *seat {
	for _, token := range a.tokens {
		if s := r.seats[r.redact.hash(aRunsToken, token)]; s != nil {
			if st := r.sent(e.kind, a.codes); st != nil && st != s.story {
				r.merge(st, s.story)
			}
			return s
		}
	}
	if len(a.tokens) > 0 {
		return nil
	}
	if s := r.seats[r.redact.hash(aRunsToken, a.trust)]; a.trust != "" && s != nil {
		return s
	}
	before := r.loose[a.fingerprint]
	if before != nil && (before.held || e.ended.Sub(before.at) > patience || !before.story.knows(a.names)) {
		before = nil
	}
	if st := r.sent(e.kind, a.codes); st != nil && (before == nil || before.story != st) {
		before = r.join(st)
	}
	if before == nil {
		if !tells(e) {
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

// knows reports whether any of the names was typed in the story before, or none was at
// all on either side.
func (s *story) knows(names []string) bool {
	return len(names) == 0 || len(s.names) == 0 || slices.ContainsFunc(names, func(n string) bool { return s.names[n] })
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
	moved := make(map[*seat]bool)
	for _, seats := range []map[string]*seat{r.seats, r.loose} {
		for _, s := range seats {
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
	into.given = slices.DeleteFunc(into.given, func(g given) bool { return from.created[g.account] })
	for _, g := range from.given {
		if !into.has(g.account) && !from.created[g.account] {
			into.given = append(into.given, g)
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
		id: strconv.Itoa(r.count), kind: e.kind, started: e.began, created: make(map[int64]bool), names: make(map[string]bool),
	}
	r.stories = append(r.stories, st)
	if len(r.stories) > maxStories {
		old := r.stories[0]
		r.stories = slices.Delete(r.stories, 0, 1)
		for _, seats := range []map[string]*seat{r.seats, r.loose} {
			for key, s := range seats {
				if s.story == old {
					delete(seats, key)
				}
			}
		}
	}
	return st
}

// join makes a client of a story: the first has no name.
func (r *Recorder) join(st *story) *seat {
	st.devices++
	s := &seat{story: st}
	if st.devices > 1 {
		s.device = "other"
	}
	if st.devices > 2 {
		s.device += strconv.Itoa(st.devices - 1)
	}
	return s
}

// has reports whether the account was made in the story, or is known to have been there
// before.
func (s *story) has(account int64) bool {
	return s.created[account] || slices.ContainsFunc(s.given, func(g given) bool { return g.account == account })
}

// give notes an account that there was before the story, of which it is not known yet.
func (r *Recorder) give(st *story, a *state.Account) {
	if st.has(a.ID) {
		return
	}
	g := given{
		account: a.ID, phoneVerified: a.PhoneVerified, password: a.PasswordHash != "", dropped: !a.Active,
		providers: make(map[string]string), attributes: make(map[string]string),
	}
	if a.Username != "" {
		g.username = r.redact.hash(aUsername, a.Username)
	}
	if a.Phone != "" {
		g.phone = r.redact.hash(aPhone, a.Phone)
	}
	primary := a.Primary()
	for i := range a.Emails {
		id := r.redact.hash(anEmail, a.Emails[i].Address)
		if &a.Emails[i] == primary {
			g.emails, g.verified = append([]string{id}, g.emails...), primary.Verified
			continue
		}
		g.emails = append(g.emails, id)
	}
	for i := range a.Authenticators {
		r.giveFactor(&g, &a.Authenticators[i])
	}
	for _, p := range a.Providers {
		g.providers[p.Provider] = r.redact.hash(aSubject, p.UID)
	}
	for name, text := range a.Attributes {
		if plain.MatchString(text) {
			g.attributes[name] = text
		}
	}
	st.given = append(st.given, g)
}

func (r *Recorder) giveFactor(g *given, f *state.Authenticator) {
	switch f.Type {
	case state.TOTP:
		g.totp = true
	case state.RecoveryCodes:
		g.codes = true
	case state.WebAuthn:
		id := r.redact.hash(aPasskey, base64.RawURLEncoding.EncodeToString(f.CredentialID))
		if p := r.Passwordless(f); p != nil && *p {
			g.passkeys = append(g.passkeys, id)
			return
		}
		g.keys = append(g.keys, id)
	}
}
