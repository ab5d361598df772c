package main

import (
	"context"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"
)

// TestRun runs the program: its own route asks for a session, the server's are beside it,
// and it ends when it is told to.
func TestRun(t *testing.T) {
	free, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	listen := free.Addr().String()
	if err := free.Close(); err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- run(ctx, listen, t.TempDir()) }()
	for path, want := range map[string]int{
		"/orders": 401, "/auth/user/": 401, "/healthz": 200, "/_allauth/app/v1/config": 200, "/dev/mailbox.json": 200, "/nothing": 404,
	} {
		if status, body := ask(t, ended, "http://"+listen+path); status != want {
			t.Errorf("%s: %d, want %d: %s", path, status, want, body)
		}
	}
	for _, path := range []string{"/orders", "/refunds"} {
		r, err := http.Post("http://"+listen+path, "", nil)
		if err != nil {
			t.Fatal(err)
		}
		body, _ := io.ReadAll(r.Body)
		_ = r.Body.Close()
		if r.StatusCode != 401 || !strings.Contains(string(body), `"id":"login"`) {
			t.Errorf("POST %s: %d %s", path, r.StatusCode, body)
		}
	}
	stop()
	if err := <-ended; err != nil {
		t.Error(err)
	}
}

// ask asks until the program listens.
func ask(t *testing.T, ended <-chan error, url string) (int, string) {
	t.Helper()
	for deadline := time.Now().Add(20 * time.Second); ; time.Sleep(10 * time.Millisecond) {
		got, err := http.Get(url)
		if err == nil {
			defer got.Body.Close()
			body, _ := io.ReadAll(got.Body)
			return got.StatusCode, string(body)
		}
		select {
		case err := <-ended:
			t.Fatalf("the program has ended: %v", err)
		default:
		}
		if time.Now().After(deadline) {
			t.Fatal(err)
		}
	}
}
