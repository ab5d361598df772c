package device

import (
	"context"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"
)

// The headers of DBSC that a browser sends.
const (
	headerResponse = "Secure-Session-Response"
	headerID       = "Sec-Secure-Session-Id"
	headerSkipped  = "Secure-Session-Skipped"
)

// ahead is how long before its end a cookie is fetched anew without a request being held.
const ahead = 2 * time.Minute

// challengesInARow is how many a refresh answers before it gives the session up.
const challengesInARow = 5

// BrowserConfig is what a [Browser] is made of.
type BrowserConfig struct {
	// HTTP carries its requests. It follows no redirect and keeps no cookies.
	HTTP http.RoundTripper
	// Now is its clock, Entropy what its keys are made of.
	Now     func() time.Time
	Entropy io.Reader
	// Header is sent with what it posts of itself: who it is.
	Header http.Header
	// Slow keeps offers until [Browser.Register] takes them up.
	Slow bool
	// Quoted writes its headers as structured fields, as the specification has them and
	// Chromium does not.
	Quoted bool
}

// Browser is a browser that keeps cookies and binds sessions to keys of its own, as Chromium
// does it (Device Bound Session Credentials). It is an [http.RoundTripper], safe for
// concurrent use. A request that brings a header Cookie goes without what it has itself.
type Browser struct {
	BrowserConfig
	// Cookies are its own.
	Cookies *Cookies

	// one is held while sessions are registered and refreshed: tabs share a refresh.
	one      sync.Mutex
	bindings []*binding
	offers   []pendingOffer
	skip     string

	mu   sync.Mutex
	told []string
}

// pendingOffer is an offer that came with an answer from an address.
type pendingOffer struct {
	Offer
	from *url.URL
}

// NewBrowser returns a browser that has been nowhere yet.
func NewBrowser(c BrowserConfig) *Browser {
	return &Browser{BrowserConfig: c, Cookies: &Cookies{now: c.Now}}
}

// RoundTrip sends a request once the cookies of its sessions are there, or it is certain that
// they will not come, and takes up what the answer offers.
func (b *Browser) RoundTrip(req *http.Request) (*http.Response, error) {
	out := req.Clone(req.Context())
	for _, skipped := range b.held(req) {
		out.Header.Add(headerSkipped, skipped)
	}
	if out.Header.Get("Cookie") == "" {
		if pairs := b.Cookies.Header(req.URL); pairs != "" {
			out.Header.Set("Cookie", pairs)
		}
	}
	got, err := b.HTTP.RoundTrip(out)
	if err != nil {
		return nil, err
	}
	b.take(req, got.Header)
	return got, nil
}

// held refreshes what a request waits for. It returns what the header Secure-Session-Skipped
// says of sessions that it goes without.
func (b *Browser) held(req *http.Request) []string {
	b.one.Lock()
	defer b.one.Unlock()
	var out []string
	for _, s := range slices.Clone(b.bindings) {
		if !s.holds(req.URL) {
			continue
		}
		if lacks, _ := s.lacking(b.Cookies, req.URL); !lacks {
			continue
		}
		why := b.skip
		if why == "" {
			why = b.refresh(req.Context(), s)
		}
		if why != "" {
			b.tell("skipped: " + why)
			out = append(out, fmt.Sprintf("%s;session_identifier=%q", why, s.id))
		}
	}
	return out
}

// take keeps what an answer brings: cookies, challenges, offers. Cookies that are about to end
// are fetched anew.
func (b *Browser) take(req *http.Request, answer http.Header) {
	b.one.Lock()
	defer b.one.Unlock()
	b.keep(req.URL, answer)
	for _, o := range Offers(answer) {
		b.offers = append(b.offers, pendingOffer{o, req.URL})
	}
	if !b.Slow {
		b.register(req.Context())
	}
	for _, s := range slices.Clone(b.bindings) {
		lacks, ends := s.lacking(b.Cookies, req.URL)
		if s.holds(req.URL) && !lacks && !ends.IsZero() && ends.Sub(b.Now()) <= ahead && b.skip == "" {
			b.refresh(req.Context(), s)
		}
	}
}

// keep keeps the cookies and challenges of an answer, and clears what it says.
func (b *Browser) keep(from *url.URL, answer http.Header) {
	b.Cookies.Store(from, answer)
	for id, challenge := range Challenges(answer) {
		for _, s := range b.bindings {
			if s.id == id {
				s.challenge = challenge
			}
		}
	}
	clears := strings.Join(answer.Values("Clear-Site-Data"), ",")
	if strings.Contains(clears, `"cookies"`) || strings.Contains(clears, `"*"`) {
		b.Cookies.Drop("")
	}
	if strings.Contains(clears, `"cookies"`) || strings.Contains(clears, `"storage"`) || strings.Contains(clears, `"*"`) {
		for _, s := range slices.Clone(b.bindings) {
			if s.origin.Host == from.Host {
				b.end(s, "cleared")
			}
		}
	}
}

// Register takes up the offers that a slow browser has kept.
func (b *Browser) Register(ctx context.Context) {
	b.one.Lock()
	defer b.one.Unlock()
	b.register(ctx)
}

func (b *Browser) register(ctx context.Context) {
	offers := b.offers
	b.offers = nil
	for _, o := range offers {
		if err := b.bind(ctx, o); err != nil {
			b.tell("not registered: " + err.Error())
		}
	}
}

// bind answers an offer with a new key. Only https will do.
func (b *Browser) bind(ctx context.Context, o pendingOffer) error {
	at, err := o.from.Parse(o.Path)
	if err != nil || at.Scheme != "https" || at.Host != o.from.Host {
		return fmt.Errorf("%q is no address of this site by https", o.Path)
	}
	i := slices.IndexFunc(o.Algorithms, func(alg string) bool { return alg == ES256 || alg == RS256 })
	if i < 0 {
		return fmt.Errorf("no key for %v", o.Algorithms)
	}
	key, err := NewKey(o.Algorithms[i], b.Entropy)
	if err != nil {
		return err
	}
	token := ""
	if o.Challenge != "" {
		if token, err = key.RegistrationToken(o.Challenge, o.Authorization); err != nil {
			return err
		}
	}
	status, header, body, err := b.post(ctx, at, map[string]string{headerResponse: token})
	if err != nil {
		return err
	}
	if status < 200 || status > 299 {
		return fmt.Errorf("%d", status)
	}
	s, err := readBinding(body, at, key)
	if err != nil {
		return err
	}
	b.bindings = slices.DeleteFunc(b.bindings, func(old *binding) bool {
		return old.id == s.id && old.origin.Host == s.origin.Host
	})
	b.bindings = append(b.bindings, s)
	b.keep(at, header)
	b.tell("registered")
	return nil
}

// refresh fetches the cookies of a session anew, or ends it. It says why a request must go
// without them though the session is kept, "" otherwise.
func (b *Browser) refresh(ctx context.Context, s *binding) string {
	for range challengesInARow + 1 {
		headers := map[string]string{headerID: b.quoted(s.id)}
		if s.challenge != "" {
			token, err := s.key.RefreshToken(s.challenge)
			if err != nil {
				return "signing_failed"
			}
			headers[headerResponse] = token // the challenge is kept: Chromium shows a used one again
		}
		status, header, body, err := b.post(ctx, s.refresh, headers)
		switch {
		case err != nil:
			return "unreachable"
		case status >= 500:
			return "server_error"
		}
		b.keep(s.refresh, header)
		switch {
		case status == http.StatusForbidden && Challenges(header)[s.id] != "":
			continue
		case status != http.StatusOK && status != http.StatusNoContent:
			b.end(s, fmt.Sprint(status))
			return ""
		}
		if why := s.ending(body); why != "" {
			b.end(s, why)
			return ""
		}
		b.tell("refreshed")
		return ""
	}
	b.end(s, "no end of challenges")
	return ""
}

// end forgets a session.
func (b *Browser) end(s *binding, why string) {
	b.bindings = slices.DeleteFunc(b.bindings, func(one *binding) bool { return one == s })
	b.tell("ended: " + why)
}

// post sends what a browser sends on its own. Its token goes bare unless the browser quotes.
func (b *Browser) post(ctx context.Context, to *url.URL, headers map[string]string) (int, http.Header, []byte, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, to.String(), http.NoBody)
	if err != nil {
		return 0, nil, nil, err
	}
	maps.Copy(req.Header, b.Header)
	req.Header.Set("Sec-Fetch-Mode", "no-cors")
	req.Header.Set("Sec-Fetch-Site", "same-origin")
	req.Header.Set("Origin", to.Scheme+"://"+to.Host)
	for name, value := range headers {
		if name == headerResponse {
			value = b.quoted(value)
		}
		if value != "" {
			req.Header.Set(name, value)
		}
	}
	if pairs := b.Cookies.Header(to); pairs != "" {
		req.Header.Set("Cookie", pairs)
	}
	got, err := b.HTTP.RoundTrip(req)
	if err != nil {
		return 0, nil, nil, err
	}
	defer got.Body.Close()
	body, err := io.ReadAll(io.LimitReader(got.Body, maxBody))
	return got.StatusCode, got.Header, body, err
}

func (b *Browser) quoted(text string) string {
	if b.Quoted && text != "" {
		return `"` + text + `"`
	}
	return text
}
