package server

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"stagedoor/transport/config"
	"stagedoor/transport/internal/record"
)

// recordedStories are the stories of a lab, asked by an operator.
func (l *lab) recordedStories() []record.Summary {
	l.t.Helper()
	resp, body := l.operator("GET", "/admin/stories", "Authorization", "Bearer "+adminToken)
	var found struct{ Stories []record.Summary }
	if err := json.Unmarshal([]byte(body), &found); err != nil || resp.StatusCode != 200 {
		l.t.Fatalf("%d %s", resp.StatusCode, body)
	}
	return found.Stories
}

// TestRecorded saves what was recorded for an operator, and for nobody else.
func TestRecorded(t *testing.T) {
	l := newLab(t, withToken, byCode, func(c *config.Config, _ *Options) { c.Record.Enabled = true })
	l.member("app", "ada@example.com")
	list := l.recordedStories()
	if len(list) != 1 || list[0].Client != "app" || strings.Join(list[0].Flows, ",") != "signup: session" || len(list[0].Runs) != 1 {
		t.Fatalf("%+v", list)
	}
	for _, id := range []string{list[0].ID, list[0].Runs[0]} {
		resp, body := l.operator("GET", "/admin/stories/"+id, "Authorization", "Bearer "+adminToken)
		if resp.StatusCode != 200 || resp.Header.Get("Content-Type") != "application/yaml; charset=utf-8" || resp.Header.Get("Cache-Control") != "no-store" {
			t.Errorf("%d %v", resp.StatusCode, resp.Header)
		}
		if !strings.HasPrefix(body, "proves: 'Recorded with the client app: signup ends at session.'\n") || strings.Contains(body, "ada") || strings.Contains(body, password) {
			t.Errorf("the story\n%s", body)
		}
		if resp, body := l.operator("GET", "/admin/stories/"+id); resp.StatusCode != 404 || strings.Contains(body, "proves") {
			t.Errorf("without the token: %d %s", resp.StatusCode, body)
		}
	}
	if resp, body := l.operator("GET", "/admin/stories/none", "Authorization", "Bearer "+adminToken); resp.StatusCode != 404 || !strings.Contains(body, "no story of this id") {
		t.Errorf("%d %s", resp.StatusCode, body)
	}
}

// TestNotRecorded: nothing is recorded unless somebody wants it.
func TestNotRecorded(t *testing.T) {
	l := newLab(t, withToken)
	l.member("app", "ada@example.com")
	if resp, body := l.operator("GET", "/admin/stories", "Authorization", "Bearer "+adminToken); resp.StatusCode != 404 || l.recorder != nil {
		t.Errorf("%d %s", resp.StatusCode, body)
	}
}

// TestRecordedIntoAFolder: stories are written while the server runs, readable by their
// owner alone.
func TestRecordedIntoAFolder(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "stories")
	l := newLab(t, byCode, func(c *config.Config, _ *Options) { c.Record.Dir = dir })
	l.member("browser", "ada@example.com")
	var files []string
	l.eventually("a story in the folder", func() bool {
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

// TestRecordedSettings: a story says what its server has otherwise, and neither its
// secrets nor where it is.
func TestRecordedSettings(t *testing.T) {
	c := config.Default()
	if got := recordedSettings(c); len(got) != 0 {
		t.Errorf("of the defaults: %v", got)
	}
	c.Account.EmailVerification, c.Account.LoginTimeout = "optional", 60
	c.PublicURL, c.SecretKey, c.Headless.JWTPrivateKey, c.Headless.FrontendURLs.Signup = "https://auth.example.com", "k", "p", "https://app.example.com/x"
	c.Headless.TokenStrategy, c.MFA.WebAuthnRPID = "jwt", "example.com"
	c.SocialAccount.Providers = []config.Provider{{ID: "work", Provider: "google", ClientID: "mine", Secret: "s3cret"}}
	text, err := json.Marshal(recordedSettings(c))
	want := `{"account":{"email_verification":"optional","login_timeout":60},"headless":{"token_strategy":"jwt"},"socialaccount":{"providers":[{"client_id":"client","email_authentication":false,"id":"work","name":"Mock","provider":"openid_connect","secret":"secret","server_url":"http://127.0.0.1:2590","verified_email":false}]}}`
	if err != nil || string(text) != want {
		t.Errorf("%s, %v\nwant\n%s", text, err, want)
	}
}

// TestPageRuns: the development page is told the latest runs, and can save each.
func TestPageRuns(t *testing.T) {
	l := newLab(t, dev, byCode)
	l.member("app", "ada@example.com")
	resp, body := l.operator("GET", "/dev/runs.json")
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
	if r.Flow != "signup" || r.State != "ended" || r.Node != "session" || !r.Story || !strings.Contains(r.Text, "signup_form left by created") || r.Updated.After(l.clock.read().Add(time.Second)) {
		t.Errorf("%+v", r)
	}
	if resp, body := l.operator("GET", "/dev/stories/"+r.Run); resp.StatusCode != 200 || !strings.HasPrefix(body, "proves: ") {
		t.Errorf("%d %s", resp.StatusCode, body)
	}
	if resp, body := l.operator("GET", "/dev/stories.json"); resp.StatusCode != 200 || !strings.Contains(body, r.Run) {
		t.Errorf("%d %s", resp.StatusCode, body)
	}
	for _, path := range []string{"/dev/runs.json", "/dev/stories.json", "/dev/stories/" + r.Run} {
		if resp, _ := l.operator("GET", path, "Sec-Fetch-Site", "cross-site"); resp.StatusCode != 403 {
			t.Errorf("%s for another website: %d", path, resp.StatusCode)
		}
	}
}
