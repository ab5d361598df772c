package device

import "net/http"

// tell notes what the browser did of itself.
func (b *Browser) tell(what string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.told = append(b.told, what)
}

// Told takes what the browser did of itself since it was last asked: registered, refreshed,
// "skipped: REASON", "ended: WHY", "not registered: WHY".
func (b *Browser) Told() []string {
	b.mu.Lock()
	defer b.mu.Unlock()
	out := b.told
	b.told = nil
	return out
}

// Bound are the identifiers of the sessions that the browser holds a key for.
func (b *Browser) Bound() []string {
	b.one.Lock()
	defer b.one.Unlock()
	var out []string
	for _, s := range b.bindings {
		out = append(out, s.id)
	}
	return out
}

// Skip has requests go without cookies that are missing, for a reason that the browser gives,
// quota_exceeded or another; "" has them held again.
func (b *Browser) Skip(reason string) {
	b.one.Lock()
	defer b.one.Unlock()
	b.skip = reason
}

// Unoffered forgets the offers that a slow browser has kept, and returns them.
func (b *Browser) Unoffered() []Offer {
	b.one.Lock()
	defer b.one.Unlock()
	var out []Offer
	for _, o := range b.offers {
		out = append(out, o.Offer)
	}
	b.offers = nil
	return out
}

// Forget has the browser lose its keys and keep its cookies, as when site data is cleared in
// part.
func (b *Browser) Forget() {
	b.one.Lock()
	defer b.one.Unlock()
	b.bindings, b.offers = nil, nil
}

// Restart closes the browser and opens it again: cookies without an end are gone, sessions and
// their keys are kept.
func (b *Browser) Restart() {
	b.one.Lock()
	defer b.one.Unlock()
	b.Cookies.closed()
	b.offers = nil
}

// Client sends requests from the browser, without following redirects.
func (b *Browser) Client() *http.Client {
	return &http.Client{Transport: b, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
}
