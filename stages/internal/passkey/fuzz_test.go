package passkey

import (
	"bytes"
	"crypto/ed25519"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/go-webauthn/webauthn/protocol/webauthncose"

	"stagedoor/state"
)

// fixed is a table where everything is the same in every run: one account with one
// Ed25519 credential, and one challenge. So what a fuzzer found once is found again.
func fixed(t testing.TB) (*table, *state.Account, *device, []byte) {
	t.Helper()
	x := newTable(t)
	k := ed25519.NewKeyFromSeed(bytes.Repeat([]byte{7}, 32))
	d := &device{
		id: bytes.Repeat([]byte{9}, 32), signer: k, rpID: testRP, origin: testOrigin, flags: up | uv,
		cose: map[int]any{1: 1, 3: -8, -1: 6, -2: []byte(k.Public().(ed25519.PublicKey))},
	}
	x.register(t, x.accounts[0], d, Options{Passwordless: true})
	return x, x.accounts[0], d, bytes.Repeat([]byte{5}, 32)
}

// response is what a client answers, read without the library.
type response struct {
	ID       string `json:"id"`
	RawID    string `json:"rawId"`
	Type     string `json:"type"`
	Response struct {
		ClientDataJSON    string `json:"clientDataJSON"`
		AuthenticatorData string `json:"authenticatorData"`
		Signature         string `json:"signature"`
		UserHandle        string `json:"userHandle"`
		AttestationObject string `json:"attestationObject"`
	} `json:"response"`
}

func bytesOf(t testing.TB, text string) []byte {
	t.Helper()
	b, err := b64.DecodeString(strings.TrimRight(text, "="))
	if err != nil {
		t.Fatalf("accepted %q, which is no base64url: %v", text, err)
	}
	return b
}

func checkClientData(t testing.TB, raw []byte, ceremony string, challenge []byte) {
	t.Helper()
	var c struct{ Type, Challenge, Origin string }
	if err := json.Unmarshal(raw, &c); err != nil {
		t.Fatalf("accepted client data that is no JSON: %v", err)
	}
	if c.Type != ceremony || c.Challenge != b64.EncodeToString(challenge) {
		t.Fatalf("accepted client data %s", raw)
	}
	origin := strings.TrimSuffix(strings.ToLower(c.Origin), ":443")
	if before, _, ok := strings.Cut(strings.TrimPrefix(origin, "https://"), "/"); ok {
		origin = "https://" + before // a path after an origin is not the origin's
	}
	if !strings.HasPrefix(origin, testOrigin) && !strings.HasPrefix(origin, "https://example.com") {
		t.Fatalf("accepted the origin %q", c.Origin)
	}
}

func checkAuthData(t testing.TB, auth []byte) {
	t.Helper()
	sum := sha256.Sum256([]byte(testRP))
	if len(auth) < 37 || !bytes.Equal(auth[:32], sum[:]) || auth[32]&up == 0 || auth[32]&(be|bs) == bs {
		t.Fatalf("accepted authenticator data %x", auth)
	}
}

// Whatever a client answers is refused, or is an assertion that proves the credential by
// the letter of the specification.
func FuzzAssertion(f *testing.F) {
	x, a, d, c := fixed(f)
	options, session, err := x.w.BeginLogin(a, c, x.now)
	if err != nil {
		f.Fatal(err)
	}
	_, open, err := x.w.BeginDiscoverable(c, x.now)
	if err != nil {
		f.Fatal(err)
	}
	f.Add([]byte(d.get(f, options)))
	for _, l := range lies() {
		if l.name != "too long" {
			liar := *d
			l.tell(&liar)
			f.Add([]byte(liar.get(f, options)))
		}
	}
	f.Fuzz(func(t *testing.T, credential []byte) {
		known, err := x.w.FinishLogin(a, session, credential, x.now)
		found, err2 := x.w.FinishDiscoverable(t.Context(), open, credential, x.find, x.now)
		for _, err := range []error{err, err2} {
			if err != nil && !errors.Is(err, ErrInvalid) {
				t.Fatalf("a client's fault became the server's: %v", err)
			}
		}
		if err != nil && err2 == nil {
			t.Fatal("a passkey login takes what a known account refuses")
		}
		for _, got := range []*Assertion{known, found} {
			if got != nil {
				checkAssertion(t, d, got, credential, c)
			}
		}
	})
}

func checkAssertion(t *testing.T, d *device, got *Assertion, credential, challenge []byte) {
	t.Helper()
	var r response
	if err := json.Unmarshal(credential, &r); err != nil {
		t.Fatalf("accepted what is no JSON: %v", err)
	}
	client, auth := bytesOf(t, r.Response.ClientDataJSON), bytesOf(t, r.Response.AuthenticatorData)
	checkClientData(t, client, "webauthn.get", challenge)
	checkAuthData(t, auth)
	sum := sha256.Sum256(client)
	message := append(append([]byte(nil), auth...), sum[:]...)
	if !ed25519.Verify(d.signer.Public().(ed25519.PublicKey), message, bytesOf(t, r.Response.Signature)) {
		t.Fatal("accepted a signature that is none")
	}
	if !bytes.Equal(bytesOf(t, r.RawID), d.id) || got.UserVerified != (auth[32]&uv != 0) {
		t.Fatalf("it proves something else: %+v", got)
	}
	if h := bytesOf(t, r.Response.UserHandle); len(h) != 0 && !bytes.Equal(h, UserHandle(got.Account.ID)) {
		t.Fatalf("accepted the user handle %x", h)
	}
	if _, err := record(&state.Authenticator{CredentialID: d.id, Credential: got.Updated}); err != nil {
		t.Fatal(err)
	}
}

// The same where the signature is always right: what is signed must be right too.
func FuzzSignedAssertion(f *testing.F) {
	x, a, d, c := fixed(f)
	_, session, err := x.w.BeginLogin(a, c, x.now)
	if err != nil {
		f.Fatal(err)
	}
	good := d.clientData(f, "webauthn.get", b64.EncodeToString(c))
	f.Add(good, d.authData(up|uv), []byte(nil), `{}`)
	f.Add(good, append(d.authData(up|128), 0xa1, 0x61, 'x', 0xf5), UserHandle(a.ID), `{"credProps":{"rk":true}}`)
	f.Add(good, append(d.authData(up|at), make([]byte, 60)...), []byte{1}, `{"appid":true}`)
	f.Add([]byte(`{"type":"webauthn.get","tokenBinding":{"status":"present"}}`), d.authData(up), UserHandle("1"), `null`)
	f.Fuzz(func(t *testing.T, client, auth, handle []byte, extensions string) {
		if !json.Valid([]byte(extensions)) {
			extensions = "{}"
		}
		sum := sha256.Sum256(client)
		credential := jsonOf(t, map[string]any{
			"id": b64.EncodeToString(d.id), "rawId": base64.URLEncoding.EncodeToString(d.id), "type": "public-key",
			"clientExtensionResults": json.RawMessage(extensions),
			"response": map[string]any{
				"clientDataJSON": b64.EncodeToString(client), "authenticatorData": b64.EncodeToString(auth),
				"signature":  b64.EncodeToString(d.sign(t, append(append([]byte(nil), auth...), sum[:]...))),
				"userHandle": b64.EncodeToString(handle),
			},
		})
		got, err := x.w.FinishLogin(a, session, credential, x.now)
		if err != nil {
			wantInvalid(t, err)
			return
		}
		checkAssertion(t, d, got, credential, c)
	})
}

// Whatever a client registers is refused, or is a credential that will verify.
func FuzzRegistration(f *testing.F) {
	x, _, d, c := fixed(f)
	bob := UserOf(x.accounts[1])
	options, session, err := x.w.BeginRegistration(bob, Options{Passwordless: true}, c, x.now)
	if err != nil {
		f.Fatal(err)
	}
	f.Add([]byte(d.create(f, options)))
	d.rpID = "evil.example"
	f.Add([]byte(d.create(f, options)))
	f.Fuzz(func(t *testing.T, credential []byte) {
		got, err := x.w.FinishRegistration(bob, session, credential, x.now)
		if err != nil {
			wantInvalid(t, err)
			return
		}
		checkRegistration(t, got, credential, c)
	})
}

// The same, with what stands in base64url within the JSON laid open to the fuzzer.
func FuzzAttestation(f *testing.F) {
	x, _, d, c := fixed(f)
	bob := UserOf(x.accounts[1])
	options, session, err := x.w.BeginRegistration(bob, Options{Passwordless: true}, c, x.now)
	if err != nil {
		f.Fatal(err)
	}
	keys := badKeys(f)
	keys["Ed25519"], keys["ES256"], keys["RS256"] = d.cose, newDevice(f, -7).cose, newDevice(f, -257).cose
	for _, cose := range keys {
		d.cose = cose
		var r response
		if err := json.Unmarshal(d.create(f, options), &r); err != nil {
			f.Fatal(err)
		}
		f.Add(bytesOf(f, r.Response.ClientDataJSON), bytesOf(f, r.Response.AttestationObject), d.id, `{"credProps":{"rk":true}}`, "usb")
	}
	f.Fuzz(func(t *testing.T, client, attestation, id []byte, extensions, transport string) {
		if !json.Valid([]byte(extensions)) {
			extensions = "{}"
		}
		credential := jsonOf(t, map[string]any{
			"id": b64.EncodeToString(id), "rawId": b64.EncodeToString(id), "type": "public-key",
			"clientExtensionResults": json.RawMessage(extensions),
			"response": map[string]any{
				"clientDataJSON": b64.EncodeToString(client), "attestationObject": b64.EncodeToString(attestation),
				"transports": []string{transport},
			},
		})
		got, err := x.w.FinishRegistration(bob, session, credential, x.now)
		if err != nil {
			wantInvalid(t, err)
			return
		}
		checkRegistration(t, got, credential, c)
	})
}

func checkRegistration(t *testing.T, got *Registration, credential, challenge []byte) {
	t.Helper()
	var r response
	if err := json.Unmarshal(credential, &r); err != nil {
		t.Fatalf("accepted what is no JSON: %v", err)
	}
	checkClientData(t, bytesOf(t, r.Response.ClientDataJSON), "webauthn.create", challenge)
	known, err := record(&got.Authenticator)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(bytesOf(t, r.RawID), known.ID) || !got.UserVerified || len(got.Authenticator.Credential) > 6<<10 {
		t.Fatalf("registered %s", got.Authenticator.Credential)
	}
	sum := sha256.Sum256([]byte(testRP))
	if attested := bytesOf(t, r.Response.AttestationObject); !bytes.Contains(attested, known.ID) || !bytes.Contains(attested, sum[:]) {
		t.Fatal("the credential was not attested here")
	}
	checkUsable(t, known.PublicKey)
}

// A public key that passes is one that Go's own cryptography takes.
func FuzzKey(f *testing.F) {
	for _, alg := range []int{-7, -8, -35, -36, -257} {
		f.Add(cborOf(f, newDevice(f, alg).cose))
	}
	for _, cose := range badKeys(f) {
		f.Add(cborOf(f, cose))
	}
	f.Fuzz(func(t *testing.T, cose []byte) {
		if err := checkKey(cose); err != nil {
			wantInvalid(t, err)
			return
		}
		checkUsable(t, cose)
	})
}

func checkUsable(t *testing.T, cose []byte) {
	t.Helper()
	key, err := webauthncose.ParsePublicKey(cose)
	if err != nil {
		t.Fatal(err)
	}
	if ok, _ := webauthncose.VerifySignature(key, []byte("x"), bytes.Repeat([]byte{1}, 64)); ok {
		t.Fatal("it verifies a signature nobody made")
	}
	switch k := key.(type) {
	case webauthncose.EC2PublicKeyData:
		public, err := k.ToECDSA()
		if err != nil {
			t.Fatal(err)
		}
		if _, err := x509.MarshalPKIXPublicKey(public); err != nil {
			t.Fatalf("no key for crypto/ecdsa: %v", err)
		}
	case webauthncose.OKPPublicKeyData:
		if len(k.XCoord) != ed25519.PublicKeySize {
			t.Fatal("no key for crypto/ed25519")
		}
	case webauthncose.RSAPublicKeyData:
		if len(k.Modulus) < minRSABits/8 {
			t.Fatalf("a modulus of %d bytes", len(k.Modulus))
		}
	default:
		if !isMLDSA(cose) {
			t.Fatalf("a key of type %T", key)
		}
	}
}

// A session is refused, or is one in time whose challenge was answered.
func FuzzSession(f *testing.F) {
	x, a, d, c := fixed(f)
	options, session, err := x.w.BeginLogin(a, c, x.now)
	if err != nil {
		f.Fatal(err)
	}
	_, registering, err := x.w.BeginRegistration(UserOf(a), Options{}, c, x.now)
	if err != nil {
		f.Fatal(err)
	}
	f.Add([]byte(session))
	f.Add([]byte(registering))
	f.Add([]byte(`{"challenge":"","expires":"2030-01-01T00:00:00Z"}`))
	answer := d.get(f, options)
	f.Fuzz(func(t *testing.T, session []byte) {
		if _, err := x.w.FinishLogin(a, session, answer, x.now); err != nil {
			wantInvalid(t, err)
			return
		}
		var s struct {
			Challenge string    `json:"challenge"`
			Expires   time.Time `json:"expires"`
		}
		if err := json.Unmarshal(session, &s); err != nil {
			t.Fatal(err)
		}
		if s.Challenge != b64.EncodeToString(c) || !x.now.Before(s.Expires) {
			t.Fatalf("accepted the session %s", session)
		}
	})
}
