package provider

import (
	"slices"
	"strings"
)

// idTokenOnly refuses what the issuer has signed for us and is no id_token: access tokens that are
// also for us, sign-outs and other events. Whoever such a token is shown to, every API for one,
// could sign in as its person otherwise (RFC 8725 section 3.11). Most id_tokens do not say what
// they are, so that what says to be something else is told by its own ways.
func idTokenOnly(raw string, c object) error {
	head, err := headerOf(raw)
	if err != nil {
		return fault(ErrInvalidToken, "the id_token has no header")
	}
	typ := strings.TrimPrefix(strings.ToLower(head.text("typ")), "application/")
	switch {
	case strings.HasSuffix(typ, "+jwt") && !slices.Contains([]string{"id+jwt", "id_token+jwt"}, typ):
		return fault(ErrInvalidToken, "the token is of type %s, and no id_token", clip(typ))
	case c["events"] != nil: // RFC 8417 section 2.2
		return fault(ErrInvalidToken, "the token tells of events, and is no id_token")
	case slices.Contains([]string{"bearer", "dpop", "refresh", "offline", "logout"}, strings.ToLower(c.text("typ"))):
		return fault(ErrInvalidToken, "the token says typ %s, as Keycloak's others than id_tokens do", clip(c.text("typ")))
	case slices.Contains([]string{"access", "refresh"}, strings.ToLower(c.text("token_use"))):
		return fault(ErrInvalidToken, "the token says token_use %s, as Cognito's others than id_tokens do", clip(c.text("token_use")))
	}
	return nil
}
