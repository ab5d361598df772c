package state

import (
	"fmt"
	"time"

	"stagedoor/engine/compact"
)

// The kinds of [Binding].
const (
	// BoundDBSC is a session of a browser that is bound by Device Bound Session Credentials
	// (W3C webappsec-dbsc).
	BoundDBSC = "dbsc"
	// BoundDPoP is a session whose tokens are bound by Demonstrating Proof of Possession (RFC 9449).
	BoundDPoP = "dpop"
)

// Binding is the key of a device that a session is bound to: without it neither the session's
// cookie nor its tokens are good for anything. Its zero value is that of a session that is
// not bound.
type Binding struct {
	// Kind is [BoundDBSC] or [BoundDPoP], "" for none.
	Kind string
	// Thumbprint is the SHA-256 thumbprint of the public key as a JWK (RFC 7638) in unpadded
	// base64url, 43 characters.
	Thumbprint string
	// Key is the public key as SubjectPublicKeyInfo in DER (RFC 5280, section 4.1), as raw bytes;
	// "" where every proof brings the key along (DPoP).
	Key string
	// At is when the session was bound, to the microsecond.
	At time.Time
}

// Bound reports whether there is a key.
func (b Binding) Bound() bool { return b.Kind != "" }

// Same reports whether both are bound to one key in one way, whenever that was.
func (b Binding) Same(other Binding) bool {
	return b.Kind == other.Kind && b.Thumbprint == other.Thumbprint
}

// The keys of what is stored. A key is never used for anything else again.
const bindingKind, bindingThumbprint, bindingKey, bindingAt = 1, 2, 3, 4

// Encode returns the binding as databases keep it: CBOR with integers for keys, nil for none.
func (b Binding) Encode() []byte {
	if !b.Bound() {
		return nil
	}
	w := compact.Writer{Bytes: make([]byte, 0, 192)}
	b.write(w.Map())
	return w.Bytes
}

func (b Binding) write(m compact.Map) {
	m.Text(bindingKind, b.Kind)
	m.Text(bindingThumbprint, b.Thumbprint)
	m.Blob(bindingKey, []byte(b.Key))
	if !b.At.IsZero() {
		m.Int(bindingAt, b.At.UnixMicro())
	}
}

// DecodeBinding reads what Encode wrote; nothing is no binding. Anything else is [ErrBeside].
func DecodeBinding(stored []byte) (Binding, error) {
	var b Binding
	if len(stored) == 0 {
		return b, nil
	}
	in := compact.Read(string(stored))
	b.read(&in)
	if err := in.Err(); err != nil {
		return Binding{}, fmt.Errorf("binding: %w: %w", ErrBeside, err)
	}
	if !b.Bound() {
		return Binding{}, fmt.Errorf("binding: %w: it has no kind", ErrBeside)
	}
	return b, nil
}

func (b *Binding) read(in *compact.Reader) {
	for range in.Map() {
		switch in.Key() {
		case bindingKind:
			b.Kind = in.Text()
		case bindingThumbprint:
			b.Thumbprint = in.Text()
		case bindingKey:
			b.Key = in.Blob()
		case bindingAt:
			b.At = time.UnixMicro(in.Int()).UTC()
		default:
			in.Skip()
		}
	}
}
