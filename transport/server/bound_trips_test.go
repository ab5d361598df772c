package server_test

import (
	"net/http"
	"testing"
	"time"

	"stagedoor/transport/internal/suite"
)

// TestBoundRoundTrips: that a session is bound costs its reads no further round trip to Redis, and a
// refresh takes two.
func TestBoundRoundTrips(t *testing.T) {
	t.Parallel()
	l := suite.NewLab(t, binding("offer"))
	door := &counting{inside: inside{l.Server}, l: l, trips: map[string]int{}}
	b := browser(l, door, false)
	join(t, l, b, "ann@example.org")
	clear(door.trips)
	if status, _ := send(t, l, b, "GET", headlessBrowser+"/auth/session", ""); status != http.StatusOK || door.trips[http.MethodGet] != 1 {
		t.Errorf("a bound read: %d, %d round trips, want 1", status, door.trips[http.MethodGet])
	}
	l.Clock.Pass(30 * time.Second)
	b.Cookies.Drop("__Host-stagedoor_bound")
	b.Told()
	clear(door.trips)
	if status, _ := send(t, l, b, "GET", headlessBrowser+"/auth/session", ""); status != http.StatusOK || door.trips[http.MethodPost] != 2 || door.trips[http.MethodGet] != 1 {
		t.Errorf("a refresh: %d, %q, round trips %v, want 2, and 1 for the read", status, b.Told(), door.trips)
	}
}

// TestProvedRoundTrips: that a proof comes once is found out in the round trip that the read takes anyway.
func TestProvedRoundTrips(t *testing.T) {
	t.Parallel()
	l := suite.NewLab(t, binding("offer"))
	door := &counting{inside: inside{l.Server}, l: l, trips: map[string]int{}}
	holder := app(t, l)
	holder.HTTP = door
	token := joinApp(t, l, holder, "ann@example.org")
	if status, _ := send(t, l, holder, "GET", headlessApp+"/auth/session", "", "X-Session-Token", token); status != http.StatusOK || door.trips[http.MethodGet] != 1 {
		t.Errorf("a read with a proof: %d, %d round trips, want 1", status, door.trips[http.MethodGet])
	}
}

// counting carries requests inside, and counts by method how often they ask Redis.
type counting struct {
	inside
	l     *suite.Lab
	trips map[string]int
}

// RoundTrip answers a request.
func (c *counting) RoundTrip(r *http.Request) (*http.Response, error) {
	c.l.Trips.Reset()
	answer, err := c.inside.RoundTrip(r)
	c.trips[r.Method] += c.l.Trips.Count()
	return answer, err
}
