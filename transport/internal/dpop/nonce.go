package dpop

import (
	"encoding/base64"
	"encoding/binary"
	"sync/atomic"
	"time"

	"stagedoor/state"
)

const (
	// nonceLife is how long a nonce is good: a client that was silent for longer is asked to
	// make its proof once more.
	nonceLife = 5 * time.Minute
	// nonceEvery is how often there is another one: a client gets one that is so old at most.
	nonceEvery = 30 * time.Second
	// nonceSkew is how far the clock of the server that made one may be ahead.
	nonceSkew = 5 * time.Second

	noncePurpose = "dpop nonce"
	nonceMAC     = 16
)

// Nonces makes and knows nonces (RFC 9449, section 8): a time and a MAC over it. Every server with
// the same keys knows them, and none is stored.
type Nonces struct {
	keys *state.Keyring
	// latest is the last one made, so that most requests cost none.
	latest atomic.Pointer[nonce]
}

type nonce struct {
	at   int64
	text string
}

// NewNonces returns the nonces of a server's keys.
func NewNonces(keys *state.Keyring) *Nonces { return &Nonces{keys: keys} }

// Now is the nonce that is handed out at a time, 32 characters of base64url.
func (n *Nonces) Now(now time.Time) string {
	at := now.Truncate(nonceEvery).Unix()
	if last := n.latest.Load(); last != nil && last.at == at {
		return last.text
	}
	raw := binary.BigEndian.AppendUint64(make([]byte, 0, 8+nonceMAC), uint64(at))
	raw = append(raw, n.keys.MAC(noncePurpose, raw)[:nonceMAC]...)
	made := &nonce{at, base64.RawURLEncoding.EncodeToString(raw)}
	n.latest.Store(made)
	return made.text
}

// good reports whether a nonce was made here or by a server with the same keys, and not long ago.
func (n *Nonces) good(text string, now time.Time) bool {
	raw, err := base64.RawURLEncoding.Strict().DecodeString(text)
	if err != nil || len(raw) != 8+nonceMAC || !n.keys.Matches(raw[8:], noncePurpose, raw[:8]) {
		return false
	}
	age := now.Sub(time.Unix(int64(binary.BigEndian.Uint64(raw)), 0))
	return age < nonceLife && age >= -nonceSkew
}
