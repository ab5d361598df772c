package journeys

import (
	"encoding/json"
	"net/http"
	"testing"

	"stagedoor/transport/config"
	"stagedoor/transport/internal/suite"
	"stagedoor/transport/server"
)

// offered is the part of the features that a route can be tried for.
type offered struct {
	Signup       struct{ Open, Passkey bool }
	Login        struct{ Code, Passkey, Provider bool }
	Phone        struct{ Enabled bool }
	SecondFactor struct {
		TOTP          bool `json:"totp"`
		RecoveryCodes bool `json:"recovery_codes"`
		WebAuthn      bool `json:"webauthn"`
		Trust         bool `json:"trust"`
	} `json:"second_factor"`
	Reauthentication struct{ Methods []string }
	Tokens           struct{ Refresh bool }
	Codes            struct {
		Login, Recovery struct {
			Length          int
			Numeric, Dashed bool
		}
	}
}

// featuresOf asks for the features, which are there for who asks for them.
func featuresOf(t *testing.T, c *suite.Client) (out offered) {
	t.Helper()
	for _, query := range []string{"", "?features=false"} {
		var plain map[string]json.RawMessage
		if err := json.Unmarshal(c.Do("GET", "/config"+query, nil).Is(200).Data, &plain); err != nil || len(plain) != 4 {
			t.Errorf("config%s has %d members, %v", query, len(plain), err)
		}
	}
	var full struct{ Features offered }
	if err := json.Unmarshal(c.Do("GET", "/config?features=true", nil).Is(200).Data, &full); err != nil {
		t.Fatal(err)
	}
	return full.Features
}

// TestFeaturesAreThere holds what the configuration says against what the server has: a
// front end need not try.
func TestFeaturesAreThere(t *testing.T) {
	bare := func(c *config.Config, _ *server.Options) {
		c.MFA.SupportedTypes, c.MFA.PasskeyLoginEnabled = []string{"totp"}, false
		c.Account.SignupEnabled = false
	}
	for name, change := range map[string][]suite.SetUp{
		"default": nil, "bare": {bare}, "dev": {suite.Dev, suite.JWT}, "offers": {suite.ByCode, suite.Offers},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			l := suite.NewLab(t, change...)
			app, browser := l.App(), l.Browser()
			f := featuresOf(t, app)
			for _, c := range []struct {
				client *suite.Client
				method string
				path   string
				on     bool
			}{
				{app, "POST", "/auth/code/request", f.Login.Code},
				{app, "GET", "/auth/webauthn/login", f.Login.Passkey},
				{app, "GET", "/auth/webauthn/signup", f.Signup.Passkey},
				{app, "GET", "/account/authenticators/totp", f.SecondFactor.TOTP},
				{app, "GET", "/account/authenticators/recovery-codes", f.SecondFactor.RecoveryCodes},
				{app, "GET", "/account/authenticators/webauthn", f.SecondFactor.WebAuthn},
				{browser, "POST", "/auth/2fa/trust", f.SecondFactor.Trust},
			} {
				if got := c.client.Do(c.method, c.path, map[string]any{}); (got.Status != http.StatusNotFound) != c.on {
					t.Errorf("%s %s answers %d, the features say %v", c.method, c.path, got.Status, c.on)
				}
			}
			if got := app.Do("POST", "/auth/signup", map[string]string{"email": "ada@example.com", "password": suite.Password}); (got.Status != http.StatusForbidden) != f.Signup.Open {
				t.Errorf("sign-up answers %d, the features say %v", got.Status, f.Signup.Open)
			}
		})
	}
}

// TestFeaturesOfThePlainContract: there they come unasked.
func TestFeaturesOfThePlainContract(t *testing.T) {
	l := suite.NewLab(t, suite.Dev, func(c *config.Config, _ *server.Options) {
		c.UserCodeFormat = config.CodeFormat{Numeric: new(true), Length: 6, Dashed: new(false)}
	})
	var got struct{ Features offered }
	if err := json.Unmarshal([]byte(l.Script().Do("GET", "/config/", nil).Is(200).Raw), &got); err != nil {
		t.Fatal(err)
	}
	f := got.Features
	if f.Codes.Login.Length != 6 || !f.Codes.Login.Numeric || f.Codes.Login.Dashed || f.Codes.Recovery.Length != 8 || f.Phone.Enabled || !f.Login.Provider {
		t.Errorf("%+v", f)
	}
	if len(f.Reauthentication.Methods) == 0 || f.Tokens.Refresh {
		t.Errorf("%+v", f)
	}
}
