package config

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestWithoutSecrets: a configuration is judged where its secrets are not, as if they were
// there; it is not served so.
func TestWithoutSecrets(t *testing.T) {
	gone := filepath.Join(t.TempDir(), "gone")
	env := production(map[string]string{"SECRET_KEY": gone, "DATABASE__URL": gone, "REDIS__PASSWORD": gone, "ADMIN__TOKEN": gone})
	c, err := LoadWithoutSecrets("", env)
	if err != nil {
		t.Fatal(err)
	}
	want := []string{"admin.token", "database.url", "headless.jwt_private_key", "redis.password", "secret_key"}
	if diff := cmp.Diff(want, c.AbsentSecrets()); diff != "" {
		t.Error(diff)
	}
	if c.Embedded() || c.SecretKey.Known() || !Secret("").Known() || !Secret("x").Known() {
		t.Error("what is not known counts as not there")
	}
	if shown := strings.Join(c.Notes(), "\n"); !strings.Contains(shown, "PostgreSQL at [secret]") {
		t.Errorf("notes: %s", shown)
	}
	err = c.Validate()
	for _, key := range want {
		if err == nil || !strings.Contains(err.Error(), key+": ") {
			t.Errorf("%s is not asked for: %v", key, err)
		}
	}
	if err := c.ValidateWithoutSecrets(); err != nil {
		t.Error(err)
	}
}

// TestWithoutSecretsJudgesTheRest: what is there is held against everything, secrets too.
func TestWithoutSecretsJudgesTheRest(t *testing.T) {
	for _, tt := range []struct{ variable, want string }{
		{"STAGEDOOR_SECRET_KEY=short", "secret_key: shorter than 32 bytes"},
		{"STAGEDOOR_DATABASE__URL=mysql://x", "database.url: not a URL that begins with postgres://"},
		{"STAGEDOOR_ADMIN__TOKEN=short", "admin.token: shorter than 32 bytes"},
		{"STAGEDOOR_HEADLESS__JWT_PRIVATE_KEY=x", "headless.jwt_private_key: not a private key in PEM"},
		{"STAGEDOOR_LISTEN=nowhere", "listen: not host:port"},
		{"STAGEDOOR_LISTN=:1", "listn: unknown key"},
	} {
		env := append(production(nil), "STAGEDOOR_DATABASE__URL=postgres://db/app", tt.variable)
		if strings.Contains(tt.variable, "DATABASE") || strings.Contains(tt.variable, "LISTEN") {
			env = append(production(nil), tt.variable)
		}
		_, err := LoadWithoutSecrets("", env)
		if err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: %v", tt.variable, err)
		}
		if err != nil && strings.Contains(err.Error(), "missing") {
			t.Errorf("%s: something is missed: %v", tt.variable, err)
		}
	}
	c, err := LoadWithoutSecrets("", append(production(nil), "STAGEDOOR_SECRET_KEY="+strings.Repeat("k", 32), "STAGEDOOR_HEADLESS__TOKEN_STRATEGY=session"))
	if err != nil || len(c.AbsentSecrets()) > 0 || c.Validate() != nil {
		t.Errorf("all that is needed is there: %v %v %v", err, c.AbsentSecrets(), c.Validate())
	}
}

// TestWithoutProviderSecrets: a provider whose secret is not here is judged by the rest.
func TestWithoutProviderSecrets(t *testing.T) {
	const file = `
public_url: https://auth.example.com
secret_key: a secret key of more than thirty-two bytes
mail: {smtp_host: mail.example.com, from: a@example.com}
account: {email_verification_by_code_enabled: true, password_reset_by_code_enabled: true}
headless: {frontend_urls: {socialaccount_login_error: /oops}}
socialaccount:
  providers:
`
	for _, tt := range []struct{ provider, absent, fault string }{
		{"{provider: google, client_id: a, secret_file: /gone}", "socialaccount.providers.google.secret", ""},
		{"{provider: apple, client_id: a, settings: {team_id: T, key_id: K}}", "socialaccount.providers.apple.secret", ""},
		{"{provider: apple, client_id: a}", "socialaccount.providers.apple.secret", ""},
		{"{provider: apple, client_id: a, settings: {team_id: T, key_id: K, private_key: x}}", "", "no P-256 private key in PEM"},
		{"{provider: google, secret_file: /gone}", "", "client_id: missing"},
		{"{provider: gogle, client_id: a}", "", "unknown kind of provider"},
	} {
		c, err := LoadWithoutSecrets(write(t, file+"    - "+tt.provider+"\n"), nil)
		if tt.fault != "" {
			if err == nil || !strings.Contains(err.Error(), tt.fault) {
				t.Errorf("%s: %v", tt.provider, err)
			}
			continue
		}
		if err != nil || strings.Join(c.AbsentSecrets(), " ") != tt.absent {
			t.Errorf("%s: %v, absent %v", tt.provider, err, c.AbsentSecrets())
		}
	}
}

// TestUnreadableFileAlone: of a file that cannot be read nothing is missing.
func TestUnreadableFileAlone(t *testing.T) {
	for _, file := range []string{write(t, "a: [b\n"), filepath.Join(t.TempDir(), "gone"), write(t, "extends: gone.yaml\n")} {
		_, err := Load(file, []string{"STAGEDOOR_LISTN=x"})
		if err == nil || strings.Contains(err.Error(), "missing") || !strings.Contains(err.Error(), "listn: unknown key") || strings.Count(err.Error(), "\n") != 1 {
			t.Errorf("%v", err)
		}
	}
}

// TestEmptySecretFiles: a file that should hold a secret and holds none is no way to go without.
func TestEmptySecretFiles(t *testing.T) {
	empty := filepath.Join(t.TempDir(), "empty")
	if err := os.WriteFile(empty, []byte(" \n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for key, name := range map[string]string{"secret_key_file": "SECRET_KEY", "database.url_file": "DATABASE__URL", "redis.url_file": "REDIS__URL", "admin.token_file": "ADMIN__TOKEN"} {
		if _, err := Load("", production(map[string]string{name: empty})); err == nil || !strings.Contains(err.Error(), key+": is empty") {
			t.Errorf("%s: %v", key, err)
		}
	}
}
