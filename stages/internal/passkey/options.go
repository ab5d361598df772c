package passkey

import (
	"time"

	"github.com/go-webauthn/webauthn/protocol"
)

// CreationOptions is what a client passes to navigator.credentials.create (section 5.4),
// in the JSON form of section 5.1.8: bytes are base64url without padding.
type CreationOptions struct {
	PublicKey PublicKeyCreation `json:"publicKey"`
}

// PublicKeyCreation says which kind of credential to make, and for whom. Timeout is how many
// milliseconds the server waits for it.
type PublicKeyCreation struct {
	RP                     RelyingParty   `json:"rp"`
	User                   UserEntity     `json:"user"`
	Challenge              string         `json:"challenge"`
	PubKeyCredParams       []Parameter    `json:"pubKeyCredParams"`
	Timeout                int64          `json:"timeout,omitempty"`
	ExcludeCredentials     []Descriptor   `json:"excludeCredentials"`
	AuthenticatorSelection Selection      `json:"authenticatorSelection"`
	Extensions             CreationInputs `json:"extensions"`
}

// RelyingParty is the server, to a browser (section 5.4.2).
type RelyingParty struct {
	ID   string `json:"id"`
	Name string `json:"name"`
}

// UserEntity is the account (section 5.4.3). ID is its user handle.
type UserEntity struct {
	ID          string `json:"id"`
	Name        string `json:"name"`
	DisplayName string `json:"displayName"`
}

// Parameter is a kind of key that is accepted (section 5.3). Alg is a COSE algorithm
// (RFC 9053).
type Parameter struct {
	Type string `json:"type"`
	Alg  int    `json:"alg"`
}

// Descriptor names a credential (section 5.8.3).
type Descriptor struct {
	Type string `json:"type"`
	ID   string `json:"id"`
	// Transports are how the authenticator can be reached, as it was said when it was
	// registered: without them a client asks for every kind of authenticator that there is.
	Transports []string `json:"transports,omitempty"`
}

// Selection says what the authenticator must be able to do (section 5.4.4).
type Selection struct {
	RequireResidentKey bool   `json:"requireResidentKey"`
	ResidentKey        string `json:"residentKey"`
	UserVerification   string `json:"userVerification"`
}

// CreationInputs are the extensions of a registration. With credProps the client tells
// whether the credential is discoverable (section 10.1.3).
type CreationInputs struct {
	CredProps bool `json:"credProps"`
}

// RequestOptions is what a client passes to navigator.credentials.get (section 5.5), in
// the JSON form of section 5.1.9.
type RequestOptions struct {
	PublicKey PublicKeyRequest `json:"publicKey"`
}

// PublicKeyRequest says which credentials would do. None listed means that any
// discoverable one does. Timeout is how many milliseconds the server waits.
type PublicKeyRequest struct {
	Challenge        string       `json:"challenge"`
	Timeout          int64        `json:"timeout,omitempty"`
	RPID             string       `json:"rpId"`
	AllowCredentials []Descriptor `json:"allowCredentials"`
	UserVerification string       `json:"userVerification"`
}

// creationOptions is the contract's form of the library's options: nothing more than
// these members, and the lists also where they are empty.
func creationOptions(o protocol.PublicKeyCredentialCreationOptions, handle []byte, timeout time.Duration) CreationOptions {
	s := o.AuthenticatorSelection
	out := PublicKeyCreation{
		RP:                 RelyingParty{ID: o.RelyingParty.ID, Name: o.RelyingParty.Name},
		User:               UserEntity{ID: b64.EncodeToString(handle), Name: o.User.Name, DisplayName: o.User.DisplayName},
		Challenge:          o.Challenge.String(),
		Timeout:            timeout.Milliseconds(),
		ExcludeCredentials: descriptors(o.CredentialExcludeList),
		AuthenticatorSelection: Selection{
			RequireResidentKey: s.RequireResidentKey != nil && *s.RequireResidentKey,
			ResidentKey:        string(s.ResidentKey),
			UserVerification:   string(s.UserVerification),
		},
		Extensions: CreationInputs{CredProps: o.Extensions.CredProps},
	}
	for _, p := range o.Parameters {
		out.PubKeyCredParams = append(out.PubKeyCredParams, Parameter{Type: string(p.Type), Alg: int(p.Algorithm)})
	}
	return CreationOptions{PublicKey: out}
}

func requestOptions(o protocol.PublicKeyCredentialRequestOptions, timeout time.Duration) RequestOptions {
	return RequestOptions{PublicKey: PublicKeyRequest{
		Challenge:        o.Challenge.String(),
		Timeout:          timeout.Milliseconds(),
		RPID:             o.RelyingPartyID,
		AllowCredentials: descriptors(o.AllowedCredentials),
		UserVerification: string(o.UserVerification),
	}}
}

// Bare is the options without what is there for comfort, the timeout and the transports.
func (o CreationOptions) Bare() any {
	o.PublicKey.Timeout = 0
	o.PublicKey.ExcludeCredentials = bare(o.PublicKey.ExcludeCredentials)
	return o
}

// Bare is the options without what is there for comfort, the timeout and the transports.
func (o RequestOptions) Bare() any {
	o.PublicKey.Timeout = 0
	o.PublicKey.AllowCredentials = bare(o.PublicKey.AllowCredentials)
	return o
}

func bare(list []Descriptor) []Descriptor {
	out := make([]Descriptor, 0, len(list))
	for _, d := range list {
		out = append(out, Descriptor{Type: d.Type, ID: d.ID})
	}
	return out
}

func descriptors(list []protocol.CredentialDescriptor) []Descriptor {
	out := make([]Descriptor, 0, len(list))
	for _, d := range list {
		one := Descriptor{Type: string(d.Type), ID: d.CredentialID.String()}
		for _, t := range d.Transport {
			one.Transports = append(one.Transports, string(t))
		}
		out = append(out, one)
	}
	return out
}
