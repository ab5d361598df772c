package device

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/go-webauthn/webauthn/protocol"
	"github.com/go-webauthn/webauthn/webauthn"
)

const origin = "https://www.example.com"

// entropy is a source of randomness that says the same every time.
func entropy(seed byte) io.Reader {
	return rand.NewChaCha8([32]byte{seed})
}

// party is a relying party: what a server would do about passkeys.
type party struct {
	t    testing.TB
	auth *webauthn.WebAuthn
	user member
}

// member is its one account.
type member struct {
	keys []webauthn.Credential
}

func (m member) WebAuthnID() []byte                         { return []byte("member-1") }
func (m member) WebAuthnName() string                       { return "ada" }
func (m member) WebAuthnDisplayName() string                { return "Ada" }
func (m member) WebAuthnCredentials() []webauthn.Credential { return m.keys }

func newParty(t testing.TB) *party {
	t.Helper()
	auth, err := webauthn.New(&webauthn.Config{RPID: "example.com", RPDisplayName: "Example", RPOrigins: []string{origin}})
	if err != nil {
		t.Fatal(err)
	}
	return &party{t: t, auth: auth}
}

func (p *party) json(v any) json.RawMessage {
	p.t.Helper()
	b, err := json.Marshal(v)
	if err != nil {
		p.t.Fatal(err)
	}
	return b
}

func post(body json.RawMessage) *http.Request {
	return httptest.NewRequest(http.MethodPost, "/", bytes.NewReader(body))
}

// register has a key made, and judges it. User verification is demanded.
func (p *party) register(keys *Passkeys, name string, flags ...string) (*webauthn.Credential, json.RawMessage, error) {
	p.t.Helper()
	options, session, err := p.auth.BeginRegistration(p.user,
		webauthn.WithExtensions(webauthn.WithExtensionCredProps()),
		webauthn.WithAuthenticatorSelection(protocol.AuthenticatorSelection{
			ResidentKey: protocol.ResidentKeyRequirementRequired, UserVerification: protocol.VerificationRequired,
		}))
	if err != nil {
		p.t.Fatal(err)
	}
	answer, err := keys.New(p.json(options), name, flags, origin)
	if err != nil {
		p.t.Fatal(err)
	}
	made, err := p.auth.FinishRegistration(p.user, *session, post(answer))
	if err == nil {
		p.user.keys = append(p.user.keys, *made)
	}
	return made, answer, err
}

// login has a key used without saying whose it is, and judges it.
func (p *party) login(keys *Passkeys, name string, flags ...string) (*webauthn.Credential, json.RawMessage, error) {
	p.t.Helper()
	options, session, err := p.auth.BeginDiscoverableLogin(webauthn.WithUserVerification(protocol.VerificationRequired))
	if err != nil {
		p.t.Fatal(err)
	}
	answer, err := keys.Get(p.json(options), name, flags, origin)
	if err != nil {
		p.t.Fatal(err)
	}
	found := func(_, handle []byte) (webauthn.User, error) {
		if string(handle) != "member-1" {
			return nil, errors.New("nobody has the handle " + string(handle))
		}
		return p.user, nil
	}
	used, err := p.auth.FinishDiscoverableLogin(found, *session, post(answer))
	return used, answer, err
}

// said is all that the library says of an error.
func said(err error) string {
	var e *protocol.Error
	if errors.As(err, &e) {
		return e.Type + ": " + e.Details + ": " + e.DevInfo
	}
	return err.Error()
}

func TestPasskeysPass(t *testing.T) {
	p := newParty(t)
	keys := NewPasskeys(entropy(1))
	for _, name := range []string{"phone", "laptop"} {
		made, _, err := p.register(keys, name)
		if err != nil {
			t.Fatal(said(err))
		}
		if !made.Flags.UserVerified || !made.Flags.UserPresent || made.Authenticator.SignCount != 0 || made.AttestationFormat != "none" {
			t.Errorf("%s: %+v", name, made)
		}
		if id, ok := keys.ID(name); !ok || id != text64.EncodeToString(made.ID) {
			t.Errorf("%s: id %q, %v", name, id, ok)
		}
	}
	for want := uint32(1); want <= 3; want++ {
		used, _, err := p.login(keys, "phone")
		if err != nil {
			t.Fatal(said(err))
		}
		if used.Authenticator.SignCount != want || !used.Flags.UserVerified || !bytes.Equal(used.ID, p.user.keys[0].ID) {
			t.Errorf("use %d: %+v", want, used)
		}
	}
	if used, _, err := p.login(keys, "laptop"); err != nil || used.Authenticator.SignCount != 1 {
		t.Errorf("the other key: %+v, %v", used, err)
	}
}

// Each way to err fails at the check that is there for it, and nothing else is wrong: the
// words are those of the library's check.
func TestFaultsOfNewPasskeys(t *testing.T) {
	for flag, want := range map[string]string{
		BadChallenge: "challenge", BadOrigin: "origin", BadRP: "RP Hash mismatch", NoUV: "User verification",
	} {
		t.Run(flag, func(t *testing.T) {
			p := newParty(t)
			keys := NewPasskeys(entropy(2))
			if _, _, err := p.register(keys, "k", flag); err == nil || !strings.Contains(strings.ToLower(said(err)), strings.ToLower(want)) {
				t.Errorf("%s: %v; want a word of %q", flag, err, want)
			}
			if _, _, err := p.register(keys, "k"); err != nil {
				t.Errorf("without it: %s", said(err))
			}
		})
	}
}

func TestFaultsOfUsedPasskeys(t *testing.T) {
	for flag, want := range map[string]string{
		BadChallenge: "challenge", BadOrigin: "origin", BadRP: "RP Hash mismatch", NoUV: "User verification",
		BadSignature: "signature", NoHandle: "user handle", OtherID: "Unable to find the credential",
	} {
		t.Run(flag, func(t *testing.T) {
			p := newParty(t)
			keys := NewPasskeys(entropy(3))
			if _, _, err := p.register(keys, "k"); err != nil {
				t.Fatal(said(err))
			}
			if _, _, err := p.login(keys, "k", flag); err == nil || !strings.Contains(strings.ToLower(said(err)), strings.ToLower(want)) {
				t.Errorf("%s: %v; want a word of %q", flag, err, want)
			}
			if _, _, err := p.login(keys, "k"); err != nil {
				t.Errorf("without it: %s", said(err))
			}
		})
	}
}

// What a client reports of discoverability is no part of what is signed.
func TestCredentialProperties(t *testing.T) {
	const asked = `{"credProps":true}`
	for _, c := range []struct {
		selection  string
		extensions string
		flags      []string
		want       string
	}{
		{`{"residentKey":"required"}`, asked, nil, `{"credProps":{"rk":true}}`},
		{`{"residentKey":"preferred"}`, asked, nil, `{"credProps":{"rk":true}}`},
		{`{"requireResidentKey":true}`, asked, nil, `{"credProps":{"rk":true}}`},
		{`{"residentKey":"discouraged"}`, asked, nil, `{"credProps":{"rk":false}}`},
		{`{}`, asked, nil, `{"credProps":{"rk":false}}`},
		{`{"residentKey":"required"}`, asked, []string{NoRK}, `{"credProps":{"rk":false}}`},
		{`{"residentKey":"required"}`, asked, []string{NoCredProps}, `{}`},
		{`{"residentKey":"required"}`, `{}`, nil, `{}`},
	} {
		options := `{"publicKey":{"challenge":"AAAA","rp":{"id":"example.com"},"user":{"id":"AQ"},"extensions":` + c.extensions + `,"authenticatorSelection":` + c.selection + `}}`
		answer, err := NewPasskeys(entropy(4)).New(json.RawMessage(options), "k", c.flags, origin)
		if err != nil {
			t.Fatal(err)
		}
		var got struct {
			Extensions json.RawMessage `json:"clientExtensionResults"`
		}
		if err := json.Unmarshal(answer, &got); err != nil || string(got.Extensions) != c.want {
			t.Errorf("%s %v: %s, %v; want %s", c.selection, c.flags, got.Extensions, err, c.want)
		}
	}
}

// A touch without verification is an answer that a server may take as a second factor.
func TestPresenceAlone(t *testing.T) {
	p := newParty(t)
	keys := NewPasskeys(entropy(5))
	if _, _, err := p.register(keys, "k"); err != nil {
		t.Fatal(said(err))
	}
	options, session, err := p.auth.BeginLogin(p.user, webauthn.WithUserVerification(protocol.VerificationDiscouraged))
	if err != nil {
		t.Fatal(err)
	}
	answer, err := keys.Get(p.json(options), "k", []string{NoUV, NoHandle}, origin)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := p.auth.FinishLogin(p.user, *session, post(answer)); err != nil {
		t.Fatal(said(err))
	}
	read, err := protocol.ParseCredentialRequestResponseBytes(answer)
	if err != nil {
		t.Fatal(said(err))
	}
	if f := read.Response.AuthenticatorData.Flags; f.HasUserVerified() || !f.HasUserPresent() {
		t.Errorf("flags %b", f)
	}
}

// The same randomness makes the same keys and the same answers, byte by byte, whatever
// the first byte of a coordinate.
func TestPasskeysAreDeterministic(t *testing.T) {
	creation := json.RawMessage(`{"challenge":"AAAA","rp":{"id":"example.com"},"user":{"id":"AQ"}}`)
	request := json.RawMessage(`{"publicKey":{"challenge":"BBBB"}}`)
	story := func(seed byte) string {
		keys := NewPasskeys(entropy(seed))
		var b strings.Builder
		for _, name := range []string{"a", "b"} {
			for _, f := range []func() (json.RawMessage, error){
				func() (json.RawMessage, error) { return keys.New(creation, name, nil, origin) },
				func() (json.RawMessage, error) { return keys.Get(request, name, nil, origin) },
				func() (json.RawMessage, error) { return keys.Get(request, name, []string{OtherID}, origin) },
			} {
				answer, err := f()
				if err != nil {
					t.Fatal(err)
				}
				b.Write(answer)
			}
		}
		return b.String()
	}
	first := story(1)
	if again := story(1); again != first {
		t.Error("the same randomness told two stories")
	}
	if story(2) == first {
		t.Error("other randomness told the same story")
	}
}

// One key in 128 has a coordinate that begins with a zero byte, which must not be lost.
func TestShortCoordinates(t *testing.T) {
	short := 0
	p := newParty(t)
	keys := NewPasskeys(entropy(6))
	for range 400 {
		if _, _, err := p.register(keys, "k"); err != nil {
			t.Fatal(said(err))
		}
		public, err := keys.keys["k"].key.PublicKey.Bytes()
		if err != nil {
			t.Fatal(err)
		}
		if public[1] != 0 && public[33] != 0 {
			continue
		}
		short++
		if _, _, err := p.login(keys, "k"); err != nil {
			t.Error(said(err))
		}
	}
	if short == 0 {
		t.Error("no key had a short coordinate; take another seed")
	}
}

func TestPasskeysRefuse(t *testing.T) {
	const creation = `{"challenge":"AAAA","rp":{"id":"example.com"},"user":{"id":"AQ"}}`
	made := NewPasskeys(entropy(7))
	if _, err := made.New(json.RawMessage(creation), "mine", nil, origin); err != nil {
		t.Fatal(err)
	}
	before, _ := made.ID("mine")
	for _, c := range []struct {
		want string
		do   func() (json.RawMessage, error)
	}{
		{`no such way to err here: "bad_sig"`, func() (json.RawMessage, error) {
			return made.New(json.RawMessage(creation), "mine", []string{BadSignature}, origin)
		}},
		{`no such way to err here: "no_rk"`, func() (json.RawMessage, error) {
			return made.Get(json.RawMessage(creation), "mine", []string{NoRK}, origin)
		}},
		{"no options were asked for yet", func() (json.RawMessage, error) { return made.New(nil, "mine", nil, origin) }},
		{"cannot be read", func() (json.RawMessage, error) { return made.New(json.RawMessage(`[`), "mine", nil, origin) }},
		{"no challenge", func() (json.RawMessage, error) {
			return made.Get(json.RawMessage(`{"publicKey":{}}`), "mine", nil, origin)
		}},
		{"not base64url", func() (json.RawMessage, error) {
			return made.Get(json.RawMessage(`{"challenge":"?"}`), "mine", []string{BadChallenge}, origin)
		}},
		{"these are for using a passkey", func() (json.RawMessage, error) {
			return made.New(json.RawMessage(`{"challenge":"AAAA","rpId":"example.com"}`), "mine", nil, origin)
		}},
		{"does not take ES256", func() (json.RawMessage, error) {
			return made.New(json.RawMessage(`{"challenge":"AAAA","rp":{"id":"example.com"},"user":{"id":"AQ"},"pubKeyCredParams":[{"alg":-257}]}`), "mine", nil, origin)
		}},
		{"there is no passkey theirs", func() (json.RawMessage, error) { return made.Get(json.RawMessage(creation), "theirs", nil, origin) }},
		{"not random", func() (json.RawMessage, error) {
			return NewPasskeys(ones{}).New(json.RawMessage(creation), "k", nil, origin)
		}},
		{"EOF", func() (json.RawMessage, error) {
			return NewPasskeys(strings.NewReader("short")).New(json.RawMessage(creation), "k", nil, origin)
		}},
	} {
		if got, err := c.do(); got != nil || err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s, %v; want %q", got, err, c.want)
		}
	}
	if after, _ := made.ID("mine"); after != before {
		t.Error("a refusal changed the key")
	}
	if _, ok := made.ID("theirs"); ok {
		t.Error("there is a key that nobody made")
	}
}

// ones is randomness stuck at its highest: no scalar of P-256.
type ones struct{}

func (ones) Read(b []byte) (int, error) {
	for i := range b {
		b[i] = 0xff
	}
	return len(b), nil
}
