package config

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestDev holds what is switched on to try things with.
func TestDev(t *testing.T) {
	want := map[string]any{
		"account.email_notifications":           true,
		"account.login_by_code_enabled":         true,
		"account.login_by_code_supports_resend": 2,
		"cors_allowed_origins":                  "http://localhost:3000,http://127.0.0.1:3000,http://localhost:5173,http://127.0.0.1:5173",
		"csrf_trusted_origins":                  "http://localhost:3000,http://127.0.0.1:3000,http://localhost:5173,http://127.0.0.1:5173",
		"data_dir":                              "stagedoor-data/dev",
		"dev.enabled":                           true,
		"headless.serve_specification":          true,
		"headless.extended":                     true,
		"mail.from":                             "stagedoor <stagedoor@localhost>",
		"mfa.passkey_login_enabled":             true,
		"mfa.supported_types":                   "totp,recovery_codes,webauthn",
		"mfa.totp_issuer":                       "stagedoor",
		"mfa.trust_enabled":                     true,
		"session.device_bound":                  "offer",
		"socialaccount.providers[0].name":       "Dummy",
		"socialaccount.providers[0].provider":   "dummy",
		"usersessions.track_activity":           true,
	}
	if diff := cmp.Diff(want, differences(Default(), Dev())); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	if err := Dev().Validate(); err != nil {
		t.Error(err)
	}
}
