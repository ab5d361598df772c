package provider

import (
	"bytes"
	"context"
	"errors"
	"net/http"
	"slices"
	"strings"
	"time"
)

// withUserinfo gives the claims of a verified id_token their meaning together with the userinfo.
// Where that cannot be had, the id_token alone will do if it says what is asked for.
func (p *Provider) withUserinfo(ctx context.Context, at *endpoints, access string, id object) (Assertion, error) {
	info, err := p.askUserinfo(ctx, at, access)
	switch {
	case err == nil && info.text("sub") != id.text("sub"):
		// OpenID Connect Core, section 5.3.2: or else it may be somebody else's.
		return Assertion{}, fault(ErrRefused, "the userinfo is of another sub than the id_token")
	case err == nil:
		return p.assertion(merged(id, info), p.kind.Map, nil, map[string]any{"id_token": id, "userinfo": info})
	case errors.Is(err, ErrInvalidToken) || ctx.Err() != nil || !p.suffices(id):
		return Assertion{}, err
	}
	return p.assertion(id, p.kind.Map, nil, id)
}

// suffices tells an id_token that says what is asked for: who somebody is, and the address where the
// scopes have it.
func (p *Provider) suffices(id object) bool {
	paths := p.kind.Map.UID
	if p.uidField != "" {
		paths = []string{p.uidField}
	}
	if _, err := uidOf(id, paths, p.shape(p.kind.Map)); err != nil {
		return false
	}
	if p.skipEmail || !slices.Contains(p.scope, "email") {
		return true
	}
	_, usable := cleanAddress(id.text(p.kind.Map.Email))
	return usable
}

// askUserinfo asks whom an access token is of. The answer is an object, or a signed one (OpenID
// Connect Core, section 5.3.2), which is verified: that error is ErrInvalidToken.
func (p *Provider) askUserinfo(ctx context.Context, at *endpoints, access string) (object, error) {
	r, err := p.bearer(ctx, http.MethodGet, at.userinfo, access)
	if err != nil {
		return nil, err
	}
	r.Header.Set("Accept", "application/json, application/jwt")
	data, err := p.web.answer(r)
	if err != nil {
		return nil, err
	}
	raw := string(bytes.TrimSpace(data))
	if compact.MatchString(raw) || strings.Count(raw, ".") == 4 && strings.HasPrefix(raw, "ey") {
		return p.signedUserinfo(ctx, at, raw)
	}
	o, err := parse(data)
	if err != nil {
		return nil, fault(ErrUnreachable, "%s: the answer is no JSON object, and no signed one", place(r.URL))
	}
	return o, nil
}

// signedUserinfo verifies a userinfo that is signed. It may say by whom, for whom and until when it
// is good.
func (p *Provider) signedUserinfo(ctx context.Context, at *endpoints, raw string) (object, error) {
	if err := signedWell("the userinfo", raw, at.userAlgs); err != nil {
		return nil, err
	}
	payload, err := at.userKeys.VerifySignature(ctx, raw)
	switch {
	case errors.Is(err, ErrUnreachable):
		return nil, fault(ErrUnreachable, "the keys that sign the userinfo cannot be had")
	case err != nil:
		return nil, fault(ErrInvalidToken, "no key of the issuer has signed the userinfo")
	}
	o, err := parse(payload)
	if err != nil {
		return nil, fault(ErrInvalidToken, "the claims of the userinfo are no object")
	}
	if iss := o.text("iss"); o["iss"] != nil && iss != at.issuer && !p.oneTenant(at.issuer, iss) {
		return nil, fault(ErrInvalidToken, "the userinfo is of issuer %s", clip(iss))
	}
	ours := func(id string) bool { return slices.Contains(p.clientIDs, id) }
	if o["aud"] != nil && !slices.ContainsFunc(audiences(o), ours) {
		return nil, fault(ErrInvalidToken, "the userinfo is for somebody else")
	}
	if until := o.seconds("exp"); o["exp"] != nil && time.Unix(until, 0).Before(p.now()) {
		return nil, fault(ErrInvalidToken, "the userinfo has expired")
	}
	return o, nil
}

// audiences are for whom a token says it is.
func audiences(c object) []string {
	var all []string
	switch aud := c["aud"].(type) {
	case string:
		all = append(all, aud)
	case []any:
		for _, one := range aud {
			text, _ := one.(string)
			all = append(all, text)
		}
	}
	return all
}
