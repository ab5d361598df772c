package main

import (
	"bytes"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/pquerna/otp/totp"

	"stagedoor/transport/config"
)

// oathAhead names a file in the environment of oathtool. Once it is there, the clock of the
// authenticator app is half a minute ahead.
const oathAhead = "OATHTOOL_AHEAD"

// oathtool prints a TOTP code as the program of that name does, which the README's
// commands use: the code of now, and from the second call on that of the next half minute,
// so that nobody waits until it begins. A server takes both (mfa.totp_tolerance).
func oathtool() {
	at, mark := time.Now(), os.Getenv(oathAhead)
	if _, err := os.Stat(mark); err == nil {
		at = at.Add(30 * time.Second)
	}
	code, err := totp.GenerateCode(os.Args[len(os.Args)-1], at)
	if err == nil {
		err = os.WriteFile(mark, nil, 0o600)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	fmt.Println(code)
}

// block is the first fenced block of a language in the README, blockAt one of those that
// follow, counted from 0.
func block(t *testing.T, language string) string { return blockAt(t, language, 0) }

func blockAt(t *testing.T, language string, n int) string {
	t.Helper()
	readme, err := os.ReadFile(filepath.Join(root, "README.md"))
	if err != nil {
		t.Fatal(err)
	}
	m := regexp.MustCompile("(?s)\n```"+language+"\n(.*?)\n```\n").FindAllSubmatch(readme, -1)
	if len(m) <= n {
		t.Fatalf("the README has %d blocks of %s, and block %d is looked for", len(m), language, n)
	}
	return string(m[n][1])
}

// needs skips a test where the README's commands cannot be run.
func needs(t *testing.T, tools ...string) {
	t.Helper()
	for _, tool := range tools {
		if _, err := exec.LookPath(tool); err != nil {
			t.Skipf("no %s on PATH: the README's commands are not run", tool)
		}
	}
}

// walk runs commands of the README against a server, holds each answer against what the
// README says of it, and returns them.
func walk(t *testing.T, script, said, url string) []string {
	t.Helper()
	run := exec.Command("bash", "-eu", "-c", strings.ReplaceAll(script, said, url))
	run.Env = append(os.Environ(), oathAhead+"="+filepath.Join(t.TempDir(), "ahead"))
	var errs bytes.Buffer
	run.Stderr = &errs
	out, err := run.Output()
	if err != nil {
		t.Fatalf("%v\n%s%s", err, out, errs.Bytes())
	}
	told := regexp.MustCompile(`answers (\d+)(?:: ([\w.]+) is pending)?`).FindAllStringSubmatch(script, -1)
	answers := strings.Split(strings.TrimSpace(string(out)), "\n")
	if len(told) < 5 || len(answers) != len(told) {
		t.Fatalf("%d answers, and the README speaks of %d:\n%s", len(answers), len(told), out)
	}
	for i, m := range told {
		if !strings.HasPrefix(answers[i], `{"status":`+m[1]+`,`) {
			t.Errorf("answer %d is not %s: %s", i+1, m[1], answers[i])
		}
		if pending := regexp.MustCompile(`"id":"([\w.]+)"[^}]*"is_pending":true`).FindStringSubmatch(answers[i]); m[2] != "" && (pending == nil || pending[1] != m[2]) ||
			m[2] == "" && pending != nil {
			t.Errorf("answer %d: pending %q, want %q", i+1, pending, m[2])
		}
	}
	return answers
}

// TestReadmeWalk runs the README's journey with curl against a development server.
func TestReadmeWalk(t *testing.T) {
	needs(t, "curl", "bash", "sed")
	t.Parallel()
	p, err := launch(t.TempDir(), "stagedoor", nil, "dev", "--listen", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer p.kill()
	answers := walk(t, block(t, "sh"), "http://localhost:8080", p.url)
	if last := answers[len(answers)-1]; !strings.Contains(last, `"method":"mfa"`) || !strings.Contains(last, `"is_authenticated":true`) {
		t.Errorf("the journey ends with %s", last)
	}
}

// TestReadmeCustomStage follows the README through its first custom stage: the module is
// made, the program compiled, run and walked through, as it stands there.
func TestReadmeCustomStage(t *testing.T) {
	needs(t, "curl", "bash", "sed", "go")
	t.Parallel()
	clone, err := filepath.Abs(root)
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	set := exec.Command("bash", "-eu", "-c", strings.ReplaceAll(block(t, "bash"), "../stagedoor", clone))
	set.Dir, set.Env = dir, append(os.Environ(), "GOWORK=off", "GOFLAGS=")
	if out, err := set.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	dir = filepath.Join(dir, "hello")
	t.Run("embedding", func(t *testing.T) { embeds(t, filepath.Join(dir, "embeds")) })
	buildReadme(t, dir, strings.ReplaceAll(blockAt(t, "go", 1), "127.0.0.1:8081", freeAddress(t)))
	p, err := launch(dir, filepath.Join(dir, "program"), os.Environ())
	if err != nil {
		t.Fatal(err)
	}
	defer p.kill()
	answers := walk(t, blockAt(t, "sh", 1), "http://127.0.0.1:8081", p.url)
	if !strings.Contains(answers[1], `"fields":[{"name":"source","type":"text","required":true,"max_length":40}]`) {
		t.Errorf("the pending stage says %s", answers[1])
	}
}

// buildReadme compiles a program of the README in a folder, as "program".
func buildReadme(t *testing.T, dir, program string) {
	t.Helper()
	if err := os.MkdirAll(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "main.go"), []byte(program+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, args := range [][]string{{"build", "-mod=mod", "-ldflags=-s -w", "-o", "program", "."}, {"vet", "-mod=mod", "."}} {
		build := exec.Command("go", args...)
		build.Dir, build.Env = dir, append(os.Environ(), "GOWORK=off", "GOFLAGS=")
		if out, err := build.CombinedOutput(); err != nil {
			t.Fatalf("go %s: %v\n%s", args[0], err, out)
		}
	}
}

// embeds runs the shortest program with sign-in built in, which is short indeed.
func embeds(t *testing.T, dir string) {
	program, at := block(t, "go"), freeAddress(t)
	_, main, _ := strings.Cut(program, "\nfunc main() {\n")
	if lines := 1 + len(strings.Split(main, "\n")); lines >= 15 {
		t.Errorf("the shortest embedding has %d lines", lines)
	}
	buildReadme(t, dir, strings.Replace(program, "config.Dev()", `config.Dev(); c.Listen = "`+at+`"`, 1))
	run := exec.Command(filepath.Join(dir, "program"))
	run.Dir = dir
	if err := run.Start(); err != nil {
		t.Fatal(err)
	}
	defer func() { _, _ = run.Process.Kill(), run.Wait() }()
	for path, want := range map[string]int{"/": 200, "/hello": 401, "/auth/user/": 401, "/_allauth/app/v1/config": 200, "/nothing": 404} {
		for deadline := time.Now().Add(20 * time.Second); ; time.Sleep(10 * time.Millisecond) {
			got, err := http.Get("http://" + at + path)
			if err != nil && time.Now().Before(deadline) {
				continue
			}
			if err != nil || got.StatusCode != want {
				t.Errorf("%s: %v, %v, want %d", path, got, err, want)
			}
			if err == nil {
				_ = got.Body.Close()
			}
			break
		}
	}
}

// freeAddress is an address that nobody listens at.
func freeAddress(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().String()
}

// TestReadmeConsole runs the commands that the README shows with their output, and holds
// it against what they print.
func TestReadmeConsole(t *testing.T) {
	needs(t, "bash", "head", "tail")
	parts := strings.Split("\n"+block(t, "console"), "\n$ ")[1:]
	if len(parts) < 3 {
		t.Fatalf("the README shows %d commands", len(parts))
	}
	for _, part := range parts {
		command, want, _ := strings.Cut(part, "\n")
		run := exec.Command("bash", "-eu", "-c", command)
		run.Dir = root
		got, err := run.Output()
		if err != nil || strings.TrimRight(string(got), "\n") != want {
			t.Errorf("%s: %v\n%s\nthe README has\n%s", command, err, got, want)
		}
	}
}

// TestReadmeConfiguration loads the configuration for production as the server would.
func TestReadmeConfiguration(t *testing.T) {
	file := filepath.Join(t.TempDir(), "stagedoor.yaml")
	if err := os.WriteFile(file, []byte(block(t, "yaml")), 0o600); err != nil {
		t.Fatal(err)
	}
	c, err := config.Load(file, []string{"STAGEDOOR_SECRET_KEY=" + strings.Repeat("k", 32)})
	if err != nil {
		t.Fatal(err)
	}
	if notes := strings.Join(c.Notes(), "\n"); regexp.MustCompile(`embedded|SQLite|made at the first start|mailbox`).MatchString(notes) {
		t.Errorf("it is no set-up for production:\n%s", notes)
	}
	for _, advice := range c.Advice() {
		t.Errorf("front ends will stumble over it: %s", advice)
	}
	for _, change := range config.Differences(config.Dev(), c) {
		section, _, _ := strings.Cut(change.Key, ".")
		if on, isSwitch := change.Was.(bool); on && isSwitch && (section == "account" || section == "mfa" || section == "usersessions") {
			t.Errorf("on in development, and not there: %s", change)
		}
	}
}

// TestCompose holds the variables of compose.yaml against the configuration.
func TestCompose(t *testing.T) {
	compose := readCompose(t)
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
	c, err := config.Load("", env)
	if err != nil {
		t.Fatal(err)
	}
	if c.Embedded() || c.Dev.Enabled || c.Origin() != "http://localhost:8080" {
		t.Errorf("compose.yaml runs %v", c.Notes())
	}
}
