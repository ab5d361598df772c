package wire

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

func TestDrain(t *testing.T) {
	started, finish := make(chan struct{}), make(chan struct{})
	d := NewDrain(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/slow" {
			close(started)
			<-finish
		}
		io.WriteString(w, "done")
	}), writeProblem)
	srv := httptest.NewServer(d)
	defer srv.Close()

	slow := make(chan string)
	go func() {
		resp, err := http.Get(srv.URL + "/slow")
		if err != nil {
			slow <- err.Error()
			return
		}
		defer resp.Body.Close()
		body, _ := io.ReadAll(resp.Body)
		slow <- string(body)
	}()
	<-started

	ctx, cancel := context.WithTimeout(t.Context(), time.Millisecond)
	defer cancel()
	if err := d.Close(ctx); !errors.Is(err, context.DeadlineExceeded) || !strings.Contains(err.Error(), "1 requests") {
		t.Errorf("%v, want it to say that one request is left", err)
	}
	if !d.Draining() {
		t.Error("a health check would not see the shutdown")
	}
	resp, err := http.Get(srv.URL + "/")
	if err != nil {
		t.Fatal(err)
	}
	body, _ := io.ReadAll(resp.Body)
	resp.Body.Close()
	if resp.StatusCode != 503 || !resp.Close || resp.Header.Get("Retry-After") != "1" || !strings.Contains(string(body), CodeUnavailable) {
		t.Errorf("a new request got %d %v %s, want 503, Connection: close, Retry-After", resp.StatusCode, resp.Header, body)
	}

	close(finish)
	if err := d.Close(t.Context()); err != nil {
		t.Error(err)
	}
	if got := <-slow; got != "done" {
		t.Errorf("the request in flight got %q", got)
	}
	if err := d.Close(t.Context()); err != nil {
		t.Errorf("closed twice: %v", err)
	}
}

// TestDrainLeaves: a server that is leaving serves what comes and ends its connection.
func TestDrainLeaves(t *testing.T) {
	d := NewDrain(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, "done") }), writeProblem)
	srv := httptest.NewServer(d)
	defer srv.Close()
	ask := func() *http.Response {
		t.Helper()
		resp, err := http.Get(srv.URL)
		if err != nil {
			t.Fatal(err)
		}
		defer resp.Body.Close()
		if body, _ := io.ReadAll(resp.Body); resp.StatusCode != 200 || string(body) != "done" {
			t.Fatalf("%d %s", resp.StatusCode, body)
		}
		return resp
	}
	if ask().Close || d.Draining() {
		t.Error("it leaves from the start")
	}
	d.Leave()
	if !ask().Close || !d.Draining() {
		t.Error("it keeps its connections, or a health check would not see that it is leaving")
	}
	if err := d.Close(t.Context()); err != nil {
		t.Error(err)
	}
}

func TestDrainIdle(t *testing.T) {
	d := NewDrain(http.NotFoundHandler(), writeProblem)
	if d.Draining() {
		t.Error("it refuses from the start")
	}
	w := httptest.NewRecorder()
	d.ServeHTTP(w, httptest.NewRequest("GET", "/", nil))
	if w.Code != 404 || w.Header().Get("Connection") != "" {
		t.Errorf("%d %v, want the request served", w.Code, w.Header())
	}
	if err := d.Close(t.Context()); err != nil {
		t.Error(err)
	}
}

// TestDrainPanic: a request that panicked is not in flight any more.
func TestDrainPanic(t *testing.T) {
	d := NewDrain(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }), writeProblem)
	func() {
		defer func() { _ = recover() }()
		d.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest("GET", "/", nil))
	}()
	ctx, cancel := context.WithTimeout(t.Context(), time.Second)
	defer cancel()
	if err := d.Close(ctx); err != nil {
		t.Error(err)
	}
}

// TestDrainRace: with many requests coming and going while it closes, each is
// served in full or refused, and none is served after Close has returned.
func TestDrainRace(t *testing.T) {
	var served, refused, inside atomic.Int64
	var over atomic.Bool
	d := NewDrain(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {
		inside.Add(1)
		if over.Load() {
			t.Error("served after Close")
		}
		served.Add(1)
		inside.Add(-1)
	}), func(http.ResponseWriter, *http.Request, *Problem) { refused.Add(1) })
	var wg sync.WaitGroup
	const clients, each = 8, 500
	for range clients {
		wg.Go(func() {
			for range each {
				d.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest("GET", "/", nil))
			}
		})
	}
	for served.Load() == 0 {
		time.Sleep(time.Microsecond)
	}
	if err := d.Close(t.Context()); err != nil {
		t.Error(err)
	}
	over.Store(true)
	if inside.Load() != 0 {
		t.Error("Close returned with a request in flight")
	}
	wg.Wait()
	if served.Load()+refused.Load() != clients*each {
		t.Errorf("%d served, %d refused, want %d together", served.Load(), refused.Load(), clients*each)
	}
}
