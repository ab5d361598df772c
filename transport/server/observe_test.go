package server

import (
	"context"
	"strings"
	"sync"
	"testing"

	"stagedoor/engine"
	"stagedoor/transport/config"
)

// TestObserve tells of the turns of a sign-in; what the observer breaks is its own.
func TestObserve(t *testing.T) {
	var mu sync.Mutex
	var told []string
	l := newLab(t, dev, func(_ *config.Config, o *Options) {
		o.Observe = func(_ context.Context, turn engine.TurnEvent) {
			mu.Lock()
			told = append(told, string(turn.Flow)+"."+string(turn.Node)+" "+turn.Outcome.String())
			mu.Unlock()
			panic("observers do that")
		}
	})
	s := l.somebody("ada@example.com")
	s.post("/login/", m{"email": "ada@example.com", "password": "not the password"}).is(400)
	s.post("/login/", m{"email": "ada@example.com", "password": password}).entered("ada@example.com")
	mu.Lock()
	defer mu.Unlock()
	text := strings.Join(told, "\n")
	if !strings.HasSuffix(text, "login.password_form wrong\nlogin.password_form granted") {
		t.Errorf("told:\n%s", text)
	}
	if !strings.Contains(l.log.String(), "an observer of turns panicked") {
		t.Error("the log says nothing of the panic")
	}
}
