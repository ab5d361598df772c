package authenticators

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	cdp "github.com/chromedp/cdproto/webauthn"
	"github.com/chromedp/chromedp"

	"stagedoor/transport/config"
	"stagedoor/transport/internal/suite"
	"stagedoor/transport/server"
)

// framed is a site that has a page of another in a frame, and asks that for passkeys.
func framed(t *testing.T, inner string) string {
	t.Helper()
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html")
		fmt.Fprintf(w, `<!doctype html><iframe src="%s/inner" allow="publickey-credentials-get *"></iframe><script>
			const loaded = new Promise((go) => { document.querySelector('iframe').onload = go; });
			globalThis.ask = async (options) => {
				await loaded;
				const answer = new Promise((go) => addEventListener('message', (e) => go(e.data), { once: true }));
				document.querySelector('iframe').contentWindow.postMessage(options, '*');
				return answer;
			};
		</script>`, inner)
	}))
	t.Cleanup(s.Close)
	return s.URL // of 127.0.0.1, which to browsers is another site than localhost
}

// inner is the page in the frame, of an origin that has passkeys of localhost.
func inner(t *testing.T) string {
	t.Helper()
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html")
		_, _ = io.WriteString(w, `<!doctype html><script>
			addEventListener('message', async ({ data, source }) => {
				try {
					const publicKey = PublicKeyCredential.parseRequestOptionsFromJSON(data.publicKey);
					source.postMessage(JSON.stringify((await navigator.credentials.get({ publicKey, signal: AbortSignal.timeout(30000) })).toJSON()), '*');
				} catch (e) {
					source.postMessage(JSON.stringify({ refused: e.name + ': ' + e.message }), '*');
				}
			});
		</script>`)
	}))
	t.Cleanup(s.Close)
	return strings.Replace(s.URL, "127.0.0.1", "localhost", 1)
}

// TestPasskeysInAFrame has a page in a frame of another site sign in, in a browser: that was
// refused whatever the configuration said. It is permitted for the sites that are listed, and
// for no other.
func TestPasskeysInAFrame(t *testing.T) {
	suite.Require(t, "authenticators")
	suite.Program(t, "chromium")
	page := inner(t)
	shop := framed(t, page)
	for _, c := range []struct {
		listed []string
		status int
	}{{nil, 400}, {[]string{"http://127.0.0.1:1"}, 400}, {[]string{shop}, 200}} {
		l := suite.NewLab(t, suite.Dev, func(c2 *config.Config, _ *server.Options) {
			c2.Dev.AllowRemote = true
			c2.MFA.WebAuthnOrigins, c2.MFA.WebAuthnTopOrigins = []string{page}, c.listed
		})
		b := &browser{ctx: suite.StartBrowser(t), home: page}
		d := &virtualKey{browser: b, t: t, made: cdp.VirtualAuthenticatorOptions{
			Protocol: cdp.AuthenticatorProtocolCtap2, Ctap2version: cdp.Ctap2versionCtap21, Transport: cdp.AuthenticatorTransportInternal,
			HasResidentKey: true, HasUserVerification: true, IsUserVerified: true, AutomaticPresenceSimulation: true,
		}}
		b.visit(t, page)
		d.Empty()
		s := l.Insider("ada@example.com")
		s.Prove()
		var begun struct {
			Options json.RawMessage `json:"creation_options"`
		}
		if err := json.Unmarshal([]byte(s.Post("/mfa/webauthn/add/", suite.M{"passwordless": true}).Is(200).Raw), &begun); err != nil {
			t.Fatal(err)
		}
		made, err := d.Create(begun.Options, page)
		if err != nil {
			t.Fatal(err)
		}
		s.Post("/mfa/webauthn/add/", suite.M{"credential": made}).Is(200)

		if err := chromedp.Do(b.ctx, chromedp.Navigate(shop)); err != nil {
			t.Fatal(err)
		}
		in := l.Script()
		asked := in.Post("/stages/mfa_login_webauthn/options/", suite.M{}).Is(200)
		var options struct{ Result json.RawMessage }
		if err := json.Unmarshal([]byte(asked.Raw), &options); err != nil {
			t.Fatal(err)
		}
		answer, err := chromedp.Run(b.ctx, chromedp.Evaluate[string](fmt.Sprintf("ask(%s)", options.Result), chromedp.EvalAwaitPromise))
		if err != nil || strings.Contains(answer, "refused") {
			t.Fatalf("the frame: %v, %s", err, answer)
		}
		in.Post("/stages/mfa_login_webauthn/", suite.M{"token": asked.FlowToken, "credential": json.RawMessage(answer)}).Is(c.status)
	}
}
