package config

import (
	"maps"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// profilesDir holds one configuration for each way the contract was recorded.
const profilesDir = "../../testdata/profiles"

// TestProfiles compares every key of every profile: to the defaults for the
// profile default, to the profile it is based on for the others.
func TestProfiles(t *testing.T) {
	found, err := filepath.Glob(filepath.Join(profilesDir, "*.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	if len(found) != len(profiles) {
		t.Errorf("%d files in %s, %d profiles in the table", len(found), profilesDir, len(profiles))
	}
	for name, profile := range profiles {
		t.Run(name, func(t *testing.T) {
			base := Default()
			if profile.base != "" {
				base = loadProfile(t, profile.base)
			}
			got := differences(base, loadProfile(t, name))
			want := maps.Clone(profile.settings)
			want["data_dir"] = "stagedoor-data/" + name
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("settings that differ from %q (-want +got):\n%s", profile.base, diff)
			}
		})
	}
}

// byTLS is the one profile that is reached by https, since browsers bind sessions there alone.
const byTLS = "bound"

// TestProfilesListen checks that a profile serves wherever it is told to.
func TestProfilesListen(t *testing.T) {
	for name := range profiles {
		c := loadProfile(t, name)
		c.Listen = "127.0.0.1:8123"
		if err := c.Validate(); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		origin, rp := "http://localhost:8123", "localhost"
		if name == byTLS {
			origin, rp = "https://bound.example", "bound.example"
		}
		if got := c.Origin(); got != origin {
			t.Errorf("%s: origin %s", name, got)
		}
		if got := c.RPID(); got != rp {
			t.Errorf("%s: RP id %s", name, got)
		}
	}
}

// TestProfilesMean checks what the server makes of the profiles, where that is
// more than one key.
func TestProfilesMean(t *testing.T) {
	for name := range profiles {
		c := loadProfile(t, name)
		if limited := strings.HasPrefix(name, "limits"); (len(c.Account.Rates()) > 0) != limited || (c.TrustedProxyCount == 1) != limited {
			t.Errorf("%s: %d limits behind %d proxies", name, len(c.Account.Rates()), c.TrustedProxyCount)
		}
		if c.Secure() != (name == byTLS) || !c.Embedded() || !c.Serve.Headless || len(c.Headless.Clients) != 2 {
			t.Errorf("%s: secure %v, embedded %v, clients %v", name, c.Secure(), c.Embedded(), c.Headless.Clients)
		}
		if got := c.Pages().ProviderError; got != "http://127.0.0.1:3000/account/provider/callback" {
			t.Errorf("%s: provider errors go to %s", name, got)
		}
		if got := c.WebAuthnOrigins(); got[0] != c.Origin() || name != byTLS && got[0] != "http://localhost:8080" {
			t.Errorf("%s: passkeys are for %v", name, got)
		}
	}
	byCode := loadProfile(t, "limits_codes").Account.Rates()["confirm_email"]
	byLink := loadProfile(t, "limits").Account.Rates()["confirm_email"]
	if byCode[0].Per.Seconds() != 10 || byLink[0].Per.Seconds() != 180 {
		t.Errorf("verification mails: %v by code, %v by link", byCode, byLink)
	}
	if got := loadProfile(t, "reauth").Account.EmailConfirmationExpireDays.Duration().Seconds(); got != 4.32 {
		t.Errorf("reauth: links live %v s", got)
	}
}

// TestProfilesTakeTheEnvironment lays variables over a profile that builds on
// two others.
func TestProfilesTakeTheEnvironment(t *testing.T) {
	c, err := Load(filepath.Join(profilesDir, "codes_alt.yaml"), []string{
		"STAGEDOOR_LISTEN=127.0.0.1:9", "STAGEDOOR_DATA_DIR=/tmp/elsewhere", "STAGEDOOR_ACCOUNT__RATE_LIMITS=true",
		"STAGEDOOR_SOCIALACCOUNT__PROVIDERS__MOCK__SERVER_URL=http://127.0.0.1:1",
	})
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]any{
		"listen": "127.0.0.1:9", "data_dir": "/tmp/elsewhere", "account.rate_limits": true,
		"socialaccount.providers[0].server_url": "http://127.0.0.1:1",
	}
	if diff := cmp.Diff(want, differences(loadProfile(t, "codes_alt"), c)); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

// profile is what a profile says beyond the one it is based on.
type profile struct {
	base     string
	settings map[string]any
}

var profiles = map[string]profile{
	"default": {"", map[string]any{
		"csrf_trusted_origins":                                   "http://localhost:3000,http://127.0.0.1:3000",
		"account.rate_limits":                                    false,
		"mfa.rate_limits":                                        false,
		"mfa.supported_types":                                    "totp,recovery_codes,webauthn",
		"mfa.passkey_login_enabled":                              true,
		"mfa.webauthn_allow_insecure_origin":                     true,
		"headless.serve_specification":                           true,
		"headless.frontend_urls.account_confirm_email":           "http://127.0.0.1:3000/account/verify-email/{key}",
		"headless.frontend_urls.account_reset_password":          "http://127.0.0.1:3000/account/password/reset",
		"headless.frontend_urls.account_reset_password_from_key": "http://127.0.0.1:3000/account/password/reset/key/{key}",
		"headless.frontend_urls.account_signup":                  "http://127.0.0.1:3000/account/signup",
		"headless.frontend_urls.socialaccount_login_error":       "http://127.0.0.1:3000/account/provider/callback",
		"socialaccount.providers[0].id":                          "mock",
		"socialaccount.providers[0].provider":                    "openid_connect",
		"socialaccount.providers[0].name":                        "Mock",
		"socialaccount.providers[0].client_id":                   "client",
		"socialaccount.providers[0].secret":                      "secret",
		"socialaccount.providers[0].server_url":                  "http://127.0.0.1:2590",
		"mail.smtp_host":                                         "127.0.0.1",
		"mail.smtp_port":                                         2525,
		"mail.smtp_tls":                                          "none",
		"mail.from":                                              "stagedoor@example.com",
		"sms.webhook_url":                                        "http://127.0.0.1:2580/sms",
		"password_hashing.memory_kib":                            8192,
		"password_hashing.time":                                  1,
	}},
	"codes": {"default", map[string]any{
		"account.email_verification_by_code_enabled": true,
		"account.email_verification_supports_resend": 2,
		"account.email_verification_supports_change": 2,
		"account.password_reset_by_code_enabled":     true,
		"account.login_by_code_enabled":              true,
		"account.login_by_code_supports_resend":      2,
		"mfa.passkey_signup_enabled":                 true,
		"mfa.trust_enabled":                          true,
	}},
	"phone": {"default", map[string]any{
		"account.login_methods":                      "phone,email",
		"account.signup_fields":                      "phone*,email,password1",
		"account.email_verification":                 "optional",
		"account.phone_verification_supports_resend": 2,
		"account.phone_verification_supports_change": 2,
		"account.login_by_code_enabled":              true,
		"account.login_by_code_supports_resend":      2,
	}},
	"username": {"default", map[string]any{
		"account.login_methods":       "username,email",
		"account.signup_fields":       "username*,email,password1*",
		"account.email_verification":  "optional",
		"account.prevent_enumeration": false,
		"socialaccount.auto_signup":   false,
	}},
	"required": {"default", map[string]any{
		"account.email_verification_by_code_enabled": true,
		"account.password_reset_by_code_enabled":     true,
		"account.login_by_code_enabled":              true,
		"account.login_by_code_required":             true,
		"account.login_by_code_trust_enabled":        true,
		"mfa.trust_enabled":                          true,
	}},
	"jwt": {"default", map[string]any{
		"account.email_verification": "none",
		"headless.token_strategy":    "jwt",
	}},
	"bound": {"jwt", map[string]any{
		"public_url":                         "https://bound.example",
		"csrf_trusted_origins":               "https://bound.example",
		"session.device_bound":               "offer",
		"mfa.webauthn_allow_insecure_origin": false,
	}},
	"default_alt": {"default", map[string]any{
		"account.login_on_email_confirmation": true,
		"account.login_on_password_reset":     true,
		"account.change_email":                true,
		"account.logout_on_password_change":   true,
		"account.email_notifications":         true,
		"mfa.recovery_codes_show_once":        true,
		"mfa.webauthn_allow_insecure_origin":  false,
		"usersessions.track_activity":         true,
	}},
	"codes_alt": {"codes", map[string]any{
		"account.change_email":                       true,
		"account.login_on_password_reset":            true,
		"account.signup_fields":                      "email*,password1",
		"account.email_verification_by_code_timeout": 4.0,
		"account.login_by_code_timeout":              4.0,
		"account.password_reset_by_code_timeout":     4.0,
		"account.email_notifications":                true,
	}},
	"jwt_alt": {"jwt", map[string]any{
		"headless.jwt_rotate_refresh_token":        false,
		"headless.jwt_stateful_validation_enabled": true,
		"headless.jwt_algorithm":                   "HS256",
		"headless.jwt_private_key":                 "super-secret-of-at-least-32-bytes-x",
		"headless.jwt_authorization_header_scheme": "Token",
		"headless.jwt_access_token_expires_in":     3.0,
		"headless.jwt_refresh_token_expires_in":    7.0,
	}},
	"reauth": {"default", map[string]any{
		"account.reauthentication_required":      true,
		"account.reauthentication_timeout":       2.0,
		"account.login_timeout":                  2.0,
		"account.email_confirmation_expire_days": 5e-05,
		"account.password_reset_timeout":         2.0,
	}},
	"closed": {"codes", map[string]any{
		"account.signup_enabled": false,
	}},
	"limits": {"default", map[string]any{
		"trusted_proxy_count":         1,
		"account.rate_limits":         true,
		"mfa.rate_limits":             true,
		"account.max_email_addresses": 2,
	}},
	"limits_codes": {"codes", map[string]any{
		"trusted_proxy_count": 1,
		"account.rate_limits": true,
		"mfa.rate_limits":     true,
	}},
	"limits_phone": {"phone", map[string]any{
		"trusted_proxy_count":                1,
		"account.rate_limits":                true,
		"mfa.rate_limits":                    true,
		"account.phone_verification_timeout": 4.0,
	}},
}

func loadProfile(t *testing.T, name string) Config {
	t.Helper()
	c, err := Load(filepath.Join(profilesDir, name+".yaml"), nil)
	if err != nil {
		t.Fatalf("profile %s:\n%v", name, err)
	}
	return c
}

// differences are the keys of c that base says differently, secrets revealed.
func differences(base, c Config) map[string]any {
	before, after := flatten(base), flatten(c)
	for key, value := range before {
		if after[key] == value {
			delete(after, key)
		}
	}
	// An entry that is not there says the same as one that says nothing.
	maps.DeleteFunc(after, func(key string, value any) bool {
		_, known := before[key]
		return !known && (value == "" || value == false || value == 0.0)
	})
	return after
}

// flatten is the configuration as one map from full keys to plain values, lists
// of texts with commas between.
func flatten(c Config) map[string]any {
	flat := map[string]any{}
	flattenInto(flat, "", reveal(c))
	return flat
}

func flattenInto(flat map[string]any, path string, value any) {
	switch v := value.(type) {
	case map[string]any:
		for key, below := range v {
			flattenInto(flat, strings.TrimPrefix(path+"."+key, "."), below)
		}
	case []string:
		flat[path] = strings.Join(v, ",")
	case []any:
		texts := make([]string, 0, len(v))
		for i, item := range v {
			if text, ok := item.(string); ok {
				texts = append(texts, text)
				continue
			}
			flattenInto(flat, indexed(path, i), item)
		}
		if len(texts) == len(v) {
			flat[path] = strings.Join(texts, ",")
		}
	default:
		flat[path] = value
	}
}
