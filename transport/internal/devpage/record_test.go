package devpage_test

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"stagedoor/transport/internal/suite"
)

// TestPageRuns: the development page is told the latest runs, and can save each.
func TestPageRuns(t *testing.T) {
	l := suite.NewLab(t, suite.Dev, suite.ByCode)
	l.Member("app", "ada@example.com")
	resp, body := l.Operator("GET", "/dev/runs.json")
	var found struct {
		Runs []struct {
			Run, Flow, State, Node, Text string
			Updated                      time.Time
			Story                        bool
		}
	}
	if err := json.Unmarshal([]byte(body), &found); err != nil || resp.StatusCode != 200 || len(found.Runs) != 1 {
		t.Fatalf("%d %s", resp.StatusCode, body)
	}
	r := found.Runs[0]
	if r.Flow != "signup" || r.State != "ended" || r.Node != "session" || !r.Story || !strings.Contains(r.Text, "signup_form left by created") || r.Updated.After(l.Clock.Read().Add(time.Second)) {
		t.Errorf("%+v", r)
	}
	if resp, body := l.Operator("GET", "/dev/stories/"+r.Run); resp.StatusCode != 200 || !strings.HasPrefix(body, "proves: ") {
		t.Errorf("%d %s", resp.StatusCode, body)
	}
	if resp, body := l.Operator("GET", "/dev/stories.json"); resp.StatusCode != 200 || !strings.Contains(body, r.Run) {
		t.Errorf("%d %s", resp.StatusCode, body)
	}
	for _, path := range []string{"/dev/runs.json", "/dev/stories.json", "/dev/stories/" + r.Run} {
		if resp, _ := l.Operator("GET", path, "Sec-Fetch-Site", "cross-site"); resp.StatusCode != 403 {
			t.Errorf("%s for another website: %d", path, resp.StatusCode)
		}
	}
}
