package server_test

import (
	"context"
	"strings"
	"sync"
	"testing"

	"stagedoor/engine"
	"stagedoor/transport/config"
	"stagedoor/transport/internal/suite"
	"stagedoor/transport/server"
)

// TestObserve tells of the turns of a sign-in; what the observer breaks is its own.
func TestObserve(t *testing.T) {
	var mu sync.Mutex
	var told []string
	l := suite.NewLab(t, suite.Dev, func(_ *config.Config, o *server.Options) {
		o.Observe = func(_ context.Context, turn engine.TurnEvent) {
			mu.Lock()
			told = append(told, string(turn.Flow)+"."+string(turn.Node)+" "+turn.Outcome.String())
			mu.Unlock()
			panic("observers do that")
		}
	})
	s := l.Somebody("ada@example.com")
	s.Post("/login/", suite.M{"email": "ada@example.com", "password": "not the password"}).Is(400)
	s.Post("/login/", suite.M{"email": "ada@example.com", "password": suite.Password}).Entered("ada@example.com")
	mu.Lock()
	defer mu.Unlock()
	text := strings.Join(told, "\n")
	if !strings.HasSuffix(text, "login.password_form wrong\nlogin.password_form granted") {
		t.Errorf("told:\n%s", text)
	}
	if !strings.Contains(l.Log.String(), "an observer of turns panicked") {
		t.Error("the log says nothing of the panic")
	}
}
