package main

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/base64"
	"fmt"
	"io"
	"log"
	"math/big"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/webauthn"
	"github.com/chromedp/chromedp"

	"stagedoor/transport/config"
)

// patience is how long the page may take.
const patience = 20 * time.Second

// chapter is the README's on an app of another origin.
type chapter struct {
	// inits are the commands that write a configuration: for two hosts, and for two sites.
	inits []string
	// serve is the command that serves it.
	serve string
	// caddyfile is the proxy, page the app, asApp the lines that make it an app with tokens.
	caddyfile, page, asApp string
}

func readChapter(t *testing.T) chapter {
	t.Helper()
	readme, err := os.ReadFile(filepath.Join(root, "README.md"))
	if err != nil {
		t.Fatal(err)
	}
	_, text, _ := strings.Cut(string(readme), "\n## A single-page app on another origin\n")
	text, _, _ = strings.Cut(text, "\n## ")
	fenced := func(language string) string {
		m := regexp.MustCompile("(?s)\n```"+language+"\n(.*?)\n```\n").FindAllStringSubmatch(text, -1)
		if len(m) != 1 {
			t.Fatalf("the chapter has %d blocks of %s", len(m), language)
		}
		return m[0][1]
	}
	c := chapter{caddyfile: fenced("caddyfile"), page: fenced("html"), asApp: fenced("js")}
	for _, m := range regexp.MustCompile(`(?m)^    stagedoor (.*)$`).FindAllStringSubmatch(text, -1) {
		if strings.HasPrefix(m[1], "init ") {
			c.inits = append(c.inits, m[1])
		} else {
			c.serve = m[1]
		}
	}
	if len(c.inits) != 2 || c.serve == "" {
		t.Fatalf("the chapter's commands are %q and %q", c.inits, c.serve)
	}
	return c
}

// proxied does what the chapter's Caddyfile says, by TLS, for all hosts at one address: passes
// on to the server, and serves a folder. An app elsewhere has the app's part of it.
func (c chapter) proxied(t *testing.T, server, app, page string) (at string, key string) {
	t.Helper()
	hosts := map[string]http.Handler{}
	for _, m := range regexp.MustCompile(`(?ms)^(\S+) \{\n(.*?)^\}`).FindAllStringSubmatch(c.caddyfile, -1) {
		switch host, does := m[1], strings.Fields(m[2]); {
		case slices.Equal(does, []string{"reverse_proxy", "127.0.0.1:8080"}):
			to, err := url.Parse(server)
			if err != nil {
				t.Fatal(err)
			}
			hosts[host] = &httputil.ReverseProxy{Rewrite: func(r *httputil.ProxyRequest) {
				r.SetURL(to)
				r.Out.Host = r.In.Host
				r.SetXForwarded()
			}}
		case slices.Equal(does, []string{"root", "*", "/srv/app", "file_server"}):
			hosts[app] = http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("Content-Type", "text/html")
				_, _ = io.WriteString(w, page)
			})
		default:
			t.Fatalf("the test does not know what Caddy does by %q", does)
		}
	}
	if len(hosts) != 2 {
		t.Fatalf("the Caddyfile has %d hosts", len(hosts))
	}
	front := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if h := hosts[r.Host]; h != nil {
			h.ServeHTTP(w, r)
			return
		}
		http.NotFound(w, r)
	}))
	cert := certificate(t)
	front.TLS = &tls.Config{Certificates: []tls.Certificate{cert}}
	front.Config.ErrorLog = log.New(io.Discard, "", 0)
	front.StartTLS()
	t.Cleanup(front.Close)
	spki := sha256.Sum256(cert.Leaf.RawSubjectPublicKeyInfo)
	return front.Listener.Addr().String(), base64.StdEncoding.EncodeToString(spki[:])
}

// certificate is one for every host of the test, that nobody vouches for.
func certificate(t *testing.T) tls.Certificate {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	about := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "test"}, DNSNames: []string{"*.example.com", "*.example.org"},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		KeyUsage: x509.KeyUsageDigitalSignature, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
	}
	der, err := x509.CreateCertificate(rand.Reader, about, about, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	leaf, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key, Leaf: leaf}
}

// appWindow is a browser on the chapter's page, and whoever sits before it.
type appWindow struct {
	t   *testing.T
	ctx context.Context
}

// at is for a browser for which every host is at one address, with a key that it trusts.
func at(address, key string) []chromedp.ExecAllocatorOption {
	return []chromedp.ExecAllocatorOption{chromedp.Flag("host-resolver-rules", "MAP * "+address), chromedp.Flag("ignore-certificate-errors-spki-list", key)}
}

// openApp starts a browser with a passkey device on a page.
func openApp(t *testing.T, page string, more ...chromedp.ExecAllocatorOption) *appWindow {
	t.Helper()
	path, err := exec.LookPath("chromium")
	switch {
	case err == nil:
	case strings.Contains(os.Getenv("STAGEDOOR_REQUIRE"), "chromium"):
		t.Fatalf("chromium is required: %v", err)
	default:
		t.Skipf("no chromium on PATH: the README's app is not tried: %v", err)
	}
	profile := t.TempDir()
	// Of a fresh profile Chromium sends no cookies to other sites; of one that says so it does.
	allow := `{"profile": {"cookie_controls_mode": 0}}`
	if err := os.MkdirAll(filepath.Join(profile, "Default"), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(profile, "Default", "Preferences"), []byte(allow), 0o600); err != nil {
		t.Fatal(err)
	}
	options := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.ExecPath(path), chromedp.NoSandbox, chromedp.UserDataDir(profile))
	allocator, stop := chromedp.NewExecAllocator(context.Background(), append(options, more...)...)
	ctx, _ := chromedp.NewContext(allocator)
	ctx, end := context.WithTimeout(ctx, 6*patience)
	t.Cleanup(func() {
		_ = chromedp.Cancel(ctx)
		end()
		stop()
	})
	w := &appWindow{t, ctx}
	// The browser lives as long as the context of what is done first.
	if err := chromedp.Do(ctx, chromedp.Navigate(page)); err != nil {
		t.Fatalf("open %s: %v", page, err)
	}
	if _, err := chromedp.Call(ctx, webauthn.Enable, webauthn.EnableParams{}); err != nil {
		t.Fatal(err)
	}
	if _, err := chromedp.Call(ctx, webauthn.AddVirtualAuthenticator, webauthn.AddVirtualAuthenticatorParams{Options: &webauthn.VirtualAuthenticatorOptions{
		Protocol: webauthn.AuthenticatorProtocolCtap2, Transport: webauthn.AuthenticatorTransportInternal,
		HasResidentKey: true, HasUserVerification: true, IsUserVerified: true, AutomaticPresenceSimulation: true,
	}}); err != nil {
		t.Fatal(err)
	}
	return w
}

// do carries out steps; where they fail, it tells what the page says.
func (w *appWindow) do(what string, steps ...chromedp.Action[chromedp.Void]) {
	w.t.Helper()
	ctx, cancel := context.WithTimeout(w.ctx, patience)
	defer cancel()
	if err := chromedp.Do(ctx, steps...); err != nil {
		shown, _ := chromedp.Run(w.ctx, chromedp.Evaluate[string](`document.querySelector('p')?.textContent ?? document.body.innerText`))
		w.t.Fatalf("%s: %v; the page says %q", what, err, shown)
	}
}

// press fills fields, presses a button and waits until the page says something.
func (w *appWindow) press(button, says string, fields ...string) {
	w.t.Helper()
	for i := 0; i < len(fields); i += 2 {
		w.do("fill in "+fields[i], chromedp.SetValue(chromedp.CSS("[name="+fields[i]+"]"), fields[i+1]))
	}
	w.do("press "+button, chromedp.Click(chromedp.CSS("[name="+button+"]")))
	w.says(says)
}

// says waits until the page says something.
func (w *appWindow) says(text string) {
	w.t.Helper()
	w.until(fmt.Sprintf(`document.querySelector('p')?.textContent.includes(%q)`, text))
}

// until waits for a condition, on whatever page there is.
func (w *appWindow) until(condition string) {
	w.t.Helper()
	for deadline := time.Now().Add(patience); ; time.Sleep(20 * time.Millisecond) {
		if met, err := chromedp.Run(w.ctx, chromedp.Evaluate[bool]("!!("+condition+")")); err == nil && met {
			return
		}
		if time.Now().After(deadline) {
			shown, _ := chromedp.Run(w.ctx, chromedp.Evaluate[string](`document.body.innerText`))
			w.t.Fatalf("wait for %s: the page says %q", condition, shown)
		}
	}
}

// code waits for the nth letter to an address and takes the code out of it.
func (p *post) code(t *testing.T, to string, n int) string {
	t.Helper()
	for deadline := time.Now().Add(20 * time.Second); p.count(to) < n; time.Sleep(5 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("letter %d to %s did not come", n, to)
		}
	}
	p.mu.Lock()
	letter := p.letters[to][n-1]
	p.mu.Unlock()
	code := regexp.MustCompile(`\b[A-Z]{4}-[A-Z]{4}\b`).FindString(plainText(t, letter))
	if code == "" {
		t.Fatalf("no code in\n%s", letter)
	}
	return code
}

// journey signs up, out and in by password, adds a passkey, signs in with that, and with both.
// In between verify has the address verified, and leads back to the page.
func (w *appWindow) journey(verify func(address string)) {
	w.t.Helper()
	const ann, password = "ann@example.net", "violet harbour 7"
	w.says("signed_out")
	w.press("signUp", "verify_email", "email", "bea@example.net", "password", password)
	w.press("startOver", "signed_out")
	w.press("signUp", "verify_email", "email", ann, "password", password)
	verify(ann)
	w.says("signed_out")
	w.press("signIn", "Hello ann", "email", ann, "password", password)
	w.do("load it again", chromedp.Reload())
	w.says("Hello ann")
	w.do("add a passkey", chromedp.Click(chromedp.CSS("[name=addPasskey]")))
	w.until(`!document.querySelector('[name=prove]').hidden`)
	w.press("prove", "Your passkey is made", "password", password)
	w.press("signOut", "signed_out")
	w.press("passkey", "Hello ann")
	w.press("signOut", "signed_out")
	w.press("signIn", "mfa_authenticate", "email", ann, "password", password)
	w.press("passkey", "")
	w.until(`/Hello ann|mfa_trust/.test(document.querySelector('p').textContent)`)
	if trust, _ := chromedp.Run(w.ctx, chromedp.Evaluate[bool](`document.querySelector('p').textContent === 'mfa_trust'`)); trust {
		w.press("goOn", "Hello ann")
	}
}

// byCode gives the code of a letter, and signs out again.
func (w *appWindow) byCode(code func(to string) string) func(string) {
	return func(address string) {
		w.press("goOn", "Hello ann", "code", code(address))
		w.press("signOut", "signed_out")
	}
}

// copied has what the page keeps be used by who has copied it.
func (w *appWindow) copied() {
	w.t.Helper()
	w.do("use the copy", chromedp.Evaluate[chromedp.Void](`(async () => {
		const kept = JSON.parse(Object.entries(localStorage).find(([name]) => name.startsWith('stagedoor:'))[1]);
		const answer = await fetch('https://auth.example.com/_allauth/app/v1/auth/session', { headers: { 'X-Session-Token': kept.session } });
		globalThis.copied = [kept.jkt.length, answer.status, answer.headers.get('WWW-Authenticate')].join();
	})(), undefined`))
	w.until(`/^43,401,DPoP .*invalid_token/.test(globalThis.copied)`)
}

// TestReadmeOtherOrigin follows the README's chapter to the letter: its commands write and
// serve the configuration, its Caddyfile says what stands in front, its page signs up and in
// with a password and a passkey, over TLS, on two hosts of one site and on two sites, with
// cookies and with tokens.
func TestReadmeOtherOrigin(t *testing.T) {
	c := readChapter(t)
	sameLine := regexp.MustCompile(`(?m)^\s*const auth = createAuth\(.*\);$`)
	for _, tt := range []struct{ name, init, app, page string }{
		{"two hosts", c.inits[0], "app.example.com", c.page},
		{"two sites", c.inits[1], "app.example.org", c.page},
		{"two sites, tokens", c.inits[1], "app.example.org", sameLine.ReplaceAllLiteralString(c.page, c.asApp)},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if (tt.page != c.page) != strings.Contains(tt.name, "tokens") {
				t.Fatal("the lines of tokens replace none")
			}
			dir, letters := t.TempDir(), newPost(t)
			run := exec.Command("stagedoor", strings.Fields(tt.init)...)
			run.Dir = dir
			if out, err := run.CombinedOutput(); err != nil {
				t.Fatalf("%s: %v\n%s", tt.init, err, out)
			}
			written, err := config.LoadWithoutSecrets(filepath.Join(dir, "stagedoor.yaml"), nil)
			if err != nil || written.Listen != "127.0.0.1:8080" || len(written.Advice()) > 0 {
				t.Fatalf("%v, listens at %s, %v", err, written.Listen, written.Advice())
			}
			env := append(os.Environ(), "STAGEDOOR_MAIL__SMTP_HOST=127.0.0.1", "STAGEDOOR_MAIL__SMTP_PORT="+letters.port, "STAGEDOOR_MAIL__SMTP_TLS=none")
			p, err := launch(dir, "stagedoor", env, append(strings.Fields(c.serve), "--listen", "127.0.0.1:0")...)
			if err != nil {
				t.Fatal(err)
			}
			defer p.kill()
			t.Cleanup(func() {
				if t.Failed() {
					t.Logf("the server says\n%s", p.said())
				}
			})
			address, key := c.proxied(t, p.url, tt.app, tt.page)
			w := openApp(t, "https://"+tt.app+"/", at(address, key)...)
			w.journey(w.byCode(func(to string) string { return letters.code(t, to, 1) }))
			if tt.page != c.page {
				w.copied()
			}
			for line := range strings.Lines(p.said()) {
				// Of two first answers at once each brings a value for the cookie; the library repeats
				// what was sent with the other one.
				repeated := strings.Contains(line, "reason=token_mismatch")
				if strings.Contains(line, "refused by") && !repeated || strings.Contains(line, "front end:") {
					t.Errorf("the server has something to say of the page: %s", line)
				}
			}
		})
	}
}
