package devpage_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"

	"stagedoor/transport/config"
	"stagedoor/transport/internal/suite"
	"stagedoor/transport/server"
)

// frontEnd is what any front end does about passkeys: the contract by fetch, and credentials in
// their JSON form. It knows nothing of a virtual authenticator.
const frontEnd = `
globalThis.call = async (method, path, body) => {
	const headers = {'X-CSRFToken': document.cookie.match(/csrftoken=([^;]+)/)?.[1] ?? ''};
	if (body !== undefined) headers['Content-Type'] = 'application/json';
	const r = await fetch('/_allauth/browser/v1/' + path, {method, headers, body: body && JSON.stringify(body)});
	return r.json();
};
globalThis.fails = async (promise) => promise.then(() => 'no fault', (e) => e.name + ': ' + e.message);
globalThis.make = async (options) => (await navigator.credentials.create({publicKey: PublicKeyCredential.parseCreationOptionsFromJSON(options.data.creation_options.publicKey)})).toJSON();
globalThis.show = async (options, more) => (await navigator.credentials.get({...more, publicKey: PublicKeyCredential.parseRequestOptionsFromJSON(options.data.request_options.publicKey)})).toJSON();
globalThis.register = async (options, method, path, body) => call(method, path, {...body, credential: await make(await call('GET', options))});
globalThis.assert = async (path, more) => call('POST', path, {credential: await show(await call('GET', path), more)});
`

// browser is a window on a development server that takes passkeys, with a front end in it.
type browser struct {
	*suite.Lab
	ask func(string) string
}

// passkeys has everything about WebAuthn switched on.
func passkeys(c *config.Config, o *server.Options) {
	suite.ByCode(c, o)
	c.MFA.SupportedTypes = []string{"totp", "recovery_codes", "webauthn"}
	c.MFA.PasskeyLoginEnabled, c.MFA.PasskeySignupEnabled = true, true
}

// newBrowser opens the page, after a script that takes away what a browser may lack.
func newBrowser(t *testing.T, lacks string) *browser {
	t.Helper()
	l := suite.NewLab(t, suite.Development, passkeys)
	w := suite.NewWindow(t, l)
	w.Before(lacks)
	w.Do("the page opens", chromedp.Navigate(w.URL), suite.Until(`document.querySelector('stagedoor-inspector')?.dataset.ready`))
	w.Do("a front end", chromedp.Evaluate[chromedp.Void](frontEnd))
	return &browser{Lab: l, ask: w.Ask}
}

// is asks for something of the page, and fails where its JSON does not have the text.
func (b *browser) is(expression, want string) {
	b.T.Helper()
	if got := b.ask(expression); !strings.Contains(got, want) {
		b.T.Fatalf("%s is %.600s, want %s", expression, got, want)
	}
}

// mailed is the code of the newest letter.
func (b *browser) mailed() string {
	b.T.Helper()
	b.Eventually("a letter", func() bool { return newest(b.Lab) != "" })
	return newest(b.Lab)
}

// lacking are the browsers that there are: with an interface of their own and no authenticator, as in
// headless Chromium; with the interface of some years ago; with none at all.
func lacking() map[string]string {
	return map[string]string{
		"no authenticator": ``,
		"no JSON":          `for (const name of ['parseCreationOptionsFromJSON', 'parseRequestOptionsFromJSON', 'signalUnknownCredential', 'isConditionalMediationAvailable']) delete PublicKeyCredential[name]; delete PublicKeyCredential.prototype.toJSON;`,
		"no interface":     `delete globalThis.PublicKeyCredential;`,
	}
}

// TestVirtualAuthenticator: what it makes and signs is taken by the server like anybody's.
func TestVirtualAuthenticator(t *testing.T) {
	for name, lacks := range lacking() {
		t.Run(name, func(t *testing.T) {
			b := newBrowser(t, lacks)
			b.is(`PublicKeyCredential.isUserVerifyingPlatformAuthenticatorAvailable()`, `true`)
			b.is(`PublicKeyCredential.isConditionalMediationAvailable()`, `true`)
			const path = "auth/webauthn/signup"
			b.is(fmt.Sprintf(`call('POST', %q, {email: 'ada@example.com'})`, path), `"id":"verify_email","is_pending":true`)
			b.is(fmt.Sprintf(`call('POST', 'auth/email/verify', {key: %q})`, b.mailed()), `"id":"mfa_signup_webauthn","is_pending":true`)
			b.is(fmt.Sprintf(`register(%q, 'PUT', %[1]q, {name: 'phone'})`, path), `"is_authenticated":true`)
			b.is(`call('DELETE', 'auth/session')`, `"is_authenticated":false`)
			b.is(`assert('auth/webauthn/login')`, `"is_authenticated":true`)
			b.is(`call('GET', 'account/authenticators')`, `"name":"phone"`)
			b.is(`assert('auth/webauthn/reauthenticate')`, `"is_authenticated":true`)
			b.is(`fails(register('account/authenticators/webauthn', 'POST', 'account/authenticators/webauthn', {name: 'again'}))`, `InvalidStateError`)
			b.is(`JSON.parse(localStorage.getItem('stagedoor.virtual.keys')).map((k) => [k.rpId, k.user.name, k.count])`, `[["localhost","ada@example.com",2]]`)
		})
	}
}

// TestVirtualSecondFactor: a key beside a password, asked for by its id.
func TestVirtualSecondFactor(t *testing.T) {
	b := newBrowser(t, "")
	b.is(`call('POST', 'auth/signup', {email: 'ada@example.com', password: 'violet harbour 7'})`, `verify_email`)
	b.is(fmt.Sprintf(`call('POST', 'auth/email/verify', {key: %q})`, b.mailed()), `"is_authenticated":true`)
	b.is(`call('POST', 'auth/reauthenticate', {password: 'violet harbour 7'})`, `"is_authenticated":true`)
	b.is(`register('account/authenticators/webauthn', 'POST', 'account/authenticators/webauthn', {name: 'key'})`, `"status":200`)
	b.is(`call('DELETE', 'auth/session')`, `"is_authenticated":false`)
	b.is(`call('POST', 'auth/login', {email: 'ada@example.com', password: 'violet harbour 7'})`, `"types":["recovery_codes","webauthn"]`)
	b.is(`assert('auth/webauthn/authenticate')`, `"is_authenticated":true`)
}

// TestVirtualRefuses what browsers refuse, by the same names (WebAuthn Level 3, sections 5.1.3 and 5.1.4).
func TestVirtualRefuses(t *testing.T) {
	b := newBrowser(t, "")
	options := `{challenge: new Uint8Array(32), rp: {id: 'localhost', name: 'x'}, user: {id: new Uint8Array([1]), name: 'ann', displayName: 'Ann'}, pubKeyCredParams: [{type: 'public-key', alg: -7}]}`
	for _, c := range [][2]string{
		{`fails(navigator.credentials.get({publicKey: {challenge: new Uint8Array(32)}}))`, `NotAllowedError`},
		{`fails(navigator.credentials.get({publicKey: {challenge: new Uint8Array(32), rpId: 'example.com'}}))`, `SecurityError`},
		{`fails(navigator.credentials.create({publicKey: {...` + options + `, rp: {id: 'host', name: 'x'}}}))`, `SecurityError`},
		{`fails(navigator.credentials.create({publicKey: {...` + options + `, pubKeyCredParams: [{type: 'public-key', alg: -257}]}}))`, `NotSupportedError`},
		{`fails(navigator.credentials.create({publicKey: ` + options + `, signal: AbortSignal.abort()}))`, `AbortError`},
		{`fails(navigator.credentials.get({mediation: 'conditional', publicKey: {challenge: new Uint8Array(32)}, signal: AbortSignal.timeout(50)}))`, `TimeoutError`},
		{`fails(navigator.credentials.create({password: 1}))`, `Error`},
		{`navigator.credentials.create({publicKey: ` + options + `}).then((c) => [c instanceof PublicKeyCredential, c.type, c.response.getTransports()])`, `[true,"public-key",["internal"]]`},
	} {
		b.is(c[0], c[1])
	}
}

// TestVirtualAutofill: what waits for a passkey in the autofill of a field goes on once somebody
// picks one, and not before.
func TestVirtualAutofill(t *testing.T) {
	b := newBrowser(t, "")
	b.is(`call('POST', 'auth/webauthn/signup', {email: 'ada@example.com'})`, `verify_email`)
	b.is(fmt.Sprintf(`call('POST', 'auth/email/verify', {key: %q})`, b.mailed()), `mfa_signup_webauthn`)
	b.is(`register('auth/webauthn/signup', 'PUT', 'auth/webauthn/signup', {name: 'phone'})`, `"is_authenticated":true`)
	b.is(`call('DELETE', 'auth/session')`, `"is_authenticated":false`)
	b.is(`(() => { globalThis.waits = assert('auth/webauthn/login', {mediation: 'conditional'}); return Promise.race([waits, new Promise((r) => setTimeout(r, 300, 'waits'))]); })()`, `"waits"`)
	b.is(`(async () => { (await import('/dev/assets/virtual.js')).virtual.waiting.pick(JSON.parse(localStorage.getItem('stagedoor.virtual.keys'))[0]); return waits; })()`, `"is_authenticated":true`)
}

// TestVirtualSwitch: it can be switched off, then everything is the browser's own; and what the server
// says of credentials is heeded.
func TestVirtualSwitch(t *testing.T) {
	b := newBrowser(t, "")
	b.is(`call('POST', 'auth/webauthn/signup', {email: 'ada@example.com'})`, `verify_email`)
	b.is(fmt.Sprintf(`call('POST', 'auth/email/verify', {key: %q})`, b.mailed()), `mfa_signup_webauthn`)
	b.is(`register('auth/webauthn/signup', 'PUT', 'auth/webauthn/signup', {name: 'phone'})`, `"is_authenticated":true`)
	b.is(`PublicKeyCredential.signalAllAcceptedCredentials({rpId: 'localhost', userId: JSON.parse(localStorage.getItem('stagedoor.virtual.keys'))[0].user.id, allAcceptedCredentialIds: []}).then(() => localStorage.getItem('stagedoor.virtual.keys'))`, `[]`)
	b.is(`(async () => { (await import('/dev/assets/virtual.js')).virtual.set(false); return PublicKeyCredential.isUserVerifyingPlatformAuthenticatorAvailable(); })()`, `false`)
	b.is(`localStorage.getItem('stagedoor.virtual')`, `off`)
}

// TestVirtualElsewhere: a front end on another port of this machine has it by a line of its page.
func TestVirtualElsewhere(t *testing.T) {
	l := suite.NewLab(t, suite.Development, passkeys)
	front := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		_, _ = fmt.Fprintf(w, `<!doctype html><html lang="en"><link rel="icon" href="data:,"><title>x</title><script type="module" src="%s/dev/assets/virtual.js"></script><main></main>`, l.Config.Origin())
	}))
	defer front.Close()
	w := suite.NewWindow(t, l)
	w.Do("the page opens", chromedp.Navigate(strings.Replace(front.URL, "127.0.0.1", "localhost", 1)),
		suite.Until(`PublicKeyCredential.isUserVerifyingPlatformAuthenticatorAvailable()`))
	b := &browser{Lab: l, ask: w.Ask}
	b.is(fmt.Sprintf(`import('%s/_stagedoor/v1/stagedoor.js').then((m) => { globalThis.auth = m.createAuth({url: %[1]q}); return auth.signUp.passkey({email: 'ada@example.com'}); }).then((s) => s.stage.id)`, l.Config.Origin()), "verify_email")
	b.is(fmt.Sprintf(`auth.step.submit('verify_email', {key: %q}).then((s) => s.stage.id)`, b.mailed()), "mfa_signup_webauthn")
	b.is(`auth.step.passkey({name: 'phone'}).then((s) => s.status)`, "signed_in")
	b.is(`auth.signOut().then(() => auth.signIn.passkey()).then((s) => s.user.email)`, "ada@example.com")
}

// newest is the code of the newest letter, empty where there is none.
func newest(l *suite.Lab) string {
	var box struct{ Letters []struct{ Code string } }
	if json.Unmarshal(l.Get("GET", l.Host(), "/dev/mailbox.json", "").Body.Bytes(), &box) != nil || len(box.Letters) == 0 {
		return ""
	}
	return box.Letters[0].Code
}
