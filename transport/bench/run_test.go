package bench

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

// behind is a server that answers as a handler does, and how it is reached.
func behind(t *testing.T, h http.HandlerFunc) Target {
	t.Helper()
	s := httptest.NewServer(h)
	t.Cleanup(s.Close)
	base, err := url.Parse(s.URL)
	if err != nil {
		t.Fatal(err)
	}
	return Target{Base: base, Mount: "/_allauth", Timeout: 5 * time.Second}
}

// TestRunCounts walks as often as it is told, and no more.
func TestRunCounts(t *testing.T) {
	var asked atomic.Int64
	target := behind(t, func(_ http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/_allauth/app/v1/config" {
			asked.Add(1)
		}
	})
	r, err := Run(t.Context(), target, Load{Journey: "config", Connections: 4, Count: 100}, nil)
	if err != nil || r.Done != 100 || r.Failed != 0 || asked.Load() != 100 || r.PerSecond <= 0 || r.Latencies.P50 <= 0 {
		t.Errorf("%+v, %v, asked %d times", r, err, asked.Load())
	}
}

// TestRunAtARate: while the server stalls people go on coming, and their latencies tell. A load that
// waited for the answer before it asked again would have seen one slow answer.
func TestRunAtARate(t *testing.T) {
	var begun atomic.Int64
	target := behind(t, func(http.ResponseWriter, *http.Request) {
		if begun.Add(1) == 20 {
			time.Sleep(400 * time.Millisecond)
		}
	})
	r, err := Run(t.Context(), target, Load{Journey: "config", Connections: 1, Rate: 100, Duration: time.Second}, nil)
	if err != nil || r.Done < 90 || r.Done > 100 || r.Failed > 10 {
		t.Fatalf("%+v, %v", r, err)
	}
	if late := count(r.Bars, 100*time.Millisecond); late < 15 {
		t.Errorf("%d journeys were late by a tenth of a second; the stall was of forty\n%v", late, r.Bars)
	}
	if r.Latencies.Max < 300*time.Millisecond || r.Latencies.P99 < 200*time.Millisecond {
		t.Errorf("latencies %+v", r.Latencies)
	}
}

// count is how many latencies are in bars above a limit.
func count(bars []Bar, above time.Duration) int {
	n := 0
	for _, b := range bars {
		if b.Below/2 >= above {
			n += b.Count
		}
	}
	return n
}

// TestRunTooFast: what was due and found no connection is counted, not forgotten.
func TestRunTooFast(t *testing.T) {
	target := behind(t, func(http.ResponseWriter, *http.Request) { time.Sleep(20 * time.Millisecond) })
	r, err := Run(t.Context(), target, Load{Journey: "config", Connections: 1, Rate: 1000, Duration: 200 * time.Millisecond}, nil)
	if err != nil || r.Done+r.Failed != 200 || len(r.Failures) != 1 || r.Failures[0].Kind != KindNotBegun {
		t.Errorf("%+v, %v", r, err)
	}
}

// TestRunFailures counts by kind what does not come to its end, and goes on.
func TestRunFailures(t *testing.T) {
	var asked atomic.Int64
	target := behind(t, func(w http.ResponseWriter, _ *http.Request) {
		switch n := asked.Add(1); {
		case n%10 == 0:
			w.WriteHeader(http.StatusTooManyRequests)
			_, _ = w.Write([]byte("slow\ndown"))
		case n%25 == 0 || n%25 == 1:
			panic(http.ErrAbortHandler)
		}
	})
	r, err := Run(t.Context(), target, Load{Journey: "config", Connections: 1, Count: 100}, nil)
	if err != nil || r.Done+r.Failed != 100 || len(r.Failures) != 2 {
		t.Fatalf("%+v, %v", r, err)
	}
	if r.Failures[0].Kind != "status 429" || r.Failures[0].Count != 10 || r.Failures[1].Kind != KindClosed {
		t.Errorf("%+v", r.Failures)
	}
	var text strings.Builder
	if err := r.Write(&text); err != nil || !strings.Contains(text.String(), "status 429: GET /_allauth/app/v1/config answered 429, want 200, slow down") {
		t.Errorf("%v\n%s", err, text.String())
	}
}

// TestRunEnds when its context does, with what there is.
func TestRunEnds(t *testing.T) {
	ctx, cancel := context.WithCancelCause(t.Context())
	var asked atomic.Int64
	target := behind(t, func(http.ResponseWriter, *http.Request) {
		if asked.Add(1) == 50 {
			cancel(errors.New("enough"))
		}
	})
	r, err := Run(ctx, target, Load{Journey: "config", Connections: 2, Duration: time.Minute}, nil)
	if err != nil || r.Done < 40 || r.Done > 60 || r.Failed > 0 {
		t.Errorf("%+v, %v", r, err)
	}
}

// TestRunRefuses loads that make no sense, and says what there is.
func TestRunRefuses(t *testing.T) {
	target := behind(t, func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusForbidden) })
	good := Load{Journey: "config", Connections: 1, Count: 1}
	for want, change := range map[string]func(t *Target, l *Load){
		"at least one is needed":                 func(_ *Target, l *Load) { l.Connections = 0 },
		"a rate of -1":                           func(_ *Target, l *Load) { l.Rate = -1 },
		"nothing ends the load":                  func(_ *Target, l *Load) { l.Count = 0 },
		"there are config, anonymous, read":      func(_ *Target, l *Load) { l.Journey = "reads" },
		"there are [headless rest kratos hanko]": func(t *Target, _ *Load) { t.Contract = "none" },
		"no address of a server":                 func(t *Target, _ *Load) { t.Base = &url.URL{Path: "x"} },
		"before the load: status 403":            func(_ *Target, l *Load) { l.Journey = "read" },
	} {
		with, load := target, good
		change(&with, &load)
		if _, err := Run(t.Context(), with, load, nil); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want %q", err, want)
		}
	}
}

// TestLocal: only addresses of this machine are, whatever a name may stand for.
func TestLocal(t *testing.T) {
	for address, want := range map[string]bool{
		"http://localhost:8080": true, "http://127.0.0.1": true, "http://127.9.9.9:1": true, "http://[::1]:80": true, "http://LOCALHOST": true,
		"http://example.com": false, "http://10.0.0.1": false, "http://localhost.example.com": false, "http://0.0.0.0": false, "https://[2001:db8::1]": false,
	} {
		base, err := url.Parse(address)
		if err != nil || (Target{Base: base}).Local() != want {
			t.Errorf("%s is on this machine: %v, %v", address, !want, err)
		}
	}
}
