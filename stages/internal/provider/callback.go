package provider

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"strings"

	"golang.org/x/oauth2"
)

// Callback is what came back, with what the run had kept. The state is the caller's to
// check, before this.
type Callback struct {
	// Code is the authorization code.
	Code string
	// Verifier, Nonce and RedirectURI are those of the [Request].
	Verifier, Nonce, RedirectURI string
	// Form are all parameters of the callback, of its query or form.
	Form url.Values
}

// grant is what a code was exchanged for.
type grant struct {
	access, id, nonce string
	// answer is the token endpoint's, without tokens, where the kind has a desk.
	answer object
	// server is where the account lives, for kinds that have several (Zoho).
	server string
}

// Exchange turns a callback into an assertion: it exchanges the code, checks the
// id_token and reads the profile. Errors: [ErrDenied], [ErrRefused], [ErrUnreachable],
// [ErrRequest].
func (p *Provider) Exchange(ctx context.Context, c Callback) (Assertion, error) {
	a, err := p.exchange(ctx, c)
	if errors.Is(err, ErrInvalidToken) {
		// The token came from the provider, not from the client.
		err = as(ErrRefused, err)
	}
	if err != nil {
		return Assertion{}, p.named(err)
	}
	return a, nil
}

func (p *Provider) exchange(ctx context.Context, c Callback) (Assertion, error) {
	if err := p.checkCallback(ctx, c); err != nil {
		return Assertion{}, err
	}
	if p.Local() {
		return p.fromForm(c.Form)
	}
	at, err := p.endpoints(ctx)
	if err != nil {
		return Assertion{}, err
	}
	switch {
	case at.mustName && c.Form.Get("iss") == "":
		return Assertion{}, fault(ErrRefused, "the callback has no iss, which the provider promises (RFC 9207)")
	case p.sendsNonce() && c.Nonce == "":
		return Assertion{}, fault(ErrRequest, "no nonce")
	case at.pkce && !verifierForm.MatchString(c.Verifier):
		return Assertion{}, fault(ErrRequest, "no code verifier")
	}
	if own := p.kind.own; own != nil && own.Exchange != nil {
		return p.answered(own.Exchange(ctx, Call{
			HTTP: p.web.client, RedirectURI: c.RedirectURI, Nonce: c.Nonce, Code: c.Code, Verifier: c.Verifier, Form: c.Form,
		}))
	}
	switch p.kind.special {
	case isSteam:
		return p.fromSteam(ctx, at, c)
	case isZoho:
		if at, err = p.zohoAt(c.Form); err != nil {
			return Assertion{}, err
		}
	}
	g, err := p.redeem(ctx, at, c)
	if err != nil {
		return Assertion{}, err
	}
	if !p.kind.openID() {
		return p.fromProfile(ctx, g)
	}
	claims, err := p.verify(ctx, at, g.id, expected{audience: p.clientIDs[:1], parties: p.clientIDs, nonce: c.Nonce, lax: p.kind.NoNonce})
	if err != nil {
		return Assertion{}, err
	}
	a, err := p.fromClaims(ctx, at, g, claims, c.Form)
	if err != nil {
		return Assertion{}, err
	}
	a.AuthTime = claims.seconds("auth_time")
	return p.begun(ctx, a, g.id, claims)
}

// checkCallback finds what makes exchanging pointless: a parameter twice, an issuer that
// is not this one (RFC 9207: the answer of another provider, slipped in), an error.
func (p *Provider) checkCallback(ctx context.Context, c Callback) error {
	for _, name := range []string{"code", "error", "iss", "state"} {
		if len(c.Form[name]) > 1 {
			return fault(ErrRefused, "the callback has more than one %s", name)
		}
	}
	if iss := c.Form.Get("iss"); iss != "" && p.kind.openID() {
		at, err := p.endpoints(ctx)
		if err != nil {
			return err
		}
		if iss != at.issuer && !p.oneTenant(at.issuer, iss) {
			return fault(ErrRefused, "the callback is of issuer %s", clip(iss))
		}
	}
	switch code := strings.ToLower(c.Form.Get("error")); code {
	case "":
	case "access_denied", "user_cancelled_login", "user_cancelled_authorize", "user_denied":
		// The middle two are LinkedIn's and Apple's.
		return ErrDenied
	case "temporarily_unavailable", "server_error":
		return fault(ErrUnreachable, "it says %s", inWords(code, c.Form.Get("error_description")))
	case "unauthorized_client", "invalid_client", "invalid_scope", "unsupported_response_type", "invalid_request", "invalid_request_uri",
		"invalid_request_object", "redirect_uri_mismatch", "request_not_supported":
		return misfit(ErrRefused, "it says %s", inWords(code, c.Form.Get("error_description")))
	default:
		return fault(ErrRefused, "it says %s", inWords(code, c.Form.Get("error_description")))
	}
	switch {
	case c.Code != "" || p.Local() || p.kind.special == isSteam:
	case p.kind.Silent:
		return ErrDenied
	default:
		return fault(ErrRefused, "the callback has no code")
	}
	if p.kind.special == isShopify {
		return p.checkShop(c.Form)
	}
	return nil
}

// redeem exchanges the code (RFC 6749 section 4.1.3).
func (p *Provider) redeem(ctx context.Context, at *endpoints, c Callback) (grant, error) {
	secret, err := p.clientSecret()
	if err != nil {
		return grant{}, err
	}
	if p.kind.Desk != nil {
		return p.redeemAt(ctx, at, c, secret)
	}
	var options []oauth2.AuthCodeOption
	if at.pkce {
		options = append(options, oauth2.VerifierOption(c.Verifier))
	}
	more, err := p.proof(at, "code "+c.Code)
	if err != nil {
		return grant{}, err
	}
	for name, value := range more {
		options = append(options, oauth2.SetAuthURLParam(name, value))
	}
	token, err := p.oauth(at, c.RedirectURI, secret).Exchange(
		context.WithValue(ctx, oauth2.HTTPClient, p.web.client), c.Code, options...)
	if err != nil {
		return grant{}, p.notRedeemed(ctx, at, err)
	}
	if strings.EqualFold(token.TokenType, "DPoP") {
		return grant{}, misfit(ErrRefused, "the access token is bound to a key (DPoP, RFC 9449), which this server has none for")
	}
	id, _ := token.Extra("id_token").(string)
	if id == "" && (p.kind.openID() || p.kind.special == isLine) {
		return grant{}, fault(ErrRefused, "no id_token came with the access token")
	}
	return grant{access: token.AccessToken, id: id, nonce: c.Nonce}, nil
}

// notRedeemed says why there is no token. The library's error holds the answer, and
// perhaps what was sent.
func (p *Provider) notRedeemed(ctx context.Context, at *endpoints, err error) error {
	u, parseErr := url.Parse(at.token)
	if parseErr != nil {
		return fault(ErrRefused, "no usable token endpoint")
	}
	var answer *oauth2.RetrieveError
	if !errors.As(err, &answer) || answer.Response == nil {
		return unreachable(ctx, u, err)
	}
	words := inWords(answer.ErrorCode, answer.ErrorDescription)
	switch status := answer.Response.StatusCode; {
	case status == http.StatusTooManyRequests || status >= http.StatusInternalServerError:
		return fault(ErrUnreachable, "%s: status %d%s", place(u), status, saidIn(answer.Body))
	case answer.ErrorCode == "invalid_client" || answer.ErrorCode == "unauthorized_client":
		return misfit(ErrRefused, "%s: %s: check client_id, secret and token_auth_method", place(u), words)
	case answer.ErrorCode == "use_dpop_nonce" || answer.ErrorCode == "invalid_dpop_proof":
		return misfit(ErrRefused, "%s: %s: it binds tokens to keys (DPoP, RFC 9449), which this server does not", place(u), words)
	case answer.ErrorCode == "redirect_uri_mismatch" || answer.ErrorCode == "invalid_scope" || answer.ErrorCode == "unsupported_grant_type":
		return misfit(ErrRefused, "%s: the code is not exchanged: %s", place(u), words)
	}
	return fault(ErrRefused, "%s: the code is not exchanged: %s", place(u), words)
}

// clientSecret is the secret, made for the occasion where it is Apple's.
func (p *Provider) clientSecret() (string, error) {
	if p.apple != nil {
		return p.apple.sign(p.clientID(), p.now())
	}
	return p.sharedSecret(), nil
}
