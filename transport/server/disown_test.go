package server_test

import (
	"net/http/httptest"
	"strings"
	"testing"

	"stagedoor/transport/config"
	"stagedoor/transport/internal/suite"
)

// TestDisownPageWhileDown: where the database is away nothing has happened, and the page
// says so; the log has no key.
func TestDisownPageWhileDown(t *testing.T) {
	t.Parallel()
	l := suite.NewLab(t)
	l.App().Signup("ada@example.com").Is(401)
	link := l.NotMe("ada@example.com")
	l.Quiet()
	if err := l.Database().Close(); err != nil {
		t.Fatal(err)
	}
	for _, w := range []*httptest.ResponseRecorder{l.Get("GET", l.Host(), link.String(), ""), l.Press(link)} {
		if w.Code < 500 {
			t.Errorf("status %d", w.Code)
		}
		l.Says(w, w.Code, "Please try again")
	}
	if log := l.Log.String(); !strings.Contains(log, config.DisownPath) || strings.Contains(log, link.Query().Get("key")) {
		t.Errorf("the log:\n%s", log)
	}
}
