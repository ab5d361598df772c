package authenticators

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	cdp "github.com/chromedp/cdproto/webauthn"
	"github.com/chromedp/chromedp"

	"stagedoor/transport/internal/suite"
)

// chromium is the virtual authenticator of a browser (WebAuthn, section 11) in every variant: one
// browser asks for all of them, one after the other.
func chromium() family {
	return family{
		name: "Chromium", version: chromiumVersion(),
		open: func(t *testing.T, l *suite.Lab) opener {
			suite.Require(t, "authenticators")
			suite.Program(t, "chromium")
			b := &browser{ctx: suite.StartBrowser(t), home: l.Config.Origin(), away: elsewhere(t)}
			b.visit(t, b.home)
			return func(t *testing.T, v variant) device {
				d := &virtualKey{browser: b, t: t, made: v.made.(cdp.VirtualAuthenticatorOptions)}
				d.Empty()
				t.Cleanup(d.remove)
				return d
			}
		},
		variants: chromiumVariants(),
	}
}

// elsewhere is a page of another origin.
func elsewhere(t *testing.T) string {
	t.Helper()
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte("elsewhere")) }))
	t.Cleanup(s.Close)
	return strings.Replace(s.URL, "127.0.0.1", "localhost", 1)
}

// chromiumVariants are what the virtual authenticator can be: both protocols, all versions of the
// newer, every transport, with and without passkeys and verification, and those whose
// passkeys are kept in several places from the beginning.
func chromiumVariants() []variant {
	usb, nfc, ble := cdp.AuthenticatorTransportUsb, cdp.AuthenticatorTransportNfc, cdp.AuthenticatorTransportBle
	hybrid, internal := cdp.AuthenticatorTransportCable, cdp.AuthenticatorTransportInternal
	var out []variant
	add := func(row string, o cdp.VirtualAuthenticatorOptions, transports ...cdp.AuthenticatorTransport) {
		o.AutomaticPresenceSimulation, o.IsUserVerified = true, o.HasUserVerification
		for _, o.Transport = range transports {
			name := string(o.Transport)
			if o.Transport == hybrid {
				name = "hybrid" // as the specification calls it now
			}
			out = append(out, variant{row: row, name: name, made: o, keeps: o.HasResidentKey, verifies: o.HasUserVerification})
		}
	}
	add("CTAP 1", cdp.VirtualAuthenticatorOptions{Protocol: cdp.AuthenticatorProtocolU2f}, usb, nfc, ble)
	for _, version := range []cdp.Ctap2version{cdp.Ctap2versionCtap20, cdp.Ctap2versionCtap21, cdp.Ctap2versionCtap22} {
		for _, can := range []struct {
			name         string
			keeps, knows bool
		}{
			{"keeps passkeys, verifies", true, true}, {"keeps passkeys", true, false},
			{"verifies", false, true}, {"does neither", false, false},
		} {
			add("CTAP 2.0, 2.1 and 2.2, "+can.name, cdp.VirtualAuthenticatorOptions{
				Protocol: cdp.AuthenticatorProtocolCtap2, Ctap2version: version, HasResidentKey: can.keeps, HasUserVerification: can.knows,
			}, usb, nfc, ble, hybrid, internal)
		}
	}
	for _, backup := range []struct {
		name string
		is   bool
	}{{"can be backed up", false}, {"backed up", true}} {
		add("CTAP 2.1, "+backup.name, cdp.VirtualAuthenticatorOptions{
			Protocol: cdp.AuthenticatorProtocolCtap2, Ctap2version: cdp.Ctap2versionCtap21, HasResidentKey: true, HasUserVerification: true,
			DefaultBackupEligibility: true, DefaultBackupState: backup.is,
		}, hybrid, internal)
	}
	return out
}

// browser is one window, on a page of an origin.
type browser struct {
	ctx        context.Context
	home, away string
	at         string
}

// visit opens a page of an origin.
func (b *browser) visit(t *testing.T, origin string) {
	t.Helper()
	if b.at == origin {
		return
	}
	if err := chromedp.Do(b.ctx, chromedp.Navigate(origin+"/healthz")); err != nil {
		t.Fatalf("open %s: %v", origin, err)
	}
	if _, err := chromedp.Call(b.ctx, cdp.Enable, cdp.EnableParams{}); err != nil {
		t.Fatal(err)
	}
	b.at = origin
}

// virtualKey is one virtual authenticator.
type virtualKey struct {
	*browser
	t    *testing.T
	made cdp.VirtualAuthenticatorOptions
	id   cdp.AuthenticatorID
}

// Create answers creation options.
func (d *virtualKey) Create(options json.RawMessage, origin string) (json.RawMessage, error) {
	return d.ask("create", "parseCreationOptionsFromJSON", options, origin)
}

// Get answers request options.
func (d *virtualKey) Get(options json.RawMessage, origin string) (json.RawMessage, error) {
	return d.ask("get", "parseRequestOptionsFromJSON", options, origin)
}

// ask has the page ask for a credential, on another page where the origin is another. What the
// browser refuses it refuses at once; half a minute is for a machine that is busy.
func (d *virtualKey) ask(do, parse string, options json.RawMessage, origin string) (json.RawMessage, error) {
	d.t.Helper()
	if origin != d.home {
		origin = d.away
	}
	d.visit(d.t, origin)
	script := fmt.Sprintf(`(async () => {
		const publicKey = PublicKeyCredential.%s((%s).publicKey);
		try {
			return JSON.stringify((await navigator.credentials.%s({publicKey, signal: AbortSignal.timeout(30000)})).toJSON());
		} catch (e) {
			return JSON.stringify({refused: e.name + ': ' + e.message});
		}
	})()`, parse, options, do)
	ctx, cancel := context.WithTimeout(d.ctx, time.Minute)
	defer cancel()
	answer, err := chromedp.Run(ctx, chromedp.Evaluate[string](script, chromedp.EvalAwaitPromise))
	if err != nil {
		d.t.Fatalf("%s: %v", do, err)
	}
	var said struct{ Refused string }
	if err := json.Unmarshal([]byte(answer), &said); err != nil {
		d.t.Fatalf("%s: %v: %s", do, err, answer)
	}
	if strings.HasPrefix(said.Refused, "TimeoutError") {
		d.t.Fatalf("%s: the browser neither answers nor refuses", do)
	}
	if said.Refused != "" {
		return nil, errors.New(said.Refused)
	}
	return json.RawMessage(answer), nil
}

// Empty puts another authenticator of the same kind in place of this one, before a page of the
// server's own.
func (d *virtualKey) Empty() {
	d.t.Helper()
	d.remove()
	d.visit(d.t, d.home)
	made, err := chromedp.Call(d.ctx, cdp.AddVirtualAuthenticator, cdp.AddVirtualAuthenticatorParams{Options: &d.made})
	d.must(err)
	d.id = made.AuthenticatorID
}

// remove takes it from the browser, which would ask any that is there.
func (d *virtualKey) remove() {
	d.t.Helper()
	if d.id == "" {
		return
	}
	if _, err := chromedp.Call(d.ctx, cdp.RemoveVirtualAuthenticator, cdp.RemoveVirtualAuthenticatorParams{AuthenticatorID: d.id}); err != nil {
		d.t.Errorf("%s stays: %v", d.id, err)
	}
	d.id = ""
}

// Change makes it another.
func (d *virtualKey) Change(into string) bool {
	d.t.Helper()
	if into == unverified {
		leftOut := true
		_, err := chromedp.Call(d.ctx, cdp.SetResponseOverrideBits, cdp.SetResponseOverrideBitsParams{AuthenticatorID: d.id, IsBadUV: &leftOut})
		d.must(err)
		return true
	}
	have, err := chromedp.Call(d.ctx, cdp.GetCredentials, cdp.GetCredentialsParams{AuthenticatorID: d.id})
	d.must(err)
	for _, c := range have.Credentials {
		set := cdp.SetCredentialPropertiesParams{AuthenticatorID: d.id, CredentialID: c.CredentialID}
		is, count := !c.BackupEligibility, 0.0
		switch into {
		case moved:
			set.BackupEligibility, set.BackupState = &is, &is
		case restarted:
			set.SignCount = &count
		default:
			return false
		}
		_, err := chromedp.Call(d.ctx, cdp.SetCredentialProperties, set)
		d.must(err)
	}
	return len(have.Credentials) > 0
}

// must fails the test where the browser did not do as told.
func (d *virtualKey) must(err error) {
	d.t.Helper()
	if err != nil {
		d.t.Fatal(err)
	}
}

// TestPagesOfSubdomainsHaveNoPasskeysOfLocalhost has a page of app.localhost ask for passkeys of
// localhost: the browser refuses, which is why the configuration takes no such origin.
func TestPagesOfSubdomainsHaveNoPasskeysOfLocalhost(t *testing.T) {
	suite.Require(t, "authenticators")
	suite.Program(t, "chromium")
	page := elsewhere(t)
	b := &browser{ctx: suite.StartBrowser(t), home: strings.Replace(page, "localhost", "app.localhost", 1)}
	d := &virtualKey{browser: b, t: t, made: cdp.VirtualAuthenticatorOptions{
		Protocol: cdp.AuthenticatorProtocolCtap2, Transport: cdp.AuthenticatorTransportInternal,
		HasResidentKey: true, HasUserVerification: true, IsUserVerified: true, AutomaticPresenceSimulation: true,
	}}
	d.Empty()
	for id, wants := range map[string]string{"localhost": "SecurityError", "app.localhost": ""} {
		_, err := d.Create(json.RawMessage(`{"publicKey": {"rp": {"id": "`+id+`", "name": "x"}, "user": {"id": "AAAA", "name": "x", "displayName": "x"},
			"challenge": "AAAAAAAAAAAAAAAAAAAAAA", "pubKeyCredParams": [{"type": "public-key", "alg": -7}]}}`), b.home)
		if wants == "" && err != nil || wants != "" && (err == nil || !strings.HasPrefix(err.Error(), wants)) {
			t.Errorf("passkeys of %s on a page of app.localhost: %v, want %q", id, err, wants)
		}
	}
}
