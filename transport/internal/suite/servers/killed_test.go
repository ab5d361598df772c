package servers

import (
	"path/filepath"
	"sync"
	"syscall"
	"testing"
	"time"

	"stagedoor/transport/internal/player"
)

// killer kills one server after the other, and has each started again.
type killer struct {
	f     *fleet
	kills int
	back  sync.WaitGroup
}

// strike waits until all servers are there, and kills the next one with -9.
func (k *killer) strike() {
	k.back.Wait()
	w := k.f.workers[k.kills%len(k.f.workers)]
	k.kills++
	w.kill()
	k.back.Go(func() {
		if err := w.start(); err != nil {
			k.f.t.Error(err)
		}
	})
}

// killed are the stories in which a server dies before each request: every way in, and what
// waits longest between steps.
func killed() []string {
	return []string{
		"signup/by_code", "recovery_codes/each_once", "login_by_code/known", "password_reset/by_code", "passkey_login/signs_in",
		"passkey_signup/signs_up", "provider_redirect/signs_up_and_in", "reauthenticate/by_code",
	}
}

// killedBetween kills one of three servers with -9 before each request of a
// journey: nobody notices.
func killedBetween(t *testing.T) {
	behindEach(t, func(t *testing.T, proxy string) {
		at := freeAddress(t)
		f := newFleet(t, "codes", at)
		balance(t, proxy, at, "", f.addresses())
		k := &killer{f: f}
		t.Cleanup(k.back.Wait)
		c := newCarrier(at, k.strike)
		var all []player.Play
		for n, name := range killed() {
			stories, err := player.LoadPaths(filepath.Join(root, "testdata/flows", name+".yaml"))
			if err != nil {
				t.Fatal(err)
			}
			for _, s := range stories {
				s.Profile = "codes"
				if everywhere() || proxies()[n%len(proxies())] == proxy {
					all = append(all, player.Play{Story: s, Client: s.Clients[n%len(s.Clients)]})
				}
			}
		}
		tally := f.replay(c, "codes", all)
		t.Logf("%s: %d kills, %d requests, %v", tally, k.kills, c.steps, c.by)
		if tally.Passed < len(all) || k.kills < 4*len(all) {
			t.Errorf("%s of %d, with %d kills", tally, len(all), k.kills)
		}
	})
}

// killedWithin kills one of three servers with -9 while requests are under way. Each
// that was sent to a dead server reaches another one; what a client was told is true.
func killedWithin(t *testing.T) {
	behindEach(t, func(t *testing.T, proxy string) {
		at := freeAddress(t)
		f := newFleet(t, "default", at)
		balance(t, proxy, at, "", f.addresses())
		f.people(load)
		l := f.startLoad()
		for range 2 {
			for _, w := range f.workers {
				time.Sleep(100 * time.Millisecond)
				w.kill()
				if err := w.start(); err != nil {
					t.Fatal(err)
				}
			}
		}
		l.stop()
		t.Log(l)
		// A step that was done when its server died is answered with what it left: the
		// token of its run is gone.
		if l.lost*most > l.requests || l.unanswered > 0 {
			t.Errorf("%v", l)
		}
		if l.requests < 50 {
			t.Errorf("only %d requests", l.requests)
		}
	})
}

// rollingRestart restarts three servers one after the other, under load: no request fails,
// and none is answered with anything but what it asked for.
func rollingRestart(t *testing.T) {
	behindEach(t, func(t *testing.T, proxy string) {
		at := freeAddress(t)
		// haproxy needs two seconds and a little to see that a server is going.
		f := newFleet(t, "default", at, "limits: {shutdown_delay: 2.5}\n")
		balance(t, proxy, at, "", f.addresses())
		f.people(load)
		l := f.startLoad()
		for _, w := range f.workers {
			if err := w.end(syscall.SIGTERM); err != nil {
				t.Fatal(err)
			}
			if err := w.start(); err != nil {
				t.Fatal(err)
			}
			time.Sleep(1500 * time.Millisecond)
		}
		l.stop()
		t.Log(l)
		if l.lost > 0 || l.unanswered > 0 {
			t.Errorf("%v; the first of them: %s", l, l.first)
		}
		if l.requests < 200 {
			t.Errorf("only %d requests", l.requests)
		}
	})
}
