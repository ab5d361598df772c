package passkey

import (
	"encoding/hex"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"os"
	"strings"
	"testing"

	"stagedoor/state"
)

var update = flag.Bool("update", false, "write what becomes of the test vectors anew")

// hexed are bytes, written in hexadecimal.
type hexed []byte

// UnmarshalText reads them.
func (h *hexed) UnmarshalText(text []byte) (err error) {
	*h, err = hex.DecodeString(string(text))
	return err
}

// vector is one of the test vectors of section 16: a registration, and an assertion with
// the credential that it makes.
type vector struct {
	Name         string
	Registration struct {
		Challenge         hexed
		CredentialID      hexed `json:"credential_id"`
		ClientDataJSON    hexed
		AttestationObject hexed
	}
	Authentication struct {
		Challenge         hexed
		AuthenticatorData hexed
		ClientDataJSON    hexed
		Signature         hexed
	}
}

// vectors reads those of the editor's draft of 30 July 2026, as testdata/w3c.json has them.
func vectors(t *testing.T) []vector {
	t.Helper()
	raw, err := os.ReadFile("testdata/w3c.json")
	if err != nil {
		t.Fatal(err)
	}
	var out []vector
	if err := json.Unmarshal(raw, &out); err != nil || len(out) == 0 {
		t.Fatalf("%d vectors: %v", len(out), err)
	}
	return out
}

// send is the credential as a client would send it.
func (v vector) send(t *testing.T, response map[string]hexed) json.RawMessage {
	texts := map[string]string{}
	for name, value := range response {
		texts[name] = b64.EncodeToString(value)
	}
	id := b64.EncodeToString(v.Registration.CredentialID)
	return jsonOf(t, map[string]any{"id": id, "rawId": id, "type": "public-key", "clientExtensionResults": map[string]any{}, "response": texts})
}

// register makes the credential of the vector, and returns it.
func (v vector) register(t *testing.T, x *table, a *state.Account) error {
	t.Helper()
	r := v.Registration
	_, session, err := x.w.BeginRegistration(UserOf(a), Options{}, r.Challenge, x.now)
	if err != nil {
		t.Fatal(err)
	}
	body := v.send(t, map[string]hexed{"clientDataJSON": r.ClientDataJSON, "attestationObject": r.AttestationObject})
	made, err := x.w.FinishRegistration(UserOf(a), session, body, x.now)
	if err == nil {
		x.keep(a, made)
	}
	return err
}

// assert proves it.
func (v vector) assert(t *testing.T, x *table, a *state.Account) error {
	t.Helper()
	r := v.Authentication
	_, session, err := x.w.BeginLogin(a, r.Challenge, x.now)
	if err != nil {
		t.Fatal(err)
	}
	send := func(signature hexed) error {
		_, err := x.w.FinishLogin(a, session, v.send(t, map[string]hexed{
			"clientDataJSON": r.ClientDataJSON, "authenticatorData": r.AuthenticatorData, "signature": signature,
		}), x.now)
		return err
	}
	forged := append(hexed(nil), r.Signature...)
	forged[len(forged)-1] ^= 1
	if send(forged) == nil {
		t.Errorf("%s: an assertion with another signature passes", v.Name)
	}
	return send(r.Signature)
}

// verified is what a good vector comes to.
const verified = "registered, verified"

// become is what becomes of a vector at a relying party.
func (v vector) become(t *testing.T, c Config) string {
	t.Helper()
	w, err := New(c)
	if err != nil {
		t.Fatal(err)
	}
	x := newTable(t)
	x.w = w
	registered := v.register(t, x, x.accounts[0])
	if registered != nil {
		return why(t, registered)
	}
	if err := v.assert(t, x, x.accounts[0]); err != nil {
		return "registered, " + why(t, err)
	}
	return verified
}

// why is a refusal in short.
func why(t *testing.T, err error) string {
	t.Helper()
	if !errors.Is(err, ErrInvalid) {
		t.Errorf("got %v, want an ErrInvalid", err)
	}
	switch text := strings.ToLower(err.Error()); {
	case strings.Contains(text, "does not say of which site"):
		return "refused, the browser not saying of which site the frame is"
	case strings.Contains(text, "cross"):
		return "refused, being of a frame of another origin"
	case strings.Contains(text, "algorithm"), strings.Contains(text, "supported"):
		return "refused, its algorithm not being offered"
	default:
		return text
	}
}

// The vectors of the specification come to what testdata/w3c.golden says, of which the
// README's table of authenticators is made.
func TestVectorsOfTheSpecification(t *testing.T) {
	config := Config{RPID: "example.org", Origins: []string{"https://example.org"}}
	listed, other := config, config
	listed.TopOrigins, other.TopOrigins = []string{"https://example.com"}, []string{"https://example.net"}
	var got strings.Builder
	for _, v := range vectors(t) {
		came := v.become(t, config)
		fmt.Fprintf(&got, "%s: %s\n", v.Name, came)
		if there := v.become(t, listed); there != came {
			fmt.Fprintf(&got, "%s where https://example.com is listed: %s\n", v.Name, there)
		}
		if came != verified && v.become(t, other) == verified {
			t.Errorf("%s is accepted where another site is listed", v.Name)
		}
	}
	const file = "testdata/w3c.golden"
	if *update {
		if err := os.WriteFile(file, []byte(got.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if string(want) != got.String() {
		t.Errorf("the vectors come to\n%sand %s has\n%swrite it anew with -update", got.String(), file, want)
	}
}
