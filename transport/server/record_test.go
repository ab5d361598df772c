package server_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"stagedoor/transport/config"
	"stagedoor/transport/internal/record"
	"stagedoor/transport/internal/suite"
	"stagedoor/transport/server"
)

// recordedStories are the stories of a lab, asked by an operator.
func recordedStories(l *suite.Lab) []record.Summary {
	l.T.Helper()
	resp, body := l.Operator("GET", "/admin/stories", "Authorization", "Bearer "+suite.AdminToken)
	var found struct{ Stories []record.Summary }
	if err := json.Unmarshal([]byte(body), &found); err != nil || resp.StatusCode != 200 {
		l.T.Fatalf("%d %s", resp.StatusCode, body)
	}
	return found.Stories
}

// TestRecorded saves what was recorded for an operator, and for nobody else.
func TestRecorded(t *testing.T) {
	l := suite.NewLab(t, suite.WithToken, suite.ByCode, func(c *config.Config, _ *server.Options) { c.Record.Enabled = true })
	l.Member("app", "ada@example.com")
	list := recordedStories(l)
	if len(list) != 1 || list[0].Client != "app" || strings.Join(list[0].Flows, ",") != "signup: session" || len(list[0].Runs) != 1 {
		t.Fatalf("%+v", list)
	}
	for _, id := range []string{list[0].ID, list[0].Runs[0]} {
		resp, body := l.Operator("GET", "/admin/stories/"+id, "Authorization", "Bearer "+suite.AdminToken)
		if resp.StatusCode != 200 || resp.Header.Get("Content-Type") != "application/yaml; charset=utf-8" || resp.Header.Get("Cache-Control") != "no-store" {
			t.Errorf("%d %v", resp.StatusCode, resp.Header)
		}
		if !strings.HasPrefix(body, "proves: 'Recorded with the client app: signup ends at session.'\n") || strings.Contains(body, "ada") || strings.Contains(body, suite.Password) {
			t.Errorf("the story\n%s", body)
		}
		if resp, body := l.Operator("GET", "/admin/stories/"+id); resp.StatusCode != 404 || strings.Contains(body, "proves") {
			t.Errorf("without the token: %d %s", resp.StatusCode, body)
		}
	}
	if resp, body := l.Operator("GET", "/admin/stories/none", "Authorization", "Bearer "+suite.AdminToken); resp.StatusCode != 404 || !strings.Contains(body, "no story of this id") {
		t.Errorf("%d %s", resp.StatusCode, body)
	}
}

// TestNotRecorded: nothing is recorded unless somebody wants it.
func TestNotRecorded(t *testing.T) {
	l := suite.NewLab(t, suite.WithToken)
	l.Member("app", "ada@example.com")
	if resp, body := l.Operator("GET", "/admin/stories", "Authorization", "Bearer "+suite.AdminToken); resp.StatusCode != 404 || l.Recorder() != nil {
		t.Errorf("%d %s", resp.StatusCode, body)
	}
}

// TestRecordedIntoAFolder: stories are written while the server runs, readable by their
// owner alone.
func TestRecordedIntoAFolder(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "stories")
	l := suite.NewLab(t, suite.ByCode, func(c *config.Config, _ *server.Options) { c.Record.Dir = dir })
	l.Member("browser", "ada@example.com")
	var files []string
	l.Eventually("a story in the folder", func() bool {
		files, _ = filepath.Glob(filepath.Join(dir, "recorded-*.yaml"))
		return len(files) == 1
	})
	info, err := os.Stat(files[0])
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("%v, %v", info.Mode(), err)
	}
	if text, err := os.ReadFile(files[0]); err != nil || !strings.Contains(string(text), "POST /auth/signup") {
		t.Errorf("%s, %v", text, err)
	}
}
