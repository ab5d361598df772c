package dbsc

import (
	"crypto/x509"
	"fmt"
	"strings"

	"stagedoor/transport/internal/jws"
)

// The algorithms that keys are offered to be made for; there are no others in Chromium.
const (
	es256 = "ES256"
	rs256 = "RS256"
)

// readProof reads a proof and verifies nothing. Chromium sends it bare, the specification has it
// a string of a structured header (RFC 8941, section 3.3.3).
func readProof(response string) (*jws.Token, error) {
	response = strings.TrimSpace(response)
	if bare, quoted := strings.CutPrefix(response, `"`); quoted {
		response = strings.TrimSuffix(bare, `"`)
	}
	t, err := jws.Parse(response)
	switch {
	case err != nil:
		return nil, fmt.Errorf("%w: %w", ErrProof, err)
	case t.Type() != "dbsc+jwt":
		return nil, fmt.Errorf("%w: typ %.20q", ErrProof, t.Type())
	}
	return t, nil
}

// shownKey is the key that a registration brings along, and has signed.
func shownKey(t *jws.Token) (*jws.Key, error) {
	key, err := t.Key()
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrProof, err)
	}
	if key.Algorithm != es256 && key.Algorithm != rs256 {
		return nil, fmt.Errorf("%w: no %s is offered", ErrProof, key.Algorithm)
	}
	return key, verify(t, key)
}

func verify(t *jws.Token, key *jws.Key) error {
	if err := t.Verify(key); err != nil {
		return fmt.Errorf("%w: %w", ErrProof, err)
	}
	return nil
}

// marshalKey writes a key as sessions keep it.
func marshalKey(key *jws.Key) ([]byte, error) { return x509.MarshalPKIXPublicKey(key.Public) }

// parseKey reads what marshalKey has written.
func parseKey(der string) (*jws.Key, error) {
	public, err := x509.ParsePKIXPublicKey([]byte(der))
	if err != nil {
		return nil, fmt.Errorf("the key of a bound session: %w", err)
	}
	return jws.NewKey(public)
}
