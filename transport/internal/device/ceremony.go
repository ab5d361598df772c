package device

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/fxamacker/cbor/v2"
)

// The numbers of COSE (RFC 9053, sections 2.1 and 7.1): the algorithm, the key's type,
// its curve.
const (
	es256     = -7
	typeEC2   = 2
	curveP256 = 1
)

// The flags of authenticator data (WebAuthn Level 3, section 6.1).
const (
	userPresent  = 1 << 0
	userVerified = 1 << 2
	withKey      = 1 << 6
)

// ceremonyOptions is what the authenticator reads of creation or request options.
type ceremonyOptions struct {
	Challenge string `json:"challenge"`
	RP        struct {
		ID string `json:"id"`
	} `json:"rp"`
	User struct {
		ID string `json:"id"`
	} `json:"user"`
	Params    []parameter `json:"pubKeyCredParams"`
	Selection struct {
		ResidentKey        string `json:"residentKey"`
		RequireResidentKey bool   `json:"requireResidentKey"`
	} `json:"authenticatorSelection"`
	Extensions struct {
		CredProps bool `json:"credProps"`
	} `json:"extensions"`
}

// parameter is a kind of key that a server takes.
type parameter struct {
	Algorithm int `json:"alg"`
}

// readOptions reads options as a server sends them.
func readOptions(options json.RawMessage) (ceremonyOptions, error) {
	var outer struct {
		PublicKey *ceremonyOptions `json:"publicKey"`
		ceremonyOptions
	}
	if len(options) == 0 {
		return ceremonyOptions{}, errors.New("no options were asked for yet")
	}
	if err := json.Unmarshal(options, &outer); err != nil {
		return ceremonyOptions{}, fmt.Errorf("the options cannot be read: %w", err)
	}
	o := outer.ceremonyOptions
	if outer.PublicKey != nil {
		o = *outer.PublicKey
	}
	if o.Challenge == "" {
		return ceremonyOptions{}, errors.New("the options have no challenge")
	}
	return o, nil
}

// ceremony is one answer in the making.
type ceremony struct {
	options ceremonyOptions
	flags   []string
	origin  string
	key     *passkey
}

func (c ceremony) has(flag string) bool { return slices.Contains(c.flags, flag) }

// clientData is the page's part, which the authenticator signs unread (WebAuthn Level 3,
// section 5.8.1).
func (c ceremony) clientData(kind string) ([]byte, error) {
	challenge := c.options.Challenge
	if c.has(BadChallenge) {
		raw, err := text64.DecodeString(strings.TrimRight(challenge, "="))
		if err != nil || len(raw) == 0 {
			return nil, errors.New("the challenge is not base64url")
		}
		raw[0] ^= 0xff
		challenge = text64.EncodeToString(raw)
	}
	origin := c.origin
	if c.has(BadOrigin) {
		origin = "https://" + elsewhere
	}
	return json.Marshal(struct {
		Type        string `json:"type"`
		Challenge   string `json:"challenge"`
		Origin      string `json:"origin"`
		CrossOrigin bool   `json:"crossOrigin"`
	}{kind, challenge, origin, false})
}

// authenticatorData is the authenticator's part, up to the counter (WebAuthn Level 3,
// section 6.1).
func (c ceremony) authenticatorData(flags byte) []byte {
	rp := c.key.rp
	if c.has(BadRP) {
		rp = elsewhere
	}
	hash := sha256.Sum256([]byte(rp))
	flags |= userPresent
	if !c.has(NoUV) {
		flags |= userVerified
	}
	return binary.BigEndian.AppendUint32(append(hash[:], flags), c.key.uses)
}

// coseKey is a public key (RFC 9052, section 7; RFC 9053, section 7.1.1).
type coseKey struct {
	Type      int    `cbor:"1,keyasint"`
	Algorithm int    `cbor:"3,keyasint"`
	Curve     int    `cbor:"-1,keyasint"`
	X         []byte `cbor:"-2,keyasint"`
	Y         []byte `cbor:"-3,keyasint"`
}

// attestation is an attestation object of the format none (WebAuthn Level 3, sections
// 6.5 and 8.7).
type attestation struct {
	Format    string   `cbor:"fmt"`
	Statement struct{} `cbor:"attStmt"`
	Data      []byte   `cbor:"authData"`
}

// credential is what a page sends: a RegistrationResponseJSON or an
// AuthenticationResponseJSON, by the type of its response.
type credential[T any] struct {
	ID         string         `json:"id"`
	RawID      string         `json:"rawId"`
	Type       string         `json:"type"`
	Attachment string         `json:"authenticatorAttachment"`
	Extensions map[string]any `json:"clientExtensionResults"`
	Response   T              `json:"response"`
}

type created struct {
	ClientData  string   `json:"clientDataJSON"`
	Attestation string   `json:"attestationObject"`
	Transports  []string `json:"transports"`
}

type asserted struct {
	ClientData string `json:"clientDataJSON"`
	Data       string `json:"authenticatorData"`
	Signature  string `json:"signature"`
	UserHandle string `json:"userHandle,omitempty"`
}

func encode[T any](id []byte, extensions map[string]any, response T) (json.RawMessage, error) {
	text := text64.EncodeToString(id)
	return json.Marshal(credential[T]{
		ID: text, RawID: text, Type: "public-key", Attachment: "platform", Extensions: extensions, Response: response,
	})
}

// registration answers creation options.
func (c ceremony) registration() (json.RawMessage, error) {
	client, err := c.clientData("webauthn.create")
	if err != nil {
		return nil, err
	}
	point, err := c.key.key.PublicKey.Bytes() // 4, x, y, each in full: SEC 1, section 2.3.3
	if err != nil {
		return nil, err
	}
	mode, err := cbor.CTAP2EncOptions().EncMode()
	if err != nil {
		return nil, err
	}
	public, err := mode.Marshal(coseKey{typeEC2, es256, curveP256, point[1:33], point[33:]})
	if err != nil {
		return nil, err
	}
	data := c.authenticatorData(withKey)
	data = append(data, make([]byte, 16)...) // no model (AAGUID)
	data = binary.BigEndian.AppendUint16(data, uint16(len(c.key.id)))
	data = slices.Concat(data, c.key.id, public)
	object, err := mode.Marshal(attestation{Format: "none", Data: data})
	if err != nil {
		return nil, err
	}
	return encode(c.key.id, c.properties(), created{
		ClientData: text64.EncodeToString(client), Attestation: text64.EncodeToString(object), Transports: []string{"internal"},
	})
}

// properties is the answer to the extension credProps (WebAuthn Level 3, section 10.1.3):
// whether the credential can be found without its id. It is empty where the options did not ask.
func (c ceremony) properties() map[string]any {
	if c.has(NoCredProps) || !c.options.Extensions.CredProps {
		return map[string]any{}
	}
	s := c.options.Selection
	asked := s.RequireResidentKey || s.ResidentKey == "required" || s.ResidentKey == "preferred"
	return map[string]any{"credProps": map[string]any{"rk": asked && !c.has(NoRK)}}
}

// assertion answers request options in the name of a credential.
func (c ceremony) assertion(id []byte) (json.RawMessage, error) {
	client, err := c.clientData("webauthn.get")
	if err != nil {
		return nil, err
	}
	c.key.uses++
	data := c.authenticatorData(0)
	hash := sha256.Sum256(client)
	signed := slices.Concat(data, hash[:])
	if c.has(BadSignature) {
		signed[len(signed)-1] ^= 0xff
	}
	signature, err := c.key.sign(signed)
	if err != nil {
		return nil, err
	}
	response := asserted{
		ClientData: text64.EncodeToString(client), Data: text64.EncodeToString(data),
		Signature: text64.EncodeToString(signature), UserHandle: c.key.handle,
	}
	if c.has(NoHandle) {
		response.UserHandle = ""
	}
	return encode(id, map[string]any{}, response)
}
