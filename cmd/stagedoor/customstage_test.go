package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// goIn runs the go command in a directory, on what is there and nothing else: no
// workspace, and no changes to go.mod or go.sum.
func goIn(t *testing.T, dir string, args ...string) string {
	t.Helper()
	cmd := exec.Command("go", args...)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "GOFLAGS=-mod=readonly", "GOWORK=off")
	out, err := cmd.CombinedOutput()
	if err != nil {
		hint := ""
		if strings.Contains(string(out), "go.mod") || strings.Contains(string(out), "go.sum") {
			hint = "\nrun go mod tidy in testdata/customstage: it needs what this module needs"
		}
		t.Fatalf("go %s in %s: %v\n%s%s", strings.Join(args, " "), dir, err, out, hint)
	}
	return string(out)
}

// TestCustomStage builds, vets and tests the module that adds stages and flows from
// outside, and sees that it imports no more than others can.
func TestCustomStage(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(root, "testdata", "customstage")
	goIn(t, dir, "build", "-ldflags=-s -w", "-o", t.TempDir(), "./...")
	goIn(t, dir, "vet", "./...")
	goIn(t, dir, "test", "./...")
	if module := strings.TrimSpace(goIn(t, dir, "list", "-m")); strings.HasPrefix(module, "stagedoor") {
		t.Errorf("the module %s is not an outside one", module)
	}
	for _, path := range strings.Fields(goIn(t, dir, "list", "-f", `{{join .Imports "\n"}}`, "./...")) {
		if strings.Contains(path, "internal/") {
			t.Errorf("it imports %s, which no outside module can", path)
		}
	}
}
