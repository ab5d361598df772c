package main

import (
	"bytes"
	"io"
	"net/http"
	"os"
	"strings"
	"testing"
)

// recorded runs the command, which must end with the status, and returns what it prints.
func recorded(t *testing.T, status int, args ...string) string {
	t.Helper()
	var out, errs bytes.Buffer
	if got := run(append([]string{"record"}, args...), &out, &errs); got != status {
		t.Fatalf("record %v: status %d\n%s%s", args, got, &out, &errs)
	}
	return out.String() + errs.String()
}

// TestRecord signs up at a development server, saves that as a fixture, and replays it.
func TestRecord(t *testing.T) {
	dir := t.TempDir()
	t.Chdir(dir)
	t.Setenv("STAGEDOOR_ADMIN__TOKEN", "")
	p, err := launch(dir, "stagedoor", append(os.Environ(), "STAGEDOOR_ADMIN__TOKEN="+explainToken), "dev", "--listen", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(p.kill)
	if said := recorded(t, 0, "--url", p.url); said != "nothing is recorded yet\n" {
		t.Errorf("at first: %s", said)
	}
	resp, err := http.Post(p.url+"/_allauth/app/v1/auth/signup", "application/x-www-form-urlencoded", // as curl does
		strings.NewReader(`{"email": "ann@example.org", "password": "violet harbour 7"}`))
	if err != nil {
		t.Fatal(err)
	}
	_, _ = io.Copy(io.Discard, resp.Body)
	resp.Body.Close()
	list := recorded(t, 0, "--url", p.url)
	if !strings.Contains(list, "app  1 requests  signup: waits") || list != recorded(t, 0, "--url", p.url, "--token", explainToken) {
		t.Errorf("the list: %s", list)
	}
	id := strings.Fields(list)[0]
	if said := recorded(t, 0, id, "--url", p.url, "--out", "signup.yaml"); !strings.Contains(said, "stagedoor replay signup.yaml") {
		t.Errorf("saved: %s", said)
	}
	text, err := os.ReadFile("signup.yaml")
	if err != nil || string(text) != recorded(t, 0, id, "--url", p.url) || bytes.Contains(text, []byte("ann@")) || bytes.Contains(text, []byte("violet")) {
		t.Errorf("%v\n%s", err, text)
	}
	var out, errs bytes.Buffer
	if status := run([]string{"replay", "signup.yaml"}, &out, &errs); status != 0 || !strings.Contains(out.String(), "1 passed, 0 failed") {
		t.Errorf("replay: %d\n%s%s", status, &out, &errs)
	}
	for want, args := range map[string][]string{
		"signup.yaml: file exists": {id, "--url", p.url, "--out", "signup.yaml"},
		"no story of this id":      {"none", "--url", p.url},
		"no story of this id,":     {"none", "--url", p.url, "--token", explainToken},
		"is this the token?":       {"--url", p.url, "--token", "another"},
		"--out: name the story":    {"--url", p.url, "--out", "x.yaml"},
		"not an http or https URL": {"--url", "localhost"},
		"connection refused":       {"--url", "http://127.0.0.1:1"},
	} {
		if said := recorded(t, 1, args...); !strings.Contains(said, want) {
			t.Errorf("%v: %s", args, said)
		}
	}
}
