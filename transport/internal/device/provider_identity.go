package device

import (
	"encoding/json"
	"fmt"
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Identity is a person at a provider, and how the provider answers. Its members are the claims of the
// id token and of userinfo (sub, email, email_verified, name, ...), but for these:
//
//	error       the person refuses, or the provider does: the error of RFC 6749
//	bad_code    true: the code that comes back is none of the provider's
//	_state      the state that comes back instead of the server's; none for no state
//	exp, iat, auth_time
//	            seconds from now, instead of ten minutes, none and no word of it
//	iss, aud, nonce
//	            instead of the provider's own, the client's, the server's
//	kid         the name of a key that the provider does not publish
//	sig         bad: one byte of the signature is changed
//	key         other: signed with a key that the provider does not publish
//	alg         none: not signed; HS256: signed with the client's secret
//
// The last ten are of the id token alone. A number may be written as text, and so may
// the true and false of email_verified.
type Identity map[string]any

// persona is an identity that has been understood.
type persona struct {
	claims  map[string]any // of userinfo and the token
	token   map[string]any // of the token alone, over its own
	refusal string
	badCode bool
	state   *string
	kid     string
	badSig  bool
	badKey  bool
	alg     string
}

// read understands an identity at a time.
func (who Identity) read(now time.Time) (persona, error) {
	p := persona{claims: map[string]any{}, token: map[string]any{}}
	for _, name := range slices.Sorted(maps.Keys(who)) {
		if err := p.set(name, who[name], now); err != nil {
			return persona{}, fmt.Errorf("device: provider: %s: %w", name, err)
		}
	}
	return p, nil
}

// set takes one member of an identity.
func (p *persona) set(name string, value any, now time.Time) (err error) {
	switch name {
	case "error":
		p.refusal, err = word(value)
	case "bad_code":
		p.badCode, err = truth(value)
	case "_state":
		var state string
		if state, err = word(value); state == "none" {
			state = ""
		}
		p.state = &state
	case "exp", "iat", "auth_time":
		var seconds float64
		seconds, err = number(value)
		p.token[name] = now.Add(time.Duration(seconds * float64(time.Second))).Unix()
	case "iss", "aud", "nonce":
		p.token[name] = value
	case "kid":
		p.kid, err = word(value)
	case "sig":
		p.badSig, err = true, one(value, "bad")
	case "key":
		p.badKey, err = true, one(value, "other")
	case "alg":
		p.alg = fmt.Sprint(value)
		err = one(value, "none", "HS256")
	case "email_verified":
		p.claims[name], err = truth(value)
	default:
		if strings.HasPrefix(name, "_") {
			return fmt.Errorf("no such member of an identity; there is _state")
		}
		p.claims[name] = value
	}
	return err
}

func word(v any) (string, error) {
	if s, ok := v.(string); ok && s != "" {
		return s, nil
	}
	return "", fmt.Errorf("%v is not a word", v)
}

func one(v any, allowed ...string) error {
	if s, ok := v.(string); !ok || !slices.Contains(allowed, s) {
		return fmt.Errorf("%v is not one of: %s", v, strings.Join(allowed, ", "))
	}
	return nil
}

func truth(v any) (bool, error) {
	switch v {
	case true, "true":
		return true, nil
	case false, "false":
		return false, nil
	}
	return false, fmt.Errorf("%v is neither true nor false", v)
}

// longest is how many seconds from now a time may be: a century.
const longest = 100 * 365 * 24 * 60 * 60

func number(v any) (float64, error) {
	var n float64
	var err error
	switch v := v.(type) {
	case int:
		n = float64(v)
	case int64:
		n = float64(v)
	case float64:
		n = v
	case json.Number:
		n, err = v.Float64()
	case string:
		n, err = strconv.ParseFloat(v, 64)
	default:
		err = fmt.Errorf("%v", v)
	}
	if err != nil || !(math.Abs(n) <= longest) {
		return 0, fmt.Errorf("%v is not a number of seconds from now", v)
	}
	return n, nil
}
