package main

import (
	"net/http"
	"os"
	"syscall"
	"testing"
	"time"
)

// TestLeaves asks a server to end that has a delay: it says so, serves on, keeps no connection,
// and ends.
func TestLeaves(t *testing.T) {
	t.Parallel()
	const delay = 3 * time.Second // all below is asked within it, on a busy machine too
	env := append(os.Environ(), "STAGEDOOR_LIMITS__SHUTDOWN_DELAY=3")
	p, err := launch(t.TempDir(), "stagedoor", env, "dev", "--listen", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer p.kill()
	ask := func(path string) (status int, closes bool) {
		t.Helper()
		r, err := http.Get(p.url + path)
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = r.Body.Close() }()
		return r.StatusCode, r.Close
	}
	if status, closes := ask("/readyz"); status != 200 || closes {
		t.Fatalf("a server that serves says %d, and ends the connection: %v", status, closes)
	}
	began := time.Now()
	if err := p.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	for status := 0; status != 503; status, _ = ask("/readyz") {
		if time.Since(began) > delay {
			t.Fatal("it does not say that it goes")
		}
	}
	if status, closes := ask("/_allauth/app/v1/auth/session"); status != 401 || !closes {
		t.Errorf("a server that goes answers %d, and ends the connection: %v", status, closes)
	}
	if status, _ := ask("/healthz"); status != 200 {
		t.Errorf("a server that goes is not healthy: %d", status)
	}
	if err := p.wait(); err != nil {
		t.Errorf("it ended with %v\n%s", err, p.said())
	}
	if took := time.Since(began); took < delay {
		t.Errorf("it was gone after %v", took)
	}
	if _, err := http.Get(p.url + "/healthz"); err == nil {
		t.Error("it is still there")
	}
}
