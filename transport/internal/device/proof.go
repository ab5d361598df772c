package device

import (
	"crypto/sha256"
	"fmt"
	"io"
	"maps"
	"net/url"
	"strings"
	"time"
)

// Proof is a DPoP proof to be made (RFC 9449, section 4.2).
type Proof struct {
	// Method and URL are those of the request; what the URL asks with goes without.
	Method, URL string
	// Token is the token that goes along, "" for none; Nonce what the server has handed out.
	Token, Nonce string
	// At is when it is made, ID what names it.
	At time.Time
	ID string
	// Header and Claims take the place of what the proof would have: nil takes a member out.
	Header, Claims map[string]any
	// Spoilt changes a byte of the signature, Unsigned leaves it out.
	Spoilt, Unsigned bool
}

// TokenHash is the claim ath for a token (RFC 9449, section 4.2).
func TokenHash(token string) string {
	sum := sha256.Sum256([]byte(token))
	return text64.EncodeToString(sum[:])
}

// Prove makes a proof with a key.
func (k *Key) Prove(p Proof) (string, error) {
	header := map[string]any{"typ": "dpop+jwt", "alg": k.alg, "jwk": k.JWK()}
	claims := map[string]any{"jti": p.ID, "htm": p.Method, "htu": bare(p.URL), "iat": p.At.Unix()}
	if p.Token != "" {
		claims["ath"] = TokenHash(p.Token)
	}
	if p.Nonce != "" {
		claims["nonce"] = p.Nonce
	}
	changed(header, p.Header)
	changed(claims, p.Claims)
	made, err := k.Sign(header, claims)
	if err != nil {
		return "", err
	}
	head, signature, _ := cutLast(made, ".")
	switch {
	case p.Unsigned:
		return head + ".", nil
	case p.Spoilt:
		raw, err := text64.DecodeString(signature)
		if err != nil {
			return "", fmt.Errorf("device: proof: %w", err)
		}
		raw[len(raw)/2] ^= 1
		return head + "." + text64.EncodeToString(raw), nil
	}
	return made, nil
}

// bare is an address without query and fragment.
func bare(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return address
	}
	u.RawQuery, u.ForceQuery, u.Fragment, u.RawFragment = "", false, "", ""
	return u.String()
}

// changed puts members in the place of others; nil takes one out.
func changed(into, by map[string]any) {
	maps.Copy(into, by)
	maps.DeleteFunc(into, func(_ string, v any) bool { return v == nil })
}

func cutLast(s, sep string) (before, after string, found bool) {
	i := strings.LastIndex(s, sep)
	if i < 0 {
		return s, "", false
	}
	return s[:i], s[i+len(sep):], true
}

// newName is something that nobody has named anything by before.
func newName(entropy io.Reader) (string, error) {
	raw := make([]byte, 16)
	if _, err := io.ReadFull(entropy, raw); err != nil {
		return "", err
	}
	return text64.EncodeToString(raw), nil
}
