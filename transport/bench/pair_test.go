package bench

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"
)

// TestCompare finds what takes twice as long to take twice as long, asked by as many connections
// with their own requests.
func TestCompare(t *testing.T) {
	tokens := make(chan string, 1000)
	target := behind(t, func(_ http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/slow" {
			select {
			case tokens <- r.Header.Get("X-Session-Token"):
			default:
			}
			time.Sleep(5 * time.Millisecond)
		}
		time.Sleep(5 * time.Millisecond)
	})
	at := func(path, token string) Request {
		return Request{Method: "GET", URL: target.Base.String() + path, Header: []string{"X-Session-Token", token}}
	}
	p := Pairing{Connections: 3, Pairs: 3, Slice: 60 * time.Millisecond}
	// On a machine that has something else to do a slice may be of that.
	for try := 1; ; try++ {
		r, err := Compare(t.Context(), Side{[]Request{at("/fast", "")}, 200}, Side{[]Request{at("/slow", "a"), at("/slow", "b")}, 200}, p)
		if err != nil {
			t.Fatal(err)
		}
		if r.P50.Median >= 1.4 && r.P50.Median <= 3 && r.PerSecond.Median <= 0.75 && r.PerSecond.Median >= 0.3 && r.Base.PerSecond > r.Subject.PerSecond {
			break
		}
		if try == 6 {
			t.Fatalf("%+v", r)
		}
	}
	close(tokens)
	seen := map[string]bool{}
	for token := range tokens {
		seen[token] = true
	}
	if fmt.Sprint(seen) != "map[a:true b:true]" {
		t.Errorf("connections asked as %v", seen)
	}
	for want, c := range map[string]struct {
		status int
		p      Pairing
	}{
		"answered 200, want 404": {404, p}, "at least one": {200, Pairing{Connections: 1, Pairs: 0, Slice: time.Second}},
	} {
		side := Side{[]Request{at("/fast", "")}, c.status}
		if _, err := Compare(t.Context(), side, side, c.p); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want %q", err, want)
		}
	}
}
