package main

import (
	"encoding/json"
	"os/exec"
	"strings"
	"testing"
)

// TestModules: go.mod names no module of which nothing is built, program or test. Whoever
// fetches all modules at once (go mod download, as the Dockerfile does) waits for each:
// the tests of a dependency can bring one of 24 MB.
func TestModules(t *testing.T) {
	t.Parallel()
	// What is built on another system than the one tests run on.
	elsewhere := map[string]string{"github.com/inconshreveable/mousetrap": "cobra has it on Windows"}
	built := make(map[string]bool)
	for path := range strings.FieldsSeq(goOutput(t, "list", "-deps", "-test", "-f", "{{with .Module}}{{.Path}}{{end}}", "stagedoor/...")) {
		built[path] = true
	}
	var mod struct {
		Require []struct{ Path string }
	}
	if err := json.Unmarshal([]byte(goOutput(t, "mod", "edit", "-json")), &mod); err != nil {
		t.Fatal(err)
	}
	if len(mod.Require) < 20 {
		t.Fatalf("go.mod requires %d modules", len(mod.Require))
	}
	for _, m := range mod.Require {
		if !built[m.Path] && elsewhere[m.Path] == "" {
			t.Errorf("go.mod requires %s, and nothing is built of it; leave the line out and run go mod tidy", m.Path)
		}
	}
}

// goOutput is what the go command prints.
func goOutput(t *testing.T, args ...string) string {
	t.Helper()
	out, err := exec.Command("go", args...).Output()
	if err != nil {
		t.Fatalf("go %s: %v", strings.Join(args, " "), err)
	}
	return string(out)
}
