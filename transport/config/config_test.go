package config

import (
	"reflect"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestDefaults holds every key and its default: what people rely on who write
// nothing, and what documentation is written from.
func TestDefaults(t *testing.T) {
	if diff := cmp.Diff(defaults, flatten(Default())); diff != "" {
		t.Errorf("keys and defaults (-want +got):\n%s", diff)
	}
	for _, key := range allKeys(reflect.TypeFor[Config](), "") {
		if _, held := defaults[strings.TrimSuffix(key, fileSuffix)]; !held {
			t.Errorf("%s is a key, but has no row in defaults: say here what holds where nobody says otherwise", key)
		}
	}
}

var defaults = map[string]any{
	"listen":                                                 "127.0.0.1:8080",
	"public_url":                                             "",
	"data_dir":                                               "stagedoor-data",
	"secret_key":                                             "",
	"secret_key_fallback":                                    "",
	"body_limit":                                             1048576,
	"trusted_proxy_count":                                    0,
	"trusted_client_ip_header":                               "",
	"rate_limit_ipv6_prefix":                                 64,
	"user_code_format.numeric":                               nil,
	"user_code_format.length":                                0,
	"user_code_format.dashed":                                nil,
	"cors_allowed_origins":                                   "",
	"csrf_trusted_origins":                                   "",
	"account.login_methods":                                  "email",
	"account.signup_fields":                                  "email*,password1*",
	"account.signup_enabled":                                 true,
	"account.prevent_enumeration":                            true,
	"account.email_verification":                             "mandatory",
	"account.email_verification_by_code_enabled":             false,
	"account.email_verification_supports_resend":             0,
	"account.email_verification_supports_change":             0,
	"account.email_verification_by_code_timeout":             900.0,
	"account.email_verification_by_code_max_attempts":        3,
	"account.email_verification_by_code_format.numeric":      nil,
	"account.email_verification_by_code_format.length":       0,
	"account.email_verification_by_code_format.dashed":       nil,
	"account.email_confirmation_expire_days":                 3.0,
	"account.login_on_email_confirmation":                    false,
	"account.change_email":                                   false,
	"account.max_email_addresses":                            0,
	"account.email_notifications":                            false,
	"account.email_subject_prefix":                           "",
	"account.email_unknown_accounts":                         true,
	"account.phone_verification_enabled":                     true,
	"account.phone_verification_supports_resend":             0,
	"account.phone_verification_supports_change":             0,
	"account.phone_verification_timeout":                     900.0,
	"account.phone_verification_max_attempts":                3,
	"account.phone_verification_code_format.numeric":         nil,
	"account.phone_verification_code_format.length":          0,
	"account.phone_verification_code_format.dashed":          nil,
	"account.login_by_code_enabled":                          false,
	"account.login_by_code_supports_resend":                  0,
	"account.login_by_code_timeout":                          180.0,
	"account.login_by_code_max_attempts":                     3,
	"account.login_by_code_format.numeric":                   nil,
	"account.login_by_code_format.length":                    0,
	"account.login_by_code_format.dashed":                    nil,
	"account.login_by_code_required":                         false,
	"account.login_by_code_trust_enabled":                    false,
	"account.login_timeout":                                  900.0,
	"account.password_min_length":                            8,
	"account.password_reset_timeout":                         259200.0,
	"account.password_reset_by_code_enabled":                 false,
	"account.password_reset_by_code_timeout":                 180.0,
	"account.password_reset_by_code_max_attempts":            3,
	"account.password_reset_by_code_format.numeric":          nil,
	"account.password_reset_by_code_format.length":           0,
	"account.password_reset_by_code_format.dashed":           nil,
	"account.login_on_password_reset":                        false,
	"account.logout_on_password_change":                      false,
	"account.reauthentication_required":                      false,
	"account.reauthentication_methods":                       "password,code,mfa",
	"socialaccount.reauthentication_required":                nil,
	"mfa.reauthentication_required":                          true,
	"account.reauthentication_timeout":                       300.0,
	"account.username_min_length":                            1,
	"account.username_blacklist":                             "",
	"account.preserve_username_casing":                       true,
	"account.rate_limits":                                    true,
	"socialaccount.signup_open":                              nil,
	"socialaccount.email_required":                           nil,
	"socialaccount.only":                                     false,
	"socialaccount.auto_signup":                              true,
	"socialaccount.email_authentication":                     false,
	"socialaccount.email_authentication_auto_connect":        false,
	"socialaccount.email_verification":                       "",
	"socialaccount.query_email":                              nil,
	"socialaccount.openid_connect_url_prefix":                "oidc",
	"socialaccount.requests_timeout":                         5.0,
	"socialaccount.providers":                                "",
	"mfa.supported_types":                                    "recovery_codes,totp",
	"mfa.passkey_login_enabled":                              false,
	"mfa.passkey_signup_enabled":                             false,
	"mfa.passkey_presence_enough":                            false,
	"mfa.allow_unverified_email":                             false,
	"mfa.trust_enabled":                                      false,
	"mfa.trust_cookie_age":                                   1209600.0,
	"mfa.trust_cookie_name":                                  "mfa_trusted",
	"mfa.trust_cookie_domain":                                "",
	"mfa.trust_cookie_path":                                  "/",
	"mfa.trust_cookie_samesite":                              "",
	"mfa.rate_limits":                                        true,
	"mfa.totp_period":                                        30,
	"mfa.totp_digits":                                        6,
	"mfa.totp_tolerance":                                     1,
	"mfa.totp_issuer":                                        "",
	"mfa.recovery_code_count":                                10,
	"mfa.recovery_code_digits":                               8,
	"mfa.recovery_codes_show_once":                           false,
	"mfa.webauthn_rp_id":                                     "",
	"mfa.webauthn_rp_name":                                   "",
	"mfa.webauthn_user_verification":                         "preferred",
	"mfa.webauthn_counter":                                   "accept",
	"mfa.webauthn_related_origins":                           "",
	"mfa.webauthn_top_origins":                               "",
	"mfa.passkey_upgrade_enabled":                            false,
	"mfa.webauthn_origins":                                   "",
	"mfa.webauthn_allow_insecure_origin":                     false,
	"headless.mount":                                         "/_allauth",
	"headless.clients":                                       "browser,app",
	"headless.extended":                                      false,
	"headless.serve_specification":                           false,
	"headless.frontend_urls.account_confirm_email":           "",
	"headless.frontend_urls.account_disown":                  "",
	"headless.frontend_urls.account_reset_password":          "",
	"headless.frontend_urls.account_reset_password_from_key": "",
	"headless.frontend_urls.account_signup":                  "",
	"headless.frontend_urls.socialaccount_login_error":       "",
	"headless.token_strategy":                                "session",
	"headless.jwt_algorithm":                                 "RS256",
	"headless.jwt_private_key":                               "",
	"headless.jwt_previous_key_files":                        "",
	"headless.jwt_access_token_expires_in":                   300.0,
	"headless.jwt_refresh_token_expires_in":                  86400.0,
	"headless.jwt_rotate_refresh_token":                      true,
	"headless.jwt_reuse_ends_family":                         true,
	"headless.jwt_stateful_validation_enabled":               false,
	"headless.jwt_authorization_header_scheme":               "Bearer",
	"rest.token_lifetime":                                    3600.0,
	"rest.redirect_uris":                                     "",
	"usersessions.track_activity":                            false,
	"serve.headless":                                         true,
	"serve.pages":                                            false,
	"pages.title":                                            "",
	"pages.logo":                                             "",
	"pages.css":                                              "",
	"pages.texts":                                            "",
	"pages.after_login":                                      "",
	"serve.rest":                                             true,
	"session.cookie_age":                                     1209600.0,
	"session.cookie_domain":                                  "",
	"session.cookie_samesite":                                "lax",
	"session.device_bound":                                   "off",
	"session.device_bound_age":                               600.0,
	"session.device_bound_grace":                             0.0,
	"session.device_bound_within":                            300.0,
	"session.device_bound_initiators":                        "",
	"session.device_bound_clear_site_data":                   "storage",
	"password_hashing.memory_kib":                            19456,
	"password_hashing.time":                                  2,
	"password_hashing.parallelism":                           1,
	"password_hashing.slots":                                 0,
	"password_hashing.queue":                                 64,
	"database.url":                                           "",
	"database.max_connections":                               0,
	"database.pooler":                                        "auto",
	"database.migrate":                                       true,
	"database.migrate_url":                                   "",
	"redis.url":                                              "",
	"redis.sentinel_addresses":                               "",
	"redis.sentinel_master":                                  "",
	"redis.sentinel_password":                                "",
	"redis.cluster_addresses":                                "",
	"redis.username":                                         "",
	"redis.password":                                         "",
	"redis.db":                                               0,
	"redis.embedded_megabytes":                               64,
	"redis.auto_pipeline":                                    false,
	"redis.tls":                                              false,
	"redis.key_prefix":                                       "stagedoor:",
	"mail.smtp_host":                                         "",
	"mail.smtp_port":                                         587,
	"mail.smtp_user":                                         "",
	"mail.smtp_password":                                     "",
	"mail.smtp_tls":                                          "mandatory",
	"mail.timeout":                                           10.0,
	"mail.from":                                              "",
	"sms.webhook_url":                                        "",
	"sms.allowed_countries":                                  "",
	"sms.timeout":                                            10.0,
	"limits.read_header_timeout":                             5.0,
	"limits.read_timeout":                                    15.0,
	"limits.write_timeout":                                   30.0,
	"limits.idle_timeout":                                    120.0,
	"limits.shutdown_delay":                                  0.0,
	"limits.shutdown_timeout":                                15.0,
	"limits.header_bytes":                                    32768,
	"log.level":                                              "info",
	"log.format":                                             "text",
	"trails.keep_days":                                       30.0,
	"record.enabled":                                         false,
	"record.dir":                                             "",
	"admin.token":                                            "",
	"admin.inspector":                                        false,
	"admin.mount":                                            "/admin",
	"dev.enabled":                                            false,
	"dev.allow_remote":                                       false,
}

func TestDefaultsWantPagesAndMail(t *testing.T) {
	want := []string{"headless.frontend_urls.account_confirm_email", "headless.frontend_urls.account_reset_password_from_key", "mail.smtp_host"}
	if diff := cmp.Diff(want, keysOf(Default().Validate())); diff != "" {
		t.Error(diff)
	}
}

// TestEachCallIsItsOwn changes one value in place and asks again.
func TestEachCallIsItsOwn(t *testing.T) {
	for name, make := range map[string]func() Config{"defaults": Default, "development": Dev} {
		c := make()
		c.Account.LoginMethods[0], c.MFA.SupportedTypes[0], c.Headless.Clients[0] = "x", "x", "x"
		if len(c.CORSAllowedOrigins) > 0 {
			c.CORSAllowedOrigins[0] = "x"
			if c.CSRFTrustedOrigins[0] == "x" {
				t.Errorf("%s: two lists are one", name)
			}
		}
		if diff := cmp.Diff(flatten(make()), flatten(make())); diff != "" || make().Account.LoginMethods[0] == "x" {
			t.Errorf("%s: a change was kept: %s", name, diff)
		}
	}
}
