package devpage_test

import (
	"encoding/json"
	"io/fs"
	"log/slog"
	"net/http"
	"os"
	"regexp"
	"strings"
	"testing"

	"stagedoor/transport/config"
	"stagedoor/transport/internal/devpage"
	"stagedoor/transport/internal/suite"
	"stagedoor/transport/server"
)

// pagePaths are the page's documents, secretPaths what it asks for.
var (
	pagePaths = []string{
		"GET /", "GET /account/verify-email/a-key", "GET /account/password/reset", "GET /account/password/reset/key/a-key",
		"GET /account/signup", "GET /account/provider/callback?error=cancelled",
	}
	secretPaths = []string{"GET /dev/mailbox.json", "GET /dev/mailbox/1", "DELETE /dev/mailbox",
		"GET /dev/runs.json", "GET /dev/runs/x", "GET /dev/graph/login.svg", "POST /dev/diff", "GET /dev/clock.json", "POST /dev/clock", "GET /dev/about.json", "GET /dev/bindings.json"}
)

// TestPageSaysWhatRuns: what the start says is told to the inspector, taken apart.
func TestPageSaysWhatRuns(t *testing.T) {
	l := suite.NewLab(t, suite.Development)
	w := l.Get("GET", l.Host(), "/dev/about.json", "")
	var got struct {
		Version, Origin string
		Notes           []struct{ About, Says, Hint string }
	}
	if err := json.Unmarshal(w.Body.Bytes(), &got); err != nil || w.Code != 200 {
		t.Fatalf("%d %s", w.Code, w.Body)
	}
	if got.Version != server.Version() || got.Origin != l.Config.Origin() || len(got.Notes) != len(l.Config.Notes()) {
		t.Errorf("told %+v", got)
	}
	for n, note := range l.Config.Notes() {
		told := got.Notes[n].About + ": " + got.Notes[n].Says
		if got.Notes[n].Hint != "" {
			told += "; " + got.Notes[n].Hint
		}
		if told != note {
			t.Errorf("told %q, want %q", told, note)
		}
	}
}

// TestPageHasTheInspector: the pages of a development server have it, after the virtual
// authenticator and the app; where there can be no pages it stands alone.
func TestPageHasTheInspector(t *testing.T) {
	l := suite.NewLab(t, suite.Development)
	for _, at := range pagePaths {
		method, path, _ := strings.Cut(at, " ")
		body := l.Get(method, l.Host(), path, "").Body.String()
		before, app, after := strings.Index(body, `src="/dev/assets/virtual.js"`), strings.Index(body, `src="/_stagedoor/app/`), strings.Index(body, `src="/dev/assets/inspector.js"`)
		if before < 0 || before > app || app > after {
			t.Errorf("%s: virtual.js at %d, the app at %d, inspector.js at %d", at, before, app, after)
		}
	}
	alone := suite.NewLab(t, suite.Development, func(c *config.Config, _ *server.Options) { c.Headless.Clients = []string{"app"} })
	w := alone.Get("GET", alone.Host(), "/", "")
	if w.Code != 200 || !strings.Contains(w.Body.String(), `src="/dev/assets/inspector.js"`) || w.Header().Get("Content-Security-Policy") != devpage.Policy || strings.Contains(devpage.Policy, "unsafe") {
		t.Errorf("without pages: %d, %v, %s", w.Code, w.Header(), w.Body)
	}
}

func TestPageOnlyInDevelopment(t *testing.T) {
	l := suite.NewLab(t)
	for _, at := range append(append([]string{"GET /dev/assets/inspector.js"}, pagePaths...), secretPaths...) {
		method, path, _ := strings.Cut(at, " ")
		if w := l.Get(method, l.Host(), path, ""); w.Code != 404 {
			t.Errorf("%s: status %d without dev.enabled", at, w.Code)
		}
	}
}

// TestPageRefusesOtherNames: a website whose name was pointed at this machine is of one
// origin with what it reads.
func TestPageRefusesOtherNames(t *testing.T) {
	l := suite.NewLab(t, suite.Development, func(c *config.Config, _ *server.Options) {
		c.PublicURL, c.Dev.AllowRemote = "https://auth.example.com:8080", true
	})
	for host, want := range map[string]bool{
		"auth.example.com:8080": true, "AUTH.example.com": true, "localhost": true, "LocalHost:99": true, "127.0.0.1:8080": true,
		"127.9.9.9": true, "[::1]:8080": true, "[::ffff:127.0.0.1]": true,
		"evil.example": false, "evil.example:8080": false, "localhost.evil.example": false, "auth.example.com.evil.example": false,
		"127.0.0.1.evil.example": false, "192.168.0.9": false, "[fe80::1]": false, "": false, "localhost.": false, "a@localhost": false,
	} {
		for _, at := range append(append([]string{"GET /dev/assets/inspector.js"}, pagePaths...), "GET /dev/mailbox.json", "DELETE /dev/mailbox") {
			method, path, _ := strings.Cut(at, " ")
			w := l.Get(method, host, path, "")
			if ok := w.Code < 400; ok != want {
				t.Errorf("%s for host %q: status %d", at, host, w.Code)
			}
			if !want && !strings.Contains(w.Body.String(), "https://auth.example.com:8080") {
				t.Errorf("%s for host %q: %q does not say where the page is", at, host, w.Body)
			}
		}
	}
}

// TestPageRefusesProxies: behind a proxy sits an unknown client, though the connection
// comes from this machine and names it.
func TestPageRefusesProxies(t *testing.T) {
	own, remote := suite.NewLab(t, suite.Development), suite.NewLab(t, suite.Development, func(c *config.Config, _ *server.Options) { c.Dev.AllowRemote = true })
	paths := append(append([]string{"GET /dev/assets/inspector.js", "GET " + devpage.DummyPath}, pagePaths...), secretPaths...)
	for _, header := range [][]string{
		{"X-Forwarded-For", "203.0.113.9"}, {"x-forwarded-for", "127.0.0.1"}, {"X-Forwarded-For", ""}, {"X-Forwarded-Host", "auth.example.com"},
		{"X-Forwarded-Proto", "https"}, {"Forwarded", "for=203.0.113.9"}, {"Via", "1.1 proxy"}, {"X-Real-IP", "203.0.113.9"},
		{"CF-Connecting-IP", "203.0.113.9"}, {"True-Client-IP", "203.0.113.9"},
	} {
		for _, at := range paths {
			method, path, _ := strings.Cut(at, " ")
			w := own.Get(method, own.Host(), path, "text", header...)
			if w.Code != http.StatusForbidden || !strings.Contains(w.Body.String(), "dev.allow_remote") {
				t.Errorf("%s with %q: status %d, %s", at, header, w.Code, w.Body)
			}
			if w := remote.Get(method, remote.Host(), path, "text", header...); w.Code == http.StatusForbidden {
				t.Errorf("%s with %q, where remote ones are let in: %s", at, header, w.Body)
			}
		}
	}
	if w := own.Get("GET", own.Host(), "/dev/mailbox.json", "", "X-Forwarding", "x", "Accept", "text/html"); w.Code != 200 {
		t.Errorf("without a proxy: status %d", w.Code)
	}
}

// TestPageRefusesOtherWebsites: no page of another origin may read or change anything.
func TestPageRefusesOtherWebsites(t *testing.T) {
	l := suite.NewLab(t, suite.Development, func(c *config.Config, _ *server.Options) { c.CORSAllowedOrigins = []string{"http://localhost:3000"} })
	own := "http://" + l.Host()
	for _, c := range []struct {
		header []string
		want   bool
	}{
		{nil, true},
		{[]string{"Sec-Fetch-Site", "same-origin"}, true},
		{[]string{"Sec-Fetch-Site", "none"}, true},
		{[]string{"Sec-Fetch-Site", "same-origin", "Origin", own}, true},
		{[]string{"Origin", own}, true},
		{[]string{"Sec-Fetch-Site", "same-site"}, false},
		{[]string{"Sec-Fetch-Site", "cross-site"}, false},
		{[]string{"Sec-Fetch-Site", "something new"}, false},
		{[]string{"Sec-Fetch-Site", "cross-site", "Origin", own}, false},
		{[]string{"Origin", "http://evil.example"}, false},
		{[]string{"Origin", "http://localhost:3000"}, false},
		{[]string{"Origin", "null"}, false},
		{[]string{"Origin", "://"}, false},
	} {
		for _, at := range secretPaths {
			method, path, _ := strings.Cut(at, " ")
			w := l.Get(method, l.Host(), path, "text", c.header...)
			if ok := w.Code != http.StatusForbidden; ok != c.want {
				t.Errorf("%s with %q: status %d", at, c.header, w.Code)
			}
		}
		// The links of mails are opened from anywhere.
		if w := l.Get("GET", l.Host(), "/account/verify-email/key", "", c.header...); w.Code != 200 {
			t.Errorf("a link with %q: status %d", c.header, w.Code)
		}
	}
}

func TestPageSendsToThePublicName(t *testing.T) {
	l := suite.NewLab(t, suite.Development)
	port := l.Host()[strings.LastIndex(l.Host(), ":"):]
	for host, want := range map[string]string{
		"127.0.0.1" + port: "http://localhost" + port + "/account/verify-email/1.a%2Fb?x=1%20y",
		"[::1]" + port:     "http://localhost" + port + "/account/verify-email/1.a%2Fb?x=1%20y",
		"localhost" + port: "", "127.0.0.1:1": "", "localhost:1": "",
	} {
		w := l.Get("GET", host, "/account/verify-email/1.a%2Fb?x=1%20y", "")
		if got := w.Header().Get("Location"); got != want || (want != "") != (w.Code == 307) {
			t.Errorf("from %s: status %d to %q, want %q", host, w.Code, got, want)
		}
	}
}

// TestPageLogsNoKeys: the key of a link is in the path.
func TestPageLogsNoKeys(t *testing.T) {
	log := &suite.Journal{}
	l := suite.NewLab(t, suite.Development, func(_ *config.Config, o *server.Options) { o.Log = slog.New(slog.NewTextHandler(log, nil)) })
	for _, path := range []string{"/account/verify-email/SECRET", "/account/password/reset/key/SECRET", "/dev/mailbox.json?to=SECRET", "/healthz", "/auth/config"} {
		l.Get("GET", l.Host(), path, "")
	}
	if text := log.String(); strings.Contains(text, "SECRET") || strings.Count(text, "msg=request") != 1 {
		t.Errorf("want one line, of /auth/config, and no key:\n%s", text)
	}
}

func TestPageAssets(t *testing.T) {
	l := suite.NewLab(t, suite.Development)
	types := map[string]string{"css": "text/css; charset=utf-8", "js": "text/javascript; charset=utf-8", "svg": "image/svg+xml"}
	outside := regexp.MustCompile(`https?://[^\s'"]+`)
	linked := regexp.MustCompile(`(?:/dev/assets/|from '\./)([a-z_.]+)`)
	for _, folder := range []string{".", "../inspector"} {
		holdAssets(t, l, os.DirFS(folder), types, outside, linked)
	}
	for _, name := range []string{"nothing.js", "%2e%2e%2fpage.go", "", "page"} {
		if w := l.Get("GET", l.Host(), "/dev/assets/"+name, ""); w.Code != 404 {
			t.Errorf("asset %q: status %d", name, w.Code)
		}
	}
}

// holdAssets holds every file of the folder page: it is small, names nothing elsewhere, links to
// what there is, and is served as it is.
func holdAssets(t *testing.T, l *suite.Lab, files fs.FS, types map[string]string, outside, linked *regexp.Regexp) {
	t.Helper()
	err := fs.WalkDir(files, "page", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		text, err := fs.ReadFile(files, path)
		if err != nil {
			return err
		}
		if lines := strings.Count(string(text), "\n"); lines > 300 {
			t.Errorf("%s has %d lines", path, lines)
		}
		for _, u := range outside.FindAllString(string(text), -1) {
			if u != "http://www.w3.org/2000/svg" {
				t.Errorf("%s names %s: the page loads nothing from elsewhere", path, u)
			}
		}
		for _, m := range linked.FindAllStringSubmatch(string(text), -1) {
			if w := l.Get("GET", l.Host(), "/dev/assets/"+m[1], ""); w.Code != 200 {
				t.Errorf("%s links to %s: status %d", path, m[1], w.Code)
			}
		}
		name := strings.TrimPrefix(path, "page/")
		w := l.Get("GET", l.Host(), "/dev/assets/"+name, "")
		_, ext, _ := strings.Cut(name, ".")
		if ext == "html" {
			if w.Code != 404 {
				t.Errorf("%s is served as it is, a template", name)
			}
			return nil
		}
		if w.Code != 200 || w.Body.String() != string(text) || w.Header().Get("Content-Type") != types[ext] {
			t.Errorf("%s: status %d, %v", name, w.Code, w.Header())
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

// TestDummyPage: the page of the provider dummy loads its own style and nothing else, and has none
// inline.
func TestDummyPage(t *testing.T) {
	l := suite.NewLab(t, suite.Development)
	w := l.Get("GET", l.Host(), devpage.DummyPath+"?state=x&redirect_uri="+l.Config.Origin()+"/accounts/dummy/login/callback/", "")
	policy := w.Header().Get("Content-Security-Policy")
	if w.Code != 200 || !strings.Contains(policy, "default-src 'none'") || strings.Contains(policy, "unsafe") || strings.Contains(policy, "script") {
		t.Errorf("%d, policy %q", w.Code, policy)
	}
	if body := w.Body.String(); strings.Contains(body, "<style") || strings.Contains(body, "style=") || !strings.Contains(body, "/dev/assets/dummy.css") {
		t.Errorf("%s", body)
	}
	if w := l.Get("GET", l.Host(), devpage.DummyPath+"?state=x&redirect_uri=https://evil.example/", ""); w.Code != 400 {
		t.Errorf("on its way elsewhere: %d", w.Code)
	}
}
