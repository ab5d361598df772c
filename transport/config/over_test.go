package config_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"stagedoor/transport/config"
)

// TestOver lays a text over a configuration, and leaves the rest as it was.
func TestOver(t *testing.T) {
	base := config.Dev()
	got, err := config.Over(base, []byte("mfa:\n  trust_enabled: false\naccount:\n  email_verification: optional\n"))
	if err != nil {
		t.Fatal(err)
	}
	want := base
	want.MFA.TrustEnabled, want.Account.EmailVerification = false, "optional"
	if d := config.Differences(want, got); len(d) != 0 {
		t.Errorf("differs from what the text says: %v", d)
	}
	if !base.MFA.TrustEnabled {
		t.Error("the base was changed")
	}
	if same, err := config.Over(base, nil); err != nil || len(config.Differences(base, same)) != 0 {
		t.Errorf("an empty text: %v", err)
	}
}

// TestOverReadsNoFile: whoever sends a text gets nothing out of the files of the machine, not even
// whether they are there.
func TestOverReadsNoFile(t *testing.T) {
	file := filepath.Join(t.TempDir(), "there")
	if err := os.WriteFile(file, []byte(strings.Repeat("s", 48)), 0o600); err != nil {
		t.Fatal(err)
	}
	answers := make(map[string]string)
	for _, path := range []string{file, file + "-not"} {
		for key, text := range map[string]string{
			"extends":                                "extends: PATH",
			"secret_key_file":                        "secret_key_file: PATH",
			"admin.token_file":                       "admin: {token_file: PATH}",
			"headless.jwt_previous_key_files":        "headless: {jwt_previous_key_files: [PATH]}",
			"pages.logo":                             "pages: {logo: PATH}",
			"pages.css":                              "pages: {css: PATH}",
			"pages.texts":                            "pages: {texts: PATH}",
			"socialaccount.providers[0].secret_file": "socialaccount: {providers: [{provider: github, client_id: c, secret_file: PATH}]}",
			"socialaccount.providers[0].no_such_files": "socialaccount: {providers: [{no_such_files: PATH}]}",
		} {
			_, err := config.Over(config.Dev(), []byte(strings.ReplaceAll(text, "PATH", path)))
			if err == nil || !strings.Contains(err.Error(), key+": names a file, and none is read here") {
				t.Errorf("%s: %v", key, err)
				continue
			}
			if before, seen := answers[key]; seen && before != err.Error() {
				t.Errorf("%s tells whether a file is there:\n%s\n%s", key, before, err)
			}
			answers[key] = err.Error()
		}
	}
}

// TestOverFaults come all together, and none shows a secret.
func TestOverFaults(t *testing.T) {
	for text, want := range map[string]string{
		"a: [":                         "text: not YAML",
		"- list":                       "text: holds something else",
		"accont: {}":                   "accont: ",
		"secret_key: s3cr3t-too-short": "secret_key: ",
		"account: {email_verification: no-such, signup_enabled: perhaps}": "account.signup_enabled: ",
	} {
		_, err := config.Over(config.Dev(), []byte(text))
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v", text, err)
		} else if strings.Contains(err.Error(), "s3cr3t") {
			t.Errorf("%q tells a secret: %v", text, err)
		}
	}
}
