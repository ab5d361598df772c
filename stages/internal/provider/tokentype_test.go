package provider

import (
	"context"
	"errors"
	"testing"

	"github.com/golang-jwt/jwt/v5"
)

// typed signs a good id_token with changes, whose header calls it something.
func (i *issuer) typed(typ any, changes map[string]any) string {
	token := jwt.NewWithClaims(jwt.SigningMethodRS256, i.claims(changes))
	token.Header["kid"], token.Header["typ"] = i.kid, typ
	s, err := token.SignedString(rsaKey())
	if err != nil {
		panic(err)
	}
	return s
}

// TestOtherTokensAreNoIDTokens: an access token that is also for us, or a sign-out, is signed by the
// same keys for the same client, and lies with others than the person who it is of.
func TestOtherTokensAreNoIDTokens(t *testing.T) {
	_, i, p := mock(t)
	event := map[string]any{logoutEventOfTests: map[string]any{}}
	for name, raw := range map[string]string{
		"an access token (RFC 9068)":       i.typed("at+jwt", map[string]any{"client_id": "client"}),
		"one with the whole media type":    i.typed("application/AT+JWT", nil),
		"a sign-out":                       i.typed("logout+jwt", nil),
		"an event":                         i.typed("secevent+jwt", nil),
		"an answer to an introspection":    i.typed("token-introspection+jwt", nil),
		"a sign-out that is called a JWT":  i.typed("JWT", map[string]any{"events": event}),
		"a sign-out that has nothing more": i.typed("JWT", map[string]any{"events": map[string]any{logoutEventOfTests: nil}}),
		"Keycloak's access token":          i.mint(map[string]any{"typ": "Bearer", "azp": "client", "aud": []string{"client", "account"}}),
		"Keycloak's refresh token":         i.mint(map[string]any{"typ": "Refresh"}),
		"Cognito's access token":           i.mint(map[string]any{"token_use": "access"}),
	} {
		t.Run(name, func(t *testing.T) {
			a, err := p.VerifyToken(context.Background(), Token{ClientID: "client", IDToken: raw})
			if !errors.Is(err, ErrInvalidToken) {
				t.Errorf("signed in %q: %v", a.UID, err)
			}
		})
	}
	for name, raw := range map[string]string{
		"called a JWT":      i.typed("JWT", nil),
		"called nothing":    i.typed(nil, nil),
		"called a number":   i.typed(5, nil),
		"Keycloak's":        i.mint(map[string]any{"typ": "ID"}),
		"Cognito's":         i.mint(map[string]any{"token_use": "id"}),
		"of somebody's own": i.mint(map[string]any{"typ": "employee"}),
	} {
		if _, err := p.VerifyToken(context.Background(), Token{ClientID: "client", IDToken: raw}); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// logoutEventOfTests is the event of OpenID Connect Back-Channel Logout, section 2.4.
const logoutEventOfTests = "http://schemas.openid.net/event/backchannel-logout"
