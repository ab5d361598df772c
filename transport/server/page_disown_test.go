package server

import (
	"html"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"stagedoor/transport/config"
)

// notMe is the link of a letter by which its reader disowns the account, below the server.
func (l *lab) notMe(email string) *url.URL {
	l.t.Helper()
	data := l.mail(email).Data
	u, err := url.Parse(data["disown_url"])
	if err != nil || data["disown_key"] == "" || u.Scheme+"://"+u.Host != l.config.Origin() || u.Query().Get("key") != data["disown_key"] {
		l.t.Fatalf("the letter to %s has the link %q for the key %q", email, data["disown_url"], data["disown_key"])
	}
	return u
}

// press presses the button of the page that a link leads to.
func (l *lab) press(link *url.URL) *httptest.ResponseRecorder {
	l.t.Helper()
	return l.get("POST", l.host(), link.Path, link.RawQuery, "Content-Type", "application/x-www-form-urlencoded")
}

// says ends the test unless the page has the status and says something.
func (l *lab) says(w *httptest.ResponseRecorder, status int, want string) {
	l.t.Helper()
	h := w.Header()
	policy := h.Get("Content-Security-Policy")
	for _, part := range []string{"default-src 'none'", "style-src 'sha256-", "form-action 'self'", "base-uri 'none'", "frame-ancestors 'none'"} {
		if !strings.Contains(policy, part) {
			l.t.Errorf("policy %q is without %s", policy, part)
		}
	}
	if strings.Contains(policy, "script") || strings.Contains(policy, "unsafe") || h.Get("X-Frame-Options") != "DENY" ||
		h.Get("Cache-Control") != "no-store" || h.Get("Referrer-Policy") != "same-origin" || len(h.Values("Set-Cookie")) != 0 {
		l.t.Errorf("headers %v", h)
	}
	text := html.UnescapeString(w.Body.String())
	if w.Code != status || !strings.Contains(text, "<h1>"+want+"</h1>") || strings.Contains(text, "<script") || strings.Contains(text, "ZgotmplZ") {
		l.t.Errorf("status %d, want %d and %q:\n%s", w.Code, status, want, text)
	}
}

// accounts counts those that can be entered, and the addresses there are.
func (l *lab) accounts() (active, addresses int) {
	return l.count(`SELECT count(*) FROM accounts WHERE active`), l.count(`SELECT count(*) FROM emails`)
}

const (
	asks     = "Was this not you?"
	gone     = "Your address is free again"
	useless  = "This link does not work"
	tryAgain = "Please try again"
)

// TestDisownPage: who opens the link is asked, who presses the button has the account
// removed, and that works once. Without a front end, a script or a session.
func TestDisownPage(t *testing.T) {
	t.Parallel()
	for name, change := range map[string][]setUp{"link": nil, "code": {byCode}, "only plain": {func(c *config.Config, _ *Options) { c.Serve.Headless = false }}} {
		t.Run(name, func(t *testing.T) {
			l := newLab(t, change...)
			if l.config.Serve.Headless {
				l.app().signup("ada@example.com").is(401).pending("verify_email")
			} else {
				l.script().post("/signup", map[string]any{"email": "ada@example.com", "password": password}).is(200)
			}
			link := l.notMe("ada@example.com")
			for _, method := range []string{"GET", "HEAD", "GET"} {
				w := l.get(method, l.host(), link.String(), "")
				l.says(w, 200, asks)
				if body := html.UnescapeString(w.Body.String()); !strings.Contains(body, "ada@example.com") ||
					!strings.Contains(body, `name="key" value="`+link.Query().Get("key")+`"`) || !strings.Contains(body, `<form method="post" action="/account/not-me">`) {
					t.Errorf("%s: no form for the key in\n%s", method, body)
				}
				if active, addresses := l.accounts(); active != 1 || addresses != 1 {
					t.Fatalf("%s changes something: %d accounts, %d addresses", method, active, addresses)
				}
			}
			w := l.press(link)
			if l.says(w, 200, gone); !strings.Contains(w.Body.String(), "ada@example.com") {
				t.Errorf("it does not say which address is free:\n%s", w.Body)
			}
			if active, addresses := l.accounts(); active != 0 || addresses != 0 {
				t.Errorf("left are %d accounts, %d addresses", active, addresses)
			}
			l.says(l.get("GET", l.host(), link.String(), ""), 400, useless)
			l.says(l.press(link), 400, useless)
			if n := l.count(`SELECT count(*) FROM audit WHERE event = 'account_disowned'`); n != 1 {
				t.Errorf("%d events are noted", n)
			}
			l.quiet()
			if sent := l.mails.to("ada@example.com"); len(sent) != 1 {
				t.Errorf("%d letters, want the one of the sign-up", len(sent))
			}
		})
	}
}

// TestDisownPageInABrowser presses the button where the headers count, on a wide page and
// on a narrow one.
func TestDisownPageInABrowser(t *testing.T) {
	l := newLab(t)
	l.app().signup("ada@example.com").is(401)
	link := l.notMe("ada@example.com")
	w := newWindow(t, l)
	narrow := `document.documentElement.scrollWidth <= window.innerWidth`
	styled := `getComputedStyle(document.querySelector('main')).maxWidth === '576px'`
	heading := func(says string) step {
		return until(`document.querySelector('h1')?.textContent === '` + says + `'`)
	}
	w.do("the page asks", chromedp.Navigate(w.url+link.RequestURI()), heading(asks), until(styled))
	w.do("also on a telephone", chromedp.EmulateViewport(390, 844), until(narrow))
	w.do("the button removes the account", click("button"), chromedp.WaitReady(chromedp.CSS("main:not(:has(form))")), heading(gone), until(`location.search === ''`))
	w.do("the link is used up", chromedp.Navigate(w.url+link.RequestURI()), heading(useless), until(narrow))
}

// TestDisownPageRefuses what is no key of it, changes nothing for it, and has no other
// methods.
func TestDisownPageRefuses(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	l.app().signup("ada@example.com").is(401)
	letter := l.mail("ada@example.com").Data
	good := letter["disown_key"]
	for _, key := range []string{"", "1.", good[:len(good)-1], good + "A", letter["key"], "<b>", strings.Repeat("A", 3000)} {
		link := &url.URL{Path: config.DisownPath, RawQuery: url.Values{"key": {key}}.Encode()}
		l.says(l.get("GET", l.host(), link.String(), ""), 400, useless)
		l.says(l.press(link), 400, useless)
	}
	l.says(l.get("POST", l.host(), config.DisownPath, "key=%zz", "Content-Type", "application/x-www-form-urlencoded"), 400, useless)
	l.says(l.get("POST", l.host(), config.DisownPath+"?key="+good, ""), 400, useless)
	for _, method := range []string{"PUT", "DELETE", "PATCH", "OPTIONS"} {
		if w := l.get(method, l.host(), config.DisownPath+"?key="+good, ""); w.Code != http.StatusMethodNotAllowed || w.Header().Get("Allow") == "" {
			t.Errorf("%s: status %d, %v", method, w.Code, w.Header())
		}
	}
	if active, addresses := l.accounts(); active != 1 || addresses != 1 {
		t.Errorf("left are %d accounts, %d addresses", active, addresses)
	}
	l.clock.pass(3*24*time.Hour + time.Millisecond)
	l.says(l.press(&url.URL{Path: config.DisownPath, RawQuery: "key=" + good}), 400, useless)
}

// TestDisownEndsSessions: whoever is signed in to the account is not, at once, also where
// the owner of the address had verified it.
func TestDisownEndsSessions(t *testing.T) {
	t.Parallel()
	kinds(t, func(t *testing.T, kind string) {
		var h heard
		l := newLab(t, h.hears)
		c := l.client(kind)
		c.signup("ada@example.com").is(401)
		letter := l.mail("ada@example.com").Data
		c.verify(letter["key"]).is(401).pending()
		c.login("ada@example.com").is(200)
		c.totpOn()
		h.take(l, 5)
		l.says(l.press(&url.URL{Path: config.DisownPath, RawQuery: "key=" + letter["disown_key"]}), 200, gone)
		c.unknown()
		l.client(kind).login("ada@example.com").is(400, "password:email_password_mismatch")
		events := h.tells(l, AccountDisabled, PasswordChanged, AuthenticatorRemoved, EmailRemoved, Failed)
		for _, e := range events[:4] {
			if e.Flow != "disown" || e.Account == 0 || e.Authenticator != "" {
				t.Errorf("%+v", e)
			}
		}
		l.client(kind).signup("ada@example.com").is(401).pending("verify_email")
	})
}

// TestDisownAtOnce: of many who press the button at once one is told that it is done.
func TestDisownAtOnce(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	l.app().signup("ada@example.com").is(401)
	link := l.notMe("ada@example.com")
	var all sync.WaitGroup
	codes := make([]int, 8)
	for i := range codes {
		all.Go(func() { codes[i] = l.press(link).Code })
	}
	all.Wait()
	done := 0
	for _, code := range codes {
		switch code {
		case 200:
			done++
		case 400:
		default:
			t.Errorf("status %d", code)
		}
	}
	if n := l.count(`SELECT count(*) FROM audit WHERE event = 'account_disowned'`); done != 1 || n != 1 {
		t.Errorf("done %d times, noted %d times", done, n)
	}
}

// TestDisownPageWhileDown: where the database is away nothing has happened, and the page
// says so; the log has no key.
func TestDisownPageWhileDown(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	l.app().signup("ada@example.com").is(401)
	link := l.notMe("ada@example.com")
	l.quiet()
	if err := l.database.Close(); err != nil {
		t.Fatal(err)
	}
	for _, w := range []*httptest.ResponseRecorder{l.get("GET", l.host(), link.String(), ""), l.press(link)} {
		if w.Code < 500 {
			t.Errorf("status %d", w.Code)
		}
		l.says(w, w.Code, tryAgain)
	}
	if log := l.log.String(); !strings.Contains(log, config.DisownPath) || strings.Contains(log, link.Query().Get("key")) {
		t.Errorf("the log:\n%s", log)
	}
}

// TestDisownBySetting: a front end's page takes the place of the server's in letters.
func TestDisownBySetting(t *testing.T) {
	t.Parallel()
	l := newLab(t, func(c *config.Config, _ *Options) {
		c.Headless.FrontendURLs.Disown = "https://app.example.com/not-me/{key}"
	})
	l.app().signup("ada@example.com").is(401)
	data := l.mail("ada@example.com").Data
	if want := "https://app.example.com/not-me/" + data["disown_key"]; data["disown_url"] != want || data["disown_key"] == "" {
		t.Errorf("the link is %q, not %q", data["disown_url"], want)
	}
}
