package server

import (
	"encoding/json"
	"testing"

	"github.com/descope/virtualwebauthn"
)

// softKey is a security key in software, for one account.
type softKey struct {
	rp   virtualwebauthn.RelyingParty
	key  virtualwebauthn.Authenticator
	cred virtualwebauthn.Credential
}

// newSoftKey makes a key whose public coordinates have no leading zero byte: the library
// drops those, about once in 128 keys, and such a key is refused.
func newSoftKey(l *lab) *softKey {
	k := &softKey{
		rp:  virtualwebauthn.RelyingParty{ID: "localhost", Name: "localhost", Origin: l.config.Origin()},
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
func (k *softKey) create(t *testing.T, r *said) json.RawMessage {
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
func (k *softKey) get(t *testing.T, r *said) json.RawMessage {
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
	l := newLab(t, dev)
	s := l.insider("ada@example.com")
	k := newSoftKey(l)
	s.post("/mfa/webauthn/add/", m{"name": "blue", "credential": m{"id": "x"}}).is(400, "__all__:incorrect_code")
	begun := s.post("/mfa/webauthn/add/", m{}).is(200)
	r := s.post("/mfa/webauthn/add/", m{"name": "blue", "credential": k.create(t, begun)}).is(200)
	var added struct {
		Authenticator struct{ Type, Name string }
		Codes         bool `json:"recovery_codes_generated"`
	}
	if err := json.Unmarshal([]byte(r.Raw), &added); err != nil || added.Authenticator.Type != "webauthn" || added.Authenticator.Name != "blue" || !added.Codes {
		t.Fatalf("added: %s (%v)", r.Raw, err)
	}
	// What finished the ceremony cannot finish it again, nor begin another with the same key.
	s.post("/mfa/webauthn/add/", m{"credential": k.create(t, begun)}).is(400)

	// Nor is one credential that of two accounts.
	bob := l.insider("bob@example.com")
	begun = bob.post("/mfa/webauthn/add/", m{}).is(200)
	same := *k
	bob.post("/mfa/webauthn/add/", m{"credential": same.create(t, begun)}).is(400, "__all__:incorrect_code")

	in := l.script()
	run := in.post("/login/", m{"email": "ada@example.com", "password": password}).is(401).waits("mfa_authenticate").MFAToken
	options := in.post("/stages/mfa_authenticate/options/", m{"token": run}).is(200)
	in.post("/mfa/authenticate/", m{"token": run, "credential": m{"id": "x"}}).is(400, "credential:incorrect_code")
	in.post("/mfa/authenticate/", m{"token": run, "credential": k.get(t, options)}).entered("ada@example.com")
}

// TestRestPasskey makes a passkey and signs in with nothing else.
func TestRestPasskey(t *testing.T) {
	l := newLab(t, dev)
	s := l.insider("ada@example.com")
	k := newSoftKey(l)
	begun := s.post("/mfa/webauthn/add/", m{"passwordless": true}).is(200)
	s.post("/mfa/webauthn/add/", m{"credential": k.create(t, begun)}).is(200)

	in := l.script()
	options := in.post("/stages/mfa_login_webauthn/options/", m{}).is(200)
	if options.FlowToken == "" {
		t.Fatalf("no flow_token: %s", options.Raw)
	}
	answer := k.get(t, options)
	// The ceremony belongs to the client that began it.
	l.script().post("/stages/mfa_login_webauthn/", m{"credential": answer}).is(400, "credential:incorrect_code")
	in.post("/stages/mfa_login_webauthn/", m{"token": options.FlowToken, "credential": answer}).entered("ada@example.com")
	l.script().post("/stages/mfa_login_webauthn/", m{"token": options.FlowToken, "credential": answer}).is(410)
}
