package provider

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"slices"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
)

// keysFresh is the least time between two fetches of a provider's keys. The library
// fetches them for each token that no key it has verifies: a sender of junk would
// have us ask the provider each time.
const keysFresh = 5 * time.Second

// algorithms are those of an id_token that we take out of what the provider announces
// (RFC 7518 section 3.1): public keys only. HS256 would make a shared secret of a public
// key, none is no signature. Where nothing is left it is RS256, which all must have.
func algorithms(announced []string) []string {
	public := []string{
		oidc.RS256, oidc.RS384, oidc.RS512, oidc.ES256, oidc.ES384, oidc.ES512,
		oidc.PS256, oidc.PS384, oidc.PS512, oidc.EdDSA,
	}
	var out []string
	for _, alg := range public {
		if slices.Contains(announced, alg) {
			out = append(out, alg)
		}
	}
	if len(out) == 0 {
		return []string{oidc.RS256}
	}
	return out
}

// keySet are the keys published at a URL. The library keeps those it knows; what it asks
// for besides is at most keysFresh old.
func (p *Provider) keySet(from string) oidc.KeySet {
	store := &remembered[[]byte]{now: p.now, fresh: keysFresh, stale: keysFresh, pause: fetchPause}
	store.fetch = func(ctx context.Context) ([]byte, error) {
		r, err := http.NewRequestWithContext(ctx, http.MethodGet, from, http.NoBody)
		if err != nil {
			return nil, fault(ErrUnreachable, "the keys have no usable address")
		}
		data, err := p.web.answer(r)
		if err != nil {
			return nil, fault(ErrUnreachable, "no keys: %v", err)
		}
		set, err := parse(data)
		if _, ok := set["keys"].([]any); err != nil || !ok {
			return nil, fault(ErrUnreachable, "%s: no key set", place(r.URL))
		}
		return data, nil
	}
	client := &http.Client{Transport: shelf{store}, Timeout: p.web.client.Timeout}
	return oidc.NewRemoteKeySet(oidc.ClientContext(context.Background(), client), from)
}

// shelf answers the library's requests with what is remembered.
type shelf struct{ of *remembered[[]byte] }

// RoundTrip answers one request (http.RoundTripper).
func (s shelf) RoundTrip(r *http.Request) (*http.Response, error) {
	data, err := s.of.get(r.Context())
	if err != nil {
		return nil, err
	}
	return &http.Response{
		Status: "200 OK", StatusCode: http.StatusOK, Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		Header: http.Header{"Content-Type": {"application/json"}}, Request: r,
		Body: io.NopCloser(bytes.NewReader(data)), ContentLength: int64(len(data)),
	}, nil
}

// witness hands on what a key set says, and keeps its error: the verifier forgets
// whether a signature was wrong or its key could not be fetched.
type witness struct {
	keys oidc.KeySet
	err  error
}

// VerifySignature checks one token (oidc.KeySet).
func (w *witness) VerifySignature(ctx context.Context, jwt string) ([]byte, error) {
	payload, err := w.keys.VerifySignature(ctx, jwt)
	w.err = err
	return payload, err
}
