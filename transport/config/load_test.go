package config

import (
	"os"
	"path/filepath"
	"reflect"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"go.yaml.in/yaml/v3"

	"stagedoor/engine"
)

// sound is a configuration without a fault, with state and mail elsewhere.
func sound() Config {
	c := Default()
	c.PublicURL = "https://auth.example.com"
	c.SecretKey = "a secret key of more than thirty-two bytes"
	c.Database.URL = "postgres://app:hunter2@db.example.com/app"
	c.Redis.URL = "rediss://:hunter2@redis.example.com:6379/0"
	c.Mail.SMTPHost, c.Mail.From = "mail.example.com", "Example <no-reply@example.com>"
	c.MFA.SupportedTypes = []string{"totp", "recovery_codes", "webauthn"}
	c.Headless.FrontendURLs = FrontendURLs{
		ConfirmEmail:         "https://app.example.com/verify/{key}",
		ResetPasswordFromKey: "https://app.example.com/reset?key={key}",
		ProviderError:        "/oops",
	}
	return c
}

// reveal is Settings with the secrets in it.
func reveal(c Config) map[string]any {
	return encode(reflect.ValueOf(&c).Elem(), Secret.Reveal).(map[string]any)
}

// write puts a file into a fresh directory and returns its path.
func write(t *testing.T, content string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "stagedoor.yaml")
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestSoundHasNoFault(t *testing.T) {
	if err := sound().Validate(); err != nil {
		t.Fatal(err)
	}
}

func TestLayers(t *testing.T) {
	file := write(t, `
listen: 127.0.0.1:9000
account:
  login_methods: [username]
  email_verification: optional
  login_timeout: 0.5
mail:
`)
	c, err := LoadOver(sound(), file, []string{
		"HOME=/root",
		"STAGEDOOR_ACCOUNT__LOGIN_METHODS=email, username",
		"STAGEDOOR_ACCOUNT__EMAIL_VERIFICATION_SUPPORTS_RESEND=1",
		"STAGEDOOR_CSRF_TRUSTED_ORIGINS=",
		"STAGEDOOR_SECRET_KEY=another secret key of thirty-two bytes = long",
	})
	if err != nil {
		t.Fatal(err)
	}
	want := sound()
	want.Listen = "127.0.0.1:9000"
	want.Account.LoginMethods = []string{"email", "username"}
	want.Account.EmailVerification = "optional"
	want.Account.LoginTimeout = 0.5
	want.Account.EmailVerificationSupportsResend = 1
	want.SecretKey = "another secret key of thirty-two bytes = long"
	if diff := cmp.Diff(want, c, cmpopts.EquateEmpty()); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

func TestLoadLeavesTheBaseAlone(t *testing.T) {
	base := Dev()
	_, err := LoadOver(base, "", []string{
		"STAGEDOOR_SOCIALACCOUNT__PROVIDERS__DUMMY__NAME=Somebody",
		"STAGEDOOR_ACCOUNT__LOGIN_METHODS=email,username",
		"STAGEDOOR_ACCOUNT__RATE_LIMITS__LOGIN=1/d",
	})
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(Dev(), base); diff != "" {
		t.Errorf("the base changed:\n%s", diff)
	}
}

// TestEnvironmentReachesEveryKey writes whole configurations as variables and
// reads them back.
func TestEnvironmentReachesEveryKey(t *testing.T) {
	for _, want := range []Config{sound(), Dev(), loadProfile(t, "codes_alt"), loadProfile(t, "jwt_alt"), loadProfile(t, "required")} {
		var env []string
		for key, value := range flatten(want) {
			if strings.HasPrefix(key, "socialaccount.providers") || value == nil {
				continue
			}
			name := strings.ToUpper(strings.ReplaceAll(key, ".", "__"))
			env = append(env, envPrefix+name+"="+asText(value))
		}
		base := Default()
		base.SocialAccount.Providers = want.SocialAccount.Providers
		got, err := LoadOver(base, "", env)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(reveal(want), reveal(got), cmpopts.EquateEmpty()); diff != "" {
			t.Errorf("-want +got:\n%s", diff)
		}
	}
}

func asText(value any) string {
	switch v := value.(type) {
	case bool:
		return strconv.FormatBool(v)
	case int:
		return strconv.Itoa(v)
	case float64:
		return strconv.FormatFloat(v, 'g', -1, 64)
	default:
		return v.(string)
	}
}

func TestFileRoundTrip(t *testing.T) {
	odd := sound()
	odd.Account.LoginByCodeRequired = CodeRequired{Methods: []string{"password", "mfa"}}
	odd.Account.PreventEnumeration = EnumerationStrict
	odd.Account.RateLimits = RateLimits{Rates: engine.Rates{"login": {{Max: 3, Per: 500 * time.Millisecond, By: "ip"}}, "signup": nil}}
	no := false
	odd.SocialAccount.QueryEmail = &no
	odd.SocialAccount.Providers = []Provider{{
		ID: "work", Provider: "microsoft", ClientID: "id", Secret: "s", Scope: []string{"openid"},
		AuthParams: map[string]string{"prompt": "login"}, Settings: map[string]Secret{"tenant": "t"},
	}}
	for _, want := range []Config{sound(), Dev(), odd} {
		content, err := yaml.Marshal(reveal(want))
		if err != nil {
			t.Fatal(err)
		}
		got, err := Load(write(t, string(content)), nil)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, got, cmpopts.EquateEmpty()); diff != "" {
			t.Errorf("-want +got:\n%s", diff)
		}
	}
}

func TestProviderFromEnvironment(t *testing.T) {
	base := sound()
	base.SocialAccount.Providers = []Provider{
		{ID: "my-idp", Provider: "openid_connect", ClientID: "c", ServerURL: "https://idp.example.com", Settings: map[string]Secret{"uid_field": "oid"}},
		{Provider: "github", ClientID: "c"},
	}
	c, err := LoadOver(base, "", []string{
		"STAGEDOOR_SOCIALACCOUNT__PROVIDERS__MY_IDP__SECRET=one",
		"STAGEDOOR_SOCIALACCOUNT__PROVIDERS__MY_IDP__SETTINGS__FETCH_USERINFO=false",
		"STAGEDOOR_SOCIALACCOUNT__PROVIDERS__GITHUB__SCOPE=user,email",
	})
	if err != nil {
		t.Fatal(err)
	}
	idp, github := c.SocialAccount.Providers[0], c.SocialAccount.Providers[1]
	if idp.Secret != "one" || idp.Settings["uid_field"] != "oid" || idp.Settings["fetch_userinfo"] != "false" {
		t.Errorf("provider my-idp: secret %q, settings %v", idp.Secret.Reveal(), len(idp.Settings))
	}
	if diff := cmp.Diff([]string{"user", "email"}, github.Scope); diff != "" {
		t.Error(diff)
	}
}

func TestSecretFromFile(t *testing.T) {
	key := write(t, "  a secret of thirty-two bytes, at least \n")
	c, err := LoadOver(sound(), "", []string{"STAGEDOOR_SECRET_KEY_FILE=" + key})
	if err != nil {
		t.Fatal(err)
	}
	if got := c.SecretKey.Reveal(); got != "a secret of thirty-two bytes, at least" {
		t.Errorf("got %q", got)
	}
}

func TestExtends(t *testing.T) {
	dir := t.TempDir()
	for name, content := range map[string]string{
		"base.yaml":       "listen: 127.0.0.1:1\naccount: {login_methods: [username], login_timeout: 7, rate_limits: {login: 1/m}}\n",
		"sub/middle.yaml": "extends: ../base.yaml\nlisten: 127.0.0.1:2\naccount: {rate_limits: {signup: 1/m}}\n",
		"top.yaml":        "extends: sub/middle.yaml\naccount: {login_methods: [email]}\n",
	} {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	c, err := LoadOver(sound(), filepath.Join(dir, "top.yaml"), nil)
	if err != nil {
		t.Fatal(err)
	}
	if c.Listen != "127.0.0.1:2" || c.Account.LoginTimeout != 7 || !reflect.DeepEqual(c.Account.LoginMethods, []string{"email"}) {
		t.Errorf("listen %s, timeout %v, methods %v", c.Listen, c.Account.LoginTimeout, c.Account.LoginMethods)
	}
	if len(c.Account.RateLimits.Rates) != 2 {
		t.Errorf("limits %v: sections are laid over one another", c.Account.RateLimits.Rates)
	}
	absolute := write(t, "extends: "+filepath.Join(dir, "top.yaml")+"\n")
	if _, err := LoadOver(sound(), absolute, nil); err != nil {
		t.Errorf("by an absolute path: %v", err)
	}
}

func TestPlatformVariablesAreNoKeys(t *testing.T) {
	_, err := LoadOver(sound(), "", []string{
		"STAGEDOOR_PORT=tcp://10.0.0.1:80", "STAGEDOOR_PORT_80_TCP=x", "STAGEDOOR_PORT_80_TCP_ADDR=10.0.0.1",
		"STAGEDOOR_SERVICE_HOST=10.0.0.1", "STAGEDOOR_SERVICE_PORT_HTTP=80", "STAGEDOOR_NAME=/a/b",
		"STAGEDOOR_REQUIRE=redis", "STAGEDOOR_CONFIG=a.yaml",
	})
	if err != nil {
		t.Error(err)
	}
}

func TestKeysAreSpelledOnce(t *testing.T) {
	seen := map[string]bool{}
	for _, key := range allKeys(reflect.TypeFor[Config](), "") {
		if seen[key] {
			t.Errorf("%s stands twice", key)
		}
		if key != strings.ToLower(key) {
			t.Errorf("%s cannot be reached from the environment", key)
		}
		seen[key] = true
	}
	if len(seen) < 100 {
		t.Errorf("only %d keys found", len(seen))
	}
}

func TestEnvironmentPaths(t *testing.T) {
	var d decoder
	keys, providers := d.readEnv([]string{
		"STAGEDOOR_LISTEN=:1", "STAGEDOOR_ACCOUNT__RATE_LIMITS__LOGIN=1/m", "STAGEDOOR_ACCOUNT__CHANGE_EMAIL=true",
		"STAGEDOOR_SOCIALACCOUNT__PROVIDERS__MY_IDP__SETTINGS__A=b", "STAGEDOOR_SOCIALACCOUNT__AUTO_SIGNUP=false",
		"STAGEDOORLISTEN=x", "XSTAGEDOOR_LISTEN=x", "PATH=/bin", "nonsense", "STAGEDOOR_PUBLIC_URL",
	})
	text := func(m map[string]any, path ...string) string {
		for _, key := range path[:len(path)-1] {
			m, _ = m[key].(map[string]any)
		}
		value, _ := m[path[len(path)-1]].(envText)
		return value.Text
	}
	for _, tc := range []struct {
		from map[string]any
		path []string
		want string
	}{
		{keys, []string{"listen"}, ":1"},
		{keys, []string{"account", "rate_limits", "login"}, "1/m"},
		{keys, []string{"account", "change_email"}, "true"},
		{keys, []string{"socialaccount", "auto_signup"}, "false"},
		{keys, []string{"public_url"}, ""},
		{providers, []string{"my_idp", "settings", "a"}, "b"},
	} {
		if got := text(tc.from, tc.path...); got != tc.want {
			t.Errorf("%v: %q, want %q", tc.path, got, tc.want)
		}
	}
	if len(keys) != 4 || len(providers) != 1 || len(d.faults) != 0 {
		t.Errorf("keys %v, providers %v, faults %v", sortedKeys(keys), sortedKeys(providers), d.faults)
	}
}

// TestLaterVariableWins holds what os.Environ may hold: one name twice.
func TestLaterVariableWins(t *testing.T) {
	c, err := LoadOver(sound(), "", []string{"STAGEDOOR_LISTEN=:1", "STAGEDOOR_LISTEN=:2"})
	if err != nil || c.Listen != ":2" {
		t.Errorf("%s, %v", c.Listen, err)
	}
}
