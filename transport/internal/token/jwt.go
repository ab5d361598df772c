package token

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/url"
	"strings"
	"time"

	"stagedoor/state"
)

// JWTConfig says how tokens are signed and what may be done with them.
type JWTConfig struct {
	// Algorithm is RS256, ES256, HS256 (RFC 7518) or EdDSA (RFC 8037, with Ed25519).
	Algorithm string
	// PrivateKey is a PEM (PKCS #8, PKCS #1 or SEC 1), or for HS256 a secret of at least
	// 32 bytes. Space around it does not count.
	PrivateKey []byte
	// PreviousKeys verify and sign nothing: those of before the last rotation, until the
	// tokens they signed have expired, and the next one, so that everybody knows it when
	// it begins to sign. They are PEMs, private or public, of any kind; secrets only
	// where the algorithm is HS256.
	PreviousKeys [][]byte
	// Issuer is the iss claim (RFC 7519, section 4.1.1). Where it is empty there is none,
	// and none is asked for.
	Issuer string
	// AccessAge and RefreshAge are how long tokens live, in whole seconds. No token
	// outlives its session.
	AccessAge, RefreshAge time.Duration
	// Rotate exchanges a refresh token for a new one at each use.
	Rotate bool
	// ReuseEndsFamily ends the session when a refresh token comes back that was
	// exchanged longer than Grace ago.
	ReuseEndsFamily bool
	// Grace is how long after its exchange a refresh token may come back without
	// consequence; it is refused all the same. 0 means 10 s.
	Grace time.Duration
	// Stateful is for the verifier of access tokens, see [JWT.Stateful].
	Stateful bool
	// Keys derives the ids of the tokens of a sign-in.
	Keys *state.Keyring
	// Rand is where the ids of later tokens come from, Now the time; both must be safe
	// for many goroutines.
	Rand io.Reader
	Now  func() time.Time
}

// JWT makes and verifies signed tokens (RFC 7519). It asks no store.
type JWT struct {
	c JWTConfig
	// sign is the key that signs, byHeader all that verify by a token's first segment.
	sign     *signingKey
	byHeader map[string]*signingKey
	set      []byte
}

// Pair is what a client gets: an access token and, where it gets one, a refresh
// token. As JSON it is the data of an answer of tokens/refresh, and the tokens in
// the meta of the answer of a sign-in.
type Pair struct {
	Access  string `json:"access_token"`
	Refresh string `json:"refresh_token,omitempty"`
	// ExpiresIn is the life of the access token in seconds.
	ExpiresIn int `json:"-"`
	// Bound: they are good with a proof by the key of their session alone.
	Bound bool `json:"-"`
}

// The uses of a token: its claim token_use.
const (
	accessUse  = "access"
	refreshUse = "refresh"
)

// claims are the claims of a token, the registered ones of RFC 7519, section 4.1, and
// three of our own.
type claims struct {
	Issuer string `json:"iss,omitempty"`
	// Subject is the account's id.
	Subject string `json:"sub"`
	// Session is the hash of the session's token, as base64url: what both stores of
	// sessions are asked by, and nothing that signs in.
	Session string `json:"sid"`
	// Confirm is the key that who shows the token must hold (RFC 7800, section 3.1), nil for none.
	Confirm *confirmation `json:"cnf,omitempty"`
	// Client is the kind of client the session belongs to.
	Client   string `json:"client"`
	Use      string `json:"token_use"`
	ID       string `json:"jti"`
	IssuedAt int64  `json:"iat"`
	// NotBefore is read but never written.
	NotBefore int64 `json:"nbf,omitempty"`
	ExpiresAt int64 `json:"exp"`
}

// confirmation names a key by its thumbprint (RFC 9449, section 6.1).
type confirmation struct {
	Thumbprint string `json:"jkt"`
}

// idLen is the length of a jti in bytes.
const idLen = 16

// NewJWT returns the tokens of a configuration, or all its faults together. No fault
// repeats a key.
func NewJWT(c JWTConfig) (*JWT, error) {
	if c.Grace == 0 {
		c.Grace = 10 * time.Second
	}
	j := &JWT{c: c, byHeader: make(map[string]*signingKey)}
	faults := append(j.readKeys(), c.faults()...)
	if len(faults) > 0 {
		return nil, errors.Join(faults...)
	}
	return j, nil
}

// readKeys reads all keys and returns what is wrong with them.
func (j *JWT) readKeys() (faults []error) {
	switch j.c.Algorithm {
	case "RS256", "ES256", "EdDSA", "HS256":
	default:
		return []error{fmt.Errorf("jwt: algorithm %q is not one of RS256, ES256, EdDSA, HS256", j.c.Algorithm)}
	}
	var keys []*signingKey
	add := func(what string, k *signingKey, err error) {
		switch {
		case err != nil:
			faults = append(faults, fmt.Errorf("jwt: %s %w", what, err))
		case j.byHeader[k.header] == nil:
			keys = append(keys, k)
			j.byHeader[k.header] = k
		}
	}
	k, err := newSigningKey(j.c.Algorithm, j.c.PrivateKey)
	j.sign = k
	add("private key", k, err)
	for i, text := range j.c.PreviousKeys {
		k, err := verifyingKey(j.c.Algorithm, text)
		add(fmt.Sprintf("previous key %d", i+1), k, err)
	}
	if j.set, err = keySet(keys); err != nil {
		faults = append(faults, fmt.Errorf("jwt: key set: %w", err))
	}
	return faults
}

// faults returns what is wrong besides the keys.
func (c *JWTConfig) faults() (faults []error) {
	fault := func(wrong bool, format string, args ...any) {
		if wrong {
			faults = append(faults, fmt.Errorf("jwt: "+format, args...))
		}
	}
	for _, age := range []struct {
		name string
		is   time.Duration
	}{{"access", c.AccessAge}, {"refresh", c.RefreshAge}} {
		fault(age.is < time.Second || age.is%time.Second != 0, "the age of %s tokens is %v: give whole seconds, one at least", age.name, age.is)
	}
	fault(c.RefreshAge < c.AccessAge, "refresh tokens live %v, shorter than access tokens (%v)", c.RefreshAge, c.AccessAge)
	fault(c.Grace < 0, "the grace for refresh tokens that come back is %v: it cannot be negative", c.Grace)
	if strings.Contains(c.Issuer, ":") {
		u, err := url.Parse(c.Issuer)
		fault(err != nil || u.Scheme == "", "issuer %q has a colon but is no URI (RFC 7519, section 2)", c.Issuer)
	}
	fault(c.Keys == nil, "no keyring to derive the ids of tokens from")
	fault(c.Rand == nil, "no source of randomness")
	fault(c.Now == nil, "no clock")
	return faults
}

// Stateful reports whether the verifier of an access token must also ask whether its
// session goes on: where it does not, the token counts for nothing, as if there were
// none. Otherwise the token alone is enough for other services, and the contract's own
// endpoints, which open the session's record anyway, answer that the session is unknown.
func (j *JWT) Stateful() bool { return j.c.Stateful }

// Issue returns the first tokens of a session. It is a function of the session and the
// keys alone: the twin of the submission that was granted the session, which reads the
// session as stored, answers with the same tokens. Their time is that of the grant.
func (j *JWT) Issue(s *state.Session) (Pair, error) {
	if s.Run == "" {
		return Pair{}, errors.New("issue tokens: the session names no run")
	}
	who := Claims{Account: s.Account, TokenHash: s.TokenHash, Client: clientOf(s.Client)}
	if s.Binding.Kind == state.BoundDPoP {
		who.Key = s.Binding.Thumbprint
	}
	access := segment(j.c.Keys.MAC("access token of run", []byte(s.Run))[:idLen])
	refresh := segment(j.c.Keys.MAC("refresh token of run", []byte(s.Run))[:idLen])
	return j.pair(who, access, refresh, s.CreatedAt, s.ExpiresAt)
}

// pair signs an access token and, unless its id is empty, a refresh token.
func (j *JWT) pair(who Claims, access, refresh string, now, sessionEnds time.Time) (Pair, error) {
	switch {
	case who.Account == "" || len(who.TokenHash) != hashLen:
		return Pair{}, errors.New("issue tokens: the session names no account or no token")
	case who.Client != App && who.Client != Rest:
		return Pair{}, fmt.Errorf("issue tokens: a client of kind %q gets none", who.Client)
	}
	var p Pair
	c := claims{
		Issuer: j.c.Issuer, Subject: string(who.Account), Session: segment(who.TokenHash),
		Client: who.Client.String(), Use: accessUse, ID: access,
		IssuedAt: now.Unix(), ExpiresAt: min(now.Add(j.c.AccessAge).Unix(), sessionEnds.Unix()),
	}
	if who.Key != "" {
		c.Confirm, p.Bound = &confirmation{who.Key}, true
	}
	p.ExpiresIn = int(c.ExpiresAt - c.IssuedAt)
	if p.ExpiresIn <= 0 {
		return Pair{}, errors.New("issue tokens: the session is over")
	}
	var err error
	if p.Access, err = j.encode(&c); err != nil {
		return Pair{}, err
	}
	if refresh == "" {
		return p, nil
	}
	c.Use, c.ID = refreshUse, refresh
	c.ExpiresAt = min(now.Add(j.c.RefreshAge).Unix(), sessionEnds.Unix())
	p.Refresh, err = j.encode(&c)
	return p, err
}

// encode signs claims (RFC 7515, section 7.1).
func (j *JWT) encode(c *claims) (string, error) {
	payload, err := json.Marshal(c)
	if err != nil {
		return "", fmt.Errorf("issue tokens: %w", err)
	}
	text := j.sign.header + "." + segment(payload)
	signature, err := j.sign.method.Sign(text, j.sign.sign)
	if err != nil {
		return "", fmt.Errorf("issue tokens: %w", err)
	}
	return text + "." + segment(signature), nil
}

// newID returns a fresh jti.
func (j *JWT) newID() (string, error) {
	id := make([]byte, idLen)
	if _, err := io.ReadFull(j.c.Rand, id); err != nil {
		return "", fmt.Errorf("issue tokens: read randomness: %w", err)
	}
	return segment(id), nil
}
