package config

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"go.yaml.in/yaml/v3"
)

// FuzzLoad holds Load to its word for any file and any variable: either every
// fault in a line of its own and no configuration, or one that is sound and
// survives being written and read again.
func FuzzLoad(f *testing.F) {
	files, err := filepath.Glob(filepath.Join(profilesDir, "*.yaml"))
	if err != nil {
		f.Fatal(err)
	}
	for _, file := range files {
		content, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(string(content), "LISTEN", ":1")
	}
	for _, content := range []string{
		"a.b: 1", "1: {2: 3}", "account: [a, {b: c}]", "? [a]\n: b", "a: &a [*a]", "x: !!binary aGk=", "socialaccount: {providers: [[[1]], null, {provider: x}]}",
		"account: {rate_limits: {login: [1], 2: 3}, login_by_code_required: [password]}", "account: {login_timeout: 1e-9, email_confirmation_expire_days: .nan}",
		"socialaccount: {providers: [{provider: apple, client_id: c, settings: {a: b}, auth_params: {c: d}}]}", "<<: {listen: x}", "secret_key_file: /",
	} {
		f.Add(content, "ACCOUNT__RATE_LIMITS", "0")
	}
	f.Add("", "SOCIALACCOUNT__PROVIDERS__MOCK__SETTINGS__A", "b")
	f.Add("", "ACCOUNT____", "=")
	dir := f.TempDir()
	f.Fuzz(func(t *testing.T, content, name, value string) {
		if strings.Contains(content, "_file") || strings.Contains(strings.ToLower(name), "_file") || strings.Contains(content, "extends") {
			t.Skip("reads files of this machine")
		}
		path := filepath.Join(dir, "fuzz.yaml")
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		c, err := LoadOver(sound(), path, []string{envPrefix + name + "=" + value})
		if err != nil {
			checkRefusal(t, c, err)
			return
		}
		if err := c.Validate(); err != nil {
			t.Fatalf("loaded with faults: %v", err)
		}
		again, err := yaml.Marshal(reveal(c))
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, again, 0o600); err != nil {
			t.Fatal(err)
		}
		twin, err := Load(path, nil)
		if err != nil {
			t.Fatalf("what was written is refused: %v\n%s", err, again)
		}
		if diff := cmp.Diff(reveal(c), reveal(twin), cmpopts.EquateEmpty()); diff != "" {
			t.Fatalf("what was written reads differently:\n%s", diff)
		}
	})
}

func checkRefusal(t *testing.T, c Config, err error) {
	t.Helper()
	var faults Faults
	if !errors.As(err, &faults) || len(faults) == 0 {
		t.Fatalf("an error without faults: %v", err)
	}
	if diff := cmp.Diff(Config{}, c); diff != "" {
		t.Fatalf("half a configuration came with the error:\n%s", diff)
	}
	lines := strings.Split(err.Error(), "\n")
	if len(lines) != len(faults) {
		t.Fatalf("%d faults in %d lines:\n%v", len(faults), len(lines), err)
	}
	for _, fault := range faults {
		if fault.Problem == "" || fault.Hint == "" {
			t.Fatalf("a fault without a problem or a hint: %+v", fault)
		}
	}
}
