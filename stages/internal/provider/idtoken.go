package provider

import (
	"context"
	"crypto/subtle"
	"errors"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
)

const (
	// maxIDToken is the longest id_token that is looked at, in bytes: some list all the groups of a
	// person in it.
	maxIDToken = 256 << 10
	// skew is how far ahead a provider's clock may be.
	skew = time.Minute
)

// compact is a signed token as it travels (RFC 7515 section 7.1). The library would take
// the JSON form, too, which has headers that nobody signed.
var compact = regexp.MustCompile(`^[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+$`)

// expected is what an id_token must say.
type expected struct {
	// audience: the token must be for one of these client ids. parties: if it names the
	// party it was issued to (azp), that must be one of these.
	audience, parties []string
	// nonce, if not "", must be the token's; lax accepts a token that has none.
	nonce string
	lax   bool
	// logout expects a logout_token, which may have no sub, and whose exp is looked at elsewhere.
	logout bool
}

// verify checks an id_token (OpenID Connect Core, section 3.1.3.7) and returns its
// claims. The error is ErrInvalidToken, or ErrUnreachable where the keys are.
func (p *Provider) verify(ctx context.Context, at *endpoints, raw string, want expected) (object, error) {
	if err := signedWell("the id_token", raw, at.algs); err != nil {
		return nil, err
	}
	keys := &witness{keys: at.keys}
	// The audience is judged below: there may be several client ids.
	token, err := oidc.NewVerifier(at.issuer, keys, &oidc.Config{
		SkipClientIDCheck: true, SupportedSigningAlgs: at.algs, Now: p.now,
		SkipIssuerCheck: isTemplate(at.issuer),
		SkipExpiryCheck: want.logout,
	}).Verify(ctx, raw)
	switch {
	case err != nil && errors.Is(keys.err, ErrUnreachable):
		return nil, fault(ErrUnreachable, "the keys that sign id_tokens cannot be had")
	case err != nil && ctx.Err() != nil:
		return nil, errors.Join(fault(ErrUnreachable, "given up"), ctx.Err())
	case err != nil:
		return nil, fault(ErrInvalidToken, "%s", whyNot(err, keys, at))
	}
	var found map[string]any
	if err := token.Claims((*exact)(&found)); err != nil {
		return nil, fault(ErrInvalidToken, "its claims are no object")
	}
	c := object(found)
	if err := sane(token, c, want.logout, p.now()); err != nil {
		return nil, err
	}
	if isTemplate(at.issuer) && !isOf(token.Issuer, at.issuer, c.text("tid")) {
		return nil, fault(ErrInvalidToken, "it is of issuer %s", clip(token.Issuer))
	}
	if err := want.judge(c); err != nil {
		return nil, err
	}
	return c, nil
}

// exact decodes claims as [object] wants them.
type exact map[string]any

// UnmarshalJSON reads one object (json.Unmarshaler).
func (e *exact) UnmarshalJSON(data []byte) error {
	o, err := parse(data)
	*e = exact(o)
	return err
}

// signedWell looks at how a token is signed before it is verified: what is not accepted is
// mostly a matter of the configuration, here or there.
func signedWell(what, raw string, algs []string) error {
	if len(raw) > maxIDToken {
		return fault(ErrInvalidToken, "%s is longer than %d KiB", what, maxIDToken>>10)
	}
	if strings.Count(raw, ".") == 4 {
		return misfit(ErrInvalidToken, "%s is encrypted (JWE), which this server does not read: have the provider sign it only", what)
	}
	if !compact.MatchString(raw) {
		return fault(ErrInvalidToken, "%s is not three parts of base64url", what)
	}
	head, err := headerOf(raw)
	if err != nil {
		return fault(ErrInvalidToken, "%s has no header", what)
	}
	alg := head.text("alg")
	if slices.Contains(algs, alg) {
		return nil
	}
	if _, mac := secretAlgorithms()[alg]; mac || slices.Contains(publicAlgorithms(), alg) {
		return misfit(ErrInvalidToken, "%s is signed with %s, and accepted is %s: id_token_algs says what is", what, alg, listOf(algs))
	}
	return fault(ErrInvalidToken, "%s is signed with %s, which is not accepted", what, clip(alg))
}

// listOf is a list of words that are ours, or are quoted.
func listOf(words []string) string {
	out := make([]string, 0, len(words))
	for _, w := range words[:min(len(words), 12)] {
		if codeForm.MatchString(strings.ToLower(w)) {
			out = append(out, w)
		} else {
			out = append(out, clip(w))
		}
	}
	return strings.Join(out, ", ")
}

// whyNot says what is wrong with a token, in our words: the library's hold parts of it. What is
// repeated of it was signed.
func whyNot(err error, keys *witness, at *endpoints) string {
	var late *oidc.TokenExpiredError
	if errors.As(err, &late) {
		return "the id_token has expired: it was good until " + late.Expiry.UTC().Format(time.RFC3339)
	}
	if keys.err != nil {
		return "no key of the issuer has signed the id_token"
	}
	claims, parseErr := parse(keys.payload)
	if iss := claims.text("iss"); parseErr == nil && iss != at.issuer && !isTemplate(at.issuer) {
		return "the id_token is of issuer " + clip(iss) + ", and not of " + at.issuer
	}
	return "the id_token is malformed or not valid yet"
}

// sane holds what the library read, which ignores case in names, against the claims as
// they are spelt, and checks what it does not.
func sane(token *oidc.IDToken, c object, logout bool, now time.Time) error {
	switch {
	case token.Subject == "" && !logout || c.text("sub") != token.Subject:
		return fault(ErrInvalidToken, "the id_token has no sub")
	case c.text("iss") != token.Issuer:
		return fault(ErrInvalidToken, "the id_token has two issuers")
	case c["exp"] == nil && !logout || c["iat"] == nil:
		return fault(ErrInvalidToken, "the id_token does not say when it was issued and until when it holds")
	case token.IssuedAt.After(now.Add(skew)):
		return fault(ErrInvalidToken, "the id_token comes from the future")
	}
	return nil
}

// judge checks for whom a token is.
func (e expected) judge(c object) error {
	if events, _ := c["events"].(map[string]any); events[logoutEvent] != nil && !e.logout {
		return fault(ErrInvalidToken, "it is a logout_token")
	}
	ours := func(id string) bool { return id != "" && slices.Contains(e.audience, id) }
	all := audiences(c)
	if !slices.ContainsFunc(all, ours) {
		return fault(ErrInvalidToken, "the id_token is for somebody else")
	}
	// OpenID Connect Core, section 3.1.3.7, 4 and 5. An app of ours may have a client id of
	// its own and ask for a token that is for the server.
	azp := c.text("azp")
	if (len(all) > 1 || c["azp"] != nil) && (azp == "" || !slices.Contains(e.parties, azp)) {
		return fault(ErrInvalidToken, "the id_token was given to another, or is for several and does not say to whom it was given")
	}
	if e.nonce == "" || e.lax && c["nonce"] == nil {
		return nil
	}
	if subtle.ConstantTimeCompare([]byte(c.text("nonce")), []byte(e.nonce)) != 1 {
		return fault(ErrInvalidToken, "the id_token has another nonce")
	}
	return nil
}
