package server

import (
	"encoding/json"
	"testing"

	"stagedoor/transport/config"
)

// TestRecordedSettings: a story says what its server has otherwise, and neither its
// secrets nor where it is.
func TestRecordedSettings(t *testing.T) {
	c := config.Default()
	if got := recordedSettings(c); len(got) != 0 {
		t.Errorf("of the defaults: %v", got)
	}
	c.Account.EmailVerification, c.Account.LoginTimeout = "optional", 60
	c.PublicURL, c.SecretKey, c.Headless.JWTPrivateKey, c.Headless.FrontendURLs.Signup = "https://auth.example.com", "k", "p", "https://app.example.com/x"
	c.Headless.TokenStrategy, c.MFA.WebAuthnRPID = "jwt", "example.com"
	c.SocialAccount.Providers = []config.Provider{{ID: "work", Provider: "google", ClientID: "mine", Secret: "s3cret"}}
	text, err := json.Marshal(recordedSettings(c))
	want := `{"account":{"email_verification":"optional","login_timeout":60},"headless":{"token_strategy":"jwt"},"socialaccount":{"providers":[{"client_id":"client","email_authentication":false,"id":"work","name":"Mock","provider":"openid_connect","secret":"secret","server_url":"http://127.0.0.1:2590","verified_email":false}]}}`
	if err != nil || string(text) != want {
		t.Errorf("%s, %v\nwant\n%s", text, err, want)
	}
	c = config.Default()
	c.PublicURL, c.Session.DeviceBound, c.Session.DeviceBoundInitiators = "https://auth.example.com", "offer", []string{"mail.example.com"}
	text, err = json.Marshal(recordedSettings(c))
	want = `{"mfa":{"webauthn_allow_insecure_origin":false},"public_url":"https://recorded.example","session":{"device_bound":"offer"}}`
	if err != nil || string(text) != want {
		t.Errorf("where browsers bind: %s, %v\nwant\n%s", text, err, want)
	}
}
