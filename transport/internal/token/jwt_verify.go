package token

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"stagedoor/state"
)

// What is wrong with a token. All of it is also [ErrRefused]; any other error means that
// a store could not be asked, or of making a token, that there is none.
var (
	// ErrRefused says that a token is good for nothing. The contract answers a refresh
	// token with 400 and no errors, an access token as if it were not there.
	ErrRefused = errors.New("token refused")
	// ErrInvalid says that the token was not made here, or not for this.
	ErrInvalid = fmt.Errorf("%w: not one of ours", ErrRefused)
	// ErrExpired says that a token of ours has expired.
	ErrExpired = fmt.Errorf("%w: expired", ErrRefused)
)

// Any means clients of every kind where a token is verified.
const Any Kind = 0

const (
	hashLen = sha256.Size
	// maxJWT is longer than any token of ours, in characters.
	maxJWT = 8192
	// skew is how far the clock of the server that made a token may be ahead.
	skew = 5 * time.Second
)

// Claims are what a verified token says.
type Claims struct {
	// Account is the id of the account.
	Account state.AccountID
	// TokenHash is that of the session's token, 32 bytes: its hex form is the key of the
	// session's record, and [state.Sessions] knows the session by it.
	TokenHash []byte
	// Client is the kind of client it was made for.
	Client Kind
	// Key is the thumbprint of the key that it is bound to (RFC 9449, section 6.1), "" for none:
	// it is good for nothing but with a proof by that key.
	Key string
	// Session is the session's number, where a refresh token was exchanged.
	Session int64
	// ID is the jti.
	ID string
	// IssuedAt and ExpiresAt are in whole seconds; at the latter it is not good any more.
	IssuedAt, ExpiresAt time.Time
}

// Verify returns the claims of an access token of that kind of client, or an error that
// is [ErrRefused]. The session it belongs to may have ended since.
func (j *JWT) Verify(client Kind, access string) (Claims, error) {
	return j.verify(client, accessUse, access)
}

// VerifyRefresh is [JWT.Verify] for a refresh token. It may have been exchanged before.
func (j *JWT) VerifyRefresh(client Kind, refresh string) (Claims, error) {
	return j.verify(client, refreshUse, refresh)
}

// verify looks at nothing of a token before its signature, save which of our own headers
// it begins with. A header that differs in one character from those we write has no key:
// with that, no token chooses its algorithm or brings a key along (RFC 8725, section 3).
func (j *JWT) verify(client Kind, use, token string) (Claims, error) {
	if len(token) > maxJWT {
		return Claims{}, ErrInvalid
	}
	header, rest, _ := strings.Cut(token, ".")
	payload, encoded, ok := strings.Cut(rest, ".")
	key := j.byHeader[header]
	if !ok || key == nil {
		return Claims{}, ErrInvalid
	}
	signature, err := unsegment(encoded)
	if err != nil {
		return Claims{}, ErrInvalid
	}
	if key.method.Verify(token[:len(header)+1+len(payload)], signature, key.verify) != nil {
		return Claims{}, ErrInvalid
	}
	text, err := unsegment(payload)
	if err != nil {
		return Claims{}, ErrInvalid
	}
	var c claims
	if json.Unmarshal(text, &c) != nil {
		return Claims{}, ErrInvalid
	}
	return j.judge(&c, client, use)
}

// judge decides on claims that were signed under one of our keys. Others may sign under
// it too, so nothing is taken for granted.
func (j *JWT) judge(c *claims, client Kind, use string) (Claims, error) {
	account, err := state.ParseAccountID(c.Subject)
	hash, errHash := unsegment(c.Session)
	out := Claims{
		Account: account, TokenHash: hash, Client: clientOf(c.Client), ID: c.ID,
		IssuedAt: time.Unix(c.IssuedAt, 0).UTC(), ExpiresAt: time.Unix(c.ExpiresAt, 0).UTC(),
	}
	if c.Confirm != nil {
		out.Key = c.Confirm.Thumbprint
	}
	switch {
	case err != nil, errHash != nil, len(hash) != hashLen,
		c.Use != use, c.ID == "", c.Issuer != j.c.Issuer,
		c.Confirm != nil && out.Key == "",
		out.Client == Any, client != Any && client.Client() != out.Client,
		c.IssuedAt <= 0, c.ExpiresAt <= c.IssuedAt:
		return Claims{}, ErrInvalid
	}
	now := j.c.Now()
	latest := now.Add(skew).Unix()
	switch {
	case c.IssuedAt > latest, c.NotBefore > latest:
		return Claims{}, ErrInvalid
	case !now.Before(out.ExpiresAt):
		return Claims{}, ErrExpired
	}
	return out, nil
}

// unsegment is the inverse of segment. There is one text for some bytes, and no other:
// the decoder's passing over line ends would give a token several forms.
func unsegment(s string) ([]byte, error) {
	if at := strings.IndexAny(s, "\r\n"); at >= 0 {
		return nil, base64.CorruptInputError(at)
	}
	return base64.RawURLEncoding.Strict().DecodeString(s)
}

// clientOf is the kind of client with the name, or Any where no tokens are made for one.
func clientOf(name string) Kind {
	for _, k := range []Kind{App, Rest} {
		if k.String() == name {
			return k
		}
	}
	return Any
}

// Credential returns the token in an Authorization header with the scheme, in any case
// of letters (RFC 9110, section 11.1). Any other header holds none.
func Credential(scheme, header string) (token string, ok bool) {
	words := strings.Fields(header)
	if len(words) != 2 || !strings.EqualFold(words[0], scheme) {
		return "", false
	}
	return words[1], true
}
