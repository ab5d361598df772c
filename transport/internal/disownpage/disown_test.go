package disownpage_test

import (
	"html"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"stagedoor/transport/config"
	"stagedoor/transport/internal/suite"
	"stagedoor/transport/server"
)

// accounts counts those that can be entered, and the addresses there are.
func accounts(l *suite.Lab) (active, addresses int) {
	return l.Count(`SELECT count(*) FROM accounts WHERE active`), l.Count(`SELECT count(*) FROM emails`)
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
	for name, change := range map[string][]suite.SetUp{"link": nil, "code": {suite.ByCode}, "only plain": {func(c *config.Config, _ *server.Options) { c.Serve.Headless = false }}} {
		t.Run(name, func(t *testing.T) {
			l := suite.NewLab(t, change...)
			if l.Config.Serve.Headless {
				l.App().Signup("ada@example.com").Is(401).Pending("verify_email")
			} else {
				l.Script().Post("/signup", map[string]any{"email": "ada@example.com", "password": suite.Password}).Is(200)
			}
			link := l.NotMe("ada@example.com")
			for _, method := range []string{"GET", "HEAD", "GET"} {
				w := l.Get(method, l.Host(), link.String(), "")
				l.Says(w, 200, asks)
				if body := html.UnescapeString(w.Body.String()); !strings.Contains(body, "ada@example.com") ||
					!strings.Contains(body, `name="key" value="`+link.Query().Get("key")+`"`) || !strings.Contains(body, `<form method="post" action="/account/not-me">`) {
					t.Errorf("%s: no form for the key in\n%s", method, body)
				}
				if active, addresses := accounts(l); active != 1 || addresses != 1 {
					t.Fatalf("%s changes something: %d accounts, %d addresses", method, active, addresses)
				}
			}
			w := l.Press(link)
			if l.Says(w, 200, gone); !strings.Contains(w.Body.String(), "ada@example.com") {
				t.Errorf("it does not say which address is free:\n%s", w.Body)
			}
			if active, addresses := accounts(l); active != 0 || addresses != 0 {
				t.Errorf("left are %d accounts, %d addresses", active, addresses)
			}
			l.Says(l.Get("GET", l.Host(), link.String(), ""), 400, useless)
			l.Says(l.Press(link), 400, useless)
			if n := l.Count(`SELECT count(*) FROM audit WHERE event = 'account_disowned'`); n != 1 {
				t.Errorf("%d events are noted", n)
			}
			l.Quiet()
			if sent := l.Mails.To("ada@example.com"); len(sent) != 1 {
				t.Errorf("%d letters, want the one of the sign-up", len(sent))
			}
		})
	}
}

// TestDisownPageInABrowser presses the button where the headers count, on a wide page and
// on a narrow one.
func TestDisownPageInABrowser(t *testing.T) {
	l := suite.NewLab(t)
	l.App().Signup("ada@example.com").Is(401)
	link := l.NotMe("ada@example.com")
	w := suite.NewWindow(t, l)
	narrow := `document.documentElement.scrollWidth <= window.innerWidth`
	styled := `getComputedStyle(document.querySelector('main')).width === '408px'` // that of the app's cards
	heading := func(says string) suite.Step {
		return suite.Until(`document.querySelector('h1')?.textContent === '` + says + `'`)
	}
	w.Do("the page asks", chromedp.Navigate(w.URL+link.RequestURI()), heading(asks), suite.Until(styled))
	w.Do("also on a telephone", chromedp.EmulateViewport(390, 844), suite.Until(narrow))
	w.Do("the button removes the account", suite.Click("button"), chromedp.WaitReady(chromedp.CSS("main:not(:has(form))")), heading(gone), suite.Until(`location.search === ''`))
	w.Do("the link is used up", chromedp.Navigate(w.URL+link.RequestURI()), heading(useless), suite.Until(narrow))
}

// TestDisownPageHasTheTheme of the pages that are served: their title, logo and stylesheet, whatever
// ends its lines have.
func TestDisownPageHasTheTheme(t *testing.T) {
	dir := t.TempDir()
	write := func(name, text string) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	css := write("theme.css", "\ufeff:root {\r\n  --card-width: 30rem;\r\n}\r\n.lead::after { content: '</style>'; }\r\n")
	logo := write("logo.svg", `<svg xmlns="http://www.w3.org/2000/svg" width="64" height="32"><rect width="64" height="32"/></svg>`)
	l := suite.NewLab(t, suite.Hosted, func(c *config.Config, _ *server.Options) {
		c.Hosted.Title, c.Hosted.CSS, c.Hosted.Logo = "Acme Books", css, logo
	})
	l.App().Signup("ada@example.com").Is(401)
	link := l.NotMe("ada@example.com")
	w := suite.NewWindow(t, l)
	w.Do("the page has the look", chromedp.Navigate(w.URL+link.RequestURI()), suite.Until(`document.title.endsWith('Acme Books')`),
		suite.Until(`document.querySelector('.brand img')?.naturalWidth === 64 && document.querySelector('.brand img').alt === 'Acme Books'`),
		suite.Until(`getComputedStyle(document.querySelector('main')).width === '480px'`),
		suite.Until(`getComputedStyle(document.querySelector('.lead'), '::after').content === '"</style>"'`))
	w.Do("also on a telephone", chromedp.EmulateViewport(390, 844), suite.Until(`document.documentElement.scrollWidth <= window.innerWidth`))
}

// TestDisownPageRefuses what is no key of it, changes nothing for it, and has no other
// methods.
func TestDisownPageRefuses(t *testing.T) {
	t.Parallel()
	l := suite.NewLab(t)
	l.App().Signup("ada@example.com").Is(401)
	letter := l.Mail("ada@example.com").Data
	good := letter["disown_key"]
	for _, key := range []string{"", "1.", good[:len(good)-1], good + "A", letter["key"], "<b>", strings.Repeat("A", 3000)} {
		link := &url.URL{Path: config.DisownPath, RawQuery: url.Values{"key": {key}}.Encode()}
		l.Says(l.Get("GET", l.Host(), link.String(), ""), 400, useless)
		l.Says(l.Press(link), 400, useless)
	}
	l.Says(l.Get("POST", l.Host(), config.DisownPath, "key=%zz", "Content-Type", "application/x-www-form-urlencoded"), 400, useless)
	l.Says(l.Get("POST", l.Host(), config.DisownPath+"?key="+good, ""), 400, useless)
	for _, method := range []string{"PUT", "DELETE", "PATCH", "OPTIONS"} {
		if w := l.Get(method, l.Host(), config.DisownPath+"?key="+good, ""); w.Code != http.StatusMethodNotAllowed || w.Header().Get("Allow") == "" {
			t.Errorf("%s: status %d, %v", method, w.Code, w.Header())
		}
	}
	if active, addresses := accounts(l); active != 1 || addresses != 1 {
		t.Errorf("left are %d accounts, %d addresses", active, addresses)
	}
	l.Clock.Pass(3*24*time.Hour + time.Millisecond)
	l.Says(l.Press(&url.URL{Path: config.DisownPath, RawQuery: "key=" + good}), 400, useless)
}

// TestDisownEndsSessions: whoever is signed in to the account is not, at once, also where
// the owner of the address had verified it.
func TestDisownEndsSessions(t *testing.T) {
	t.Parallel()
	suite.Kinds(t, func(t *testing.T, kind string) {
		var h suite.Heard
		l := suite.NewLab(t, h.Hears)
		c := l.Client(kind)
		c.Signup("ada@example.com").Is(401)
		letter := l.Mail("ada@example.com").Data
		c.Verify(letter["key"]).Is(401).Pending()
		c.Login("ada@example.com").Is(200)
		c.TOTPOn()
		h.Take(l, 5)
		l.Says(l.Press(&url.URL{Path: config.DisownPath, RawQuery: "key=" + letter["disown_key"]}), 200, gone)
		c.Unknown()
		l.Client(kind).Login("ada@example.com").Is(400, "password:email_password_mismatch")
		events := h.Tells(l, server.AccountDisabled, server.PasswordChanged, server.AuthenticatorRemoved, server.EmailRemoved, server.Failed)
		for _, e := range events[:4] {
			if e.Flow != "disown" || e.Account == "" || e.Authenticator != "" {
				t.Errorf("%+v", e)
			}
		}
		l.Client(kind).Signup("ada@example.com").Is(401).Pending("verify_email")
	})
}

// TestDisownAtOnce: of many who press the button at once one is told that it is done.
func TestDisownAtOnce(t *testing.T) {
	t.Parallel()
	l := suite.NewLab(t)
	l.App().Signup("ada@example.com").Is(401)
	link := l.NotMe("ada@example.com")
	var all sync.WaitGroup
	codes := make([]int, 8)
	for i := range codes {
		all.Go(func() { codes[i] = l.Press(link).Code })
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
	if n := l.Count(`SELECT count(*) FROM audit WHERE event = 'account_disowned'`); done != 1 || n != 1 {
		t.Errorf("done %d times, noted %d times", done, n)
	}
}

// TestDisownBySetting: a front end's page takes the place of the server's in letters.
func TestDisownBySetting(t *testing.T) {
	t.Parallel()
	l := suite.NewLab(t, func(c *config.Config, _ *server.Options) {
		c.Headless.FrontendURLs.Disown = "https://app.example.com/not-me/{key}"
	})
	l.App().Signup("ada@example.com").Is(401)
	data := l.Mail("ada@example.com").Data
	if want := "https://app.example.com/not-me/" + data["disown_key"]; data["disown_url"] != want || data["disown_key"] == "" {
		t.Errorf("the link is %q, not %q", data["disown_url"], want)
	}
}
