package main

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"

	"github.com/golang-jwt/jwt/v5"
)

const (
	// window is how old a proof may be, ahead how far a client's clock may be before this one.
	window = time.Minute
	ahead  = 5 * time.Second
)

// algorithms are those that a proof may be signed by.
func algorithms() []string { return []string{"ES256", "EdDSA", "ES384", "RS256"} }

// proofs judges DPoP proofs (RFC 9449, section 4.3).
type proofs struct {
	// origin is the scheme and host of this API, as clients know them.
	origin string
	mu     sync.Mutex
	// seen are the proofs that came, with when each is too old to come again. An API of several
	// servers keeps them where all of them look: in a store with SET NX, for example.
	seen map[[sha256.Size]byte]time.Time
}

// proof are the claims of a proof.
type proof struct {
	jwt.RegisteredClaims
	Method string `json:"htm"`
	URL    string `json:"htu"`
	Token  string `json:"ath"`
}

// key returns the thumbprint of the key that a request proves to hold, for this request and
// this token.
func (p *proofs) key(r *http.Request, token string) (string, error) {
	sent := r.Header.Values("DPoP")
	if len(sent) != 1 {
		return "", errors.New("one proof is wanted")
	}
	var by jwk
	var said proof
	_, err := jwt.ParseWithClaims(sent[0], &said, func(t *jwt.Token) (any, error) {
		if t.Header["typ"] != "dpop+jwt" || t.Header["crit"] != nil { // no extension is known here
			return nil, errors.New("not a proof")
		}
		text, err := json.Marshal(t.Header["jwk"])
		if err == nil {
			err = json.Unmarshal(text, &by)
		}
		if err != nil {
			return nil, err
		}
		return by.public(t.Method.Alg())
	}, jwt.WithValidMethods(algorithms()), jwt.WithoutClaimsValidation(), jwt.WithStrictDecoding())
	if err != nil {
		return "", err
	}
	hash := sha256.Sum256([]byte(token))
	now := time.Now()
	switch {
	case said.Method != r.Method:
		return "", errors.New("for another method")
	case !same(said.URL, p.origin+r.URL.EscapedPath()):
		return "", errors.New("for another address")
	case said.Token != base64.RawURLEncoding.EncodeToString(hash[:]):
		return "", errors.New("for another token")
	case said.IssuedAt == nil || said.IssuedAt.Before(now.Add(-window)) || said.IssuedAt.After(now.Add(ahead)):
		return "", errors.New("not of now")
	case said.ID == "" || !p.first(by.thumbprint()+" "+said.ID, now):
		return "", errors.New("used before")
	}
	return by.thumbprint(), nil
}

// first remembers a proof, and says whether it is new.
func (p *proofs) first(id string, now time.Time) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	// A map begins anywhere: so many that are over go each time that they are never the most.
	for old, until := range p.seen {
		if now.Before(until) {
			break
		}
		delete(p.seen, old)
	}
	key := sha256.Sum256([]byte(id))
	if until, there := p.seen[key]; there && now.Before(until) {
		return false
	}
	if p.seen == nil {
		p.seen = make(map[[sha256.Size]byte]time.Time)
	}
	p.seen[key] = now.Add(window + ahead)
	return true
}

// same reports whether two addresses are one, whatever is asked there: neither query nor fragment
// counts, nor how the host is spelt, nor a port that goes without saying.
func same(a, b string) bool {
	left, err := url.Parse(a)
	if err != nil {
		return false
	}
	right, err := url.Parse(b)
	return err == nil && plain(left) == plain(right)
}

// plain spells an address in one way.
func plain(u *url.URL) string {
	scheme, host := strings.ToLower(u.Scheme), strings.ToLower(u.Host)
	switch {
	case scheme == "https":
		host = strings.TrimSuffix(host, ":443")
	case scheme == "http":
		host = strings.TrimSuffix(host, ":80")
	}
	path := u.EscapedPath()
	if path == "" {
		path = "/"
	}
	return scheme + "://" + host + path
}
