package passkey

import (
	"bytes"
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"github.com/descope/virtualwebauthn"

	"stagedoor/state"
)

// The options have exactly the members that the contract records.
func TestOptionsHaveTheRecordedShape(t *testing.T) {
	x := newTable(t, func(c *Config) { c.PresenceEnough = false })
	a := x.accounts[0]
	a.Username = "ada"
	params := `[{"type":"public-key","alg":-7},{"type":"public-key","alg":-8},{"type":"public-key","alg":-35},{"type":"public-key","alg":-36},{"type":"public-key","alg":-257}` + mlDSAOffered + `]`
	c := bytes.Repeat([]byte{1}, 32)
	text := strings.Repeat("AQEB", 10) + "AQE"
	key, _, err := x.w.BeginRegistration(UserOf(a), Options{}, c, x.now)
	if err != nil {
		t.Fatal(err)
	}
	wantJSON(t, key, `{"publicKey":{"rp":{"id":"example.com","name":"Example"},
		"user":{"id":"AAABAAAAAAA","name":"ada@example.com","displayName":"ada"},"challenge":"`+text+`",
		"pubKeyCredParams":`+params+`,"timeout":900000,"excludeCredentials":[],
		"authenticatorSelection":{"requireResidentKey":false,"residentKey":"discouraged","userVerification":"preferred"},
		"extensions":{"credProps":true}}}`)

	d := newDevice(t, -7)
	d.id = []byte{0xfb, 0xff, 0xfe}
	x.register(t, a, d, Options{})
	a.Authenticators = append(a.Authenticators, state.Authenticator{Type: state.TOTP})
	pass, _, err := x.w.BeginRegistration(UserOf(a), Options{Passwordless: true}, c, x.now)
	if err != nil {
		t.Fatal(err)
	}
	wantJSON(t, pass, `{"publicKey":{"rp":{"id":"example.com","name":"Example"},
		"user":{"id":"AAABAAAAAAA","name":"ada@example.com","displayName":"ada"},"challenge":"`+text+`",
		"pubKeyCredParams":`+params+`,"timeout":900000,"excludeCredentials":[{"type":"public-key","id":"-__-","transports":["hybrid","internal"]}],
		"authenticatorSelection":{"requireResidentKey":true,"residentKey":"required","userVerification":"required"},
		"extensions":{"credProps":true}}}`)

	known, _, err := x.w.BeginLogin(a, c, x.now)
	if err != nil {
		t.Fatal(err)
	}
	wantJSON(t, known, `{"publicKey":{"challenge":"`+text+`","timeout":900000,"rpId":"example.com",
		"allowCredentials":[{"type":"public-key","id":"-__-","transports":["hybrid","internal"]}],"userVerification":"preferred"}}`)
	nobody, _, err := x.w.BeginDiscoverable(c, x.now)
	if err != nil {
		t.Fatal(err)
	}
	wantJSON(t, nobody, `{"publicKey":{"challenge":"`+text+`","timeout":900000,"rpId":"example.com","allowCredentials":[],"userVerification":"required"}}`)
	none, _, err := x.w.BeginLogin(x.accounts[1], c, x.now)
	if err != nil {
		t.Fatal(err)
	}
	wantJSON(t, none, `{"publicKey":{"challenge":"`+text+`","timeout":900000,"rpId":"example.com","allowCredentials":[],"userVerification":"preferred"}}`)
}

func wantJSON(t *testing.T, got any, want string) {
	t.Helper()
	var b bytes.Buffer
	if err := json.Compact(&b, []byte(want)); err != nil {
		t.Fatal(err)
	}
	if g := string(jsonOf(t, got)); g != b.String() {
		t.Errorf("got  %s\nwant %s", g, b.String())
	}
}

// Every ceremony with every kind of key, one account's credentials beside another's.
func TestCeremonies(t *testing.T) {
	for name, alg := range map[string]int{"ES256": -7, "EdDSA": -8, "ES384": -35, "ES512": -36, "RS256": -257} {
		t.Run(name, func(t *testing.T) {
			x := newTable(t)
			ada, bob := x.accounts[0], x.accounts[1]
			key, pass, other := newDevice(t, alg), newDevice(t, alg), newDevice(t, -7)
			x.register(t, bob, other, Options{Passwordless: true})
			x.register(t, ada, key, Options{})
			x.register(t, ada, pass, Options{Passwordless: true})
			for i, d := range []*device{key, pass} {
				got, err := x.login(t, ada, d)
				if err != nil {
					t.Fatal(err)
				}
				if got.Account != ada || got.Authenticator != &ada.Authenticators[i] || !got.UserVerified || got.CloneWarning {
					t.Errorf("second factor %d: %+v", i, got)
				}
				got, err = x.passkey(t, d)
				if d == key {
					if !errors.Is(err, ErrUnknownCredential) {
						t.Errorf("a key beside a password, alone: %+v, %v", got, err)
					}
					continue
				}
				if err != nil {
					t.Fatal(err)
				}
				if got.Account != ada || got.Authenticator != &ada.Authenticators[i] {
					t.Errorf("passkey login %d: %+v", i, got)
				}
			}
			if got, err := x.passkey(t, other); err != nil || got.Account != bob {
				t.Errorf("the other account's passkey: %+v, %v", got, err)
			}
			if _, err := x.login(t, ada, other); !errors.Is(err, ErrUnknownCredential) {
				t.Errorf("another account's key as second factor: %v", err)
			}
		})
	}
}

// An independent authenticator, with an attestation nobody asked for.
func TestVirtualAuthenticator(t *testing.T) {
	rp := virtualwebauthn.RelyingParty{ID: testRP, Name: "Example", Origin: testOrigin}
	for _, kind := range []virtualwebauthn.KeyType{virtualwebauthn.KeyTypeEC2, virtualwebauthn.KeyTypeRSA} {
		t.Run(string(kind), func(t *testing.T) {
			x := newTable(t)
			a := x.accounts[0]
			auth := virtualwebauthn.NewAuthenticatorWithOptions(virtualwebauthn.AuthenticatorOptions{
				UserHandle: UserHandle(a.ID), BackupEligible: true, BackupState: true,
			})
			cred := virtualCredential(kind)
			options, session := x.beginRegistration(t, a, Options{Passwordless: true})
			created, err := virtualwebauthn.ParseAttestationOptions(string(jsonOf(t, options)))
			if err != nil {
				t.Fatal(err)
			}
			r, err := x.w.FinishRegistration(UserOf(a), session, json.RawMessage(virtualwebauthn.CreateAttestationResponse(rp, auth, cred, *created)), x.now)
			if err != nil {
				t.Fatal(err)
			}
			if r.Passwordless != nil || !r.UserVerified {
				t.Errorf("registration: %+v", r)
			}
			x.keep(a, r)
			auth.AddCredential(cred)

			get, session := x.beginLogin(t, a)
			asked, err := virtualwebauthn.ParseAssertionOptions(string(jsonOf(t, get)))
			if err != nil {
				t.Fatal(err)
			}
			if auth.FindAllowedCredential(*asked) == nil {
				t.Error("the options do not list the credential")
			}
			answer := json.RawMessage(virtualwebauthn.CreateAssertionResponse(rp, auth, cred, *asked))
			if _, err := x.w.FinishLogin(a, session, answer, x.now); err != nil {
				t.Error(err)
			}
			get, session = x.beginDiscoverable(t)
			if asked, err = virtualwebauthn.ParseAssertionOptions(string(jsonOf(t, get))); err != nil {
				t.Fatal(err)
			}
			answer = json.RawMessage(virtualwebauthn.CreateAssertionResponse(rp, auth, cred, *asked))
			if got, err := x.w.FinishDiscoverable(t.Context(), session, answer, x.find, x.now); err != nil || got.Account != a {
				t.Errorf("passkey login: %+v, %v", got, err)
			}
		})
	}
}

// virtualCredential makes a key again whose coordinates begin with a zero byte, which the
// virtual authenticator would drop.
func virtualCredential(kind virtualwebauthn.KeyType) virtualwebauthn.Credential {
	for {
		c := virtualwebauthn.NewCredential(kind)
		if kind != virtualwebauthn.KeyTypeEC2 || len(c.Key.AttestationData()) == 77 {
			return c
		}
	}
}

// What is stored is the credential and nothing that was said about it.
func TestTheRecordIsTrimmed(t *testing.T) {
	x := newTable(t)
	a := x.accounts[0]
	d := newDevice(t, -7)
	d.flags = up | uv | be
	d.body = func(m map[string]any) {
		m["authenticatorAttachment"] = "platform"
		m["response"].(map[string]any)["transports"] = []any{"usb", "a tin can and string", "internal", "usb", "cable"}
	}
	got := x.register(t, a, d, Options{Passwordless: true})
	if got.Type != state.WebAuthn || !bytes.Equal(got.CredentialID, d.id) || got.LastStep != -1 || !got.CreatedAt.Equal(x.now) {
		t.Errorf("authenticator: %+v", got)
	}
	c, err := record(got)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(c.PublicKey, cborOf(t, d.cose)) {
		t.Error("the public key was changed")
	}
	if !c.Flags.BackupEligible || c.Flags.BackupState || !c.Flags.UserVerified || c.Extensions.RK == nil || !*c.Extensions.RK {
		t.Errorf("record: %s", got.Credential)
	}
	if s := string(jsonOf(t, c.Transport)); s != `["usb","hybrid","internal"]` {
		t.Errorf("transports %s", s)
	}
	for _, s := range []string{"clientData", "object", "tin can"} {
		if strings.Contains(string(got.Credential), s) {
			t.Errorf("the record still has %s: %s", s, got.Credential)
		}
	}
	if len(got.Credential) > 700 {
		t.Errorf("the record has %d bytes: %s", len(got.Credential), got.Credential)
	}
}

// The challenge is the caller's, so that a turn can be replayed, and the session is small
// however many credentials there are.
func TestSessionsAreTheCallersAndSmall(t *testing.T) {
	x := newTable(t)
	a := x.accounts[0]
	for range 100 {
		a.Authenticators = append(a.Authenticators, state.Authenticator{Type: state.WebAuthn, CredentialID: make([]byte, 1023)})
	}
	c := challenge()
	for name, begin := range map[string]func() (any, json.RawMessage, error){
		"registration": func() (any, json.RawMessage, error) {
			return x.w.BeginRegistration(UserOf(a), Options{Passwordless: true}, c, x.now)
		},
		"login":        func() (any, json.RawMessage, error) { return x.w.BeginLogin(a, c, x.now) },
		"discoverable": func() (any, json.RawMessage, error) { return x.w.BeginDiscoverable(c, x.now) },
	} {
		o1, s1, err := begin()
		if err != nil {
			t.Fatal(name, err)
		}
		o2, s2, _ := begin()
		if !bytes.Equal(jsonOf(t, o1), jsonOf(t, o2)) || !bytes.Equal(s1, s2) {
			t.Errorf("%s: the same challenge and time gave something else", name)
		}
		if len(s1) > 600 || !bytes.Contains(s1, []byte(b64.EncodeToString(c))) {
			t.Errorf("%s: session of %d bytes: %s", name, len(s1), s1)
		}
	}
}

func TestShortChallengesAreRefused(t *testing.T) {
	x := newTable(t)
	for _, c := range [][]byte{nil, {}, make([]byte, 15)} {
		if _, s, err := x.w.BeginRegistration(UserOf(x.accounts[0]), Options{}, c, x.now); err == nil || s != nil {
			t.Errorf("registration with %d bytes: %v", len(c), err)
		}
		if _, s, err := x.w.BeginLogin(x.accounts[0], c, x.now); err == nil || s != nil {
			t.Errorf("login with %d bytes: %v", len(c), err)
		}
		if _, s, err := x.w.BeginDiscoverable(c, x.now); err == nil || s != nil {
			t.Errorf("passkey login with %d bytes: %v", len(c), err)
		}
	}
}
