package bound

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"time"

	"stagedoor/transport/config"
	"stagedoor/transport/internal/suite"
	"stagedoor/transport/server"
)

// TestInspectorSeesIt: the inspector of a development server tells how a browser bound its session,
// refreshed it, was copied and ended it.
func TestInspectorSeesIt(t *testing.T) {
	t.Parallel()
	l := lab(t, func(c *config.Config, _ *server.Options) { c.Dev.Enabled, c.Dev.AllowRemote = true, true })
	b := signedIn(l)
	l.Clock.Pass(9 * time.Minute)
	b.session().Is(200)
	late := b.thief()
	l.Clock.Pass(11 * time.Minute)
	late.session().Is(401)
	b.session().Is(200)
	if err := l.WaitIdle(t.Context()); err != nil {
		t.Fatal(err)
	}
	// What was withheld is told of beside the requests.
	var seen []string
	for range 200 {
		if seen = happened(l); slices.Contains(seen, "refused missing") {
			break
		}
		time.Sleep(10 * time.Millisecond)
	}
	slices.Sort(seen)
	if want := []string{"bound", "offered", "refreshed", "refused missing"}; !slices.Equal(slices.Compact(seen), want) {
		t.Errorf("seen %q, want %q", seen, want)
	}
}

// happened is what the inspector is told.
func happened(l *suite.Lab) []string {
	l.T.Helper()
	var told struct {
		Secure     bool
		Happenings []struct{ What, Why string }
	}
	w := l.Get("GET", "auth.example.com", "/dev/bindings.json", "")
	if err := json.Unmarshal(w.Body.Bytes(), &told); err != nil || !told.Secure {
		l.T.Fatalf("%d %s", w.Code, w.Body)
	}
	var out []string
	for _, h := range told.Happenings {
		out = append(out, strings.TrimSpace(h.What+" "+h.Why))
	}
	return out
}
