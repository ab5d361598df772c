package passkey

import (
	"errors"
	"strings"
	"testing"
	"time"
)

// reasonOf is the reason of a refusal.
func reasonOf(t testing.TB, err error) *Refusal {
	t.Helper()
	var why *Refusal
	if !errors.As(err, &why) {
		t.Fatalf("got %v, want a refusal", err)
	}
	if len(why.Detail) == 0 || len(why.Detail) > maxDetail || strings.ContainsAny(why.Detail, "\n\r\x00") || !strings.HasPrefix(why.Why(), string(why.Reason)+": ") {
		t.Errorf("%q: %q is no line for a log", why.Reason, why.Detail)
	}
	return why
}

// Every refusal used to be the same one to everybody, those who run the server included.
func TestReasons(t *testing.T) {
	for name, want := range map[string]Reason{
		"bad challenge": Challenge, "no challenge": Challenge, "bad origin": Origin, "origin with another port": Origin, "no origin": Origin,
		"cross origin": CrossOrigin, "bad type": CeremonyType, "bad rp": RPID, "nobody present": Absent, "backed up but not eligible": Backup,
		"raw id of another": Malformed, "type of credential": Malformed, "no response": Malformed, "client data is not JSON": Malformed, "too long": Malformed,
	} {
		for _, c := range lies() {
			if c.name != name {
				continue
			}
			x := newTable(t)
			a, d, fresh := x.accounts[0], newDevice(t, -7), newDevice(t, -7)
			kept := x.register(t, a, d, Options{Passwordless: true})
			c.tell(d)
			c.tell(fresh)
			_, err := x.login(t, a, d)
			why := reasonOf(t, err)
			if why.Reason != want {
				t.Errorf("%s, an assertion: %s", name, why.Why())
			}
			if want != Malformed && (why.Account != a.ID || why.Authenticator != kept.ID) {
				t.Errorf("%s: it is not said whose credential it is: %+v", name, why)
			}
			options, session := x.beginRegistration(t, a, Options{})
			_, err = x.w.FinishRegistration(UserOf(a), session, fresh.create(t, options), x.now)
			if got := reasonOf(t, err); got.Reason != want {
				t.Errorf("%s, a registration: %s", name, got.Why())
			}
		}
	}
}

// The reasons that one kind of ceremony alone has, and what their details say.
func TestReasonsOfAssertions(t *testing.T) {
	x := newTable(t, func(c *Config) { c.PresenceEnough, c.RefuseClones = false, true })
	a, key, pass := x.accounts[0], newDevice(t, -7), newDevice(t, -7)
	x.register(t, a, key, Options{})
	x.register(t, a, pass, Options{Passwordless: true})
	want := func(what string, err error, reason Reason, says string) {
		t.Helper()
		if why := reasonOf(t, err); why.Reason != reason || !strings.Contains(why.Detail, says) {
			t.Errorf("%s: %s, want %s with %q", what, why.Why(), reason, says)
		}
	}
	lie := func(d *device, tell func(*device)) *device {
		liar := *d
		tell(&liar)
		return &liar
	}
	_, err := x.login(t, a, lie(pass, func(d *device) { d.badSig = true }))
	want("bad signature", err, Signature, "not signed")
	_, err = x.passkey(t, lie(pass, func(d *device) { d.flags = up }))
	want("unverified", err, Unverified, "verify")
	_, err = x.passkey(t, lie(pass, func(d *device) { d.handle = UserHandle("1") }))
	want("another's handle", err, Handle, "another account")
	_, err = x.passkey(t, lie(pass, func(d *device) { d.handle = nil }))
	want("no handle", err, Handle, "no user handle")
	_, err = x.passkey(t, newDevice(t, -7))
	want("no handle, unknown", err, Handle, "no user handle")
	_, err = x.passkey(t, lie(pass, func(d *device) { d.id = []byte("unheard of") }))
	want("unknown", err, Unknown, "no account")
	strict := lie(key, func(d *device) { d.body = nil })
	_, err = x.w.FinishLogin(x.accounts[1], sessionOf(t, x), strict.get(t, RequestOptions{}), x.now)
	want("challenge of nobody", err, Unknown, "does not have")
	_, err = x.login(t, a, lie(pass, func(d *device) { d.origin = "https://evil.example" }))
	want("origin", err, Origin, `"https://evil.example"`)
	pass.count = 9
	if _, err := x.login(t, a, pass); err != nil {
		t.Fatal(err)
	}
	_, err = x.login(t, a, lie(pass, func(d *device) { d.count = 2 }))
	want("counter", err, Counter, "3 after 10")
	_, err = x.w.FinishLogin(a, nil, pass.get(t, RequestOptions{}), x.now)
	want("no options", err, NoOptions, "no options wait")
	options, session := x.beginLogin(t, a)
	_, err = x.w.FinishLogin(a, session, pass.get(t, options), x.now.Add(DefaultTimeout))
	want("expired", err, Expired, "2026-03-01T12:15:00Z")
}

func sessionOf(t *testing.T, x *table) []byte {
	t.Helper()
	_, session := x.beginDiscoverable(t)
	return session
}

func TestReasonsOfRegistrations(t *testing.T) {
	x := newTable(t)
	a, d := x.accounts[0], newDevice(t, -7)
	x.register(t, a, d, Options{Passwordless: true})
	finish := func(d *device, o Options) *Refusal {
		options, session := x.beginRegistration(t, a, o)
		_, err := x.w.FinishRegistration(UserOf(a), session, d.create(t, options), x.now)
		return reasonOf(t, err)
	}
	if why := finish(d, Options{}); why.Reason != Taken || why.Authenticator != a.Authenticators[0].ID {
		t.Errorf("the same again: %+v", why)
	}
	touched := newDevice(t, -7)
	touched.flags = up
	if why := finish(touched, Options{Passwordless: true}); why.Reason != Unverified {
		t.Errorf("a passkey that was only touched: %s", why.Why())
	}
	strange := newDevice(t, -7)
	strange.cose[3] = -47 // ES256K
	if why := finish(strange, Options{}); why.Reason != Algorithm || !strings.Contains(why.Detail, "-47") {
		t.Errorf("an algorithm that was not offered: %s", why.Why())
	}
	broken := newDevice(t, -257)
	broken.cose[-2] = []byte{2}
	if why := finish(broken, Options{}); why.Reason != Key {
		t.Errorf("a key that verifies nothing: %s", why.Why())
	}
}

// Two windows have asked for options one after the other: the answer to the older used to be
// refused. The newest two wait, each for one answer; a third takes the place of the first.
func TestTwoOptionsWait(t *testing.T) {
	x := newTable(t)
	a, d := x.accounts[0], newDevice(t, -7)
	x.register(t, a, d, Options{Passwordless: true})
	beside := func(session, waiting []byte) []byte {
		both, err := Beside(session, waiting, x.now)
		if err != nil || len(both) > MaxSession {
			t.Fatalf("%d bytes, %v", len(both), err)
		}
		return both
	}
	first, s1 := x.beginDiscoverable(t)
	second, s2 := x.beginLogin(t, a)
	third, s3 := x.beginDiscoverable(t)
	waits := beside(s2, beside(s1, nil))
	answer := func(waits []byte, options RequestOptions) (*Assertion, error) {
		if len(options.PublicKey.AllowCredentials) > 0 {
			return x.w.FinishLogin(a, waits, d.get(t, options), x.now)
		}
		return x.w.FinishDiscoverable(t.Context(), waits, d.get(t, options), x.find, x.now)
	}
	for _, order := range [][]RequestOptions{{first, second}, {second, first}} {
		left := waits
		for i, options := range order {
			got, err := answer(left, options)
			if err != nil {
				t.Fatal(err)
			}
			left = got.Left
			_, err = answer(left, options)
			if why := reasonOf(t, err); why.Reason != Challenge && i == 0 || why.Reason != NoOptions && i == 1 {
				t.Errorf("answered twice: %s", why.Why())
			}
		}
	}
	waits = beside(s3, waits)
	if _, err := x.w.FinishDiscoverable(t.Context(), waits, d.get(t, first), x.find, x.now); reasonOf(t, err).Reason != Challenge {
		t.Errorf("the third newest: %v", err)
	}
	for _, options := range []RequestOptions{second, third} {
		if _, err := answer(waits, options); err != nil {
			t.Error(err)
		}
	}
	// The older of two is for what it was asked for, and for nothing else.
	if _, err := x.w.FinishDiscoverable(t.Context(), waits, d.get(t, second), x.find, x.now); reasonOf(t, err).Reason != NoOptions {
		t.Errorf("the older options of a second factor, as a passkey login: %v", err)
	}
	if _, err := x.w.FinishLogin(a, beside(s2, s1), d.get(t, first), x.now); reasonOf(t, err).Reason != NoOptions {
		t.Errorf("the older options of a passkey login, as a second factor: %v", err)
	}
	create, s4 := x.beginRegistration(t, a, Options{})
	again, s5 := x.beginRegistration(t, a, Options{})
	waits = beside(s5, beside(s4, waits))
	if _, err := x.w.FinishDiscoverable(t.Context(), waits, d.get(t, third), x.find, x.now); err == nil {
		t.Error("an assertion is taken after options to make a credential were asked for")
	}
	made, err := x.w.FinishRegistration(UserOf(a), waits, newDevice(t, -7).create(t, create), x.now)
	if err != nil || made.Left == nil {
		t.Fatalf("the older of two registrations: %v", err)
	}
	if _, err := x.w.FinishRegistration(UserOf(a), made.Left, newDevice(t, -7).create(t, again), x.now); err != nil {
		t.Errorf("what is left of them: %v", err)
	}
}

// What waits is dropped when its time is over, whatever it is kept beside.
func TestOlderOptionsExpire(t *testing.T) {
	x := newTable(t)
	a, d := x.accounts[0], newDevice(t, -7)
	x.register(t, a, d, Options{Passwordless: true})
	first, s1 := x.beginLogin(t, a)
	x.now = x.now.Add(10 * time.Minute)
	second, s2 := x.beginLogin(t, a)
	waits, err := Beside(s2, s1, x.now)
	if err != nil {
		t.Fatal(err)
	}
	late := start.Add(DefaultTimeout)
	if _, err := x.w.FinishLogin(a, waits, d.get(t, first), late); reasonOf(t, err).Reason != Expired {
		t.Errorf("too old: %v", err)
	}
	if got, err := x.w.FinishLogin(a, waits, d.get(t, second), late); err != nil || got.Left != nil {
		t.Errorf("the newer: %+v, %v", got, err)
	}
	if again, err := Beside(s2, s1, late); err != nil || string(again) != string(s2) {
		t.Errorf("kept beside one that has expired: %s, %v", again, err)
	}
	for _, bad := range []string{"x", `"x"`, "null", "[]", `{"expires":"x"}`, strings.Repeat(" ", MaxSession+1)} {
		if got, err := Beside(s2, []byte(bad), x.now); err != nil || string(got) != string(s2) {
			t.Errorf("beside %.20q: %s, %v", bad, got, err)
		}
	}
}

// A client makes a passkey by itself after a sign-in with a password, and nobody touches
// anything: accepted where it was asked for, and nowhere else. It signs in like any passkey,
// and then its holder must be verified.
func TestConditionalCreate(t *testing.T) {
	x := newTable(t, func(c *Config) { c.PresenceEnough = false })
	a := x.accounts[0]
	for _, flags := range []byte{0, up, up | uv, be | bs} {
		d := newDevice(t, -7)
		d.flags = flags
		options, session := x.beginRegistration(t, a, Options{Conditional: true})
		asks := options.PublicKey.AuthenticatorSelection
		if asks.ResidentKey != "required" || !asks.RequireResidentKey || asks.UserVerification != "preferred" {
			t.Errorf("asks for %+v", asks)
		}
		made, err := x.w.FinishRegistration(UserOf(a), session, d.create(t, options), x.now)
		if err != nil {
			t.Fatalf("flags %d: %v", flags, err)
		}
		x.keep(a, made)
		d.flags = flags | up
		if _, err := x.passkey(t, d); (err == nil) != (flags&uv != 0) {
			t.Errorf("flags %d: signs in without verification: %v", flags, err)
		}
		d.flags = flags | up | uv
		if _, err := x.passkey(t, d); err != nil {
			t.Errorf("flags %d: does not sign in: %v", flags, err)
		}
		d.flags = flags | uv&^up
		if _, err := x.login(t, a, d); flags&up == 0 && reasonOf(t, err).Reason != Absent {
			t.Errorf("an assertion of nobody: %v", err)
		}
	}
	for _, o := range []Options{{}, {Passwordless: true}} {
		d := newDevice(t, -7)
		d.flags = uv
		options, session := x.beginRegistration(t, a, o)
		if _, err := x.w.FinishRegistration(UserOf(a), session, d.create(t, options), x.now); reasonOf(t, err).Reason != Absent {
			t.Errorf("%+v, and nobody was there: %v", o, err)
		}
	}
}

// A page in a frame of another site runs ceremonies only where the site is listed, and the
// browser says that it is that one.
func TestTopOrigins(t *testing.T) {
	const shop = "https://shop.example"
	open, closed := newTable(t, func(c *Config) { c.TopOrigins = []string{shop} }), newTable(t)
	for _, c := range []struct {
		cross, top any
		open       Reason
		closed     Reason
	}{
		{nil, nil, "", ""}, {false, nil, "", ""},
		{true, shop, "", CrossOrigin},
		{true, "https://evil.example", TopOrigin, CrossOrigin},
		{true, testOrigin, TopOrigin, CrossOrigin},
		{true, shop + ":8443", TopOrigin, CrossOrigin},
		{true, nil, TopOrigin, CrossOrigin}, {true, "", TopOrigin, CrossOrigin},
		{false, shop, TopOrigin, TopOrigin},
	} {
		for _, x := range []*table{open, closed} {
			want := c.closed
			if x == open {
				want = c.open
			}
			a, d := x.accounts[0], newDevice(t, -7)
			x.register(t, a, d, Options{Passwordless: true})
			fresh := newDevice(t, -7)
			for _, one := range []*device{d, fresh} {
				one.client = func(m map[string]any) { m["crossOrigin"], m["topOrigin"] = c.cross, c.top }
			}
			options, session := x.beginRegistration(t, a, Options{})
			_, made := x.w.FinishRegistration(UserOf(a), session, fresh.create(t, options), x.now)
			_, second := x.login(t, a, d)
			_, alone := x.passkey(t, d)
			for what, err := range map[string]error{"registration": made, "second factor": second, "passkey": alone} {
				if want == "" && err != nil || want != "" && (err == nil || reasonOf(t, err).Reason != want) {
					t.Errorf("%s, cross %v, top %v: %v, want %q", what, c.cross, c.top, err, want)
				}
			}
		}
	}
	for _, bad := range []string{"shop.example", shop + "/", "android:apk-key-hash:x", "*", ""} {
		if _, err := New(Config{RPID: testRP, Origins: []string{testOrigin}, TopOrigins: []string{bad}}); err == nil {
			t.Errorf("%q is the origin of a page", bad)
		}
	}
}
