package servers

import (
	"net/http"
	"net/http/httptest"
	"testing"
	"time"
)

// TestNoneIsReady: where no server is ready, as while the database is away, haproxy asks them all
// the same: they read sessions yet, and say when to come again.
func TestNoneIsReady(t *testing.T) {
	needs(t)
	t.Parallel()
	asked := make(chan struct{}, 100)
	var servers []string
	for range 3 {
		s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.URL.Path == "/readyz" {
				w.WriteHeader(http.StatusServiceUnavailable)
				asked <- struct{}{}
			}
		}))
		t.Cleanup(s.Close)
		servers = append(servers, s.Listener.Addr().String())
	}
	at := freeAddress(t)
	balance(t, "haproxy", at, "", servers)
	// Two failed checks of each, and one more, after which the second counts.
	for range 9 {
		select {
		case <-asked:
		case <-time.After(patience):
			t.Fatal("haproxy does not ask /readyz")
		}
	}
	for range 6 {
		got, err := http.Get("http://" + at + "/auth/session")
		if err != nil {
			t.Fatal(err)
		}
		_ = got.Body.Close()
		if got.StatusCode != http.StatusOK {
			t.Errorf("where none is ready a request is answered %d", got.StatusCode)
		}
	}
}
