package authenticators

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"testing"
	"time"

	"stagedoor/state"
	"stagedoor/transport/internal/suite"
)

// walk is what people do with one device.
type walk struct {
	*suite.Lab
	variant variant
	device  device
}

// step is one case: a column of the table.
type step struct {
	name string
	walk func(w walk, t *testing.T) string
}

// What a cell of the table says.
const (
	yes      = "yes"
	no       = "no"
	never    = "–"
	declined = "client declines"
)

// steps are all cases, in the order of the table.
func steps() []step {
	return []step{
		{"second factor", walk.secondFactor},
		{"passkey", walk.passkey},
		{"sign-up by passkey", walk.signUp},
		{"plain contract", walk.plain},
		{"backup flags change", walk.moved},
		{"counter starts again", walk.restarted},
		{"unverified passkey refused", walk.unverified},
		{"replay refused", walk.replay},
		{"other origin refused", walk.elsewhere},
	}
}

// all walks every case, and returns the cells.
func (w walk) all(t *testing.T) []string {
	var cells []string
	for _, s := range steps() {
		cell := no
		t.Run(s.name, func(t *testing.T) {
			lab := *w.Lab
			lab.T = t
			w := walk{Lab: &lab, variant: w.variant, device: w.device}
			w.device.Empty()
			cell = s.walk(w, t)
			if alone := w.variant.keeps && w.variant.verifies && !w.variant.unknown; cell == declined && alone {
				t.Errorf("the client declines, though the device keeps passkeys and verifies its holder")
			}
		})
		cells = append(cells, cell)
	}
	return cells
}

// address is one of the case's own.
func (w walk) address(t *testing.T) string {
	sum := sha256.Sum256([]byte(t.Name()))
	return hex.EncodeToString(sum[:8]) + "@example.com"
}

// options are those of an answer, by their member.
func options(t *testing.T, r *suite.Reply, member string) json.RawMessage {
	t.Helper()
	var data map[string]json.RawMessage
	if err := json.Unmarshal(r.Data, &data); err != nil || data[member] == nil {
		t.Fatalf("%s: no %s: %s", r.What, member, r.Raw)
	}
	return data[member]
}

// create answers what a path offers; without a credential the client declined.
func (w walk) create(t *testing.T, c *suite.Client, path string) json.RawMessage {
	t.Helper()
	made, err := w.device.Create(options(t, c.Do("GET", path, nil).Is(200), "creation_options"), w.Config.Origin())
	return w.answered(t, made, err)
}

// get answers what a path asks.
func (w walk) get(t *testing.T, c *suite.Client, path string) json.RawMessage {
	t.Helper()
	made, err := w.device.Get(options(t, c.Do("GET", path, nil).Is(200), "request_options"), w.Config.Origin())
	return w.answered(t, made, err)
}

// answered notes what the client refused with.
func (w walk) answered(t *testing.T, made json.RawMessage, err error) json.RawMessage {
	t.Helper()
	if err != nil {
		t.Logf("the client declines: %v", err)
		return nil
	}
	return made
}

// added is somebody whose device was added to the account, or nil where the client declined.
func (w walk) added(t *testing.T, query string) *suite.Client {
	t.Helper()
	const path = "/account/authenticators/webauthn"
	c := w.Member("browser", w.address(t))
	c.Prove()
	made := w.create(t, c, path+query)
	if made == nil {
		return nil
	}
	c.Do("POST", path, map[string]any{"name": "device", "credential": made}).Is(200)
	return c
}

// The paths of what is asked.
const (
	factor = "/auth/2fa/authenticate"
	alone  = "/auth/webauthn/login"
	second = "/auth/webauthn/authenticate"
	again  = "/auth/webauthn/reauthenticate"
)

// secondFactor adds a key, proves with it that it is still the same person, and signs in with
// the password and the key.
func (w walk) secondFactor(t *testing.T) string {
	c := w.added(t, "")
	if c == nil {
		if !w.variant.unknown {
			t.Error("a key beside a password suits every device")
		}
		return declined
	}
	c.Do("POST", again, map[string]any{"credential": w.get(t, c, again)}).Is(200)
	c.Logout().Is(401)
	c.Login(w.address(t)).Is(401).Pending("mfa_authenticate recovery_codes webauthn")
	c.Do("POST", second, map[string]any{"credential": w.get(t, c, second)}).Is(200)
	c.Session().Is(200)
	return yes
}

// alone signs in with the device and nothing else.
func (w walk) alone(t *testing.T, c *suite.Client) {
	t.Helper()
	c.Logout().Is(401)
	w.Clock.Pass(time.Minute)
	if got := c.Do("POST", alone, map[string]any{"credential": w.get(t, c, alone)}).Is(200).User().Email; got != w.address(t) {
		t.Fatalf("the passkey signs in as %s", got)
	}
	c.Session().Is(200)
}

// passkey adds one and signs in with it twice.
func (w walk) passkey(t *testing.T) string {
	c := w.added(t, "?passwordless")
	if c == nil {
		return declined
	}
	w.alone(t, c)
	w.alone(t, c)
	return yes
}

// signUp makes an account that has a passkey and no password.
func (w walk) signUp(t *testing.T) string {
	const path = "/auth/webauthn/signup"
	c := w.Browser()
	c.Do("POST", path, map[string]string{"email": w.address(t)}).Is(401).Pending("verify_email")
	c.Verify(w.Code(w.address(t))).Is(401).Pending("mfa_signup_webauthn")
	made := w.create(t, c, path)
	if made == nil {
		return declined
	}
	c.Do("PUT", path, map[string]any{"name": "device", "credential": made}).Is(200)
	w.alone(t, c)
	return yes
}

// plain adds a key and signs in with it over the other contract, as a passkey where the device
// makes one.
func (w walk) plain(t *testing.T) string {
	s := w.Insider(w.address(t))
	s.Prove()
	alone := w.variant.keeps && w.variant.verifies
	answer := func(ask func(json.RawMessage, string) (json.RawMessage, error), r *suite.Said, member string) json.RawMessage {
		var said map[string]json.RawMessage
		if err := json.Unmarshal([]byte(r.Raw), &said); err != nil {
			t.Fatal(err)
		}
		made, err := ask(said[member], w.Config.Origin())
		return w.answered(t, made, err)
	}
	made := answer(w.device.Create, s.Post("/mfa/webauthn/add/", suite.M{"passwordless": alone}).Is(200), "creation_options")
	if made == nil {
		return declined
	}
	s.Post("/mfa/webauthn/add/", suite.M{"name": "device", "credential": made}).Is(200)
	in := w.Script()
	if alone {
		asked := in.Post("/stages/mfa_login_webauthn/options/", suite.M{}).Is(200)
		in.Post("/stages/mfa_login_webauthn/", suite.M{"token": asked.FlowToken, "credential": answer(w.device.Get, asked, "result")}).Entered(w.address(t))
		return yes
	}
	run := in.Post("/login/", suite.M{"email": w.address(t), "password": suite.Password}).Is(401).Waits("mfa_authenticate").MFAToken
	asked := in.Post("/stages/mfa_authenticate/options/", suite.M{"token": run}).Is(200)
	in.Post("/mfa/authenticate/", suite.M{"token": run, "credential": answer(w.device.Get, asked, "result")}).Entered(w.address(t))
	return yes
}

// moved signs in after the passkey has moved to where it is kept otherwise.
func (w walk) moved(t *testing.T) string {
	c := w.added(t, "?passwordless")
	if c == nil {
		return never
	}
	for range 2 {
		if !w.device.Change(moved) {
			return never
		}
		w.alone(t, c)
	}
	return yes
}

// restarted signs in after the device has forgotten how far it had counted, as one does whose
// passkey moves to where nobody counts; its owner gets a letter.
func (w walk) restarted(t *testing.T) string {
	c := w.added(t, "?passwordless")
	if c == nil {
		return never
	}
	w.alone(t, c)
	w.alone(t, c)
	if !w.device.Change(restarted) {
		return never
	}
	w.alone(t, c)
	for w.Mail(w.address(t)).Template != state.WebAuthnSuspectedTemplate {
		t.Log("a letter before it")
	}
	return yes
}

// unverified has the device tell no more who holds it.
func (w walk) unverified(t *testing.T) string {
	c := w.added(t, "?passwordless")
	if c == nil {
		return never
	}
	c.Logout().Is(401)
	if !w.device.Change(unverified) {
		return never
	}
	made := w.get(t, c, alone)
	if made == nil {
		t.Fatal("the client judges by itself what its device does not tell")
	}
	c.Do("POST", alone, map[string]any{"credential": made}).Is(400, "credential:incorrect_code")
	c.Session().Is(401)
	return yes
}

// replay shows what has signed somebody in a second time, to the same client and to another.
func (w walk) replay(t *testing.T) string {
	c := w.added(t, "")
	if c == nil {
		return never
	}
	c.Logout().Is(401)
	c.Login(w.address(t)).Is(401)
	made := w.get(t, c, second)
	c.Do("POST", second, map[string]any{"credential": made}).Is(200)
	c.Logout().Is(401)
	for _, other := range []*suite.Client{c, w.Browser()} {
		other.Login(w.address(t)).Is(401)
		w.get(t, other, second)
		other.Do("POST", second, map[string]any{"credential": made}).Is(400, "credential:incorrect_code")
		other.Session().Is(401)
	}
	return yes
}

// elsewhere answers on a page of another origin.
func (w walk) elsewhere(t *testing.T) string {
	c := w.added(t, "")
	if c == nil {
		return never
	}
	c.Logout().Is(401)
	c.Login(w.address(t)).Is(401)
	made, err := w.device.Get(options(t, c.Do("GET", second, nil).Is(200), "request_options"), "http://localhost:9")
	if err != nil {
		t.Fatalf("passkeys of localhost are those of all its ports: %v", err)
	}
	c.Do("POST", second, map[string]any{"credential": made}).Is(400, "credential:incorrect_code")
	c.Session().Is(401)
	return yes
}
