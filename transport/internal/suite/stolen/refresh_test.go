package stolen

import (
	"net/http"
	"strings"
	"sync"
	"testing"

	"stagedoor/transport/internal/device"
	"stagedoor/transport/internal/suite"
)

// traffic is what a browser has sent of itself.
type traffic struct {
	mu       sync.Mutex
	requests []*http.Request
	answers  []*http.Response
}

func (h *hand) tapped() *traffic {
	tr := &traffic{}
	h.seen = func(req *http.Request, got *http.Response) {
		if strings.HasPrefix(req.URL.Path, "/_stagedoor/") {
			tr.mu.Lock()
			defer tr.mu.Unlock()
			tr.requests, tr.answers = append(tr.requests, req), append(tr.answers, got)
		}
	}
	return tr
}

// refreshed signs in, and goes on until the browser has refreshed its bound cookie; it returns what was
// sent for that and comes later.
func (h *hand) refreshed(l *suite.Lab) *traffic {
	h.t.Helper()
	tr := h.tapped()
	h.web("GET", "/config", nil).is(200)
	h.web("POST", "/auth/login", password()).is(200)
	pass(l, boundAge)
	h.works()
	h.did()
	return tr
}

// again sends one of the requests once more, from somewhere else; headers change it.
func (tr *traffic) again(t testing.TB, l *suite.Lab, i int, headers ...string) *http.Response {
	t.Helper()
	req := tr.requests[i].Clone(t.Context())
	for i := 0; i+1 < len(headers); i += 2 {
		if req.Header.Del(headers[i]); headers[i+1] != "" {
			req.Header.Set(headers[i], headers[i+1])
		}
	}
	got, err := carrierTo(l).RoundTrip(req)
	if err != nil {
		t.Fatal(err)
	}
	return got
}

// gives reports whether an answer brings a cookie that binds.
func gives(got *http.Response) bool {
	for _, k := range got.Cookies() {
		if k.Name == boundCookie && k.Value != "" {
			return true
		}
	}
	return false
}

// TestRefreshReplayed shows what a browser has sent to fetch a cookie once more, at the same
// server and at another: it is worth nothing, and the owner's browser does not mind.
func TestRefreshReplayed(t *testing.T) {
	t.Parallel()
	l := suite.NewLab(t, binding("offer"))
	member(l)
	two := beside(l, binding("offer"))
	h := newBrowser(l)
	tr := h.tapped()
	h.web("GET", "/config", nil).is(200)
	h.web("POST", "/auth/login", password()).is(200)
	h.does("registered")
	for range 3 {
		pass(l, boundAge)
		h.works()
		h.does("refreshed")
		for i := range tr.requests {
			if tr.requests[i].URL.Path == "/_stagedoor/dbsc/register" {
				continue
			}
			for _, lab := range []*suite.Lab{l, two} {
				if got := tr.again(t, lab, i); gives(got) {
					t.Fatalf("request %d, sent again, fetches a cookie: %v", i, got.Header)
				}
				if got := tr.again(t, lab, i, "Cookie", ""); gives(got) {
					t.Fatalf("request %d, sent again without cookies, fetches a cookie: %v", i, got.Header)
				}
			}
		}
		h.works()
		h.does("")
	}
	pass(l, boundAge)
	h.works()
	h.does("refreshed")
}

// TestRefreshAtOnce has the same signature shown many times at once, at two servers: it fetches
// one cookie.
func TestRefreshAtOnce(t *testing.T) {
	t.Parallel()
	l := suite.NewLab(t, binding("offer"))
	member(l)
	two := beside(l, binding("offer"))
	h := home(l)
	shown := 0
	h.instead = func(req *http.Request) *http.Response {
		if req.Header.Get("Secure-Session-Response") == "" || !strings.Contains(req.URL.Path, "/refresh") {
			return nil
		}
		shown++
		answers := suite.AtOnce(8, func(i int) *http.Response {
			lab := []*suite.Lab{l, two}[i%2]
			got, err := carrierTo(lab).RoundTrip(req.Clone(req.Context()))
			if err != nil {
				t.Error(err)
			}
			return got
		})
		var won *http.Response
		for _, got := range answers {
			if gives(got) {
				if won != nil {
					t.Error("one signature has fetched two cookies")
				}
				won = got
			} else if got.StatusCode != http.StatusForbidden || len(device.Challenges(got.Header)) != 1 {
				t.Errorf("who was too late is told something else than to try again: %d %v", got.StatusCode, got.Header)
			}
		}
		if won == nil {
			t.Error("nobody has fetched a cookie")
			return answers[0]
		}
		return won
	}
	for range 3 {
		pass(l, boundAge)
		h.works()
		h.does("refreshed")
	}
	if shown != 3 {
		t.Errorf("%d signatures were shown, want 3", shown)
	}
}

// TestRefreshByAnotherKey answers the server's challenge with a key of the thief's own.
func TestRefreshByAnotherKey(t *testing.T) {
	t.Parallel()
	l := suite.NewLab(t, binding("offer"))
	member(l)
	h := newBrowser(l)
	tr := h.refreshed(l)
	last := len(tr.requests) - 1
	key, err := device.NewKey(device.ES256, entropy())
	if err != nil {
		t.Fatal(err)
	}
	got := tr.again(t, l, last, "Secure-Session-Response", "")
	challenges := device.Challenges(got.Header)
	if got.StatusCode != http.StatusForbidden || len(challenges) != 1 {
		t.Fatalf("no challenge: %d %v", got.StatusCode, got.Header)
	}
	for _, challenge := range challenges {
		for name, make := range map[string]func() (string, error){
			"refresh":      func() (string, error) { return key.RefreshToken(challenge) },
			"registration": func() (string, error) { return key.RegistrationToken(challenge, "") },
			"no alg": func() (string, error) {
				return key.Sign(map[string]any{"alg": "none", "typ": "dbsc+jwt"}, map[string]any{"jti": challenge})
			},
			"HS256": func() (string, error) {
				return key.Sign(map[string]any{"alg": "HS256", "typ": "dbsc+jwt", "jwk": key.JWK()}, map[string]any{"jti": challenge})
			},
		} {
			token, err := make()
			if err != nil {
				t.Fatal(err)
			}
			for _, text := range []string{token, `"` + token + `"`, token[:strings.LastIndex(token, ".")+1]} {
				if got := tr.again(t, l, last, "Secure-Session-Response", text); gives(got) {
					t.Errorf("%s: %d %v", name, got.StatusCode, got.Header)
				}
			}
		}
	}
	h.works()
	pass(l, boundAge)
	h.works()
	h.does("refreshed")
}
