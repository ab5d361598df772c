package dpop

import (
	"crypto/sha256"
	"crypto/subtle"
	"errors"
	"fmt"
	"time"

	"stagedoor/transport/internal/jws"
)

// Header carries a proof, and NonceHeader in answers what the next one has for its nonce (RFC
// 9449, sections 4.1 and 8.1).
const (
	Header      = "DPoP"
	NonceHeader = "DPoP-Nonce"
)

// The codes by which a proof is refused (RFC 9449, sections 5, 7.1 and 8).
const (
	// CodeInvalid: the proof is good for nothing.
	CodeInvalid = "invalid_dpop_proof"
	// CodeNonce: another proof is to be made, with the nonce that the answer has.
	CodeNonce = "use_dpop_nonce"
)

// Error says why a request has no proof. Reason is one word of: several (headers), malformed, type,
// algorithm, key, signature, id, method, target, nonce (wrong or old), nonce_missing, time, token
// and replayed.
type Error struct{ Code, Reason string }

// Error names the code and the reason.
func (e *Error) Error() string { return e.Code + ": " + e.Reason }

// invalid is the error for a proof that is good for nothing.
func invalid(reason string) *Error { return &Error{CodeInvalid, reason} }

// Replayed is the error for a proof that was shown before.
func Replayed() *Error { return invalid("replayed") }

// typ is the header's type of every proof (RFC 9449, section 4.2).
const typ = "dpop+jwt"

// maxID is how long the id of a proof may be, in bytes.
const maxID = 256

// slack is how much longer a proof is remembered than it is good for: the clocks of two servers
// may be so far apart.
const slack = 10 * time.Second

// Verifier judges proofs. It is safe for concurrent use.
type Verifier struct {
	origins []origin
	window  time.Duration
	nonces  *Nonces
	// required: a proof must have a nonce.
	required bool
}

// Config is what a verifier is made of.
type Config struct {
	// Origins are where clients find this server: scheme://host[:port], one at least.
	Origins []string
	// Window is how far from now the time of a proof without a nonce may be, to either side.
	Window time.Duration
	// Nonces are those handed out; Required asks for one in every proof.
	Nonces   *Nonces
	Required bool
}

// New returns a verifier, or what is wrong with the configuration.
func New(c Config) (*Verifier, error) {
	v := &Verifier{window: c.Window, nonces: c.Nonces, required: c.Required}
	for _, text := range c.Origins {
		o, ok := parseOrigin(text)
		if !ok {
			return nil, fmt.Errorf("dpop: origin %q; write scheme://host or scheme://host:port", text)
		}
		v.origins = append(v.origins, o)
	}
	if len(v.origins) == 0 || v.window <= 0 || v.nonces == nil {
		return nil, errors.New("dpop: no origin, window or nonces")
	}
	return v, nil
}

// Request is what a proof must be made for.
type Request struct {
	Method string
	// Path is that of the request as the client wrote it, with its escapes.
	Path string
	Now  time.Time
}

// Proof is a proof that is good for its request. It may have been shown before.
type Proof struct {
	// Thumbprint is that of the key (RFC 7638, SHA-256), Algorithm what it signs by.
	Thumbprint, Algorithm string

	id, token string
	lives     time.Duration
}

// Read judges the headers DPoP of a request (RFC 9449, section 4.3). Without any, both results are
// nil. An error is an [*Error].
//
// A proof with a nonce of ours was made after we had handed that out: it counts whatever the
// client's clock says (section 4.3, number 11). One without is judged by its own time; where that
// is too far off, a nonce is asked for, with which a client whose clock is wrong gets on.
func (v *Verifier) Read(headers []string, r Request) (*Proof, error) {
	switch len(headers) {
	case 0:
		return nil, nil
	case 1:
	default:
		return nil, invalid("several")
	}
	t, err := jws.Parse(headers[0])
	if err != nil {
		return nil, invalid("malformed")
	}
	if t.Type() != typ {
		return nil, invalid("type")
	}
	p, err := v.judge(t, r)
	if err != nil {
		return nil, err
	}
	key, err := t.Key()
	switch {
	case err != nil:
		return nil, invalid("key")
	case !key.Signs(t.Algorithm()):
		return nil, invalid("algorithm")
	case t.Verify(key) != nil:
		return nil, invalid("signature")
	}
	p.Thumbprint, p.Algorithm = key.Thumbprint, key.Algorithm
	return p, nil
}

// judge holds the claims of a proof against its request: what costs little comes before the
// signature.
func (v *Verifier) judge(t *jws.Token, r Request) (*Proof, error) {
	c := t.Claims
	p := &Proof{id: c.Text("jti"), token: c.Text("ath")}
	switch {
	case p.id == "" || len(p.id) > maxID:
		return nil, invalid("id")
	case c.Text("htm") != r.Method:
		return nil, invalid("method")
	case !v.meant(c.Text("htu"), r.Path):
		return nil, invalid("target")
	}
	at, ok := c.Seconds("iat")
	if !ok {
		return nil, invalid("time")
	}
	if _, has := c["nonce"]; has {
		if !v.nonces.good(c.Text("nonce"), r.Now) {
			return nil, &Error{CodeNonce, "nonce"}
		}
		p.lives = nonceLife + slack
		return p, nil
	}
	off := r.Now.Sub(time.Unix(at, 0))
	switch {
	case v.required:
		return nil, &Error{CodeNonce, "nonce_missing"}
	case off > v.window || off < -v.window:
		return nil, &Error{CodeNonce, "time"}
	}
	p.lives = 2*v.window + slack
	return p, nil
}

// meant reports whether a claim htu names the path on one of our origins. What it says of a query
// or a fragment does not count (RFC 9449, section 4.3, number 9).
func (v *Verifier) meant(htu, path string) bool {
	o, at, ok := parseTarget(htu)
	if !ok || at != normal(path) {
		return false
	}
	for _, own := range v.origins {
		if own == o {
			return true
		}
	}
	return false
}

// Nonce is what a client puts into its next proofs.
func (v *Verifier) Nonce(now time.Time) string { return v.nonces.Now(now) }

// For fails unless the proof was made for the token: its claim ath is the token's hash (RFC 9449,
// section 4.2).
func (p *Proof) For(token string) error {
	if subtle.ConstantTimeCompare([]byte(p.token), []byte(TokenHash(token))) != 1 {
		return invalid("token")
	}
	return nil
}

// TokenHash is what the proof for a token has as ath.
func TokenHash(token string) string {
	sum := sha256.Sum256([]byte(token))
	return jws.Encode(sum[:])
}

// Once is the name that the proof is remembered by, and for how long: always the same for one
// proof, so that a second look finds the first. It holds nothing of the proof in clear text.
func (p *Proof) Once() (name string, lives time.Duration) {
	sum := sha256.Sum256([]byte(p.Thumbprint + p.id))
	return jws.Encode(sum[:16]), p.lives
}
