package operate_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"

	"stagedoor/transport/internal/suite"
)

// TestProfiles are for who shows the token: in the format of go tool pprof, or as text.
func TestProfiles(t *testing.T) {
	l := suite.NewLab(t, suite.WithToken)
	show := []string{"Authorization", "Bearer " + suite.AdminToken}
	for path, want := range map[string]struct {
		status int
		text   string
	}{
		"heap?gc=1&debug=1":  {200, "# HeapAlloc = "},
		"goroutine?debug=2":  {200, "goroutine "},
		"threadcreate?debug": {200, ""},
		"heap?debug=3":       {400, "debug is a number from 0 to 2"},
		"profile?seconds=0":  {400, "seconds is a number from 1 to 300"},
		"trace?seconds=x":    {400, "seconds is a number"},
		"trace?seconds=21":   {400, "seconds is a number from 1 to 20"},
		"":                   {404, "there are profile and trace"},
		"cmdline":            {404, ""},
		"symbol":             {404, ""},
	} {
		if resp, body := l.Operator("GET", "/admin/pprof/"+path, show...); resp.StatusCode != want.status || !strings.Contains(body, want.text) {
			t.Errorf("%s: %d %.200s, want %d with %q", path, resp.StatusCode, body, want.status, want.text)
		}
	}
	for _, path := range []string{"heap", "allocs", "goroutine", "profile?seconds=1"} {
		resp, body := l.Operator("GET", "/admin/pprof/"+path, show...)
		unpacked, err := gzip.NewReader(strings.NewReader(body))
		if err != nil || resp.Header.Get("Cache-Control") != "no-store" {
			t.Fatalf("%s: %d %v %.100q, %v", path, resp.StatusCode, resp.Header, body, err)
		}
		profile, err := io.ReadAll(unpacked)
		if err != nil || !bytes.Contains(profile, []byte("nanoseconds")) && !bytes.Contains(profile, []byte("count")) {
			t.Errorf("%s is no profile: %v, %d bytes", path, err, len(profile))
		}
		if bytes.Contains(profile, []byte(suite.AdminToken)) || bytes.Contains(profile, []byte(strings.Join(os.Args, "\x00"))) {
			t.Errorf("%s has a secret or the command line", path)
		}
	}
	if resp, body := l.Operator("GET", "/admin/pprof/trace?seconds=1", show...); resp.StatusCode != 200 || !strings.HasPrefix(body, "go 1.") {
		t.Errorf("trace: %d %.40q", resp.StatusCode, body)
	}
}

// TestProfilesOneAtATime: the second profile of the processor at once is refused, not waited for.
func TestProfilesOneAtATime(t *testing.T) {
	l := suite.NewLab(t, suite.WithToken)
	ctx, enough := context.WithCancel(t.Context())
	defer enough()
	ask := func(out chan<- int) {
		r := httptest.NewRequestWithContext(ctx, "GET", "/admin/pprof/profile?seconds=300", nil)
		r.Header.Set("Authorization", "Bearer "+suite.AdminToken)
		w := httptest.NewRecorder()
		l.Server.ServeHTTP(w, r)
		out <- w.Code
	}
	out := make(chan int, 2)
	go ask(out)
	go ask(out)
	// The other one goes on until nobody waits for it any more.
	if refused := <-out; refused != http.StatusConflict {
		t.Errorf("answered %d", refused)
	}
	enough()
	if taken := <-out; taken != http.StatusOK {
		t.Errorf("answered %d", taken)
	}
}

// TestProfilesAreNotPublic: nothing stands on the mux that programs share.
func TestProfilesAreNotPublic(t *testing.T) {
	for _, path := range []string{"/debug/pprof/", "/debug/pprof/cmdline", "/admin/pprof/heap"} {
		if _, pattern := http.DefaultServeMux.Handler(httptest.NewRequest("GET", path, nil)); pattern != "" {
			t.Errorf("http.DefaultServeMux has %s for %s", pattern, path)
		}
	}
}
