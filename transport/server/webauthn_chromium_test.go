package server

import (
	"context"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/webauthn"
	"github.com/chromedp/chromedp"

	"stagedoor/transport/config"
)

// passkeyPage is what a front end does about WebAuthn: the contract by fetch, with the
// CSRF cookie sent back as a header, and credentials in their JSON form (WebAuthn
// Level 3, section 5.1.8).
const passkeyPage = `<!doctype html>
<title>WebAuthn journeys</title>
<script>
async function call(method, path, body) {
	const cookie = document.cookie.match(/csrftoken=([^;]+)/);
	const headers = {'X-CSRFToken': cookie ? cookie[1] : ''};
	if (body !== undefined) headers['Content-Type'] = 'application/json';
	const r = await fetch('/_allauth/browser/v1' + path, {method, headers, body: body === undefined ? undefined : JSON.stringify(body)});
	return await r.json();
}
async function register(options, method, path, body) {
	const got = await call('GET', options);
	if (got.status !== 200) return got;
	const publicKey = PublicKeyCredential.parseCreationOptionsFromJSON(got.data.creation_options.publicKey);
	const credential = (await navigator.credentials.create({publicKey})).toJSON();
	return await call(method, path, {...body, credential});
}
async function assert(path) {
	const got = await call('GET', path);
	if (got.status !== 200) return got;
	const publicKey = PublicKeyCredential.parseRequestOptionsFromJSON(got.data.request_options.publicKey);
	const credential = (await navigator.credentials.get({publicKey})).toJSON();
	return await call('POST', path, {credential});
}
</script>`

// tab is a page in a real browser, of the same origin as the lab's server, with a
// virtual authenticator (WebAuthn, section 11) that answers for the person.
type tab struct {
	*lab
	ctx context.Context
	key webauthn.AuthenticatorID
}

// passkeys is byCode with everything about WebAuthn switched on.
func passkeys(c *config.Config, o *Options) {
	byCode(c, o)
	c.MFA.SupportedTypes = []string{"totp", "recovery_codes", "webauthn"}
	c.MFA.PasskeyLoginEnabled, c.MFA.PasskeySignupEnabled = true, true
}

// newTab starts a lab whose public URL serves the page besides the contract, and a
// browser that shows it.
func newTab(t *testing.T, change ...setUp) *tab {
	t.Helper()
	chromium := findChromium(t)
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	origin := fmt.Sprintf("http://localhost:%d", listener.Addr().(*net.TCPAddr).Port)
	l := newLab(t, append([]setUp{passkeys, func(c *config.Config, _ *Options) { c.PublicURL = origin }}, change...)...)
	mux := http.NewServeMux()
	mux.Handle("/_allauth/", l.Server)
	mux.HandleFunc("/page", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		_, _ = w.Write([]byte(passkeyPage))
	})
	front := httptest.NewUnstartedServer(mux)
	_ = front.Listener.Close()
	front.Listener = listener
	front.Start()
	t.Cleanup(front.Close)

	b := &tab{lab: l, ctx: newBrowser(t, chromium)}
	b.must(chromedp.Do(b.ctx, chromedp.Navigate(origin+"/page")))
	_, err = chromedp.Call(b.ctx, webauthn.Enable, webauthn.EnableParams{})
	b.must(err)
	made, err := chromedp.Call(b.ctx, webauthn.AddVirtualAuthenticator, webauthn.AddVirtualAuthenticatorParams{Options: &webauthn.VirtualAuthenticatorOptions{
		Protocol: webauthn.AuthenticatorProtocolCtap2, Transport: webauthn.AuthenticatorTransportInternal,
		HasResidentKey: true, HasUserVerification: true, IsUserVerified: true, AutomaticPresenceSimulation: true,
	}})
	b.must(err)
	b.key = made.AuthenticatorID
	b.call("GET", "/config", nil).is(200)
	return b
}

// findChromium returns the browser, or skips the test where there is none and none is
// required.
func findChromium(t *testing.T) string {
	t.Helper()
	path, err := exec.LookPath("chromium")
	switch {
	case err == nil:
		return path
	case strings.Contains(os.Getenv("STAGEDOOR_REQUIRE"), "chromium"):
		t.Fatalf("chromium is required: %v", err)
	default:
		t.Skipf("needs a browser: %v", err)
	}
	return ""
}

// newBrowser starts a browser that ends with the test.
func newBrowser(t *testing.T, path string) context.Context {
	t.Helper()
	alloc, end := chromedp.NewExecAllocator(context.Background(),
		chromedp.ExecPath(path), chromedp.UserDataDir(t.TempDir()), chromedp.NoFirstRun, chromedp.NoSandbox, chromedp.DisableGPU,
		chromedp.Headless, chromedp.Flag("disable-background-networking", true), chromedp.Flag("disable-component-update", true),
		chromedp.Flag("disable-sync", true),
	)
	ctx, _ := chromedp.NewContext(alloc)
	ctx, stop := context.WithTimeout(ctx, 6*patience)
	t.Cleanup(func() {
		// An orderly end, so that nothing writes to the directory any more when it goes.
		_ = chromedp.Cancel(ctx)
		stop()
		end()
	})
	return ctx
}

// must fails the test where the browser did not do as told.
func (b *tab) must(err error) {
	b.t.Helper()
	if err != nil {
		b.t.Fatal(err)
	}
}

// evaluate calls a function of the page and returns the answer of the server that it
// comes to.
func (b *tab) evaluate(function string, args ...any) *reply {
	b.t.Helper()
	list := make([]string, len(args))
	for i, a := range args {
		if a == nil {
			list[i] = "undefined"
			continue
		}
		raw, err := json.Marshal(a)
		if err != nil {
			b.t.Fatal(err)
		}
		list[i] = string(raw)
	}
	r := &reply{t: b.t, what: function + " " + strings.Join(list, " ")}
	script := fmt.Sprintf("%s(%s).then(JSON.stringify)", function, strings.Join(list, ", "))
	raw, err := chromedp.Run(b.ctx, chromedp.Evaluate[string](script, chromedp.EvalAwaitPromise))
	if err != nil {
		b.t.Fatalf("%s: %v", r.what, err)
	}
	r.Raw = raw
	var body struct{ Status int }
	if err := json.Unmarshal([]byte(r.Raw), &body); err != nil {
		b.t.Fatalf("%s: %v: %.300s", r.what, err, r.Raw)
	}
	r.Status = body.Status
	r.decode()
	return r
}

// call asks for a path of the contract.
func (b *tab) call(method, path string, body any) *reply {
	b.t.Helper()
	return b.evaluate("call", method, path, body)
}

// assert shows a credential at a path that gives options and takes their answer.
func (b *tab) assert(path string) *reply {
	b.t.Helper()
	return b.evaluate("assert", path)
}

// unverified lets the authenticator no longer say that it knows who holds it: the UV bit
// of what it signs is not set (WebAuthn, section 6.1).
func (b *tab) unverified() {
	b.t.Helper()
	yes := true
	_, err := chromedp.Call(b.ctx, webauthn.SetResponseOverrideBits, webauthn.SetResponseOverrideBitsParams{AuthenticatorID: b.key, IsBadUV: &yes})
	b.must(err)
}

// member makes an account and stays signed in to it.
func (b *tab) member(email string) {
	b.t.Helper()
	b.call("POST", "/auth/signup", map[string]string{"email": email, "password": password}).is(401).pending("verify_email")
	b.call("POST", "/auth/email/verify", map[string]string{"key": b.code(email)}).is(200)
	b.call("POST", "/auth/reauthenticate", map[string]string{"password": password}).is(200)
}

// add registers a credential with the signed-in account.
func (b *tab) add(query, name string) *reply {
	b.t.Helper()
	const path = "/account/authenticators/webauthn"
	return b.evaluate("register", path+query, "POST", path, map[string]string{"name": name})
}

const keys = "/account/authenticators"

// TestChromiumAddAndSecondFactor adds a key and signs in with the password and that key.
func TestChromiumAddAndSecondFactor(t *testing.T) {
	b := newTab(t)
	b.member("ada@example.com")
	b.add("", "laptop").is(200)
	var list []struct{ Type, Name string }
	if err := json.Unmarshal(b.call("GET", keys, nil).is(200).Data, &list); err != nil {
		t.Fatal(err)
	}
	named := slices.ContainsFunc(list, func(a struct{ Type, Name string }) bool { return a.Type == "webauthn" && a.Name == "laptop" })
	if len(list) != 2 || !named {
		t.Errorf("authenticators %+v, want the key and recovery codes", list)
	}
	b.assert("/auth/webauthn/reauthenticate").is(200)

	b.call("DELETE", "/auth/session", nil).is(401)
	b.assert("/auth/webauthn/authenticate").is(401).pending()
	b.call("POST", "/auth/login", map[string]string{"email": "ada@example.com", "password": password}).
		is(401).pending("mfa_authenticate recovery_codes webauthn")
	b.call("GET", "/auth/session", nil).is(401).pending("mfa_authenticate recovery_codes webauthn")
	in := b.assert("/auth/webauthn/authenticate").is(200)
	if got := in.methods(); got[len(got)-1] != "mfa webauthn" {
		t.Errorf("methods %q after a key", got)
	}
	if got := b.call("GET", "/auth/session", nil).is(200).user().Email; got != "ada@example.com" {
		t.Errorf("signed in as %s", got)
	}
}

// TestChromiumPasskeyLogin signs in with nothing but a passkey: with one that says who
// holds it as the only thing, with one that does not as a first factor.
func TestChromiumPasskeyLogin(t *testing.T) {
	b := newTab(t, func(c *config.Config, _ *Options) { c.MFA.PasskeyPresenceEnough = false })
	b.member("ada@example.com")
	b.add("?passwordless", "phone").is(200)
	b.assert("/auth/webauthn/login").is(409)
	b.call("DELETE", "/auth/session", nil).is(401)
	b.clock.pass(time.Minute)

	in := b.assert("/auth/webauthn/login").is(200)
	if got := in.user().Email; got != "ada@example.com" {
		t.Errorf("the passkey signs in as %s", got)
	}
	b.call("GET", "/auth/session", nil).is(200)
	b.call("DELETE", "/auth/session", nil).is(401)

	b.unverified()
	b.assert("/auth/webauthn/login").is(401).pending("mfa_authenticate recovery_codes webauthn")
	b.call("GET", "/auth/session", nil).is(401)
	b.call("POST", "/auth/2fa/authenticate", map[string]string{"code": "000000"}).is(400, "code:incorrect_code")
	// The touch of that key is what it began with, and no second factor to itself.
	b.assert("/auth/webauthn/authenticate").is(400, "credential:incorrect_code")
	b.call("GET", "/auth/session", nil).is(401).pending("mfa_authenticate recovery_codes webauthn")
}

// TestChromiumPasskeySignup makes an account that has a passkey and no password, and
// signs in to it again.
func TestChromiumPasskeySignup(t *testing.T) {
	b := newTab(t)
	const path, email = "/auth/webauthn/signup", "ada@example.com"
	b.evaluate("register", path, "PUT", path, map[string]string{"name": "phone"}).is(409)
	b.call("POST", path, map[string]string{"email": email}).is(401).pending("verify_email")
	b.call("POST", "/auth/email/verify", map[string]string{"key": b.code(email)}).is(401).pending("mfa_signup_webauthn")
	b.call("GET", "/auth/session", nil).is(401).pending("mfa_signup_webauthn")
	in := b.evaluate("register", path, "PUT", path, map[string]string{"name": "phone"}).is(200)
	if got := in.user().Email; got != email {
		t.Errorf("signed in as %s", got)
	}
	b.call("GET", "/auth/session", nil).is(200)
	b.call("DELETE", "/auth/session", nil).is(401)
	if got := b.assert("/auth/webauthn/login").is(200).user().Email; got != email {
		t.Errorf("the passkey signs in as %s", got)
	}
	if n := b.count(`SELECT count(*) FROM accounts`); n != 1 {
		t.Errorf("%d accounts after one sign-up", n)
	}
}

// TestChromiumOrigin holds the page's origin against those that may run ceremonies: a
// browser on another one is refused, whatever the authenticator signs.
func TestChromiumOrigin(t *testing.T) {
	b := newTab(t, func(c *config.Config, _ *Options) { c.MFA.WebAuthnOrigins = []string{"http://localhost:9"} })
	b.member("ada@example.com")
	if r := b.add("", "laptop"); r.Status != 400 {
		t.Fatalf("a credential made on a foreign origin: %d\n%.400s", r.Status, r.Raw)
	}
	if n := b.count(`SELECT count(*) FROM authenticators`); n != 0 {
		t.Errorf("%d authenticators", n)
	}
}
