package generators

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

// root is the top of the repository; below projects are those that use generated clients,
// each with the versions of what it needs.
const (
	root     = "../../../.."
	projects = root + "/testdata/generators"
)

// limit is how long one command may take: installing or compiling, on a busy machine.
const limit = 6 * time.Minute

// required skips a test where STAGEDOOR_REQUIRE does not have the name: packages would be
// fetched for it.
func required(t *testing.T, name string) {
	t.Helper()
	if !strings.Contains(os.Getenv("STAGEDOOR_REQUIRE"), name) {
		t.Skipf("STAGEDOOR_REQUIRE does not contain %q: packages of other people would have to be installed", name)
	}
}

// project is a copy of one of the projects, into which packages are installed and clients
// are generated.
type project struct {
	t   *testing.T
	dir string
	env []string
}

// newProject copies a project into a folder that is gone when the test ends. What is
// installed there comes first on its PATH.
func newProject(t *testing.T, name string) *project {
	t.Helper()
	dir := t.TempDir()
	if err := os.CopyFS(dir, os.DirFS(filepath.Join(projects, name))); err != nil {
		t.Fatal(err)
	}
	path := strings.Join([]string{filepath.Join(dir, "bin"), filepath.Join(dir, "node_modules/.bin"), os.Getenv("PATH")}, ":")
	return &project{t: t, dir: dir, env: append(os.Environ(), "PATH="+path, "GOWORK=off", "GOFLAGS=-mod=readonly")}
}

// run runs a line of shell in the project and returns what it printed.
func (p *project) run(line string) string {
	p.t.Helper()
	out, err := p.try(line)
	if err != nil {
		p.t.Fatalf("%s: %v\n%s", line, err, out)
	}
	return out
}

// try is run for a command that may fail.
func (p *project) try(line string) (string, error) {
	ctx, cancel := context.WithTimeout(p.t.Context(), limit)
	defer cancel()
	command := exec.CommandContext(ctx, "bash", "-euc", line)
	command.Dir, command.Env, command.WaitDelay = p.dir, p.env, time.Second
	var out bytes.Buffer
	command.Stdout, command.Stderr = &out, &out
	began := time.Now()
	err := command.Run()
	p.t.Logf("%.1f s: %.200s", time.Since(began).Seconds(), line)
	return out.String(), err
}

// npm installs what package-lock.json says, and lets none of it run scripts.
func (p *project) npm() { p.run("npm ci --ignore-scripts --no-audit --no-fund") }

// pip installs what requirements.txt says, in an environment of the project's own.
func (p *project) pip() {
	p.run("python3 -m venv . && pip install --quiet --no-compile --disable-pip-version-check --requirement requirements.txt")
}
