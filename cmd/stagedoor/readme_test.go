package main

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/pquerna/otp/totp"
	"go.yaml.in/yaml/v3"

	"stagedoor/transport/server"
)

// oathtool prints the TOTP code of now, as the program of that name does, which the
// README's commands use.
func oathtool() {
	code, err := totp.GenerateCode(os.Args[len(os.Args)-1], time.Now())
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	fmt.Println(code)
}

// block is the first fenced block of a language in the README.
func block(t *testing.T, language string) string {
	t.Helper()
	readme, err := os.ReadFile(filepath.Join(root, "README.md"))
	if err != nil {
		t.Fatal(err)
	}
	m := regexp.MustCompile("(?s)\n```" + language + "\n(.*?)\n```\n").FindSubmatch(readme)
	if m == nil {
		t.Fatalf("the README has no block of %s", language)
	}
	return string(m[1])
}

// TestReadmeWalk runs the README's journey with curl against a development server, and
// holds each answer against what the README says of it.
func TestReadmeWalk(t *testing.T) {
	for _, tool := range []string{"curl", "bash", "sed"} {
		if _, err := exec.LookPath(tool); err != nil {
			t.Skipf("no %s on PATH: the README's commands are not run", tool)
		}
	}
	script := block(t, "sh")
	p, err := launch(t.TempDir(), "stagedoor", os.Environ(), "dev", "--listen", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer p.kill()
	run := exec.Command("bash", "-eu", "-c", strings.ReplaceAll(script, "http://localhost:8080", p.url))
	var errs bytes.Buffer
	run.Stderr = &errs
	out, err := run.Output()
	if err != nil {
		t.Fatalf("%v\n%s%s", err, out, errs.Bytes())
	}
	said := regexp.MustCompile(`answers (\d+)(?:: (\w+) is pending)?`).FindAllStringSubmatch(script, -1)
	answers := strings.Split(strings.TrimSpace(string(out)), "\n")
	if len(said) < 5 || len(answers) != len(said) {
		t.Fatalf("%d answers, and the README speaks of %d:\n%s", len(answers), len(said), out)
	}
	for i, m := range said {
		if !strings.HasPrefix(answers[i], `{"status":`+m[1]+`,`) {
			t.Errorf("answer %d is not %s: %s", i+1, m[1], answers[i])
		}
		if pending := regexp.MustCompile(`"id":"(\w+)"[^}]*"is_pending":true`).FindStringSubmatch(answers[i]); m[2] != "" && (pending == nil || pending[1] != m[2]) ||
			m[2] == "" && pending != nil {
			t.Errorf("answer %d: pending %q, want %q", i+1, pending, m[2])
		}
	}
	if last := answers[len(answers)-1]; !strings.Contains(last, `"method":"mfa"`) || !strings.Contains(last, `"is_authenticated":true`) {
		t.Errorf("the journey ends with %s", last)
	}
}

// TestReadmeConfiguration loads the configuration for production as the server would.
func TestReadmeConfiguration(t *testing.T) {
	file := filepath.Join(t.TempDir(), "stagedoor.yaml")
	if err := os.WriteFile(file, []byte(block(t, "yaml")), 0o600); err != nil {
		t.Fatal(err)
	}
	c, err := server.Load(file, []string{"STAGEDOOR_SECRET_KEY=" + strings.Repeat("k", 32)})
	if err != nil {
		t.Fatal(err)
	}
	if notes := strings.Join(c.Notes(), "\n"); regexp.MustCompile(`embedded|SQLite|made at the first start|mailbox`).MatchString(notes) {
		t.Errorf("it is no set-up for production:\n%s", notes)
	}
}

// TestCompose holds the variables of compose.yaml against the configuration.
func TestCompose(t *testing.T) {
	text, err := os.ReadFile(filepath.Join(root, "compose.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	var compose struct {
		Services map[string]struct{ Environment map[string]string }
	}
	if err := yaml.Unmarshal(text, &compose); err != nil {
		t.Fatal(err)
	}
	// The image sets the address; compose asks for the key.
	env := []string{"STAGEDOOR_LISTEN=0.0.0.0:8080", "STAGEDOOR_SECRET_KEY=" + strings.Repeat("k", 64)}
	for name, value := range compose.Services["stagedoor"].Environment {
		if name != "STAGEDOOR_SECRET_KEY" {
			env = append(env, name+"="+value)
		}
	}
	if len(env) < 10 {
		t.Fatalf("compose.yaml sets only %q", env)
	}
	c, err := server.Load("", env)
	if err != nil {
		t.Fatal(err)
	}
	if c.Embedded() || c.Dev.Enabled || c.Origin() != "http://localhost:8080" {
		t.Errorf("compose.yaml runs %v", c.Notes())
	}
}
