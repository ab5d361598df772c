package server_test

import (
	"bufio"
	"context"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"stagedoor/transport/config"
	"stagedoor/transport/internal/suite"
	"stagedoor/transport/server"
)

// TestSlowBodies: whoever is too slow with a body, or leaves in the middle of it, is
// answered 408 or nobody, and no operator is woken: nothing here is at fault.
func TestSlowBodies(t *testing.T) {
	l := suite.NewLab(t, suite.Dev, func(c *config.Config, _ *server.Options) { c.Account.RateLimits = config.RateLimits{} })
	web := httptest.NewUnstartedServer(l.Server)
	web.Config.ReadTimeout = 300 * time.Millisecond
	web.Start()
	t.Cleanup(web.Close)
	begin := func(path string) net.Conn {
		t.Helper()
		conn, err := net.Dial("tcp", web.Listener.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = conn.Close() })
		if _, err := fmt.Fprintf(conn, "POST %s HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100\r\n\r\n{", path); err != nil {
			t.Fatal(err)
		}
		return conn
	}
	for _, path := range []string{
		"/_allauth/app/v1/auth/login", "/_allauth/app/v1/auth/signup", "/_allauth/app/v1/auth/password/request", "/_allauth/app/v1/auth/code/request",
		"/auth/login/", "/auth/signup/", "/auth/password/reset/",
	} {
		res, err := http.ReadResponse(bufio.NewReader(begin(path)), nil)
		if err != nil {
			t.Fatalf("%s: %v", path, err)
		}
		if res.StatusCode != http.StatusRequestTimeout || !res.Close {
			t.Errorf("%s: status %d, the connection closes: %v", path, res.StatusCode, res.Close)
		}
		gone := begin(path)
		time.Sleep(20 * time.Millisecond)
		if err := gone.Close(); err != nil {
			t.Fatal(err)
		}
	}
	time.Sleep(100 * time.Millisecond)
	if l.Log.String() != "" {
		t.Errorf("the log says\n%s", l.Log)
	}
}

// TestClientsThatLeave: a store that is asked for nobody any more is not down; one that is
// down is told of.
func TestClientsThatLeave(t *testing.T) {
	l := suite.NewLab(t, suite.Dev)
	s := l.Insider("ada@example.com")
	guarded := l.RequireUser(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { t.Error("reached") }))
	l.Gate.Watch(func(ctx context.Context, _ string) error {
		if err := ctx.Err(); err != nil {
			return err
		}
		return fmt.Errorf("no way through")
	}, nil)
	for _, c := range []struct {
		left   bool
		status int
	}{{true, 408}, {false, 503}} {
		for _, to := range []struct {
			h    http.Handler
			path string
		}{{l.Server, "/auth/user/"}, {guarded, "/"}} {
			ctx, leave := context.WithCancel(t.Context())
			if c.left {
				leave()
			}
			r := httptest.NewRequestWithContext(ctx, "GET", to.path, nil)
			r.Header.Set("Authorization", "Bearer "+s.Access)
			w := httptest.NewRecorder()
			to.h.ServeHTTP(w, r)
			leave()
			if w.Code != c.status {
				t.Errorf("%s, the client left: %v: status %d, want %d", to.path, c.left, w.Code, c.status)
			}
		}
		if told := strings.Contains(l.Log.String(), "level=ERROR"); told == c.left {
			t.Errorf("the client left: %v: the log says\n%s", c.left, l.Log)
		}
	}
}
