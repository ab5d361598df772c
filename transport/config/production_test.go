package config

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// production is a server of a container platform: no file, secrets mounted.
func production(secrets map[string]string) []string {
	env := []string{
		"STAGEDOOR_LISTEN=:8080",
		"STAGEDOOR_PUBLIC_URL=https://auth.example.com",
		"STAGEDOOR_TRUSTED_PROXY_COUNT=1",
		"STAGEDOOR_CORS_ALLOWED_ORIGINS=https://app.example.com,https://admin.example.com",
		"STAGEDOOR_CSRF_TRUSTED_ORIGINS=https://app.example.com",
		"STAGEDOOR_SESSION__COOKIE_DOMAIN=example.com",
		"STAGEDOOR_ACCOUNT__EMAIL_VERIFICATION_BY_CODE_ENABLED=true",
		"STAGEDOOR_ACCOUNT__PASSWORD_RESET_BY_CODE_ENABLED=true",
		"STAGEDOOR_ACCOUNT__LOGIN_BY_CODE_REQUIRED=password,socialaccount",
		"STAGEDOOR_MFA__SUPPORTED_TYPES=totp,recovery_codes,webauthn",
		"STAGEDOOR_MFA__PASSKEY_SIGNUP_ENABLED=true",
		"STAGEDOOR_MFA__WEBAUTHN_RP_ID=example.com",
		"STAGEDOOR_HEADLESS__TOKEN_STRATEGY=jwt",
		"STAGEDOOR_HEADLESS__JWT_ALGORITHM=ES256",
		"STAGEDOOR_REDIS__SENTINEL_ADDRESSES=s1:26379,s2:26379,s3:26379",
		"STAGEDOOR_REDIS__SENTINEL_MASTER=main",
		"STAGEDOOR_MAIL__SMTP_HOST=smtp.example.com",
		"STAGEDOOR_MAIL__FROM=Example <no-reply@example.com>",
		"STAGEDOOR_PORT=tcp://10.0.0.7:8080",
	}
	for key, path := range secrets {
		env = append(env, envPrefix+key+"_FILE="+path)
	}
	return env
}

func TestProductionByEnvironmentAlone(t *testing.T) {
	secrets := map[string]string{
		"SECRET_KEY":                write(t, strings.Repeat("k", 64)+"\n"),
		"DATABASE__URL":             write(t, "postgres://app:hunter2@db.example.com/app\n"),
		"REDIS__PASSWORD":           write(t, "hunter2\n"),
		"HEADLESS__JWT_PRIVATE_KEY": write(t, testKey(t, "ES256").Reveal()),
	}
	c, err := Load("", production(secrets))
	if err != nil {
		t.Fatal(err)
	}
	if c.Database.URL.Reveal() != "postgres://app:hunter2@db.example.com/app" || c.Redis.Password.Reveal() != "hunter2" {
		t.Error("a mounted secret is not what the file holds")
	}
	if problem, _ := unfit("ES256", c.Headless.JWTPrivateKey); problem != "" {
		t.Errorf("the mounted key: %s", problem)
	}
	if c.Embedded() || !c.Secure() || c.RPID() != "example.com" || !c.Account.LoginByCodeRequired.After("socialaccount") || c.Account.LoginByCodeRequired.After("mfa") {
		t.Errorf("embedded %v, secure %v, RP id %s, codes %+v", c.Embedded(), c.Secure(), c.RPID(), c.Account.LoginByCodeRequired)
	}
	if diff := cmp.Diff([]string{"https://auth.example.com", "https://app.example.com"}, c.WebAuthnOrigins()); diff != "" {
		t.Error(diff)
	}
	if shown := strings.Join(c.Notes(), "\n"); strings.Contains(shown, "hunter2") || strings.Contains(shown, "embedded") {
		t.Errorf("notes: %s", shown)
	}
}

// TestProductionWithoutItsSecrets lacks each mounted secret in turn.
func TestProductionWithoutItsSecrets(t *testing.T) {
	gone := filepath.Join(t.TempDir(), "gone")
	for key, want := range map[string]string{
		"SECRET_KEY":                "secret_key: missing",
		"HEADLESS__JWT_PRIVATE_KEY": "headless.jwt_private_key: missing",
	} {
		secrets := map[string]string{
			"SECRET_KEY":                write(t, strings.Repeat("k", 64)),
			"DATABASE__URL":             write(t, "postgres://db.example.com/app"),
			"HEADLESS__JWT_PRIVATE_KEY": write(t, testKey(t, "ES256").Reveal()),
		}
		delete(secrets, key)
		_, err := Load("", production(secrets))
		if err == nil || !strings.HasPrefix(err.Error(), want) || strings.Contains(err.Error(), "\n") {
			t.Errorf("without %s: %v", key, err)
		}
		secrets[key] = gone
		_, err = Load("", production(secrets))
		if err == nil || !strings.Contains(err.Error(), "cannot be read: no such file or directory (got \""+gone+"\" from "+envPrefix+key+"_FILE)") || strings.Contains(err.Error(), "\n") {
			t.Errorf("with a path of %s that leads nowhere: %v", key, err)
		}
	}
}
