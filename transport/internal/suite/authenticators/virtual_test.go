package authenticators

import (
	"encoding/json"
	"testing"

	"github.com/descope/virtualwebauthn"

	"stagedoor/transport/internal/suite"
)

// virtual is virtualwebauthn, a library of Go.
func virtual() family {
	f := family{
		name: "virtualwebauthn", version: pinned("../../go.mod", "github.com/descope/virtualwebauthn v"),
		open: func(*testing.T, *suite.Lab) opener {
			return func(t *testing.T, v variant) device {
				d := &library{t: t, kind: v.made.(virtualwebauthn.KeyType)}
				d.Empty()
				return d
			}
		},
	}
	for _, kind := range []struct {
		row  string
		made virtualwebauthn.KeyType
	}{{"ES256", virtualwebauthn.KeyTypeEC2}, {"RS256", virtualwebauthn.KeyTypeRSA}} {
		f.variants = append(f.variants, variant{row: kind.row, made: kind.made, keeps: true, verifies: true})
	}
	return f
}

// library is a device of it with one credential.
type library struct {
	t    *testing.T
	kind virtualwebauthn.KeyType
	key  virtualwebauthn.Authenticator
	made virtualwebauthn.Credential
}

// at is the server, as pages of an origin know it.
func at(origin string) virtualwebauthn.RelyingParty {
	return virtualwebauthn.RelyingParty{ID: "localhost", Name: "localhost", Origin: origin}
}

// Create answers creation options.
func (d *library) Create(options json.RawMessage, origin string) (json.RawMessage, error) {
	asked, err := virtualwebauthn.ParseAttestationOptions(string(options))
	if err != nil {
		return nil, err
	}
	d.key.Options.UserHandle = []byte(asked.UserID)
	return json.RawMessage(virtualwebauthn.CreateAttestationResponse(at(origin), d.key, d.made, *asked)), nil
}

// Get answers request options, having counted on.
func (d *library) Get(options json.RawMessage, origin string) (json.RawMessage, error) {
	asked, err := virtualwebauthn.ParseAssertionOptions(string(options))
	if err != nil {
		return nil, err
	}
	d.made.Counter++
	return json.RawMessage(virtualwebauthn.CreateAssertionResponse(at(origin), d.key, d.made, *asked)), nil
}

// Empty gives it another key, whose coordinates have no leading zero byte: the library drops
// those, about once in 128 keys, and such a key is refused.
func (d *library) Empty() {
	d.key = virtualwebauthn.NewAuthenticator()
	for {
		d.made = virtualwebauthn.NewCredential(d.kind)
		if d.kind != virtualwebauthn.KeyTypeEC2 || len(d.made.Key.AttestationData()) == 77 {
			return
		}
	}
}

// Change makes it another.
func (d *library) Change(into string) bool {
	switch into {
	case moved:
		d.key.Options.BackupEligible = !d.key.Options.BackupEligible
		d.key.Options.BackupState = d.key.Options.BackupEligible
	case unverified:
		d.key.Options.UserNotVerified = true
	case restarted:
		d.made.Counter = 0
	default:
		return false
	}
	return true
}
