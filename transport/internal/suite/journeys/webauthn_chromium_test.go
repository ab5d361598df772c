package journeys

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
	"stagedoor/transport/internal/suite"
	"stagedoor/transport/server"
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
	*suite.Lab
	ctx context.Context
	key webauthn.AuthenticatorID
}

// passkeys is byCode with everything about WebAuthn switched on.
func passkeys(c *config.Config, o *server.Options) {
	suite.ByCode(c, o)
	c.MFA.SupportedTypes = []string{"totp", "recovery_codes", "webauthn"}
	c.MFA.PasskeyLoginEnabled, c.MFA.PasskeySignupEnabled = true, true
}

// newTab starts a lab whose public URL serves the page besides the contract, and a
// browser that shows it.
func newTab(t *testing.T, change ...suite.SetUp) *tab {
	t.Helper()
	chromium := findChromium(t)
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	origin := fmt.Sprintf("http://localhost:%d", listener.Addr().(*net.TCPAddr).Port)
	l := suite.NewLab(t, append([]suite.SetUp{passkeys, func(c *config.Config, _ *server.Options) { c.PublicURL = origin }}, change...)...)
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

	b := &tab{Lab: l, ctx: newBrowser(t, chromium)}
	b.must(chromedp.Do(b.ctx, chromedp.Navigate(origin+"/page")))
	_, err = chromedp.Call(b.ctx, webauthn.Enable, webauthn.EnableParams{})
	b.must(err)
	made, err := chromedp.Call(b.ctx, webauthn.AddVirtualAuthenticator, webauthn.AddVirtualAuthenticatorParams{Options: &webauthn.VirtualAuthenticatorOptions{
		Protocol: webauthn.AuthenticatorProtocolCtap2, Transport: webauthn.AuthenticatorTransportInternal,
		HasResidentKey: true, HasUserVerification: true, IsUserVerified: true, AutomaticPresenceSimulation: true,
	}})
	b.must(err)
	b.key = made.AuthenticatorID
	b.call("GET", "/config", nil).Is(200)
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
	ctx, stop := context.WithTimeout(ctx, 6*suite.Patience)
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
	b.T.Helper()
	if err != nil {
		b.T.Fatal(err)
	}
}

// evaluate calls a function of the page and returns the answer of the server that it
// comes to.
func (b *tab) evaluate(function string, args ...any) *suite.Reply {
	b.T.Helper()
	list := make([]string, len(args))
	for i, a := range args {
		if a == nil {
			list[i] = "undefined"
			continue
		}
		raw, err := json.Marshal(a)
		if err != nil {
			b.T.Fatal(err)
		}
		list[i] = string(raw)
	}
	r := &suite.Reply{T: b.T, What: function + " " + strings.Join(list, " ")}
	script := fmt.Sprintf("%s(%s).then(JSON.stringify)", function, strings.Join(list, ", "))
	raw, err := chromedp.Run(b.ctx, chromedp.Evaluate[string](script, chromedp.EvalAwaitPromise))
	if err != nil {
		b.T.Fatalf("%s: %v", r.What, err)
	}
	r.Raw = raw
	var body struct{ Status int }
	if err := json.Unmarshal([]byte(r.Raw), &body); err != nil {
		b.T.Fatalf("%s: %v: %.300s", r.What, err, r.Raw)
	}
	r.Status = body.Status
	r.Decode()
	return r
}

// call asks for a path of the contract.
func (b *tab) call(method, path string, body any) *suite.Reply {
	b.T.Helper()
	return b.evaluate("call", method, path, body)
}

// assert shows a credential at a path that gives options and takes their answer.
func (b *tab) assert(path string) *suite.Reply {
	b.T.Helper()
	return b.evaluate("assert", path)
}

// unverified lets the authenticator no longer say that it knows who holds it: the UV bit
// of what it signs is not set (WebAuthn, section 6.1).
func (b *tab) unverified() {
	b.T.Helper()
	yes := true
	_, err := chromedp.Call(b.ctx, webauthn.SetResponseOverrideBits, webauthn.SetResponseOverrideBitsParams{AuthenticatorID: b.key, IsBadUV: &yes})
	b.must(err)
}

// member makes an account and stays signed in to it.
func (b *tab) member(email string) {
	b.T.Helper()
	b.call("POST", "/auth/signup", map[string]string{"email": email, "password": suite.Password}).Is(401).Pending("verify_email")
	b.call("POST", "/auth/email/verify", map[string]string{"key": b.Code(email)}).Is(200)
	b.call("POST", "/auth/reauthenticate", map[string]string{"password": suite.Password}).Is(200)
}

// add registers a credential with the signed-in account.
func (b *tab) add(query, name string) *suite.Reply {
	b.T.Helper()
	const path = "/account/authenticators/webauthn"
	return b.evaluate("register", path+query, "POST", path, map[string]string{"name": name})
}

const keys = "/account/authenticators"

// TestChromiumAddAndSecondFactor adds a key and signs in with the password and that key.
func TestChromiumAddAndSecondFactor(t *testing.T) {
	b := newTab(t)
	b.member("ada@example.com")
	b.add("", "laptop").Is(200)
	var list []struct{ Type, Name string }
	if err := json.Unmarshal(b.call("GET", keys, nil).Is(200).Data, &list); err != nil {
		t.Fatal(err)
	}
	named := slices.ContainsFunc(list, func(a struct{ Type, Name string }) bool { return a.Type == "webauthn" && a.Name == "laptop" })
	if len(list) != 2 || !named {
		t.Errorf("authenticators %+v, want the key and recovery codes", list)
	}
	b.assert("/auth/webauthn/reauthenticate").Is(200)

	b.call("DELETE", "/auth/session", nil).Is(401)
	b.assert("/auth/webauthn/authenticate").Is(401).Pending()
	b.call("POST", "/auth/login", map[string]string{"email": "ada@example.com", "password": suite.Password}).
		Is(401).Pending("mfa_authenticate recovery_codes webauthn")
	b.call("GET", "/auth/session", nil).Is(401).Pending("mfa_authenticate recovery_codes webauthn")
	in := b.assert("/auth/webauthn/authenticate").Is(200)
	if got := in.Methods(); got[len(got)-1] != "mfa webauthn" {
		t.Errorf("methods %q after a key", got)
	}
	if got := b.call("GET", "/auth/session", nil).Is(200).User().Email; got != "ada@example.com" {
		t.Errorf("signed in as %s", got)
	}
}

// TestChromiumPasskeyLogin signs in with nothing but a passkey, where presence is enough also
// with one that does not say who holds it. Elsewhere the browser would not ask such a one.
func TestChromiumPasskeyLogin(t *testing.T) {
	b := newTab(t, func(c *config.Config, _ *server.Options) { c.MFA.PasskeyPresenceEnough = true })
	b.member("ada@example.com")
	b.add("?passwordless", "phone").Is(200)
	b.assert("/auth/webauthn/login").Is(200)
	b.call("DELETE", "/auth/session", nil).Is(401)
	b.Clock.Pass(time.Minute)

	in := b.assert("/auth/webauthn/login").Is(200)
	if got := in.User().Email; got != "ada@example.com" {
		t.Errorf("the passkey signs in as %s", got)
	}
	b.call("GET", "/auth/session", nil).Is(200)
	b.call("DELETE", "/auth/session", nil).Is(401)

	b.unverified()
	b.assert("/auth/webauthn/login").Is(200)
	b.call("GET", "/auth/session", nil).Is(200)
}

// TestChromiumPasskeySignup makes an account that has a passkey and no password, and
// signs in to it again.
func TestChromiumPasskeySignup(t *testing.T) {
	b := newTab(t)
	const path, email = "/auth/webauthn/signup", "ada@example.com"
	b.evaluate("register", path, "PUT", path, map[string]string{"name": "phone"}).Is(409)
	b.call("POST", path, map[string]string{"email": email}).Is(401).Pending("verify_email")
	b.call("POST", "/auth/email/verify", map[string]string{"key": b.Code(email)}).Is(401).Pending("mfa_signup_webauthn")
	b.call("GET", "/auth/session", nil).Is(401).Pending("mfa_signup_webauthn")
	in := b.evaluate("register", path, "PUT", path, map[string]string{"name": "phone"}).Is(200)
	if got := in.User().Email; got != email {
		t.Errorf("signed in as %s", got)
	}
	b.call("GET", "/auth/session", nil).Is(200)
	b.call("DELETE", "/auth/session", nil).Is(401)
	if got := b.assert("/auth/webauthn/login").Is(200).User().Email; got != email {
		t.Errorf("the passkey signs in as %s", got)
	}
	if n := b.Count(`SELECT count(*) FROM accounts`); n != 1 {
		t.Errorf("%d accounts after one sign-up", n)
	}
}

// TestChromiumOrigin holds the page's origin against those that may run ceremonies: a
// browser on another one is refused, whatever the authenticator signs.
func TestChromiumOrigin(t *testing.T) {
	b := newTab(t, func(c *config.Config, _ *server.Options) { c.MFA.WebAuthnOrigins = []string{"http://localhost:9"} })
	b.member("ada@example.com")
	if r := b.add("", "laptop"); r.Status != 400 {
		t.Fatalf("a credential made on a foreign origin: %d\n%.400s", r.Status, r.Raw)
	}
	if n := b.Count(`SELECT count(*) FROM authenticators`); n != 0 {
		t.Errorf("%d authenticators", n)
	}
}
