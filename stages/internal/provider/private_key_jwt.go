package provider

import (
	"context"
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"time"

	"github.com/golang-jwt/jwt/v5"
	"golang.org/x/oauth2"
)

const (
	// byAssertion is the way to prove who we are by a key pair (OpenID Connect Core, section 9).
	byAssertion = "private_key_jwt"
	// assertionType says what stands in client_assertion (RFC 7523 section 2.2).
	assertionType = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
	// assertionLife is how long one is good.
	assertionLife = time.Minute
)

// assertionSettings are the settings of private_key_jwt.
func assertionSettings() []string { return []string{"private_key", "key_id", "assertion_audience"} }

// assertible tells a kind whose clients may prove who they are by a key pair.
func (k kind) assertible() bool {
	return k.openID() && k.special == plain || k.special == isConfigured
}

// assertionKey signs what stands for the client's secret.
type assertionKey struct {
	id  string
	key crypto.Signer
	// atToken names the token endpoint as the audience, not the issuer.
	atToken bool
	// thumbprint is that of the key's certificate, "" where there is none; pss has RSA keys sign by PSS
	// where the provider does not say how.
	thumbprint string
	pss        bool
}

// checkAuthMethod judges how we are to prove who we are.
func checkAuthMethod(cfg Config, k kind) error {
	switch method := cfg.TokenAuthMethod; method {
	case byAssertion:
		if !k.assertible() {
			return fmt.Errorf("token_auth_method: %s takes no %s", k.ID, method)
		}
	case "", "client_secret_basic", "client_secret_post":
		if cfg.Settings["private_key"] != "" && k.assertible() {
			return errors.New("settings.private_key: it goes with token_auth_method: " + byAssertion)
		}
	case "client_secret_jwt", "tls_client_auth", "self_signed_tls_client_auth":
		return fmt.Errorf("token_auth_method: %s is not supported: client_secret_basic, client_secret_post and %s are", method, byAssertion)
	default:
		return fmt.Errorf("token_auth_method: %s is not client_secret_basic, client_secret_post or %s", clip(method), byAssertion)
	}
	return nil
}

// assertionKeyOf reads the key out of the settings.
func assertionKeyOf(cfg Config, k kind) (*assertionKey, error) {
	audience := cfg.Settings["assertion_audience"]
	out := &assertionKey{id: cfg.Settings["key_id"], atToken: audience == "token_endpoint" || audience == "" && (k.Tenants || k.ID == "okta")}
	if audience != "" && audience != "token_endpoint" && audience != "issuer" {
		return nil, fmt.Errorf("settings.assertion_audience: %s is not issuer or token_endpoint", clip(audience))
	}
	block, certificate := keyAndCertificate(cfg.Settings["private_key"])
	if block == nil {
		return nil, errors.New("settings.private_key: no private key in PEM: " + byAssertion + " signs with it, and the provider knows its public half")
	}
	for _, read := range []func([]byte) (any, error){
		x509.ParsePKCS8PrivateKey,
		func(der []byte) (any, error) { return x509.ParseECPrivateKey(der) },
		func(der []byte) (any, error) { return x509.ParsePKCS1PrivateKey(der) },
	} {
		if key, err := read(block.Bytes); err == nil {
			out.key, _ = key.(crypto.Signer)
			break
		}
	}
	if len(out.methods()) == 0 {
		return nil, errors.New("settings.private_key: not a key that can sign: RSA of 2048 bits or more, P-256, P-384, P-521 or Ed25519")
	}
	if err := out.certified(certificate, k.Tenants); err != nil {
		return nil, err
	}
	return out, nil
}

// methods are how a key can sign, the usual way first.
func (k *assertionKey) methods() []string {
	switch key := k.key.(type) {
	case *rsa.PrivateKey:
		if key.N.BitLen() >= 2048 && k.pss {
			return []string{"PS256", "PS384", "PS512", "RS256", "RS384", "RS512"}
		}
		if key.N.BitLen() >= 2048 {
			return []string{"RS256", "PS256", "RS384", "RS512", "PS384", "PS512"}
		}
	case *ecdsa.PrivateKey:
		if name, known := map[int]string{256: "ES256", 384: "ES384", 521: "ES512"}[key.Curve.Params().BitSize]; known {
			return []string{name}
		}
	case ed25519.PrivateKey:
		return []string{"EdDSA", ed25519Name}
	}
	return nil
}

// sign makes an assertion (RFC 7523 section 3). Of two for the same purpose at one time the id is the
// same, so that they are one.
func (k *assertionKey) sign(at *endpoints, clientID, purpose string, now time.Time) (string, error) {
	alg := ""
	for _, one := range k.methods() {
		if len(at.assertionAlgs) == 0 || slices.Contains(at.assertionAlgs, one) {
			alg = one
			break
		}
	}
	if alg == "" {
		return "", misfit(ErrRefused, "the provider takes assertions signed with %s, and the key of settings.private_key cannot", listOf(at.assertionAlgs))
	}
	audience := at.issuer
	if k.atToken || audience == "" || isTemplate(audience) { // no issuer: an OAuth 2.0 server
		audience = at.token
	}
	id := sha256.Sum256([]byte(clientID + "\x00" + purpose + "\x00" + now.Format(time.RFC3339Nano)))
	method := jwt.GetSigningMethod(alg)
	if alg == ed25519Name {
		method = jwt.SigningMethodEdDSA
	}
	token := jwt.NewWithClaims(method, jwt.MapClaims{
		"iss": clientID, "sub": clientID, "aud": audience, "jti": base64.RawURLEncoding.EncodeToString(id[:]),
		"iat": now.Unix(), "exp": now.Add(assertionLife).Unix(),
	})
	token.Header["alg"] = alg
	if k.id != "" {
		token.Header["kid"] = k.id
	}
	if k.thumbprint != "" {
		token.Header["x5t#S256"] = k.thumbprint
	}
	signed, err := token.SignedString(k.key)
	if err != nil {
		return "", misfit(ErrRefused, "the assertion cannot be signed")
	}
	return signed, nil
}

// proof is what proves who we are besides the client's id and secret: an assertion, or nothing.
// The purpose is what it is for, and no two requests have the same.
func (p *Provider) proof(at *endpoints, purpose string) (map[string]string, error) {
	if p.signer == nil {
		return nil, nil
	}
	signed, err := p.signer.sign(at, p.clientID(), purpose, p.now())
	if err != nil {
		return nil, err
	}
	return map[string]string{"client_assertion_type": assertionType, "client_assertion": signed}, nil
}

// pushed hands an authorization request in before, and returns the URL that stands for it (RFC 9126).
func (p *Provider) pushed(ctx context.Context, at *endpoints, to string) (string, error) {
	u, err := url.Parse(to)
	if err != nil {
		return "", fault(ErrRefused, "no usable authorization_endpoint")
	}
	own, err := url.Parse(at.auth)
	if err != nil {
		return "", fault(ErrRefused, "no usable authorization_endpoint")
	}
	form := u.Query()
	for name := range own.Query() {
		form.Del(name)
	}
	o, err := p.push(ctx, at, form)
	if err != nil {
		return "", err
	}
	uri := o.text("request_uri")
	if uri == "" {
		return "", fault(ErrUnreachable, "the pushed request got no request_uri")
	}
	q := own.Query()
	q.Set("client_id", p.clientID())
	q.Set("request_uri", uri)
	own.RawQuery = q.Encode()
	return own.String(), nil
}

// push posts an authorization request, with the proof of who we are.
func (p *Provider) push(ctx context.Context, at *endpoints, form url.Values) (object, error) {
	more, err := p.proof(at, "push "+form.Get("state"))
	if err != nil {
		return nil, err
	}
	for name, value := range more {
		form.Set(name, value)
	}
	secret := p.sharedSecret()
	if at.style == oauth2.AuthStyleInParams && secret != "" {
		form.Set("client_secret", secret)
	}
	r, err := p.web.form(ctx, at.push, form)
	if err != nil {
		return nil, err
	}
	if at.style == oauth2.AuthStyleInHeader && secret != "" {
		r.SetBasicAuth(url.QueryEscape(p.clientID()), url.QueryEscape(secret))
	}
	o, err := p.web.json(r)
	if errors.Is(err, ErrRefused) {
		return nil, misfitting{err}
	}
	return o, err
}

// sharedSecret is the secret where it proves who we are: with private_key_jwt it is only for id_tokens.
func (p *Provider) sharedSecret() string {
	if p.signer != nil {
		return ""
	}
	return p.secret
}
