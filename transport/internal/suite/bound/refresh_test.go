package bound

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"stagedoor/transport/config"
	"stagedoor/transport/internal/device"
	"stagedoor/transport/internal/suite"
	"stagedoor/transport/server"
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

// over fails the test unless an answer has the browser forget its session.
func over(t *testing.T, got *http.Response) {
	t.Helper()
	raw, err := io.ReadAll(got.Body)
	if err != nil || got.StatusCode != 200 || !strings.Contains(string(raw), `"continue":false`) {
		t.Errorf("%d %s (%v): the session goes on", got.StatusCode, raw, err)
	}
	if strings.Contains(strings.Join(got.Header["Set-Cookie"], ";"), cookie+"=A") {
		t.Errorf("a session that is over gets a cookie: %v", got.Header["Set-Cookie"])
	}
}

// TestReplay: what a browser has posted is good once, whoever posts it again and wherever.
func TestReplay(t *testing.T) {
	t.Parallel()
	l := lab(t)
	l.Member("app", ada)
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
	l.Member("app", ada)
	b := newTab(l)
	b.Slow = true
	b.login().Is(200)
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

// byHand is a browser whose session was bound by hand: its key is seen, and it posts what it is told to.
type byHand struct {
	tab
	key *device.Key
	// path is where it refreshes, challenge what it signs next.
	path, challenge string
}

func bindByHand(l *suite.Lab) *byHand {
	l.T.Helper()
	l.Member("app", ada)
	b := newTab(l)
	b.Slow = true
	b.login().Is(200)
	offer := b.Unoffered()[0]
	key, err := device.NewKey(device.ES256, rand.Reader)
	if err != nil {
		l.T.Fatal(err)
	}
	token, err := key.RegistrationToken(offer.Challenge, offer.Authorization)
	if err != nil {
		l.T.Fatal(err)
	}
	h := &byHand{tab: b, key: key}
	got := h.post(offer.Path, "Secure-Session-Response", token)
	h.take(got, 200)
	return h
}

// take reads an answer of the status as a browser does.
func (h *byHand) take(got *http.Response, status int) string {
	h.T.Helper()
	raw, err := io.ReadAll(got.Body)
	if err != nil || got.StatusCode != status {
		h.T.Fatalf("%d, want %d: %s (%v)", got.StatusCode, status, raw, err)
	}
	at, err := url.Parse(site)
	if err != nil {
		h.T.Fatal(err)
	}
	h.Cookies.Store(at, got.Header)
	for _, c := range device.Challenges(got.Header) {
		h.challenge = c
	}
	var told struct {
		Path string `json:"refresh_url"`
	}
	if json.Unmarshal(raw, &told) == nil && told.Path != "" {
		h.path = told.Path
	}
	return string(raw)
}

// proof is the present challenge, signed.
func (h *byHand) proof() string {
	h.T.Helper()
	token, err := h.key.RefreshToken(h.challenge)
	if err != nil {
		h.T.Fatal(err)
	}
	return token
}

func (h *byHand) refresh() *http.Response {
	h.T.Helper()
	return h.post(h.path, "Secure-Session-Response", h.proof())
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

// TestRefreshAfterwards: once a session is over its browser is told so, whatever has ended it.
func TestRefreshAfterwards(t *testing.T) {
	t.Parallel()
	for name, end := range map[string]func(*testing.T, *byHand){
		"signed out": func(_ *testing.T, h *byHand) { h.send("DELETE", "/auth/session", nil).Is(401) },
		"ended from another session": func(_ *testing.T, h *byHand) {
			app := h.App()
			app.Login(ada).Is(200)
			var list []struct {
				ID      int64 `json:"id"`
				Current bool  `json:"is_current"`
			}
			if err := json.Unmarshal(app.Do("GET", "/auth/sessions", nil).Is(200).Data, &list); err != nil {
				t.Fatal(err)
			}
			var others []int64
			for _, s := range list {
				if !s.Current {
					others = append(others, s.ID)
				}
			}
			app.Do("DELETE", "/auth/sessions", map[string]any{"sessions": others}).Is(200)
		},
		"password changed elsewhere": func(_ *testing.T, h *byHand) {
			app := h.App()
			app.Login(ada).Is(200)
			app.Do("POST", "/account/password/change", map[string]string{"current_password": suite.Password, "new_password": "another-horse-8"}).Is(200)
		},
		"expired": func(_ *testing.T, h *byHand) { h.Clock.Pass(15 * 24 * time.Hour) },
		"another session in its place": func(_ *testing.T, h *byHand) {
			other := newTab(h.Lab)
			other.Slow = true
			other.login().Is(200)
			h.Cookies.Copy(other.Cookies)
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := bindByHand(lab(t))
			proof := h.proof()
			end(t, h)
			h.Quiet()
			over(t, h.post(h.path, "Secure-Session-Response", proof))
			over(t, h.post(h.path))
			got := h.take(h.post("/_stagedoor/dbsc/refresh/nonsense", "Sec-Secure-Session-Id", "S-1"), 200)
			if !strings.Contains(got, `"S-1"`) {
				t.Errorf("nobody knows it: %s", got)
			}
		})
	}
}

// TestPasswordChanged: the session goes on under a new token in the browser that changed the
// password, with the same key, and the copy of its cookies is worth nothing at once.
func TestPasswordChanged(t *testing.T) {
	t.Parallel()
	l := lab(t)
	b := signedIn(l)
	thief := b.thief()
	b.send("POST", "/account/password/change", map[string]string{"current_password": suite.Password, "new_password": "another-horse-8"}).Is(200)
	thief.session().Is(401)
	b.session().Is(200)
	for range 2 {
		l.Clock.Pass(9 * time.Minute)
		b.session().Is(200)
		b.did("refreshed")
	}
	l.Clock.Pass(11 * time.Minute)
	b.session().Is(200)
	b.did("refreshed")
}

// TestStoresDown: while the stores cannot be asked nobody is refreshed or registered, and browsers
// keep what they have.
func TestStoresDown(t *testing.T) {
	t.Parallel()
	l := lab(t)
	b := signedIn(l)
	l.Clock.Pass(11 * time.Minute)
	l.Gate.Watch(func(context.Context, string) error { return errors.New("gone") }, nil)
	b.session().Is(503, ":unavailable")
	b.did("skipped: server_error")
	l.Gate.Watch(nil, nil)
	b.session().Is(200)
	b.did("refreshed")
}

// lose empties the store of records.
func lose(l *suite.Lab) {
	l.T.Helper()
	o, err := redis.ParseURL(l.Config.Redis.URL.Reveal())
	if err != nil {
		l.T.Fatal(err)
	}
	r := redis.NewClient(o)
	defer r.Close()
	if err := r.FlushAll(l.T.Context()).Err(); err != nil {
		l.T.Fatal(err)
	}
}

// TestStoreLost: what the store of records has lost is read back from the database, the key as well.
func TestStoreLost(t *testing.T) {
	t.Parallel()
	l := lab(t)
	b := signedIn(l)
	thief := b.thief()
	thief.Cookies.Drop(cookie)
	lose(l)
	thief.session().Is(401)
	b.session().Is(200)
	l.Clock.Pass(9 * time.Minute)
	b.session().Is(200)
	b.did("refreshed")
}

// TestServers: any server of a cluster registers, refreshes and knows what another has done.
func TestServers(t *testing.T) {
	t.Parallel()
	secret := config.Secret(strings.Repeat("s", 32))
	one := lab(t, func(c *config.Config, _ *server.Options) { c.SecretKey = secret })
	two := lab(t, func(c *config.Config, o *server.Options) {
		c.SecretKey, c.DataDir, c.Redis = secret, one.Config.DataDir, one.Config.Redis
		o.Now, o.Mail = one.Clock.Read, one.Mails
	})
	one.Member("app", ada)
	b := newTab(one)
	b.login().Is(200)
	b.did("registered")
	b.wire.to = two.Server
	b.session().Is(200)
	one.Clock.Pass(9 * time.Minute)
	b.session().Is(200)
	b.did("refreshed")
	b.wire.to = one.Server
	one.Clock.Pass(9 * time.Minute)
	b.session().Is(200)
	b.did("refreshed")
	thief := b.thief()
	thief.Cookies.Drop(cookie)
	for _, at := range []http.Handler{one.Server, two.Server} {
		thief.wire.to = at
		thief.session().Is(401)
	}
}
