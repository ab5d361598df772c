package provider

import (
	"context"
	"crypto/ed25519"
	"encoding/base64"
	"encoding/json"
	"errors"
	"net/http"
	"slices"
	"strings"

	"github.com/coreos/go-oidc/v3/oidc"
	"github.com/go-jose/go-jose/v4"
)

// ed25519Name is EdDSA with the curve in its name (RFC 9864 section 2.2). The library knows
// EdDSA alone.
const ed25519Name = "Ed25519"

// publicAlgorithms are those of a signature by a key pair (RFC 7518 section 3.1, RFC 8037, RFC
// 9864) that we verify.
func publicAlgorithms() []string {
	return []string{
		oidc.RS256, oidc.RS384, oidc.RS512, oidc.ES256, oidc.ES384, oidc.ES512,
		oidc.PS256, oidc.PS384, oidc.PS512, oidc.EdDSA, ed25519Name,
	}
}

// secretAlgorithms are those of a MAC by the client's secret (OpenID Connect Core, section
// 3.1.3.7, 8), with the fewest bytes that the secret must have (RFC 7518 section 3.2).
func secretAlgorithms() map[string]int { return map[string]int{"HS256": 32, "HS384": 48, "HS512": 64} }

// algorithms are those of an id_token that we take out of what the provider announces: public
// keys only, since a MAC would make a shared secret of a public key, and none is no signature.
// Who announces nothing may use any of them; where nothing is left of what is announced it is
// RS256, which all must have.
func algorithms(announced []string) []string {
	if len(announced) == 0 {
		return publicAlgorithms()
	}
	var out []string
	for _, alg := range publicAlgorithms() {
		if slices.Contains(announced, alg) {
			out = append(out, alg)
		}
	}
	if len(out) == 0 {
		return []string{oidc.RS256}
	}
	return out
}

// errNoKey says that no key there is has signed a token.
var errNoKey = errors.New("no key has signed it")

// ring are the keys published at a URL. They are fetched once in a while, and sooner for a
// token that none of them has signed: at a bounded rate, or a sender of junk would have us ask
// the provider each time. A few may follow at once: who fetched the keys a moment ago may meet the
// first token of a new one.
type ring struct {
	algs []jose.SignatureAlgorithm
	keys *remembered[[]jose.JSONWebKey]
}

// keySet are the keys published at a URL. Where metadata that was fetched anew names the same
// URL they are the same ones.
func (p *Provider) keySet(from string, algs []string) oidc.KeySet {
	if p.published == nil || p.publishedAt != from {
		p.published = &remembered[[]jose.JSONWebKey]{now: p.now, fresh: keysFresh, stale: metadataStale, pause: fetchPause, spare: keysSpare}
		p.published.fetch = func(ctx context.Context) ([]jose.JSONWebKey, error) { return p.fetchKeys(ctx, from) }
		p.publishedAt = from
	}
	return ring{algs: signatures(algs), keys: p.published}
}

func signatures(algs []string) []jose.SignatureAlgorithm {
	out := make([]jose.SignatureAlgorithm, len(algs))
	for i, alg := range algs {
		out[i] = jose.SignatureAlgorithm(alg)
	}
	return out
}

// fetchKeys asks for the keys. Those that we cannot use are left out.
func (p *Provider) fetchKeys(ctx context.Context, from string) ([]jose.JSONWebKey, error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, from, http.NoBody)
	if err != nil {
		return nil, fault(ErrUnreachable, "the keys have no usable address")
	}
	data, err := p.web.answer(r)
	if err != nil {
		return nil, fault(ErrUnreachable, "no keys: %v", err)
	}
	var set struct {
		Keys *[]json.RawMessage `json:"keys"`
	}
	if json.Unmarshal(data, &set) != nil || set.Keys == nil {
		return nil, fault(ErrUnreachable, "%s: no key set", place(r.URL))
	}
	var out []jose.JSONWebKey
	for _, raw := range *set.Keys {
		var key jose.JSONWebKey
		if key.UnmarshalJSON(raw) == nil && key.Use != "enc" && key.Valid() && key.IsPublic() {
			out = append(out, key)
		}
	}
	return out, nil
}

// VerifySignature checks one token (oidc.KeySet). The error is ErrUnreachable where the keys
// cannot be had.
func (r ring) VerifySignature(ctx context.Context, raw string) ([]byte, error) {
	jws, err := jose.ParseSignedCompact(raw, r.algs)
	if err != nil {
		return nil, errNoKey
	}
	keys, err := r.keys.get(ctx)
	if err != nil {
		return nil, err
	}
	if payload, ok := signedBy(keys, jws, raw); ok {
		return payload, nil
	}
	newer, err := r.keys.newer(ctx, isNew(keys, jws))
	if err != nil {
		return nil, err
	}
	if payload, ok := signedBy(newer, jws, raw); ok {
		return payload, nil
	}
	return nil, errNoKey
}

// isNew tells a token of a key that is none of those.
func isNew(keys []jose.JSONWebKey, jws *jose.JSONWebSignature) bool {
	id := jws.Signatures[0].Protected.KeyID
	return id != "" && !slices.ContainsFunc(keys, func(k jose.JSONWebKey) bool { return k.KeyID == id })
}

// signedBy finds the key that has signed a token: the one that it names, or any.
func signedBy(keys []jose.JSONWebKey, jws *jose.JSONWebSignature, raw string) ([]byte, bool) {
	head := jws.Signatures[0].Protected
	for i := range keys {
		if head.KeyID != "" && keys[i].KeyID != head.KeyID {
			continue
		}
		if head.Algorithm == ed25519Name {
			if payload, ok := signedByEd25519(keys[i], raw); ok {
				return payload, true
			}
			continue
		}
		if payload, err := jws.Verify(&keys[i]); err == nil {
			return payload, true
		}
	}
	return nil, false
}

// signedByEd25519 checks a signature of that name (RFC 8037 section 3.1).
func signedByEd25519(key jose.JSONWebKey, raw string) ([]byte, bool) {
	public, ok := key.Key.(ed25519.PublicKey)
	parts := strings.Split(raw, ".")
	head, err := headerOf(raw)
	if !ok || len(parts) != 3 || err != nil || head["crit"] != nil {
		return nil, false
	}
	signature, err := base64.RawURLEncoding.DecodeString(parts[2])
	if err != nil || !ed25519.Verify(public, []byte(parts[0]+"."+parts[1]), signature) {
		return nil, false
	}
	payload, err := base64.RawURLEncoding.DecodeString(parts[1])
	return payload, err == nil
}

// headerOf reads the header of a token, which nobody has vouched for yet.
func headerOf(raw string) (object, error) { return partOf(raw, 0) }

// partOf reads the header of a token, its first part, or its claims, the second.
func partOf(raw string, i int) (object, error) {
	parts := strings.Split(raw, ".")
	if i >= len(parts) {
		return nil, errNoObject
	}
	text, err := base64.RawURLEncoding.DecodeString(parts[i])
	if err != nil {
		return nil, errNoObject
	}
	return parse(text)
}

// secretKey verifies tokens by the client's secret, and by nothing else.
type secretKey struct {
	algs   []jose.SignatureAlgorithm
	secret []byte
}

// VerifySignature checks one token (oidc.KeySet).
func (s secretKey) VerifySignature(_ context.Context, raw string) ([]byte, error) {
	jws, err := jose.ParseSignedCompact(raw, s.algs)
	if err != nil {
		return nil, errNoKey
	}
	payload, err := jws.Verify(s.secret)
	if err != nil {
		return nil, errNoKey
	}
	return payload, nil
}

// witness hands on what a key set says, and keeps it: the verifier forgets whether a signature
// was wrong or its key could not be fetched.
type witness struct {
	keys oidc.KeySet
	err  error
	// payload is what was signed.
	payload []byte
}

// VerifySignature checks one token (oidc.KeySet).
func (w *witness) VerifySignature(ctx context.Context, jwt string) ([]byte, error) {
	payload, err := w.keys.VerifySignature(ctx, jwt)
	w.payload, w.err = payload, err
	return payload, err
}
