package bound

import (
	"crypto/rand"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"stagedoor/transport/internal/device"
)

// spied keeps what the browser posts by itself and what comes back, for who looks over its shoulder.
type spied struct {
	*wire
	mu    sync.Mutex
	posts []post
}

type post struct {
	path, response string
	status         int
	header         http.Header
	body           string
}

func (s *spied) RoundTrip(r *http.Request) (*http.Response, error) {
	got, err := s.wire.RoundTrip(r)
	if err != nil || !strings.HasPrefix(r.URL.Path, "/_stagedoor/dbsc/") {
		return got, err
	}
	raw, err := io.ReadAll(got.Body)
	if err != nil {
		return nil, err
	}
	got.Body = io.NopCloser(strings.NewReader(string(raw)))
	s.mu.Lock()
	defer s.mu.Unlock()
	s.posts = append(s.posts, post{r.URL.Path, r.Header.Get("Secure-Session-Response"), got.StatusCode, got.Header, string(raw)})
	return got, nil
}

// last is what it has posted last.
func (s *spied) last() post {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.posts[len(s.posts)-1]
}

func spyOn(b tab) *spied {
	s := &spied{wire: b.wire}
	b.HTTP = s
	return s
}

// TestReplay: what a browser has posted is good once, whoever posts it again and wherever.
func TestReplay(t *testing.T) {
	t.Parallel()
	l := lab(t)
	member(l)
	b := newTab(l)
	spy := spyOn(b)
	b.login().Is(200)
	registration := spy.last()
	again := b.post(registration.path, "Secure-Session-Response", registration.response)
	if again.StatusCode != http.StatusConflict || again.Header.Get("Set-Cookie") != "" {
		t.Errorf("a registration once more: %d %v", again.StatusCode, again.Header)
	}
	l.Clock.Pass(9 * time.Minute)
	b.session().Is(200)
	refresh := spy.last()
	if refresh.status != 200 || refresh.response == "" {
		t.Fatalf("%+v", refresh)
	}
	stranger := newTab(l)
	again = stranger.post(refresh.path, "Secure-Session-Response", refresh.response)
	if again.StatusCode != http.StatusForbidden || again.Header.Get("Set-Cookie") != "" || again.Header.Get("Secure-Session-Challenge") == "" {
		t.Errorf("a refresh once more: %d %v", again.StatusCode, again.Header)
	}
	// A bare word of the thief's leads to a challenge, which he cannot sign.
	if got := stranger.post(refresh.path); got.StatusCode != http.StatusForbidden {
		t.Errorf("without a proof: %d", got.StatusCode)
	}
	thiefs, err := device.NewKey(device.ES256, rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	challenge := device.Challenges(again.Header)
	for _, c := range challenge {
		token, err := thiefs.RefreshToken(c)
		if err != nil {
			t.Fatal(err)
		}
		if got := stranger.post(refresh.path, "Secure-Session-Response", token); got.StatusCode != http.StatusForbidden || got.Header.Get("Set-Cookie") != "" {
			t.Errorf("by another key: %d %v", got.StatusCode, got.Header)
		}
	}
	if len(challenge) != 1 {
		t.Errorf("%d challenges", len(challenge))
	}
	b.session().Is(200)
}

// TestKeySwapped: nobody registers a second key, and nobody a first one who has but the token.
func TestKeySwapped(t *testing.T) {
	t.Parallel()
	l := lab(t)
	b := unbound(l)
	l.Clock.Pass(time.Minute)
	b.session().Is(200)
	offers := b.Unoffered()
	if len(offers) < 2 {
		t.Fatalf("%d offers", len(offers))
	}
	for i, want := range []int{200, http.StatusConflict} {
		key, err := device.NewKey(device.ES256, rand.Reader)
		if err != nil {
			t.Fatal(err)
		}
		token, err := key.RegistrationToken(offers[i].Challenge, offers[i].Authorization)
		if err != nil {
			t.Fatal(err)
		}
		if got := b.post(offers[i].Path, "Secure-Session-Response", token); got.StatusCode != want {
			t.Errorf("key %d: %d, want %d", i, got.StatusCode, want)
		}
	}
	for name, path := range map[string]string{"nothing": "", "rubbish": "a.b.c"} {
		if got := b.post("/_stagedoor/dbsc/register", "Secure-Session-Response", path); got.StatusCode != 400 {
			t.Errorf("%s: %d", name, got.StatusCode)
		}
	}
}

// TestAtOnce: of two refreshes with one challenge one counts.
func TestAtOnce(t *testing.T) {
	t.Parallel()
	l := lab(t)
	h := bindByHand(l)
	for range 5 {
		proof := h.proof()
		l.Gate.Together(2)
		answers := make(chan *http.Response, 2)
		for range 2 {
			go func() { answers <- h.post(h.path, "Secure-Session-Response", proof) }()
		}
		one, other := <-answers, <-answers
		if one.StatusCode == 403 {
			one, other = other, one
		}
		if one.StatusCode != 200 || other.StatusCode != 403 || other.Header.Get("Set-Cookie") != "" {
			t.Fatalf("%d and %d", one.StatusCode, other.StatusCode)
		}
		h.take(other, 403)
		h.take(one, 200)
	}
	h.session().Is(200)
}

// TestChallengeSentAhead saves a round trip, and is good for the next refresh.
func TestChallengeSentAhead(t *testing.T) {
	t.Parallel()
	l := lab(t)
	h := bindByHand(l)
	for range 3 {
		l.Clock.Pass(9 * time.Minute)
		h.take(h.refresh(), 200)
		h.session().Is(200)
	}
	// After a night it is too old, and another one is sent.
	l.Clock.Pass(8 * time.Hour)
	h.take(h.refresh(), 403)
	h.take(h.refresh(), 200)
	h.session().Is(200)
}
