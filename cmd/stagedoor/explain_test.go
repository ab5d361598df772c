package main

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"os"
	"strings"
	"testing"

	"stagedoor/engine/explain"
)

const explainToken = "0123456789abcdef0123456789abcdef0123"

// TestExplain signs up at a development server and asks why, beside it and over its
// operators' endpoint, while it runs and when it has ended.
func TestExplain(t *testing.T) {
	dir := t.TempDir()
	t.Chdir(dir)
	env := append(os.Environ(), "STAGEDOOR_ADMIN__TOKEN="+explainToken)
	p, err := launch(dir, "stagedoor", env, "dev", "--listen", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(p.kill)
	resp, err := http.Post(p.url+"/_allauth/app/v1/auth/signup", "application/json",
		strings.NewReader(`{"email": "ann@example.org", "password": "violet harbour 7"}`))
	if err != nil {
		t.Fatal(err)
	}
	_, _ = io.Copy(io.Discard, resp.Body)
	resp.Body.Close()
	over := explained(t, 0, "--user", "ann@example.org", "--url", p.url, "--token", explainToken)
	beside := explained(t, 0, "--user", "ann@example.org")
	if over != beside || !strings.Contains(over, "so verify_email is asked") || !strings.Contains(over, "waits at verify_email") {
		t.Errorf("over the endpoint\n%s\nbeside it\n%s", over, beside)
	}
	id := strings.Fields(over)[1]
	if one := explained(t, 0, id); one != over {
		t.Errorf("by its id\n%s", one)
	}
	if !strings.Contains(p.said(), "run="+id) {
		t.Errorf("the log says nothing of run %s", id)
	}
	var list []explain.Explanation
	if err := json.Unmarshal([]byte(explained(t, 0, "--user", "ann@example.org", "--json")), &list); err != nil || len(list) != 1 || list[0].String() != over {
		t.Errorf("%d runs, %v", len(list), err)
	}
	var one explain.Explanation
	if err := json.Unmarshal([]byte(explained(t, 0, id, "--json", "--url", p.url+"/admin", "--token", explainToken)), &one); err != nil || one.Run != id {
		t.Errorf("run %q, %v", one.Run, err)
	}
	t.Setenv("STAGEDOOR_ADMIN__TOKEN", explainToken)
	for want, args := range map[string][]string{
		`run "none": no trail is kept`:    {"none", "--url", p.url},
		`"eve": no account has`:           {"--user", "eve", "--url", p.url},
		"answers 404: is admin.token set": {id, "--url", p.url, "--token", "another"},
		"/ops answers 404":                {id, "--url", p.url + "/ops/"},
	} {
		if said := explained(t, 1, args...); !strings.Contains(said, want) {
			t.Errorf("%v: %s", args, said)
		}
	}
}

// explained runs the command, which must end with the status, and returns what it prints.
func explained(t *testing.T, status int, args ...string) string {
	t.Helper()
	var out, errs bytes.Buffer
	if got := run(append([]string{"explain"}, args...), &out, &errs); got != status {
		t.Fatalf("explain %v: status %d\n%s%s", args, got, &out, &errs)
	}
	return out.String() + errs.String()
}

// TestExplainRefuses what makes no sense, with a hint, and makes no database of its own.
func TestExplainRefuses(t *testing.T) {
	t.Chdir(t.TempDir())
	t.Setenv("STAGEDOOR_ADMIN__TOKEN", "")
	if err := os.WriteFile("none.yaml", []byte("dev: {enabled: true}\ntrails: {keep_days: 0}\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for want, args := range map[string][]string{
		"nothing to explain: give the id of a run, or --user": nil,
		"a run and --user: give one of them":                  {"r", "--user", "ann"},
		"--limit 0: a number from 1":                          {"r", "--limit", "0"},
		"the runs are read from one place":                    {"r", "--url", "http://localhost", "--config", "x.yaml"},
		"no database at stagedoor-data/dev/":                  {"r"},
		"no trails are kept: trails.keep_days is 0":           {"r", "--config", "none.yaml"},
		"nowhere.yaml":             {"r", "--config", "nowhere.yaml"},
		"not an http or https URL": {"r", "--url", "localhost:8080", "--token", "x"},
		"no token: give --token":   {"r", "--url", "http://localhost:1"},
		"connection refused":       {"r", "--url", "http://127.0.0.1:1", "--token", "x"},
	} {
		if said := explained(t, 1, args...); !strings.HasPrefix(said, "stagedoor: ") || !strings.Contains(said, want) {
			t.Errorf("%v: %s", args, said)
		}
	}
	if _, err := os.Stat("stagedoor-data"); err == nil {
		t.Error("a database was made")
	}
}
