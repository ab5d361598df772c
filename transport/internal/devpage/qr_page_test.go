package devpage_test

import (
	"strings"
	"testing"

	"stagedoor/transport/internal/suite"
)

func TestQRAnswers(t *testing.T) {
	l := suite.NewLab(t, suite.Development)
	for _, c := range []struct {
		body   string
		status int
	}{
		{"otpauth://totp/stagedoor:ann?secret=ABC", 200},
		{"", 400},
		{strings.Repeat("a", 2331), 200},
		{strings.Repeat("a", 2332), 400},
		{strings.Repeat("a", 1<<20), 400},
	} {
		w := l.Get("POST", l.Host(), "/dev/qr", c.body)
		if w.Code != c.status {
			t.Errorf("%d bytes: status %d, want %d", len(c.body), w.Code, c.status)
		}
		if kind := w.Header().Get("Content-Type"); c.status == 200 && kind != "image/svg+xml" {
			t.Errorf("%d bytes are answered as %s", len(c.body), kind)
		}
	}
}
