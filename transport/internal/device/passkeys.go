package device

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"sync"
)

// The ways in which a passkey can be made or used wrongly. Those of both ceremonies are
// bad_challenge, bad_rp, bad_origin and no_uv.
const (
	// BadChallenge answers another challenge than the server's.
	BadChallenge = "bad_challenge"
	// BadRP says that the credential belongs to another relying party, as one that was
	// made on a page of another site.
	BadRP = "bad_rp"
	// BadOrigin says that the ceremony took place on a page of another site.
	BadOrigin = "bad_origin"
	// NoUV leaves the user-verification flag out: a touch, but no PIN and no finger.
	NoUV = "no_uv"
	// BadSignature signs something else than what is sent.
	BadSignature = "bad_sig"
	// NoHandle leaves the user handle out, as security keys do that do not store it.
	NoHandle = "no_handle"
	// OtherID names a credential that nobody has.
	OtherID = "other_id"
	// NoRK reports that the credential was not made discoverable.
	NoRK = "no_rk"
	// NoCredProps reports nothing of whether it was, as some clients do.
	NoCredProps = "no_credprops"
)

// ErrFlag is returned for a flag that does not exist, or not for this ceremony.
var ErrFlag = errors.New("no such way to err")

// elsewhere is the site that a credential is of, or was used on, where it should not be.
const elsewhere = "elsewhere.example"

// text64 is how WebAuthn writes bytes in JSON (Level 3, section 5.1.8).
var text64 = base64.RawURLEncoding

// Passkeys is a WebAuthn authenticator that keeps its keys under names. It answers at
// once and for everything it is asked, with a person who is present and verified. It is
// safe for concurrent use.
type Passkeys struct {
	mu      sync.Mutex
	entropy io.Reader
	keys    map[string]*passkey
}

// passkey is one credential: a P-256 key, bound to a relying party and an account.
type passkey struct {
	id     []byte
	key    *ecdsa.PrivateKey
	rp     string
	handle string // as the options had it
	uses   uint32
}

// NewPasskeys makes an authenticator without keys. All its randomness comes from
// entropy; signatures are deterministic (RFC 6979).
func NewPasskeys(entropy io.Reader) *Passkeys {
	return &Passkeys{entropy: entropy, keys: make(map[string]*passkey)}
}

// New makes a key and answers creation options with a RegistrationResponseJSON (WebAuthn
// Level 3, section 5.1.8.2): ES256, without attestation. The options are a server's JSON,
// with or without the member publicKey around them. A key that had the name is forgotten.
// The flags are bad_challenge, bad_rp, bad_origin, no_uv, no_rk and no_credprops; the
// origin is that of the page, such as https://www.example.com.
func (p *Passkeys) New(options json.RawMessage, name string, flags []string, origin string) (json.RawMessage, error) {
	err := checkFlags(flags, BadChallenge, BadRP, BadOrigin, NoUV, NoRK, NoCredProps)
	if err != nil {
		return nil, fmt.Errorf("device: new passkey %s: %w", name, err)
	}
	o, err := readOptions(options)
	if err != nil {
		return nil, fmt.Errorf("device: new passkey %s: %w", name, err)
	}
	if o.RP.ID == "" || o.User.ID == "" {
		return nil, fmt.Errorf("device: new passkey %s: the options lack rp.id or user.id; these are for using a passkey", name)
	}
	if len(o.Params) > 0 && !slices.ContainsFunc(o.Params, func(a parameter) bool { return a.Algorithm == es256 }) {
		return nil, fmt.Errorf("device: new passkey %s: the server does not take ES256, and there is no other key here", name)
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	k, err := newPasskey(p.entropy)
	if err != nil {
		return nil, fmt.Errorf("device: new passkey %s: %w", name, err)
	}
	k.rp, k.handle = o.RP.ID, o.User.ID
	c := ceremony{options: o, flags: flags, origin: origin, key: k}
	answer, err := c.registration()
	if err != nil {
		return nil, fmt.Errorf("device: new passkey %s: %w", name, err)
	}
	p.keys[name] = k
	return answer, nil
}

// Get uses a key and answers request options with an AuthenticationResponseJSON (WebAuthn
// Level 3, section 5.1.8.3). It answers with that key whether or not the options list it.
// The flags are bad_challenge, bad_sig, bad_rp, bad_origin, no_uv, no_handle and other_id.
func (p *Passkeys) Get(options json.RawMessage, name string, flags []string, origin string) (json.RawMessage, error) {
	err := checkFlags(flags, BadChallenge, BadSignature, BadRP, BadOrigin, NoUV, NoHandle, OtherID)
	if err != nil {
		return nil, fmt.Errorf("device: passkey %s: %w", name, err)
	}
	o, err := readOptions(options)
	if err != nil {
		return nil, fmt.Errorf("device: passkey %s: %w", name, err)
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	k := p.keys[name]
	if k == nil {
		return nil, fmt.Errorf("device: there is no passkey %s; make it first", name)
	}
	id := k.id
	if slices.Contains(flags, OtherID) {
		id = make([]byte, len(k.id))
		if _, err := io.ReadFull(p.entropy, id); err != nil {
			return nil, fmt.Errorf("device: passkey %s: %w", name, err)
		}
	}
	c := ceremony{options: o, flags: flags, origin: origin, key: k}
	answer, err := c.assertion(id)
	if err != nil {
		return nil, fmt.Errorf("device: passkey %s: %w", name, err)
	}
	return answer, nil
}

// ID returns the id of a key as it stands in JSON, base64url without padding; false if
// there is no key of that name.
func (p *Passkeys) ID(name string) (string, bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	k := p.keys[name]
	if k == nil {
		return "", false
	}
	return text64.EncodeToString(k.id), true
}

func checkFlags(flags []string, known ...string) error {
	for _, f := range flags {
		if !slices.Contains(known, f) {
			return fmt.Errorf("%w here: %q; there are %s", ErrFlag, f, strings.Join(known, ", "))
		}
	}
	return nil
}

// newPasskey makes a key and its id.
func newPasskey(entropy io.Reader) (*passkey, error) {
	id := make([]byte, 32)
	if _, err := io.ReadFull(entropy, id); err != nil {
		return nil, err
	}
	key, err := newScalar(elliptic.P256(), 32, entropy)
	return &passkey{id: id, key: key}, err
}

// sign signs by ES256, deterministically.
func (k *passkey) sign(signed []byte) ([]byte, error) {
	digest := sha256.Sum256(signed)
	return k.key.Sign(nil, digest[:], crypto.SHA256)
}
