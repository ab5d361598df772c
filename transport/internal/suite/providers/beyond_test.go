package providers

import (
	"strings"
	"testing"

	"stagedoor/transport/config"
	"stagedoor/transport/internal/suite"
)

// beyond are providers that want what the server does not do: each says so in its log, in
// these words.
type beyond struct {
	row
	says string
}

// tooMuch are all of them.
func tooMuch() []beyond {
	_, public := keyPair()
	public["use"] = "enc"
	return []beyond{
		{row{name: "encrypted id_tokens", served: with(suite.M{
			"id_token_encrypted_response_alg": "ECDH-ES", "jwks": suite.M{"keys": []any{public}},
		})}, "is encrypted (JWE)"},
		{row{name: "signed requests demanded (JAR)", served: suite.M{"features": suite.M{
			"requestObjects": suite.M{"enabled": true, "requireSignedRequestObject": true},
		}}}, "takes signed authorization requests only (JAR, RFC 9101)"},
		{row{name: "tokens bound to a key (DPoP)", served: suite.M{
			"features": suite.M{"dPoP": suite.M{"enabled": true}}, "client": suite.M{"dpop_bound_access_tokens": true},
		}}, "invalid_grant"}, // It says no more itself.
		{row{name: "`client_secret_jwt` alone", served: suite.M{
			"auth_methods": []string{"client_secret_jwt"}, "client": suite.M{"token_endpoint_auth_method": "client_secret_jwt"},
		}}, "takes no client secret, but client_secret_jwt"},
		{row{name: "HS256 without the setting", served: signs("HS256")}, "signed with HS256"},
		{row{name: "another secret than configured", configured: func(p *config.Provider) { p.Secret = "another" }}, "check client_id, secret"},
	}
}

// walk fails the test unless a sign-in is refused and the log says why.
func (x beyond) walk(t *testing.T, b *between, contract string) {
	s := x.stage(t, b)
	v := s.visitor(contract)
	if got := s.tries(v); got.well() || got.cause == "" {
		t.Errorf("%+v", got)
	}
	s.nothing(v)
	if log := s.Log.String(); !strings.Contains(log, x.says) {
		t.Errorf("the log does not say %q", x.says)
	}
}
