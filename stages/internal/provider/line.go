package provider

import (
	"context"
	"crypto/subtle"
	"net/http"
	"net/url"
	"strings"
)

// lineProfile has LINE check an id_token and say what is in it (LINE Login, "Verify ID
// token"). LINE signs those of web logins with the channel's secret (HS256), which we
// accept of nobody.
func (p *Provider) lineProfile(ctx context.Context, g grant) (object, error) {
	form := url.Values{"id_token": {g.id}, "client_id": {p.clientID()}, "nonce": {g.nonce}}
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, p.expand(p.kind.Profile), strings.NewReader(form.Encode()))
	if err != nil {
		return nil, fault(ErrRefused, "no usable address")
	}
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	claims, err := p.web.json(r)
	switch {
	case err != nil:
		return nil, err
	case claims.text("iss") != "https://access.line.me":
		return nil, fault(ErrRefused, "the id_token is of issuer %s", clip(claims.text("iss")))
	case claims.text("aud") != p.clientID():
		return nil, fault(ErrRefused, "the id_token is for somebody else")
	case subtle.ConstantTimeCompare([]byte(claims.text("nonce")), []byte(g.nonce)) != 1:
		return nil, fault(ErrRefused, "the id_token has another nonce")
	}
	return claims, nil
}
