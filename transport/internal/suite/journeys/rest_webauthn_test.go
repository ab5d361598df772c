package journeys

import (
	"encoding/json"
	"testing"

	"github.com/descope/virtualwebauthn"

	"stagedoor/transport/internal/suite"
)

// softKey is a security key in software, for one account.
type softKey struct {
	rp   virtualwebauthn.RelyingParty
	key  virtualwebauthn.Authenticator
	cred virtualwebauthn.Credential
}

// newSoftKey makes a key whose public coordinates have no leading zero byte: the library
// drops those, about once in 128 keys, and such a key is refused.
func newSoftKey(l *suite.Lab) *softKey {
	k := &softKey{
		rp:  virtualwebauthn.RelyingParty{ID: "localhost", Name: "localhost", Origin: l.Config.Origin()},
		key: virtualwebauthn.NewAuthenticator(),
	}
	for {
		k.cred = virtualwebauthn.NewCredential(virtualwebauthn.KeyTypeEC2)
		if x := k.cred.Key.AttestationData(); len(x) == 77 {
			return k
		}
	}
}

// create answers creation options.
func (k *softKey) create(t *testing.T, r *suite.Said) json.RawMessage {
	t.Helper()
	var body struct {
		Options json.RawMessage `json:"creation_options"`
	}
	if err := json.Unmarshal([]byte(r.Raw), &body); err != nil {
		t.Fatal(err)
	}
	options, err := virtualwebauthn.ParseAttestationOptions(string(body.Options))
	if err != nil {
		t.Fatalf("creation_options: %v\n%s", err, r.Raw)
	}
	k.key.Options.UserHandle = []byte(options.UserID)
	return json.RawMessage(virtualwebauthn.CreateAttestationResponse(k.rp, k.key, k.cred, *options))
}

// get answers request options that an action of a stage has replied.
func (k *softKey) get(t *testing.T, r *suite.Said) json.RawMessage {
	t.Helper()
	var body struct{ Result json.RawMessage }
	if err := json.Unmarshal([]byte(r.Raw), &body); err != nil {
		t.Fatal(err)
	}
	options, err := virtualwebauthn.ParseAssertionOptions(string(body.Result))
	if err != nil {
		t.Fatalf("request options: %v\n%s", err, r.Raw)
	}
	return json.RawMessage(virtualwebauthn.CreateAssertionResponse(k.rp, k.key, k.cred, *options))
}

// TestRestWebAuthn adds a credential in two requests, which from then on is asked for as
// the second factor, and answers it.
func TestRestWebAuthn(t *testing.T) {
	l := suite.NewLab(t, suite.Dev)
	s := l.Insider("ada@example.com")
	k := newSoftKey(l)
	s.Prove()
	s.Post("/mfa/webauthn/add/", suite.M{"name": "blue", "credential": suite.M{"id": "x"}}).Is(400, "__all__:incorrect_code")
	begun := s.Post("/mfa/webauthn/add/", suite.M{}).Is(200)
	r := s.Post("/mfa/webauthn/add/", suite.M{"name": "blue", "credential": k.create(t, begun)}).Is(200)
	var added struct {
		Authenticator struct{ Type, Name string }
		Codes         bool `json:"recovery_codes_generated"`
	}
	if err := json.Unmarshal([]byte(r.Raw), &added); err != nil || added.Authenticator.Type != "webauthn" || added.Authenticator.Name != "blue" || !added.Codes {
		t.Fatalf("added: %s (%v)", r.Raw, err)
	}
	// What finished the ceremony cannot finish it again, nor begin another with the same key.
	s.Post("/mfa/webauthn/add/", suite.M{"credential": k.create(t, begun)}).Is(400)

	// Nor is one credential that of two accounts.
	bob := l.Insider("bob@example.com")
	bob.Prove()
	begun = bob.Post("/mfa/webauthn/add/", suite.M{}).Is(200)
	same := *k
	bob.Post("/mfa/webauthn/add/", suite.M{"credential": same.create(t, begun)}).Is(400, "__all__:incorrect_code")

	in := l.Script()
	run := in.Post("/login/", suite.M{"email": "ada@example.com", "password": suite.Password}).Is(401).Waits("mfa_authenticate").MFAToken
	options := in.Post("/stages/mfa_authenticate/options/", suite.M{"token": run}).Is(200)
	in.Post("/mfa/authenticate/", suite.M{"token": run, "credential": suite.M{"id": "x"}}).Is(400, "credential:incorrect_code")
	in.Post("/mfa/authenticate/", suite.M{"token": run, "credential": k.get(t, options)}).Entered("ada@example.com")
}

// TestRestPasskey makes a passkey and signs in with nothing else.
func TestRestPasskey(t *testing.T) {
	l := suite.NewLab(t, suite.Dev)
	s := l.Insider("ada@example.com")
	k := newSoftKey(l)
	s.Prove()
	begun := s.Post("/mfa/webauthn/add/", suite.M{"passwordless": true}).Is(200)
	s.Post("/mfa/webauthn/add/", suite.M{"credential": k.create(t, begun)}).Is(200)

	in := l.Script()
	options := in.Post("/stages/mfa_login_webauthn/options/", suite.M{}).Is(200)
	if options.FlowToken == "" {
		t.Fatalf("no flow_token: %s", options.Raw)
	}
	answer := k.get(t, options)
	// The ceremony belongs to the client that began it.
	l.Script().Post("/stages/mfa_login_webauthn/", suite.M{"credential": answer}).Is(400, "credential:incorrect_code")
	in.Post("/stages/mfa_login_webauthn/", suite.M{"token": options.FlowToken, "credential": answer}).Entered("ada@example.com")
	l.Script().Post("/stages/mfa_login_webauthn/", suite.M{"token": options.FlowToken, "credential": answer}).Is(410)
}
