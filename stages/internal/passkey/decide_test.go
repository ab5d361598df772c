package passkey

import (
	"errors"
	"strings"
	"testing"

	"github.com/go-webauthn/webauthn/protocol/webauthncbor"
)

// A counter that does not go up is told and recorded, so that somebody who has moved to a device
// that does not count is not locked out for ever; or it is refused, and what is stored stays.
// Zero is no counter.
func TestSignatureCounter(t *testing.T) {
	for _, c := range []struct {
		name         string
		stored, said uint32
		clone        bool
	}{
		{"none", 0, 0, false}, {"first", 0, 1, false}, {"next", 7, 8, false}, {"jump", 7, 1 << 31, false},
		{"same", 7, 7, true}, {"back", 7, 6, true}, {"back to none", 7, 0, true}, {"around", 1<<32 - 1, 1, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			for _, refuse := range []bool{false, true} {
				x := newTable(t, func(f *Config) { f.RefuseClones = refuse })
				a, d := x.accounts[0], newDevice(t, -7)
				d.count = c.stored
				x.register(t, a, d, Options{})
				d.count = c.said - 1 // get counts on
				got, err := x.login(t, a, d)
				var why *Refusal
				switch {
				case c.clone && refuse:
					wantInvalid(t, err)
					if !errors.As(err, &why) || why.Reason != Counter || why.Account != a.ID || why.Authenticator != a.Authenticators[0].ID {
						t.Errorf("got %#v", err)
					}
				case err != nil:
					t.Fatal(err)
				case got.CloneWarning != c.clone:
					t.Errorf("clone warning %v", got.CloneWarning)
				}
				want := c.said
				if c.clone && refuse {
					want = c.stored
				}
				known, err := record(&a.Authenticators[0])
				if err != nil {
					t.Fatal(err)
				}
				if known.Authenticator.SignCount != want {
					t.Errorf("stored %d, want %d", known.Authenticator.SignCount, want)
				}
			}
		})
	}
}

// A warning is about its own assertion, not about all that follow. That a counter stands still is
// told once.
func TestCloneWarningPasses(t *testing.T) {
	x := newTable(t)
	a, d := x.accounts[0], newDevice(t, -7)
	d.count = 9
	x.register(t, a, d, Options{})
	for _, c := range []struct {
		count        uint32
		warns, again bool
	}{{3, true, false}, {10, false, false}, {10, true, false}, {10, true, true}, {11, false, false}, {10, true, false}, {0, true, false}, {0, false, false}, {1, false, false}} {
		d.count = c.count - 1
		if got, err := x.login(t, a, d); err != nil || got.CloneWarning != c.warns || got.Again != c.again {
			t.Errorf("count %d: %+v, %v", c.count, got, err)
		}
	}
}

// Backup flags follow the authenticator, whichever way they change.
func TestBackupFlagsChange(t *testing.T) {
	states := []byte{0, be, be | bs}
	for _, first := range states {
		for _, then := range states {
			x := newTable(t)
			a, d := x.accounts[0], newDevice(t, -7)
			d.flags = up | uv | first
			x.register(t, a, d, Options{Passwordless: true})
			for _, now := range []byte{then, first} {
				d.flags = up | uv | now
				if _, err := x.passkey(t, d); err != nil {
					t.Fatalf("from %d to %d: %v", first, now, err)
				}
				known, err := record(&a.Authenticators[0])
				if err != nil {
					t.Fatal(err)
				}
				if known.Flags.BackupEligible != (now&be != 0) || known.Flags.BackupState != (now&bs != 0) {
					t.Errorf("from %d to %d recorded %+v", first, now, known.Flags)
				}
			}
			d.flags = up | uv | bs
			_, err := x.passkey(t, d)
			wantInvalid(t, err)
		}
	}
}

// The flags that count are the signed ones: changed on the way, they prove nothing.
func TestFlagsAreSigned(t *testing.T) {
	x := newTable(t)
	a, d := x.accounts[0], newDevice(t, -7)
	d.flags = up
	x.register(t, a, d, Options{})
	for _, forged := range []byte{up | uv, up | be, up | be | bs} {
		options, session := x.beginLogin(t, a)
		d.count++
		d.body = func(m map[string]any) {
			m["response"].(map[string]any)["authenticatorData"] = b64.EncodeToString(d.authData(forged))
		}
		_, err := x.w.FinishLogin(a, session, d.getAs(t, options), x.now)
		wantInvalid(t, err)
		d.body = nil
	}
}

// TestUserVerificationChosen asks of keys beside a password what the configuration says, and
// holds a required one against what comes.
func TestUserVerificationChosen(t *testing.T) {
	for _, asked := range []string{"discouraged", "preferred", "required"} {
		x := newTable(t, func(c *Config) { c.UserVerification = asked })
		a, d := x.accounts[0], newDevice(t, -7)
		d.flags = up
		options, session := x.beginRegistration(t, a, Options{})
		if got := options.PublicKey.AuthenticatorSelection.UserVerification; got != asked {
			t.Errorf("%s: registration asks for %s", asked, got)
		}
		if _, err := x.w.FinishRegistration(UserOf(a), session, d.create(t, options), x.now); (err == nil) != (asked != "required") {
			t.Errorf("%s: a touch registers: %v", asked, err)
		}
		d.flags = up | uv
		x.register(t, a, d, Options{})
		request, session := x.beginLogin(t, a)
		if request.PublicKey.UserVerification != asked {
			t.Errorf("%s: assertion asks for %s", asked, request.PublicKey.UserVerification)
		}
		d.flags = up
		if _, err := x.w.FinishLogin(a, session, d.get(t, request), x.now); (err == nil) != (asked != "required") {
			t.Errorf("%s: a touch proves: %v", asked, err)
		}
	}
	if _, err := New(Config{RPID: testRP, AnyOrigin: true, UserVerification: "maybe"}); err == nil {
		t.Error("maybe is a user verification")
	}
}

func TestUserVerification(t *testing.T) {
	x := newTable(t)
	a, key, pass := x.accounts[0], newDevice(t, -7), newDevice(t, -7)
	key.flags = up
	options, session := x.beginRegistration(t, a, Options{})
	r, err := x.w.FinishRegistration(UserOf(a), session, key.create(t, options), x.now)
	if err != nil {
		t.Fatal(err)
	}
	if r.UserVerified {
		t.Error("a registration without verification says otherwise")
	}
	x.keep(a, r)
	x.register(t, a, pass, Options{Passwordless: true})

	strict := *x
	strict.w = newTable(t, func(c *Config) { c.PresenceEnough = false }).w
	if o, _ := strict.beginDiscoverable(t); o.PublicKey.UserVerification != "required" {
		t.Errorf("options ask for %s", o.PublicKey.UserVerification)
	}
	for _, d := range []*device{key, pass} {
		for _, flags := range []byte{up, up | uv} {
			d.flags = flags
			verified := flags&uv != 0
			if got, err := x.login(t, a, d); err != nil || got.UserVerified != verified {
				t.Errorf("known account: %+v, %v", got, err)
			}
			alone := d == pass
			if got, err := x.passkey(t, d); (err == nil) != alone || alone && got.UserVerified != verified {
				t.Errorf("passkey login: %+v, %v", got, err)
			}
			if got, err := strict.login(t, a, d); err != nil || got.UserVerified != verified {
				t.Errorf("known account, strict: %+v, %v", got, err)
			}
			if _, err := strict.passkey(t, d); (err == nil) != (verified && alone) {
				t.Errorf("passkey login, strict: %v", err)
			}
			// A session that did not ask for verification does not get around the setting.
			o, s := strict.beginLogin(t, a)
			if _, err := strict.w.FinishDiscoverable(t.Context(), s, d.get(t, o), x.find, x.now); (err == nil) != (verified && alone) {
				t.Errorf("passkey login with a known account's session, strict: %v", err)
			}
		}
	}
}

// What the client says of discoverability: yes, no, or nothing.
func TestPasswordless(t *testing.T) {
	yes, no := true, false
	for _, c := range []struct {
		name string
		ext  map[string]any
		want *bool
	}{
		{"yes", map[string]any{"credProps": map[string]any{"rk": true}}, &yes},
		{"no", map[string]any{"credProps": map[string]any{"rk": false}}, &no},
		{"empty", map[string]any{"credProps": map[string]any{}}, nil},
		{"null", map[string]any{"credProps": nil}, nil},
		{"nothing", map[string]any{}, nil},
		{"more than was asked", map[string]any{"credProps": map[string]any{"rk": true, "x": 1}, "uvm": []any{1}, "prf": map[string]any{"enabled": true}}, &yes},
	} {
		t.Run(c.name, func(t *testing.T) {
			x := newTable(t)
			a, d := x.accounts[0], newDevice(t, -7)
			d.body = func(m map[string]any) { m["clientExtensionResults"] = c.ext }
			options, session := x.beginRegistration(t, a, Options{Passwordless: true})
			r, err := x.w.FinishRegistration(UserOf(a), session, d.create(t, options), x.now)
			if err != nil {
				t.Fatal(err)
			}
			kept := x.keep(a, r)
			for _, got := range []*bool{r.Passwordless, ViewOf(kept).Passwordless} {
				if (got == nil) != (c.want == nil) || got != nil && *got != *c.want {
					t.Errorf("got %v, want %v", got, c.want)
				}
			}
			if _, err := x.login(t, a, d); err != nil {
				t.Errorf("outputs nobody asked for are ignored in assertions too: %v", err)
			}
			if got := ViewOf(kept).Passwordless; (got == nil) != (c.want == nil) {
				t.Error("an assertion changed it")
			}
		})
	}
}

// Attestation is not looked at: neither a wrong statement nor a strange format matters.
func TestAttestationIsIgnored(t *testing.T) {
	for _, statement := range []map[string]any{
		{"fmt": "packed", "attStmt": map[string]any{"alg": -7, "sig": []byte{1}}},
		{"fmt": "none", "attStmt": map[string]any{"x": 1}},
		{"fmt": "next-year", "attStmt": map[string]any{}},
		{"fmt": "compound", "attStmt": []any{map[string]any{"fmt": "packed", "attStmt": map[string]any{}}}},
	} {
		x := newTable(t)
		a, d := x.accounts[0], newDevice(t, -7)
		d.body = func(m map[string]any) {
			r := m["response"].(map[string]any)
			text, ok := r["attestationObject"].(string)
			if !ok {
				return // an assertion
			}
			var object map[string]any
			if err := webauthncbor.Unmarshal(bytesOf(t, text), &object); err != nil {
				t.Fatal(err)
			}
			object["fmt"], object["attStmt"] = statement["fmt"], statement["attStmt"]
			r["attestationObject"] = b64.EncodeToString(cborOf(t, object))
		}
		x.register(t, a, d, Options{})
		if _, err := x.login(t, a, d); err != nil {
			t.Errorf("%v: %v", statement, err)
		}
	}
}

func TestTheSameCredentialTwice(t *testing.T) {
	x := newTable(t)
	a, d := x.accounts[0], newDevice(t, -7)
	x.register(t, a, d, Options{})
	options, session := x.beginRegistration(t, a, Options{})
	_, err := x.w.FinishRegistration(UserOf(a), session, d.create(t, options), x.now)
	wantInvalid(t, err)
}

// The caller throws a session away once it succeeded. If it did not, only a counter would
// stop a second use.
func TestReplayIsUpToTheSlot(t *testing.T) {
	x := newTable(t, func(c *Config) { c.RefuseClones = true })
	a, counts, not := x.accounts[0], newDevice(t, -7), newDevice(t, -7)
	x.register(t, a, counts, Options{})
	x.register(t, a, not, Options{})
	options, session := x.beginLogin(t, a)
	answer, silent := counts.get(t, options), not.getAs(t, options)
	got, err := x.w.FinishLogin(a, session, answer, x.now)
	if _, err = x.took(t, got, err); err != nil {
		t.Fatal(err)
	}
	if _, err := x.w.FinishLogin(a, session, answer, x.now); !errors.Is(err, ErrInvalid) {
		t.Errorf("replay of a counted assertion: %v", err)
	}
	for range 2 {
		if _, err := x.w.FinishLogin(a, session, silent, x.now); err != nil {
			t.Errorf("an assertion without counter, while its session is kept: %v", err)
		}
	}
	if _, err := x.w.FinishLogin(a, nil, silent, x.now); !errors.Is(err, ErrNoCeremony) {
		t.Errorf("replay without a session: %v", err)
	}
	_, next := x.beginLogin(t, a)
	_, err = x.w.FinishLogin(a, next, silent, x.now)
	wantInvalid(t, err)
}

func TestOrigins(t *testing.T) {
	android := "android:apk-key-hash:pNiP5iKyQ8JwgGOaKA1zGPUPJIS-0H1xKCQcfIoGLck"
	listed := newTable(t, func(c *Config) { c.Origins = []string{testOrigin, "https://example.com:8443", android} })
	anyone := newTable(t, func(c *Config) { c.Origins, c.AnyOrigin = nil, true })
	for _, c := range []struct {
		origin      string
		listed, any bool
	}{
		{testOrigin, true, true},
		{testOrigin + ":443", true, true},
		{"HTTPS://LOGIN.EXAMPLE.COM", true, true},
		{"https://example.com:8443", true, true},
		{android, true, true},
		{android + "x", false, true},
		{"https://example.com", false, true},
		{"http://localhost:3000", false, true},
		{"https://%zz", false, true},
		{"null", false, true},
		{"", false, false},
	} {
		for _, x := range []*table{listed, anyone} {
			want := c.listed
			if x == anyone {
				want = c.any
			}
			a, d := x.accounts[0], newDevice(t, -7)
			d.origin = c.origin
			options, session := x.beginRegistration(t, a, Options{Passwordless: true})
			_, err := x.w.FinishRegistration(UserOf(a), session, d.create(t, options), x.now)
			if (err == nil) != want {
				t.Errorf("registration at %q: %v", c.origin, err)
			}
			d.origin = testOrigin
			x.register(t, a, d, Options{Passwordless: true})
			d.origin = c.origin
			if _, err := x.login(t, a, d); (err == nil) != want {
				t.Errorf("assertion at %q: %v", c.origin, err)
			}
			if _, err := x.passkey(t, d); (err == nil) != want {
				t.Errorf("passkey login at %q: %v", c.origin, err)
			}
		}
	}
}

// Where any origin will do, everything else is still checked.
func TestAnyOriginChecksTheRest(t *testing.T) {
	for _, c := range lies() {
		if strings.HasPrefix(c.name, "origin ") || c.name == "bad origin" {
			continue // that is what is accepted
		}
		x := newTable(t, func(c *Config) { c.AnyOrigin = true })
		a, d := x.accounts[0], newDevice(t, -7)
		d.origin = "http://localhost:3000"
		x.register(t, a, d, Options{})
		c.tell(d)
		_, err := x.login(t, a, d)
		if err == nil {
			t.Errorf("%s: accepted", c.name)
		}
		wantInvalid(t, err)
	}
}
