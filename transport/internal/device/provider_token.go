package device

import (
	"crypto"
	"fmt"
	"maps"

	"github.com/golang-jwt/jwt/v5"
)

// IDToken makes an id token as an app gets it on the device, outside any redirect (OpenID
// Connect Core 1.0, section 2): a good one for the provider's client, ten minutes long,
// with the claims of the identity and whatever faults it asks for. It has no nonce, and
// no sub, unless the identity says one. No two tokens are the same (jti, RFC 7519, section
// 4.1.7), so that a server that takes each once takes the next.
func (p *Provider) IDToken(who Identity) (string, error) {
	person, err := who.read(p.cfg.Now())
	if err != nil {
		return "", err
	}
	if person.refusal != "" || person.badCode || person.state != nil {
		return "", fmt.Errorf("device: provider: error, bad_code and _state are of a redirect; an id token has none of them")
	}
	return p.mint(person, "")
}

// mint makes a person's id token.
func (p *Provider) mint(who persona, nonce string) (string, error) {
	claims := jwt.MapClaims{}
	if nonce != "" {
		claims["nonce"] = nonce
	}
	return p.sign(who, claims, "JWT")
}

// sign signs claims of a type, with the provider's own and the person's.
func (p *Provider) sign(who persona, claims jwt.MapClaims, typ string) (string, error) {
	now := p.cfg.Now()
	id, err := p.random()
	if err != nil {
		return "", err
	}
	claims["iss"], claims["aud"], claims["jti"] = p.cfg.Issuer, p.cfg.ClientID, id
	claims["iat"], claims["exp"] = now.Unix(), now.Add(tokenLife).Unix()
	maps.Copy(claims, who.claims)
	maps.Copy(claims, who.token)

	method, key, err := p.signer(who)
	if err != nil {
		return "", err
	}
	token := jwt.NewWithClaims(method, claims)
	token.Header["typ"], token.Header["kid"] = typ, p.key.ID
	if who.kid != "" {
		token.Header["kid"] = who.kid
	}
	text, err := token.SignedString(key)
	if err != nil {
		return "", fmt.Errorf("device: provider: id token: %w", err)
	}
	if who.badSig {
		return spoil(text), nil
	}
	return text, nil
}

// signer is what a person's token is signed with.
func (p *Provider) signer(who persona) (jwt.SigningMethod, any, error) {
	switch who.alg {
	case "none":
		return jwt.SigningMethodNone, jwt.UnsafeAllowNoneSignatureType, nil
	case "HS256":
		return jwt.SigningMethodHS256, []byte(p.cfg.ClientSecret), nil
	}
	var key crypto.Signer = p.cfg.Key
	if who.badKey {
		wrong, err := otherKey()
		if err != nil {
			return nil, nil, err
		}
		key = wrong
	}
	return jwt.SigningMethodRS256, key, nil
}

// spoil changes a character in the last part of a token: not its last one, which may
// carry no weight.
func spoil(token string) string {
	b := []byte(token)
	if i := len(b) - 8; b[i] == 'A' {
		b[i] = 'B'
	} else {
		b[i] = 'A'
	}
	return string(b)
}
