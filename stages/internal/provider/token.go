package provider

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"
)

// Token is what an app got from the provider on the device.
type Token struct {
	// ClientID is the client the app asked as. It must be ours.
	ClientID string
	// IDToken and AccessToken: one of them is needed, which one the kind says. Facebook
	// takes either, the access token first; all others take the id_token.
	IDToken, AccessToken string
}

// maxAccessToken is the longest access token that an app may bring, in bytes.
const maxAccessToken = 16 << 10

// longAgo is when a person authenticated whose token does not say when: it may have been kept for long,
// and so says nothing of now.
const longAgo = 1

// VerifyToken turns a token into an assertion. Errors: [ErrClientIDRequired],
// [ErrClientIDMismatch], [ErrUnsupported], [ErrTokenRequired], [ErrInvalidToken],
// [ErrUnreachable], looked for in this order; [Code] has their codes.
func (p *Provider) VerifyToken(ctx context.Context, t Token) (Assertion, error) {
	a, err := p.verifyToken(ctx, t)
	if errors.Is(err, ErrRefused) {
		err = as(ErrInvalidToken, err)
	}
	if err != nil {
		return Assertion{}, p.named(err)
	}
	return a, nil
}

func (p *Provider) verifyToken(ctx context.Context, t Token) (Assertion, error) {
	audience, known := p.knows(t.ClientID)
	switch {
	case p.Local():
		return p.fromDummyToken(t)
	case t.ClientID == "":
		return Assertion{}, ErrClientIDRequired
	case !known:
		return Assertion{}, ErrClientIDMismatch
	case !p.SupportsToken():
		return Assertion{}, ErrUnsupported
	case t.IDToken == "" && t.AccessToken == "":
		return Assertion{}, ErrTokenRequired
	case !plausible(t.AccessToken):
		return Assertion{}, fault(ErrInvalidToken, "the access token is longer than %d KiB, or not of printable ASCII", maxAccessToken>>10)
	case p.kind.own != nil && p.kind.own.Verify != nil:
		a, err := p.answered(p.kind.own.Verify(ctx, Call{HTTP: p.web.client, IDToken: t.IDToken, AccessToken: t.AccessToken}))
		a.AuthTime = max(longAgo, a.AuthTime)
		return a, err
	case t.AccessToken != "" && p.kind.special == isFacebook:
		return p.inspected(ctx, t.AccessToken)
	case t.IDToken == "":
		return Assertion{}, fault(ErrInvalidToken, "an access token says nothing of whom it was issued to: send the id_token")
	}
	return p.verifyIDToken(ctx, t, audience)
}

// verifyIDToken turns an id_token that is for one of some client ids into an assertion, and uses it up.
func (p *Provider) verifyIDToken(ctx context.Context, t Token, audience []string) (Assertion, error) {
	at, meaning := p.limited, p.kind.TokenMap
	if at == nil {
		var err error
		if at, err = p.endpoints(ctx); err != nil {
			return Assertion{}, err
		}
		meaning = p.kind.Map
	}
	claims, err := p.verify(ctx, at, t.IDToken, expected{audience: audience, parties: p.clientIDs})
	if err != nil {
		return Assertion{}, err
	}
	if err := idTokenOnly(t.IDToken, claims); err != nil {
		return Assertion{}, err
	}
	var a Assertion
	if t.AccessToken != "" && p.limited == nil && p.userInfo && at.userinfo != "" {
		// Some say the address there alone. It is only heard if it is of the same person.
		a, err = p.withUserinfo(ctx, at, t.AccessToken, claims)
	} else {
		a, err = p.assertion(claims, meaning, nil, claims)
	}
	if err != nil {
		return Assertion{}, err
	}
	// A token of before says nothing of now, whoever has kept it.
	if a.AuthTime = claims.seconds("auth_time"); a.AuthTime == 0 {
		a.AuthTime = claims.seconds("iat")
	}
	a.Session = p.session(t.IDToken, claims)
	return a, p.spend(ctx, t.IDToken, claims)
}

// inspected is whom an access token stands for of which its provider says when it was issued.
func (p *Provider) inspected(ctx context.Context, access string) (Assertion, error) {
	issued, err := p.inspect(ctx, access)
	if err != nil {
		return Assertion{}, err
	}
	a, err := p.fromProfile(ctx, grant{access: access})
	a.AuthTime = issued
	return a, err
}

// plausible tells an access token that can be sent (RFC 6749, appendix A.12). With another one the provider
// would seem to be out of reach.
func plausible(access string) bool {
	return len(access) <= maxAccessToken && !strings.ContainsFunc(access, func(r rune) bool { return r < ' ' || r > '~' })
}

// nameOf is by what a token is remembered: its own name, or the hash of what was signed.
// The signature is left out, since one can be written in several ways.
func nameOf(raw string, claims object) string {
	if jti := claims.word("jti"); jti != "" {
		return claims.text("iss") + " " + jti
	}
	signed := raw[:strings.LastIndexByte(raw, '.')+1]
	sum := sha256.Sum256([]byte(signed))
	return claims.text("iss") + " sha256 " + base64.RawURLEncoding.EncodeToString(sum[:])
}

// spend uses a token up, if there is where to write that down.
func (p *Provider) spend(ctx context.Context, raw string, claims object) error {
	if p.once == nil {
		return nil
	}
	exp, _ := claims["exp"].(json.Number)
	seconds, err := exp.Float64()
	if err != nil {
		return fault(ErrInvalidToken, "its exp is no number")
	}
	// A server whose clock is behind takes the token for longer than this one.
	first, err := p.once(ctx, nameOf(raw, claims), time.Unix(int64(seconds), 0).Add(skew))
	switch {
	case err != nil:
		return fmt.Errorf("used tokens cannot be looked up: %w", err)
	case !first:
		return fault(ErrInvalidToken, "it was used before")
	}
	return nil
}
