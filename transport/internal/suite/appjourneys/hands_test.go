package appjourneys

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/chromedp"

	"stagedoor/transport/config"
	"stagedoor/transport/internal/suite"
	"stagedoor/transport/server"
)

// TestByKeyboard signs in without a mouse: the first field has the focus, the next is one step
// away, and Enter sends the form; where one comes to is read out.
func TestByKeyboard(t *testing.T) {
	w := &walker{suite.NewBrowser(t).Tab(t, suite.NewLab(t, suite.Hosted), 1280)}
	w.account()
	w.Open("/account/login")
	typed := func(keys string) { w.Do("type", chromedp.KeyEvent(keys)) }
	typed(ann + "\t" + pass + "\r")
	w.At("/account/", "Hello, ann")
	var focus string
	w.Ask(`document.activeElement.textContent`, &focus)
	if focus != "Hello, ann" {
		t.Errorf("the focus is on %q", focus)
	}
	w.Press("Security")
	w.At("/account/security", "Security")
	w.Press("Add a passkey")
	w.Sees("Is it still you?")
	var label string
	w.Ask(`document.activeElement.labels[0].innerText + ' ' + Boolean(document.activeElement.closest('dialog'))`, &label)
	if label != "Password true" {
		t.Errorf("in the dialog the focus is on %q", label)
	}
	w.Do("give up", chromedp.KeyEvent("\u001b"))
	w.Misses("Is it still you?")
	w.Ask(`document.activeElement.innerText`, &focus)
	if focus != "Add a passkey" {
		t.Errorf("after the dialog the focus is on %q", focus)
	}
}

// TestPressedTwice: whoever is impatient asks for nothing twice.
func TestPressedTwice(t *testing.T) {
	w := &walker{suite.NewBrowser(t).Tab(t, suite.NewLab(t, suite.Hosted), 390)}
	w.account()
	n := &traffic{bytes: make(map[network.RequestID]float64)}
	w.Listen(n.note)
	w.Open("/account/login")
	w.Fill("E-mail address", ann)
	w.Fill("Password", pass)
	w.Do("press five times", chromedp.Evaluate[chromedp.Void](`(b => { for (let i = 0; i < 5; i++) b.click(); })(document.querySelector('form .primary'))`))
	w.At("/account/", "Hello, ann")
	n.mu.Lock()
	defer n.mu.Unlock()
	sent := 0
	for _, e := range n.asked {
		if e.Request.Method == "POST" && strings.HasSuffix(e.Request.URL, "/auth/login") {
			sent++
		}
	}
	if sent != 1 {
		t.Errorf("the password was sent %d times", sent)
	}
}

// TestWhatGoesWrong: a server that does not answer, is busy or says too much is told in words,
// and what was typed stays.
func TestWhatGoesWrong(t *testing.T) {
	w := &walker{suite.NewBrowser(t).Tab(t, suite.NewLab(t, suite.Hosted), 390)}
	w.account()
	w.Open("/account/login")
	w.Fill("E-mail address", ann)
	w.Fill("Password", pass)
	for answer, want := range map[string]string{
		`Promise.reject(new TypeError('offline'))`:                                          "We cannot be reached. Check your connection and try again.",
		`Promise.resolve(new Response('', {status: 429, headers: {'Retry-After': '120'}}))`: "Too many tries. Try again in 2 minutes.",
		`Promise.resolve(new Response('', {status: 429}))`:                                  "Too many tries. Wait a few minutes, then try again.",
		`Promise.resolve(new Response('<html>', {status: 502}))`:                            "We cannot do this just now.",
		`Promise.resolve(new Response('{"status":500}', {status: 500}))`:                    "Something went wrong on our side.",
		`Promise.resolve(new Response('{"status":403}', {status: 403}))`:                    "That is not allowed.",
	} {
		w.Do("the network is changed", chromedp.Evaluate[chromedp.Void](`(() => { globalThis.plain ??= fetch; globalThis.fetch = () => `+answer+`; })()`))
		w.Press("Sign in")
		w.Do("see "+want, suite.Until(`document.querySelector('[role=alert] .alert')?.innerText.includes(`+strconv.Quote(want)+`)`))
	}
	w.Look("login-busy")
	w.Do("the network is back", chromedp.Evaluate[chromedp.Void](`globalThis.fetch = globalThis.plain; undefined`))
	w.Press("Sign in")
	w.At("/account/", "Hello, ann")
}

// TestNextLeadsBack: a front end of a trusted origin sends people to sign in, and has them back;
// who comes by themselves goes where the configuration says.
func TestNextLeadsBack(t *testing.T) {
	front := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html")
		_, _ = w.Write([]byte(`<!doctype html><html lang="en"><title>Shop</title><link rel="icon" href="data:,"><main>Welcome back</main>`))
	}))
	t.Cleanup(front.Close)
	w := &walker{suite.NewBrowser(t).Tab(t, suite.NewLab(t, suite.Hosted, func(c *config.Config, _ *server.Options) {
		c.CSRFTrustedOrigins, c.Hosted.AfterLogin = []string{front.URL}, front.URL+"/home"
	}), 1280)}
	w.account()
	for path, want := range map[string]string{
		"/account/login?next=" + url.QueryEscape(front.URL+"/cart?x=1"): "/cart?x=1", "/account/login": "/home", "/account/login?next=https://evil.example/": "/home", "/": "/home",
	} {
		w.Open(path)
		w.Fill("E-mail address", ann)
		w.Fill("Password", pass)
		w.Press("Sign in")
		w.Sees("Welcome back")
		w.Do("be back at "+want, suite.Until("location.href === "+strconv.Quote(front.URL+want)))
		w.Open("/account/email")
		w.Press("Sign out")
		w.At("/account/login", "Sign in")
	}
}

// TestOtherWords: an operator's words are said in place of the app's and of the server's.
func TestOtherWords(t *testing.T) {
	texts := filepath.Join(t.TempDir(), "texts.yaml")
	words := "lang: de\nlogin.title: Anmelden\nlogin.button: Weiter\nfield.login_email: E-Mail-Adresse\nfield.password: Passwort\n" +
		"error.email_password_mismatch: Das passt nicht zusammen.\nfield.show: Passwort zeigen\n"
	if err := os.WriteFile(texts, []byte(words), 0o600); err != nil {
		t.Fatal(err)
	}
	w := &walker{suite.NewBrowser(t).Tab(t, suite.NewLab(t, suite.Hosted, func(c *config.Config, _ *server.Options) { c.Hosted.Texts = texts }), 390)}
	w.account()
	w.Open("/")
	w.At("/", "Anmelden")
	w.Fill("E-Mail-Adresse", ann)
	w.Fill("Passwort", "wrong")
	w.Press("Passwort zeigen")
	w.Press("Weiter")
	w.Complains("Passwort", "Das passt nicht zusammen.")
	w.Look("login-other-words")
}
