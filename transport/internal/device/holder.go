package device

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"time"
)

// Holder is an app that shows with every request that it holds its key (DPoP, RFC 9449). It
// is an [http.RoundTripper] and safe for concurrent use. A request that carries a token,
// Authorization or X-Session-Token, is proved for that token. One that has a header DPoP, and
// be it an empty one, goes as it is.
type Holder struct {
	// Key is what it proves by.
	Key *Key
	// HTTP carries the requests.
	HTTP http.RoundTripper
	// Now is the app's clock, Entropy what names of proofs are made of.
	Now     func() time.Time
	Entropy io.Reader

	mu    sync.Mutex
	nonce string
	last  string
}

// RoundTrip sends a request with a proof, and once more if the server wants another nonce.
func (h *Holder) RoundTrip(req *http.Request) (*http.Response, error) {
	if _, own := req.Header["Dpop"]; own {
		out := req.Clone(req.Context())
		if out.Header.Get("DPoP") == "" {
			out.Header.Del("DPoP")
		}
		return h.HTTP.RoundTrip(out)
	}
	body, err := bodyOf(req)
	if err != nil {
		return nil, err
	}
	for again := false; ; again = true {
		proof, err := h.Prove(Proof{Method: req.Method, URL: req.URL.String(), Token: TokenOf(req)})
		if err != nil {
			return nil, err
		}
		out := withBody(req, body)
		out.Header.Set("DPoP", proof)
		got, err := h.HTTP.RoundTrip(out)
		if err != nil {
			return nil, err
		}
		h.Learn(got.Header)
		if again || !WantsNonce(got) {
			return got, nil
		}
		_ = got.Body.Close()
	}
}

// Prove makes a proof: what it says nothing of is what this app would say.
func (h *Holder) Prove(p Proof) (string, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if p.At.IsZero() {
		p.At = h.Now()
	}
	if p.Nonce == "" {
		p.Nonce = h.nonce
	}
	if p.ID == "" {
		var err error
		if p.ID, err = newName(h.Entropy); err != nil {
			return "", fmt.Errorf("device: proof: %w", err)
		}
	}
	made, err := h.Key.Prove(p)
	if err == nil {
		h.last = made
	}
	return made, err
}

// Learn keeps the nonce that an answer brings (RFC 9449, section 8.2).
func (h *Holder) Learn(answer http.Header) {
	if nonce := answer.Get("DPoP-Nonce"); nonce != "" {
		h.mu.Lock()
		defer h.mu.Unlock()
		h.nonce = nonce
	}
}

// Last is the proof that was made last, Nonce the newest nonce; "" for none.
func (h *Holder) Last() string {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.last
}

// Nonce is the newest nonce of the server, "" for none.
func (h *Holder) Nonce() string {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.nonce
}

// TokenOf is the token that a request carries, "" for none: what follows the scheme in
// Authorization, or else X-Session-Token.
func TokenOf(req *http.Request) string {
	if scheme, token, ok := strings.Cut(req.Header.Get("Authorization"), " "); ok && (strings.EqualFold(scheme, "DPoP") || strings.EqualFold(scheme, "Bearer")) {
		return token
	}
	return req.Header.Get("X-Session-Token")
}

// maxBody is how much of an answer is looked at.
const maxBody = 1 << 20

// WantsNonce reports whether an answer refuses a proof for want of a nonce (RFC 9449,
// sections 8 and 9). The body can be read afterwards.
func WantsNonce(got *http.Response) bool {
	const word = "use_dpop_nonce"
	if got.StatusCode != http.StatusUnauthorized && got.StatusCode != http.StatusBadRequest || got.Header.Get("DPoP-Nonce") == "" {
		return false
	}
	if strings.Contains(strings.Join(got.Header.Values("WWW-Authenticate"), ","), word) {
		return true
	}
	read, err := io.ReadAll(io.LimitReader(got.Body, maxBody))
	rest := got.Body
	got.Body = struct {
		io.Reader
		io.Closer
	}{io.MultiReader(bytes.NewReader(read), rest), rest}
	return err == nil && bytes.Contains(read, []byte(word))
}

// bodyOf reads the body of a request, so that it can be sent more than once.
func bodyOf(req *http.Request) ([]byte, error) {
	if req.Body == nil || req.Body == http.NoBody {
		return nil, nil
	}
	body, err := io.ReadAll(req.Body)
	return body, errors.Join(err, req.Body.Close())
}

// withBody is a copy of a request with a body of its own.
func withBody(req *http.Request, body []byte) *http.Request {
	out := req.Clone(req.Context())
	if body != nil {
		out.Body, out.ContentLength = io.NopCloser(bytes.NewReader(body)), int64(len(body))
	}
	return out
}
