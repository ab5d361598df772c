package server_test

import (
	"context"
	"strings"
	"testing"

	"stagedoor/transport/config"
	"stagedoor/transport/internal/suite"
	"stagedoor/transport/server"
)

// TestRefusalsAreWatched: a development server shows which sessions were withheld and why, and the
// program hears of it, too.
func TestRefusalsAreWatched(t *testing.T) {
	heard := make(chan server.Event, 16)
	l := suite.NewLab(t, suite.Dev, func(c *config.Config, o *server.Options) {
		c.Session.DeviceBound = "offer"
		o.Events = func(_ context.Context, e server.Event) {
			if e.Kind == server.SessionRefused {
				heard <- e
			}
		}
	})
	s := l.Insider("ada@example.com")
	if told := l.Get("GET", l.Host(), "/dev/bindings.json", "").Body.String(); !strings.Contains(told, `"setting":"offer"`) || strings.Contains(told, "refused") {
		t.Errorf("told %s", told)
	}
	bind(l, "rest", "another")
	s.Send("GET", "/user/", nil, "User-Agent", "eve's").Is(401)
	if err := l.WaitIdle(t.Context()); err != nil {
		t.Fatal(err)
	}
	if e := <-heard; e.Why != "unknown_binding" {
		t.Errorf("the program hears %+v", e)
	}
	told := l.Get("GET", l.Host(), "/dev/bindings.json", "").Body.String()
	if !strings.Contains(told, `"what":"refused","why":"unknown_binding","agent":"eve's"`) {
		t.Errorf("told %s", told)
	}
}
