package suite

import (
	"bytes"
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// commandLimit is how long one command may take: installing or compiling, on a busy machine.
const commandLimit = 6 * time.Minute

// Require skips a test where STAGEDOOR_REQUIRE does not have the name: packages would be
// fetched for it.
func Require(t *testing.T, name string) {
	t.Helper()
	if !strings.Contains(os.Getenv("STAGEDOOR_REQUIRE"), name) {
		t.Skipf("STAGEDOOR_REQUIRE does not contain %q: packages of other people would have to be installed", name)
	}
}

// Program is the path of a program. Where there is none the test is skipped, or fails if
// STAGEDOOR_REQUIRE contains its name.
func Program(t *testing.T, name string) string {
	t.Helper()
	path, err := exec.LookPath(name)
	if err == nil {
		return path
	}
	if strings.Contains(os.Getenv("STAGEDOOR_REQUIRE"), name) {
		t.Fatalf("%s is required and not on PATH", name)
	}
	t.Skipf("no %s on PATH", name)
	return ""
}

// Project is a copy of a folder, in which programs of other people run.
type Project struct {
	T *testing.T
	// Dir is gone when the test ends.
	Dir string
	// Env is the environment of what it runs.
	Env []string
}

// NewProject copies a folder into one that is gone when the test ends. What is installed there
// comes first on its PATH.
func NewProject(t *testing.T, folder string) *Project {
	t.Helper()
	dir := t.TempDir()
	path := strings.Join([]string{filepath.Join(dir, "bin"), filepath.Join(dir, "node_modules/.bin"), os.Getenv("PATH")}, ":")
	p := &Project{T: t, Dir: dir, Env: append(os.Environ(), "PATH="+path, "GOWORK=off", "GOFLAGS=-mod=readonly")}
	p.Copy(folder, ".")
	return p
}

// Copy copies a folder into one of the project.
func (p *Project) Copy(folder, into string) {
	p.T.Helper()
	if err := os.CopyFS(filepath.Join(p.Dir, into), os.DirFS(folder)); err != nil {
		p.T.Fatal(err)
	}
}

// Write writes a file of the project.
func (p *Project) Write(name, text string) {
	p.T.Helper()
	path := filepath.Join(p.Dir, name)
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		p.T.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		p.T.Fatal(err)
	}
}

// Run runs a line of shell in the project and returns what it printed.
func (p *Project) Run(line string) string {
	p.T.Helper()
	out, err := p.Try(line)
	if err != nil {
		p.T.Fatalf("%s: %v\n%s", line, err, out)
	}
	return out
}

// Try is Run for a command that may fail.
func (p *Project) Try(line string) (string, error) {
	ctx, cancel := context.WithTimeout(p.T.Context(), commandLimit)
	defer cancel()
	command := exec.CommandContext(ctx, "bash", "-euc", line)
	command.Dir, command.Env, command.WaitDelay = p.Dir, p.Env, time.Second
	var out bytes.Buffer
	command.Stdout, command.Stderr = &out, &out
	began := time.Now()
	err := command.Run()
	p.T.Logf("%.1f s: %.200s", time.Since(began).Seconds(), line)
	return out.String(), err
}

// NPM installs what package-lock.json says, and lets none of it run scripts.
func (p *Project) NPM() {
	p.T.Helper()
	p.Run("npm ci --ignore-scripts --no-audit --no-fund")
}

// Pip installs what requirements.txt says, in an environment of the project's own.
func (p *Project) Pip() {
	p.T.Helper()
	p.Run("python3 -m venv . && pip install --quiet --no-compile --disable-pip-version-check --requirement requirements.txt")
}
