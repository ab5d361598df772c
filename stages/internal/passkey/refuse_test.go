package passkey

import (
	"context"
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"

	"stagedoor/state"
)

// a lie is one way for a client to answer wrongly.
type lie struct {
	name string
	tell func(*device)
}

func clientSays(key string, value any) func(*device) {
	return func(d *device) { d.client = func(m map[string]any) { m[key] = value } }
}

func bodySays(key string, value any) func(*device) {
	return func(d *device) { d.body = func(m map[string]any) { m[key] = value } }
}

func responseSays(key string, value any) func(*device) {
	return func(d *device) {
		d.body = func(m map[string]any) { m["response"].(map[string]any)[key] = value }
	}
}

// Lies in any ceremony.
func lies() []lie {
	return []lie{
		{"bad challenge", clientSays("challenge", b64.EncodeToString(make([]byte, 32)))},
		{"no challenge", clientSays("challenge", "")},
		{"bad origin", func(d *device) { d.origin = "https://evil.example" }},
		{"origin with another port", func(d *device) { d.origin = testOrigin + ":8443" }},
		{"origin over http", func(d *device) { d.origin = "http://login.example.com" }},
		{"origin with more after it", func(d *device) { d.origin = testOrigin + ".evil.example" }},
		{"no origin", func(d *device) { d.origin = "" }},
		{"cross origin", clientSays("crossOrigin", true)},
		{"bad type", clientSays("type", "payment.get")},
		{"bad rp", func(d *device) { d.rpID = "evil.example" }},
		{"nobody present", func(d *device) { d.flags = uv }},
		{"backed up but not eligible", func(d *device) { d.flags = up | uv | bs }},
		{"raw id of another", bodySays("rawId", "AAAA")},
		{"no id", bodySays("id", "")},
		{"id is not base64url", bodySays("id", "!")},
		{"type of credential", bodySays("type", "password")},
		{"no response", bodySays("response", nil)},
		{"response is text", bodySays("response", "x")},
		{"client data is not JSON", responseSays("clientDataJSON", b64.EncodeToString([]byte("{")))},
		{"extensions are text", bodySays("clientExtensionResults", "x")},
		{"too long", bodySays("padding", strings.Repeat("x", MaxCredential))},
	}
}

func TestRegistrationRefuses(t *testing.T) {
	cases := append(lies(),
		lie{"user not verified", func(d *device) { d.flags = up }},
		lie{"credProps is text", bodySays("clientExtensionResults", map[string]any{"credProps": "x"})},
		lie{"attestation is not CBOR", responseSays("attestationObject", "AA")},
		lie{"no attestation", responseSays("attestationObject", "")},
		lie{"flags announce extensions", func(d *device) { d.flags |= 128 }},
		lie{"an answer to a request", clientSays("type", "webauthn.get")},
	)
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			x := newTable(t)
			u := UserOf(x.accounts[0])
			options, session := x.beginRegistration(t, x.accounts[0], Options{Passwordless: true})
			d := newDevice(t, -7)
			c.tell(d)
			got, err := x.w.FinishRegistration(u, session, d.create(t, options), x.now)
			wantInvalid(t, err)
			if got != nil {
				t.Errorf("with an error came %+v", got)
			}
			honest := newDevice(t, -7)
			if _, err := x.w.FinishRegistration(u, session, honest.create(t, options), x.now); err != nil {
				t.Errorf("the session is good for another try, yet: %v", err)
			}
		})
	}
}

func TestAssertionsRefuse(t *testing.T) {
	cases := append(lies(),
		lie{"bad signature", func(d *device) { d.badSig = true }},
		lie{"no signature", responseSays("signature", "")},
		lie{"another credential's id", func(d *device) { d.id = make([]byte, 32) }},
		lie{"another account's handle", func(d *device) { d.handle = UserHandle("1") }},
		lie{"short handle", func(d *device) { d.handle = []byte{1} }},
		lie{"no authenticator data", responseSays("authenticatorData", "")},
		lie{"an answer to a registration", clientSays("type", "webauthn.create")},
	)
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			x := newTable(t)
			a, d := x.accounts[0], newDevice(t, -7)
			x.register(t, a, d, Options{Passwordless: true})
			liar := *d
			c.tell(&liar)
			before := string(a.Authenticators[0].Credential)

			options, session := x.beginLogin(t, a)
			got, err := x.w.FinishLogin(a, session, liar.get(t, options), x.now)
			wantInvalid(t, err)
			nobody, open := x.beginDiscoverable(t)
			found, err := x.w.FinishDiscoverable(t.Context(), open, liar.get(t, nobody), x.find, x.now)
			wantInvalid(t, err)
			if got != nil || found != nil || string(a.Authenticators[0].Credential) != before {
				t.Errorf("a refusal left %v, %v", got, found)
			}
			d.count = liar.count
			if _, err := x.w.FinishLogin(a, session, d.get(t, options), x.now); err != nil {
				t.Errorf("the session is good for another try, yet: %v", err)
			}
			if _, err := x.w.FinishDiscoverable(t.Context(), open, d.get(t, nobody), x.find, x.now); err != nil {
				t.Errorf("the session is good for another try, yet: %v", err)
			}
		})
	}
}

// Without a handle a passkey does not say who it is; a second factor needs none.
func TestNoUserHandle(t *testing.T) {
	x := newTable(t)
	a, d := x.accounts[0], newDevice(t, -7)
	x.register(t, a, d, Options{})
	d.handle = nil
	_, err := x.passkey(t, d)
	wantInvalid(t, err)
	if _, err := x.login(t, a, d); err != nil {
		t.Error(err)
	}
}

func TestUnknownCredentials(t *testing.T) {
	x := newTable(t)
	a, d, stranger := x.accounts[0], newDevice(t, -7), newDevice(t, -7)
	x.register(t, a, d, Options{})
	stranger.handle = UserHandle(a.ID)
	if _, err := x.login(t, a, stranger); !errors.Is(err, ErrUnknownCredential) {
		t.Errorf("known account: %v", err)
	}
	if _, err := x.passkey(t, stranger); !errors.Is(err, ErrUnknownCredential) {
		t.Errorf("passkey login: %v", err)
	}
	if _, err := x.login(t, x.accounts[1], d); !errors.Is(err, ErrUnknownCredential) {
		t.Errorf("account without credentials: %v", err)
	}
	options, session := x.beginDiscoverable(t)
	answer := d.get(t, options)
	for name, find := range map[string]Finder{
		"nil account": func(context.Context, []byte) (*state.Account, error) { return nil, nil },
		"account that does not have it": func(context.Context, []byte) (*state.Account, error) {
			return x.accounts[1], nil
		},
	} {
		if _, err := x.w.FinishDiscoverable(t.Context(), session, answer, find, x.now); !errors.Is(err, ErrUnknownCredential) {
			t.Errorf("%s: %v", name, err)
		}
	}
	down := errors.New("the database is down")
	_, err := x.w.FinishDiscoverable(t.Context(), session, answer, func(context.Context, []byte) (*state.Account, error) { return nil, down }, x.now)
	if !errors.Is(err, down) || errors.Is(err, ErrInvalid) {
		t.Errorf("a fault of the store is not the client's: %v", err)
	}
}

func TestSessionsExpire(t *testing.T) {
	x := newTable(t, func(c *Config) { c.Timeout = time.Minute })
	a, d := x.accounts[0], newDevice(t, -7)
	x.register(t, a, d, Options{Passwordless: true})
	fresh := newDevice(t, -7)
	create, s1 := x.beginRegistration(t, a, Options{})
	get, s2 := x.beginLogin(t, a)
	nobody, s3 := x.beginDiscoverable(t)
	finish := map[string]func(time.Time) error{
		"registration": func(at time.Time) error {
			_, err := x.w.FinishRegistration(UserOf(a), s1, fresh.create(t, create), at)
			return err
		},
		"login": func(at time.Time) error {
			_, err := x.w.FinishLogin(a, s2, d.get(t, get), at)
			return err
		},
		"passkey login": func(at time.Time) error {
			_, err := x.w.FinishDiscoverable(t.Context(), s3, d.get(t, nobody), x.find, at)
			return err
		},
	}
	for name, f := range finish {
		if err := f(start.Add(time.Minute - time.Nanosecond)); err != nil {
			t.Errorf("%s in time: %v", name, err)
		}
		if err := f(start.Add(time.Minute)); !errors.Is(err, ErrNoCeremony) {
			t.Errorf("%s too late: %v", name, err)
		}
	}
}

// Sessions that are none, and sessions of something else.
func TestSessionsOfSomethingElse(t *testing.T) {
	x := newTable(t)
	ada, bob := x.accounts[0], x.accounts[1]
	d, theirs := newDevice(t, -7), newDevice(t, -7)
	x.register(t, ada, d, Options{Passwordless: true})
	x.register(t, bob, theirs, Options{Passwordless: true})
	create, registering := x.beginRegistration(t, ada, Options{})
	get, asking := x.beginLogin(t, ada)
	nobody, open := x.beginDiscoverable(t)

	for name, s := range map[string]json.RawMessage{
		"none": nil, "empty": {}, "null": json.RawMessage("null"), "no object": json.RawMessage("[]"),
		"no deadline": json.RawMessage(`{"challenge":"` + get.PublicKey.Challenge + `"}`),
		"too long":    jsonOf(t, map[string]any{"expires": start.Add(time.Hour), "x": strings.Repeat("x", MaxSession)}),
	} {
		if _, err := x.w.FinishLogin(ada, s, d.get(t, get), x.now); !errors.Is(err, ErrNoCeremony) {
			t.Errorf("session %s: %v", name, err)
		}
	}
	like := RequestOptions{PublicKey: PublicKeyRequest{Challenge: create.PublicKey.Challenge}}
	if _, err := x.w.FinishLogin(ada, registering, d.get(t, like), x.now); !errors.Is(err, ErrNoCeremony) {
		t.Errorf("an assertion for a registration's challenge: %v", err)
	}
	if _, err := x.w.FinishLogin(bob, asking, theirs.get(t, get), x.now); !errors.Is(err, ErrNoCeremony) {
		t.Errorf("another account's session: %v", err)
	}
	if _, err := x.w.FinishDiscoverable(t.Context(), asking, theirs.get(t, get), x.find, x.now); !errors.Is(err, ErrNoCeremony) {
		t.Errorf("a passkey login of another account than the session's: %v", err)
	}
	_, err := x.w.FinishRegistration(UserOf(bob), registering, newDevice(t, -7).create(t, create), x.now)
	wantInvalid(t, err)
	create.PublicKey.Challenge = get.PublicKey.Challenge
	_, err = x.w.FinishRegistration(UserOf(ada), asking, newDevice(t, -7).create(t, create), x.now)
	wantInvalid(t, err)

	if _, err := x.w.FinishLogin(ada, open, d.get(t, nobody), x.now); err != nil {
		t.Errorf("nobody's session serves a known account: %v", err)
	}
	if got, err := x.w.FinishDiscoverable(t.Context(), asking, d.get(t, get), x.find, x.now); err != nil || got.Account != ada {
		t.Errorf("an account's session serves its passkey login: %v", err)
	}
}

// A credential that is removed during its ceremony proves nothing; another that is removed
// does not disturb.
func TestCredentialsRemovedMeanwhile(t *testing.T) {
	x := newTable(t)
	a, d, gone := x.accounts[0], newDevice(t, -7), newDevice(t, -7)
	x.register(t, a, gone, Options{})
	kept := *x.register(t, a, d, Options{})
	options, session := x.beginLogin(t, a)
	state.RemoveAuthenticators{IDs: []int64{a.Authenticators[0].ID}}.Apply(a)
	if _, err := x.w.FinishLogin(a, session, gone.get(t, options), x.now); !errors.Is(err, ErrUnknownCredential) {
		t.Errorf("the removed one: %v", err)
	}
	if got, err := x.w.FinishLogin(a, session, d.get(t, options), x.now); err != nil || got.Authenticator.ID != kept.ID {
		t.Errorf("the other one: %v", err)
	}
}

// A record that cannot be read, or is another credential's, is the server's fault and
// proves nothing.
func TestBrokenRecords(t *testing.T) {
	x := newTable(t)
	a, d, other := x.accounts[0], newDevice(t, -7), newDevice(t, -7)
	x.register(t, a, other, Options{})
	x.register(t, a, d, Options{})
	for name, broken := range map[string][]byte{"empty": nil, "text": []byte("x"), "another's": a.Authenticators[0].Credential} {
		a.Authenticators[1].Credential = broken
		if _, err := x.login(t, a, d); err == nil || errors.Is(err, ErrInvalid) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// What a client sent stands in an error's text quoted and cut; a challenge never does.
func TestErrorTexts(t *testing.T) {
	x := newTable(t)
	a, d := x.accounts[0], newDevice(t, -7)
	x.register(t, a, d, Options{})
	d.origin = "https://evil.example/\n" + strings.Repeat("x", 1000)
	_, err := x.login(t, a, d)
	if s := err.Error(); !strings.Contains(s, "evil.example") || strings.Contains(s, "\n") || len(s) > 400 {
		t.Errorf("origin: %s", s)
	}
	d.origin = testOrigin
	d.client = func(m map[string]any) { m["challenge"] = "bm90IHRoaXMgb25l" }
	options, session := x.beginLogin(t, a)
	_, err = x.w.FinishLogin(a, session, d.get(t, options), x.now)
	if s := err.Error(); strings.Contains(s, options.PublicKey.Challenge) {
		t.Errorf("challenge: %s", s)
	}
}
