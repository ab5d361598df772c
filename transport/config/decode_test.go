package config

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestFaultsOfFiles holds what a file can say that is no configuration.
func TestFaultsOfFiles(t *testing.T) {
	for _, tc := range []struct{ file, want string }{
		{"acount: {}", "acount: unknown key; did you mean account"},
		{"headless: {frontend_urls: {socialaccount_login_error: https://app.example.com/p}}\nsocialaccount: {providers: [{provider: steam, client_secret: x}]}", "socialaccount.providers[0].client_secret: unknown key; did you mean socialaccount.providers[0].secret"},
		{"headless: {frontend_urls: {socialaccount_login_error: https://app.example.com/p}}\nsocialaccount: {providers: [{provider: steam, realm: x}]}", "socialaccount.providers[0].realm: unknown key; it is part of socialaccount.providers[0].server_url, such as https://login.example.com or, of a realm, https://login.example.com/realms/staff"},
		{"headless: {frontend_urls: {socialaccount_login_error: https://app.example.com/p}}\nsocialaccount: {providers: [{provider: steam, redirect_uri: x}]}", "socialaccount.providers[0].redirect_uri: unknown key; it follows from public_url and the id; register https://auth.example.com/accounts/ID/login/callback/ at the provider, of openid_connect .../accounts/oidc/ID/login/callback/"},
		{"headless: {frontend_urls: {socialaccount_login_error: https://app.example.com/p}}\nsocialaccount: {providers: [{provider: steam, authorize_url: x}]}", "socialaccount.providers[0].authorize_url: unknown key; what only some kinds have stands below socialaccount.providers[0].settings"},
		{"headless: {frontend_urls: {socialaccount_login_error: https://app.example.com/p}}\nsocialaccount: {providers: [{provider: steam, server_ulr: x}]}", "socialaccount.providers[0].server_ulr: unknown key; did you mean socialaccount.providers[0].server_url"},
		{"account: {emial_verification: none}", "account.emial_verification: unknown key; did you mean account.email_verification"},
		{"email_verification: none", "email_verification: unknown key; did you mean account.email_verification"},
		{"ACCOUNT_LOGIN_METHODS: [email]", "ACCOUNT_LOGIN_METHODS: unknown key; did you mean account.login_methods"},
		{"usersessions: {xyzzy: 1}", "usersessions.xyzzy: unknown key; keys here are track_activity"},
		{"secret_kye: hunter2", "secret_kye: unknown key; did you mean secret_key"},
		{"account: {adapter: x}", "account.adapter: unknown key; what is code in Django is a stage, a hook or a key here, such as account.signup_enabled"},
		{"account: {authentication_method: email}", "account.authentication_method: unknown key; write account.login_methods: [email], [username], or both"},
		{"account: {email_required: true}",
			`account.email_required: unknown key; write account.signup_fields, with a star for what is required: ["email*", "password1*"]`},
		{"account: {unique_email: true}", "account.unique_email: unknown key; a verified address always belongs to one account"},
		{"account: {login_attempts_limit: 5}", "account.login_attempts_limit: unknown key; write account.rate_limits.login_failed: 10/m/ip,5/300s/key"},
		{"account: {email_confirmation_cooldown: 5}", "account.email_confirmation_cooldown: unknown key; write account.rate_limits.confirm_email: 1/180s/key"},
		{"account: {session_remember: true}", "account.session_remember: unknown key; write session.cookie_age, in seconds"},
		{"mfa: {totp_insecure_bypass_code: '1'}",
			"mfa.totp_insecure_bypass_code: unknown key; no code bypasses a second factor here; tests can compute one from the secret"},
		{"ACCOUNT_ADAPTER: x", "ACCOUNT_ADAPTER: unknown key; what is code in Django is a stage, a hook or a key here, such as account.signup_enabled"},
		{"ALLAUTH_USER_CODE_FORMAT: {numeric: true}", "ALLAUTH_USER_CODE_FORMAT: unknown key; did you mean user_code_format"},
		{"ACCOUNT_LOGIN_BY_CODE_FORMAT: {numeric: true}", "ACCOUNT_LOGIN_BY_CODE_FORMAT: unknown key; did you mean account.login_by_code_format"},
		{"account: {password_reset_by_code_code_format: {length: 6}}",
			"account.password_reset_by_code_code_format: unknown key; write account.password_reset_by_code_format, as its documents do"},
		{"account: {login_by_code_format: {lenght: 6}}", "account.login_by_code_format.lenght: unknown key; did you mean account.login_by_code_format.length"},
		{"account: {forms: {login: x}}", "account.forms: unknown key; what is code in Django is a stage, a hook or a key here, such as account.signup_fields"},
		{"HEADLESS_ONLY: true", "HEADLESS_ONLY: unknown key; the server is headless alone"},
		{"account: {signup_open: false}", "account.signup_open: unknown key; write account.signup_enabled"},
		{"mail: {subject_prefix: x}", "mail.subject_prefix: unknown key; write account.email_subject_prefix"},
		{"IDP_OIDC_PRIVATE_KEY: x", "IDP_OIDC_PRIVATE_KEY: unknown key; this server signs people in and is no identity provider for others"},
		{"usersessions: 3", "usersessions: must be a section (got 3); its keys are track_activity"},
		{"usersessions: [a]", "usersessions: must be a section (got a list); its keys are track_activity"},
		{"usersessions: {track_activity: 'yes'}", `usersessions.track_activity: must be true or false (got "yes"); without quotes`},
		{"trusted_proxy_count: 1.5", "trusted_proxy_count: must be a whole number (got 1.5); without quotes or a unit"},
		{"trusted_proxy_count: 99999999999999999999", "trusted_proxy_count: must be a whole number (got 1e+20); without quotes or a unit"},
		{"account: {login_timeout: 15m}", `account.login_timeout: must be a number (got "15m"); without quotes or a unit, fractions are welcome`},
		{"account: {login_timeout: .inf}", "account.login_timeout: must be a number (got +Inf); without quotes or a unit, fractions are welcome"},
		{"listen: 8080", "listen: must be text (got 8080); put it in quotes"},
		{"listen: 2026-01-01", "listen: must be text (got 2026-01-01 00:00:00 +0000 UTC); put it in quotes"},
		{"session: {device_bound: true}", `session.device_bound: not one of off, offer, require (got "true"); the first is the usual choice`},
		{"mfa: {totp_issuer: true}", "mfa.totp_issuer: must be text (got true); put it in quotes"},
		{"listen: {a: b}", "listen: must be text (got a section); one value, no list and no section"},
		{"account: {login_methods: email}", `account.login_methods: must be a list (got "email"); write [a, b], or a,b in the environment`},
		{"account: {login_methods: [1]}", "account.login_methods: must be a list of texts (got a list); put each in quotes"},
		{"secret_key: 12345678901234567890", "secret_key: must be text; put it in quotes"},
		{"secret_key: hunter2hunter2hunter2hunter2hunter2\nsecret_key_file: /x", "secret_key: given twice; keep either secret_key or secret_key_file"},
		{"secret_key_file: 3", "secret_key_file: must be the path of a file (got 3); relative to the working directory"},
		{"secret_key_file: /no/such",
			`secret_key_file: cannot be read: no such file or directory (got "/no/such"); the path is relative to the working directory`},
		{"account: {email_verification_supports_resend: often}",
			`account.email_verification_supports_resend: must be true, false or a whole number (got "often"); true allows it twice`},
		{"account: {prevent_enumeration: maybe}", `account.prevent_enumeration: not one of true, false, strict (got "maybe"); true is the safe choice`},
		{"account: {login_by_code_required: 3}",
			"account.login_by_code_required: must be true, false or a list (got 3); the list may hold password, mfa, socialaccount"},
		{"socialaccount: {query_email: 3}", "socialaccount.query_email: must be true or false (got 3); leave the key out to let the server choose"},
		{"socialaccount: {providers: {mock: {}}}", "socialaccount.providers: must be a list of sections (got a section); each begins with - in the file"},
		{"socialaccount: {providers: [{provider: github, client_id: c, clientid: d}]}",
			"headless.frontend_urls.socialaccount_login_error\nsocialaccount.providers[0].clientid: unknown key; did you mean socialaccount.providers[0].client_id"},
		{"socialaccount: {providers: [{provider: github, client_id: c, settings: hunter2}]}",
			"headless.frontend_urls.socialaccount_login_error\nsocialaccount.providers[0].settings: must be a section; its keys are free, its values text"},
		{"socialaccount: {providers: [{provider: github, client_id: c, settings: {tenant: 3}}]}",
			"headless.frontend_urls.socialaccount_login_error\nsocialaccount.providers[0].settings.tenant: must be text; put it in quotes"},
		{"account: {rate_limits: 3}", "account.rate_limits: must be true, false or limits by action (got 3); such as login: 30/m/ip"},
		{"account: {rate_limits: {login: 5, signup: 5/x}}",
			"account.rate_limits.login: not a rate (got 5); write 5/m/ip, 10/300s/key, or both with a comma between\n" +
				"account.rate_limits.signup: the period is no time such as 300s, 5m, 1h or d (got \"5/x\"); write 5/m/ip, 10/300s/key, or both with a comma between"},
		{"extends: 3", "extends: must be the path of a file (got 3); relative to FILE"},
		{"extends:", "extends: must be the path of a file; relative to FILE"},
		{"extends: nothing.yaml", "DIR/nothing.yaml: cannot be read: no such file or directory; give the path of a YAML file"},
		{"extends: stagedoor.yaml", "extends: too many files build on one another (got \"stagedoor.yaml\"); does FILE extend itself?"},
		{"hunter2", "FILE: holds something else than keys and values; write lines such as listen: 127.0.0.1:8080"},
		{"listen: !!int hunter2", "FILE: holds something else than keys and values; write lines such as listen: 127.0.0.1:8080"},
		{"? {hunter2: hunter2}\n: 1", "FILE: holds something else than keys and values; write lines such as listen: 127.0.0.1:8080"},
		{"log: {level: info}\nlog: {level: warn}",
			`FILE: not YAML: line 2: mapping key "log" already defined at line 1; indent with spaces, and put text with : or # in quotes`},
		{"\tlisten: a", "FILE: not YAML: found character that cannot start any token; indent with spaces, and put text with : or # in quotes"},
		{"\"a\\nb\": 1", "a\uFFFDb: unknown key; "},
	} {
		file := write(t, tc.file)
		c, err := LoadOver(lacking(), file, nil)
		if err == nil {
			t.Errorf("%s: no fault, want\n\t%s", tc.file, tc.want)
			continue
		}
		want := strings.NewReplacer("FILE", file, "DIR", filepath.Dir(file)).Replace(tc.want)
		checkLines(t, tc.file, want, err.Error())
		if strings.Contains(err.Error(), "hunter2") {
			t.Errorf("%s: a secret is shown: %v", tc.file, err)
		}
		if diff := cmp.Diff(Config{}, c); diff != "" {
			t.Errorf("%s: half a configuration came with the error:\n%s", tc.file, diff)
		}
	}
}

// lacking is sound but for the page that sign-in by a provider needs.
func lacking() Config {
	c := sound()
	c.Headless.FrontendURLs.ProviderError = ""
	return c
}

// checkLines compares line by line; a wanted line may be only how one begins.
func checkLines(t *testing.T, name, want, got string) {
	t.Helper()
	wanted, lines := strings.Split(want, "\n"), strings.Split(got, "\n")
	if len(wanted) != len(lines) {
		t.Errorf("%s: got\n%s\nwant\n%s", name, got, want)
		return
	}
	for i := range wanted {
		if !strings.HasPrefix(lines[i], wanted[i]) {
			t.Errorf("%s: got\n\t%s\nwant\n\t%s", name, lines[i], wanted[i])
		}
	}
}

// TestFaultsOfEnvironment names the variable, and never a secret's value.
func TestFaultsOfEnvironment(t *testing.T) {
	base := sound()
	base.SocialAccount.Providers = []Provider{{Provider: "github", ClientID: "c"}}
	for _, tc := range []struct{ env, want string }{
		{"ACCOUNT__EMIAL_VERIFICATION=none", "account.emial_verification: unknown key (got from STAGEDOOR_ACCOUNT__EMIAL_VERIFICATION); did you mean account.email_verification"},
		{"ACCOUNT_EMAIL_VERIFICATION=none", "account_email_verification: unknown key (got from STAGEDOOR_ACCOUNT_EMAIL_VERIFICATION); did you mean account.email_verification"},
		{"SECRETKEY=hunter2", "secretkey: unknown key (got from STAGEDOOR_SECRETKEY); did you mean secret_key"},
		{"BODY_LIMIT=1MiB", `body_limit: must be a whole number (got "1MiB" from STAGEDOOR_BODY_LIMIT); without quotes or a unit`},
		{"BODY_LIMIT=", `body_limit: must be a whole number (got "" from STAGEDOOR_BODY_LIMIT); without quotes or a unit`},
		{"SERVE__REST=maybe", `serve.rest: must be true or false (got "maybe" from STAGEDOOR_SERVE__REST); without quotes`},
		{"ACCOUNT__LOGIN_TIMEOUT=nan", `account.login_timeout: must be a number (got "nan" from STAGEDOOR_ACCOUNT__LOGIN_TIMEOUT); without quotes or a unit, fractions are welcome`},
		{"ACCOUNT__RATE_LIMITS__LOGIN=x", `account.rate_limits.login: not amount/period/per (got "x" from STAGEDOOR_ACCOUNT__RATE_LIMITS__LOGIN); write 5/m/ip, 10/300s/key, or both with a comma between`},
		{"DATABASE=postgres://app:hunter2@db/app", `database: must be a section (got "postgres://***@db/app" from STAGEDOOR_DATABASE); its keys are url, url_file, max_connections`},
		{"SOCIALACCOUNT__PROVIDERS=github", `socialaccount.providers: must be a list of sections (got "github" from STAGEDOOR_SOCIALACCOUNT__PROVIDERS); each begins with - in the file`},
		{"SOCIALACCOUNT__PROVIDERS__GITHUB=hunter2", "socialaccount.providers.github: set in the environment, but no provider has that id; "},
		{"SOCIALACCOUNT__PROVIDERS__GITLAB__SECRET=hunter2", "socialaccount.providers.gitlab: set in the environment, but no provider has that id; "},
		{"SOCIALACCOUNT__PROVIDERS__GITHUB__SECRT=hunter2",
			"socialaccount.providers.github.secrt: unknown key (got from STAGEDOOR_SOCIALACCOUNT__PROVIDERS__GITHUB__SECRT); did you mean socialaccount.providers.github.secret"},
	} {
		_, err := LoadOver(base, "", []string{envPrefix + tc.env})
		if err == nil {
			t.Errorf("%s: no fault", tc.env)
			continue
		}
		checkLines(t, tc.env, tc.want, err.Error())
		if strings.Contains(err.Error(), "hunter2") {
			t.Errorf("%s: a secret is shown: %v", tc.env, err)
		}
	}
	for _, env := range [][]string{
		{"STAGEDOOR_DATABASE__URL=x", "STAGEDOOR_DATABASE=x"},
		{"STAGEDOOR_DATABASE=x", "STAGEDOOR_DATABASE__URL=x"},
	} {
		_, err := LoadOver(base, "", env)
		if err == nil || !strings.Contains(err.Error(), env[1][:strings.Index(env[1], "=")]+": clashes with another variable; one of them is the other's section") {
			t.Errorf("%v: %v", env, err)
		}
	}
}

// TestFaultsComeTogether reads a file, an environment and a configuration that
// are all at fault.
func TestFaultsComeTogether(t *testing.T) {
	file := write(t, "listn: a\nbody_limit: x\naccount: {login_timeout: 0}\n")
	_, err := LoadOver(sound(), file, []string{"STAGEDOOR_SERVE__REST=maybe"})
	if err == nil {
		t.Fatal("no fault")
	}
	checkLines(t, "together", "account.login_timeout: \nbody_limit: \nlistn: \nserve.rest: ", err.Error())
}

func TestAFaultHasNoSecondOne(t *testing.T) {
	file := write(t, "account: {login_methods: 3}\n")
	_, err := LoadOver(sound(), file, nil)
	if err == nil || strings.Contains(err.Error(), "\n") {
		t.Errorf("got %v, want the one fault", err)
	}
}

func TestEmptyFiles(t *testing.T) {
	for _, content := range []string{"", "---\n", "# nothing\n", "null\n", "account:\nmail:\nlisten:\n"} {
		c, err := LoadOver(sound(), write(t, content), nil)
		if err != nil {
			t.Errorf("%q: %v", content, err)
			continue
		}
		if diff := cmp.Diff(sound(), c); diff != "" {
			t.Errorf("%q changes something:\n%s", content, diff)
		}
	}
}

func TestUnreadableFile(t *testing.T) {
	dir := t.TempDir()
	for path, want := range map[string]string{
		filepath.Join(dir, "none.yaml"): ": cannot be read: no such file or directory; give the path of a YAML file",
		dir:                             ": cannot be read: is a directory; give the path of a YAML file",
	} {
		_, err := LoadOver(sound(), path, nil)
		if err == nil || err.Error() != path+want {
			t.Errorf("got %v, want %s", err, path+want)
		}
	}
	if _, err := os.ReadFile("\x00"); reason(err) != "invalid argument" {
		t.Errorf("reason of %v is %q", err, reason(err))
	}
}
