package main

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// TestReadmeProvider signs in with the server and the configuration of the README's chapter on
// providers that are described by settings, and is shown the person as that server has her.
func TestReadmeProvider(t *testing.T) {
	t.Parallel()
	readme, err := os.ReadFile(filepath.Join(root, "README.md"))
	if err != nil {
		t.Fatal(err)
	}
	_, text, _ := strings.Cut(string(readme), "\n### Any other provider\n")
	m := regexp.MustCompile("(?s)\n```yaml\n(.*?\n)```\n").FindStringSubmatch(text)
	if m == nil {
		t.Fatal("the chapter has no configuration")
	}
	dir := t.TempDir()
	build := exec.Command("go", "build", "-o", filepath.Join(dir, "oauth2"), "./testdata/oauth2")
	build.Dir = root
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	theirs, err := launch(dir, filepath.Join(dir, "oauth2"), os.Environ(), "-listen", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer theirs.kill()
	file := filepath.Join(dir, "providers.yaml")
	if err := os.WriteFile(file, []byte(strings.ReplaceAll(m[1], "http://127.0.0.1:9100", theirs.url)), 0o600); err != nil {
		t.Fatal(err)
	}
	ours, err := launch(dir, "stagedoor", os.Environ(), "dev", "--config", file, "--listen", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer ours.kill()

	var began struct {
		URL   string `json:"redirect_url"`
		Token string `json:"flow_token"`
	}
	ours.post(t, "/auth/providers/intranet/redirect/", map[string]string{}, &began)
	web := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	got, err := web.Get(began.URL)
	if err != nil {
		t.Fatal(err)
	}
	_ = got.Body.Close()
	back, err := got.Location()
	if err != nil {
		t.Fatalf("%s: %s", began.URL, got.Status)
	}
	var in struct {
		User struct {
			Email   string
			Given   string `json:"given_name"`
			Family  string `json:"family_name"`
			Picture string
		}
	}
	q := back.Query()
	ours.post(t, "/auth/providers/intranet/callback/", map[string]string{"code": q.Get("code"), "state": q.Get("state"), "token": began.Token}, &in)
	if u := in.User; u.Email != "ann@intranet.example" || u.Given != "Ann" || u.Family != "Lee" || u.Picture != theirs.url+"/faces/7.png" {
		t.Errorf("signed in as %+v", u)
	}
}

// post sends JSON and reads what comes with 200.
func (p *process) post(t *testing.T, path string, body, into any) {
	t.Helper()
	text, err := json.Marshal(body)
	if err != nil {
		t.Fatal(err)
	}
	got, err := http.Post(p.url+path, "application/json", bytes.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	defer got.Body.Close()
	answer, err := io.ReadAll(got.Body)
	if err != nil || got.StatusCode != http.StatusOK || json.Unmarshal(answer, into) != nil {
		t.Fatalf("POST %s: %s %s %v\n%s", path, got.Status, answer, err, p.said())
	}
}
