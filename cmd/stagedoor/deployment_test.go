package main

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"

	"stagedoor/transport/config"
)

// pinned is an image that is named by its version and by what it is.
var pinned = regexp.MustCompile(`^[a-z0-9./-]+:v?\d+\.\d+(\.\d+)?[a-z0-9.-]*@sha256:[0-9a-f]{64}$`)

// compose is what compose.yaml may say; whatever else it said would be an error.
type compose struct {
	Rights   any `yaml:"x-without-rights"`
	Services map[string]struct {
		Build, Image, User string
		Ports, Volumes     []string
		Tmpfs, Command     []string
		Environment        map[string]string
		DependsOn          map[string]struct{ Condition string } `yaml:"depends_on"`
		Healthcheck        struct {
			Test     []string
			Interval string
			Retries  int
		}
		Restart     string
		StopGrace   string   `yaml:"stop_grace_period"`
		ReadOnly    bool     `yaml:"read_only"`
		CapDrop     []string `yaml:"cap_drop"`
		SecurityOpt []string `yaml:"security_opt"`
	}
	Volumes map[string]any
}

// readCompose reads compose.yaml, and refuses what it does not know.
func readCompose(t *testing.T) compose {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(root, "compose.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	var c compose
	strict := yaml.NewDecoder(bytes.NewReader(text))
	strict.KnownFields(true)
	if err := strict.Decode(&c); err != nil {
		t.Fatal(err)
	}
	return c
}

// TestComposeHasNoRights: no service of compose.yaml can become more than it is, change its
// files or be another one tomorrow.
func TestComposeHasNoRights(t *testing.T) {
	c := readCompose(t)
	if len(c.Services) != 4 {
		t.Errorf("compose.yaml has %d services", len(c.Services))
	}
	for name, s := range c.Services {
		if !s.ReadOnly || !slices.Equal(s.CapDrop, []string{"ALL"}) || !slices.Equal(s.SecurityOpt, []string{"no-new-privileges:true"}) {
			t.Errorf("%s has rights: read-only %v, drops %q, %q", name, s.ReadOnly, s.CapDrop, s.SecurityOpt)
		}
		if s.User == "" || strings.HasPrefix(s.User, "0") || strings.HasPrefix(s.User, "root") {
			t.Errorf("%s runs as %q", name, s.User)
		}
		if s.Build == "" && !pinned.MatchString(s.Image) {
			t.Errorf("%s has an image that may be another one tomorrow: %s", name, s.Image)
		}
		for _, port := range s.Ports {
			if !strings.HasPrefix(port, "127.0.0.1:") {
				t.Errorf("%s is open to other machines: %s", name, port)
			}
		}
		for _, volume := range s.Volumes {
			if of, _, _ := strings.Cut(volume, ":"); !slices.Contains([]string{"postgres", "stagedoor"}, of) {
				t.Errorf("%s has the volume %s", name, volume)
			}
		}
	}
	if docker, err := exec.LookPath("docker"); err == nil && exec.Command(docker, "compose", "version").Run() == nil {
		run := exec.Command(docker, "compose", "config", "--quiet")
		run.Dir, run.Env = root, append(os.Environ(), "STAGEDOOR_SECRET_KEY="+strings.Repeat("k", 64))
		if out, err := run.CombinedOutput(); err != nil {
			t.Errorf("docker compose config: %v\n%s", err, out)
		}
	}
}

// TestDockerfile: the image is built of a pinned one, holds the program alone, and runs it
// as nobody.
func TestDockerfile(t *testing.T) {
	text, err := os.ReadFile(filepath.Join(root, "Dockerfile"))
	if err != nil {
		t.Fatal(err)
	}
	var from []string
	user := ""
	for line := range strings.Lines(string(text)) {
		switch words := strings.Fields(line); {
		case len(words) < 2:
		case words[0] == "FROM":
			from = append(from, words[1])
			user = ""
		case words[0] == "USER":
			user = words[1]
		}
	}
	if len(from) != 2 || !pinned.MatchString(from[0]) || from[1] != "scratch" {
		t.Errorf("it is built of %q", from)
	}
	if user != "65532:65532" {
		t.Errorf("it runs as %q", user)
	}
}

// unit is the README's unit of systemd, with its specifiers as systemd replaces them.
func unit(t *testing.T, state, credentials string) map[string][]string {
	t.Helper()
	text := strings.NewReplacer("%S", state, "%d", credentials).Replace(block(t, "ini"))
	out := map[string][]string{}
	for line := range strings.Lines(text) {
		if name, value, ok := strings.Cut(strings.TrimSpace(line), "="); ok {
			out[name] = append(out[name], value)
		}
	}
	return out
}

// TestReadmeUnit starts the server as the README's unit does, with its secrets in files, and
// lets systemd judge the unit where it is installed.
func TestReadmeUnit(t *testing.T) {
	state, credentials, dir := t.TempDir(), t.TempDir(), t.TempDir()
	u := unit(t, state, credentials)
	for name, value := range map[string]string{"secret_key": strings.Repeat("k", 64), "database_url": "postgres://stagedoor@db.example.com/stagedoor"} {
		if err := os.WriteFile(filepath.Join(credentials, name), []byte(value+"\n"), 0o400); err != nil {
			t.Fatal(err)
		}
		if !slices.Contains(u["LoadCredential"], name+":/etc/stagedoor/"+name) {
			t.Errorf("the unit loads %q and not %s", u["LoadCredential"], name)
		}
	}
	var env []string
	for _, line := range u["Environment"] {
		env = append(env, strings.Fields(line)...)
	}
	file := filepath.Join(dir, "stagedoor.yaml")
	production := regexp.MustCompile(`(?m)^database:\n  url: .*\n`).ReplaceAllString(block(t, "yaml"), "")
	if err := os.WriteFile(file, []byte(production), 0o600); err != nil {
		t.Fatal(err)
	}
	c, err := config.Load(file, env)
	if err != nil {
		t.Fatal(err)
	}
	if c.DataDir != filepath.Join(state, u["StateDirectory"][0]) {
		t.Errorf("its data is in %s, which systemd does not let it write", c.DataDir)
	}
	if c.Embedded() || c.SecretKey.Reveal() != strings.Repeat("k", 64) {
		t.Error("the credentials do not reach it")
	}
	if start := u["ExecStart"]; len(start) != 1 || start[0] != "/usr/local/bin/stagedoor serve --config /etc/stagedoor/stagedoor.yaml" {
		t.Errorf("it starts %q", start)
	}
	analyze, err := exec.LookPath("systemd-analyze")
	if err != nil {
		t.Skip("no systemd-analyze on PATH: systemd does not judge the unit")
	}
	program, err := exec.LookPath("stagedoor")
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(dir, "stagedoor.service")
	text := strings.Replace(block(t, "ini"), "/usr/local/bin/stagedoor", program, 1)
	if err := os.WriteFile(path, []byte(text+"\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	if out, err := exec.Command(analyze, "verify", "--man=no", path).CombinedOutput(); err != nil || len(bytes.TrimSpace(out)) > 0 {
		t.Errorf("systemd-analyze verify: %v\n%s", err, out)
	}
	if out, err := exec.Command(analyze, "security", "--offline=true", "--threshold=20", path).CombinedOutput(); err != nil {
		t.Errorf("systemd-analyze security: exposure above 2.0: %v\n%s", err, out)
	}
}

// TestNoCodeIsMade: the unit's MemoryDenyWriteExecute would end a process that writes code and
// runs it. A server with its database and records inside has no such memory.
func TestNoCodeIsMade(t *testing.T) {
	p, err := launch(t.TempDir(), "stagedoor", os.Environ(), "dev", "--listen", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer p.kill()
	maps, err := os.ReadFile(filepath.Join("/proc", strconv.Itoa(p.cmd.Process.Pid), "maps"))
	if err != nil {
		t.Skip("the system does not tell what a process has in memory")
	}
	for line := range strings.Lines(string(maps)) {
		f := strings.Fields(line)
		if len(f) < 5 || !strings.Contains(f[1], "x") {
			continue
		}
		if of := strings.Join(f[5:], " "); f[1][1] == 'w' || of == "" || strings.HasPrefix(of, "/dev/zero") {
			t.Errorf("memory that it may run and did not load: %s", line)
		}
	}
}
