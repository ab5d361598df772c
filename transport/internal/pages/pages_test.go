package pages_test

import (
	"encoding/json"
	"html"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"stagedoor/transport/client"
	"stagedoor/transport/config"
	"stagedoor/transport/internal/suite"
	"stagedoor/transport/server"
)

// paths are documents of the app, of every kind.
func paths() []string {
	return []string{
		"/", "/account", "/account/", "/account/login", "/account/signup", "/account/code", "/account/step", "/account/password/reset",
		"/account/password/reset/key", "/account/password/reset/key/a-key", "/account/verify-email", "/account/verify-email/1.a%2Fb", "/account/provider/callback",
		"/account/secure", "/account/email", "/account/phone", "/account/password", "/account/security", "/account/security/totp", "/account/security/codes",
		"/account/providers", "/account/sessions",
	}
}

// carried is the data that a document carries.
type carried struct {
	Title, Mount, Next, QR string
	AfterLogin             string `json:"after_login"`
	Texts                  map[string]string
	Session                struct{ Status int }
	Config                 struct {
		Data struct{ Features json.RawMessage }
	}
	Sample map[string]string
}

func data(t *testing.T, w *httptest.ResponseRecorder) carried {
	t.Helper()
	m := regexp.MustCompile(`(?s)<script type="application/json" id="page">(.*?)</script>`).FindStringSubmatch(w.Body.String())
	var d carried
	if m == nil || json.Unmarshal([]byte(m[1]), &d) != nil {
		t.Fatalf("no data in %s", w.Body)
	}
	return d
}

// TestDocuments: each has its headers, what is known of the visitor, and the forgery token.
func TestDocuments(t *testing.T) {
	l := suite.NewLab(t, suite.Hosted)
	for _, path := range paths() {
		w := l.Get("GET", l.Host(), path, "")
		h := w.Header()
		if w.Code != 200 || h.Get("Content-Type") != "text/html; charset=utf-8" || h.Get("Cache-Control") != "no-store" ||
			h.Get("Referrer-Policy") != "same-origin" || h.Get("X-Content-Type-Options") != "nosniff" {
			t.Fatalf("%s: status %d, %s", path, w.Code, h)
		}
		policy := h.Get("Content-Security-Policy")
		for _, want := range []string{"default-src 'none'", "script-src 'self'", "form-action 'self';", "frame-ancestors 'none'", "base-uri 'none'", "require-trusted-types-for 'script'"} {
			if !strings.Contains(policy+";", want) || strings.Contains(policy, "unsafe") || strings.Contains(policy, "frame-src") {
				t.Errorf("%s: policy %q, want %s", path, policy, want)
			}
		}
		if cookies := w.Result().Cookies(); len(cookies) != 1 || cookies[0].Name != "csrftoken" || cookies[0].Value == "" {
			t.Errorf("%s: cookies %v", path, cookies)
		}
		d := data(t, w)
		if d.Title != "Example" || d.Mount != "/_allauth" || d.Session.Status != 401 || len(d.Config.Data.Features) == 0 || d.Sample != nil || d.Next != "" {
			t.Errorf("%s: %+v", path, d)
		}
		if w := l.Get("POST", l.Host(), path, ""); w.Code != 405 {
			t.Errorf("POST %s: status %d", path, w.Code)
		}
	}
	if w := l.Get("GET", l.Host(), "/.well-known/change-password", ""); w.Code != 303 || w.Header().Get("Location") != "/account/password" {
		t.Errorf("password managers are led to %q with %d", w.Header().Get("Location"), w.Code)
	}
	for path, accept := range map[string]string{"/account/nothing": "text/html", "/account/password/": "text/html", "/account/login/": "text/html,*/*", "/account/x": "application/json", "/nothing": "text/html"} {
		w := l.Get("GET", l.Host(), path, "", "Accept", accept)
		if page := strings.Contains(w.Body.String(), "<!doctype html>"); w.Code != 404 || page != (accept != "application/json" && path != "/nothing") {
			t.Errorf("%s: status %d, %.40s", path, w.Code, w.Body)
		}
	}
}

// TestFormsLeadAway: to other sites only where people come from some.
func TestFormsLeadAway(t *testing.T) {
	for provider, want := range map[string]string{"github": "form-action 'self' https:;", "": "form-action 'self';"} {
		l := suite.NewLab(t, suite.Hosted, func(c *config.Config, _ *server.Options) {
			c.PublicURL = "https://auth.example.com"
			if provider != "" {
				c.SocialAccount.Providers = []config.Provider{{Provider: provider, ClientID: "c", Secret: "s"}}
			}
		})
		if got := l.Get("GET", l.Host(), "/", "").Header().Get("Content-Security-Policy"); !strings.Contains(got, want) {
			t.Errorf("with %q the policy is %q, want %s", provider, got, want)
		}
	}
}

// TestSessionIsCarried: a document knows whose session the visitor's cookie is.
func TestSessionIsCarried(t *testing.T) {
	l := suite.NewLab(t, suite.Hosted, func(c *config.Config, _ *server.Options) { c.Account.EmailVerification = "none" })
	token := signedUp(t, l)
	w := l.Get("GET", l.Host(), "/account/", "", "Cookie", "sessionid="+token)
	if d := data(t, w); d.Session.Status != 200 || !strings.Contains(w.Body.String(), "ann@example.org") {
		t.Errorf("%+v", d.Session)
	}
	for path, class := range map[string]string{"/account/": "account", "/": "account", "/account/secure": "card", "/account/password/reset": "card"} {
		if body := l.Get("GET", l.Host(), path, "", "Cookie", "sessionid="+token).Body.String(); !strings.Contains(body, `<body class="`+class+`"`) {
			t.Errorf("%s does not begin in the frame %s", path, class)
		}
	}
	// A session that is over is taken back, as by the contract itself.
	gone := l.Get("GET", l.Host(), "/account/", "", "Cookie", "sessionid=nonsense")
	if d := data(t, gone); d.Session.Status != 401 {
		t.Errorf("%+v", d.Session)
	}
}

// TestWhoMayBeBound: where a page of another host has led here, a browser has not waited for the
// cookie of a bound session: the document leaves it to the app to ask whose session it is.
func TestWhoMayBeBound(t *testing.T) {
	l := suite.NewLab(t, suite.Hosted)
	c := l.Browser()
	c.Do("GET", "/auth/webauthn/login", nil).Is(200) // makes an anonymous session
	token := "sessionid=" + c.Cookie("sessionid")
	for _, tt := range []struct {
		from, cookie string
		asks         bool
	}{
		{"cross-site", token, true}, {"same-site", token, true}, {"same-origin", token, false}, {"none", token, false}, {"", token, false},
		{"cross-site", token + "; __Host-stagedoor_bound=x", false}, {"cross-site", "", false}, {"cross-site", "sessionid=nonsense", false},
	} {
		d := data(t, l.Get("GET", l.Host(), "/account/", "", "Cookie", tt.cookie, "Sec-Fetch-Site", tt.from))
		if asks := d.Session.Status == 0; asks != tt.asks {
			t.Errorf("from %q with %q: the app asks: %t", tt.from, tt.cookie, asks)
		}
	}
}

// signedUp is the token of a new account's session.
func signedUp(t *testing.T, l *suite.Lab) string {
	t.Helper()
	c := l.Browser()
	c.Signup("ann@example.org")
	return c.Cookie("sessionid")
}

// TestNext: whatever stands in the address, nobody is sent to a stranger's page.
func TestNext(t *testing.T) {
	l := suite.NewLab(t, suite.Hosted, func(c *config.Config, _ *server.Options) {
		c.CSRFTrustedOrigins, c.Hosted.AfterLogin = []string{"https://app.example.com"}, "https://app.example.com/home"
	})
	for next, want := range map[string]bool{
		"%2Faccount%2Femail": true, "https://app.example.com/x?y=1": true, "https%3A%2F%2Fapp.example.com%2F": true,
		"//evil.example": false, "https://evil.example/": false, "%2F%5Cevil.example": false, "/%09/evil.example": false, "javascript:alert(1)": false,
		"https://app.example.com@evil.example/": false, "https://app.example.com.evil.example/": false, "": false, "x": false,
	} {
		d := data(t, l.Get("GET", l.Host(), "/account/login?next="+next, ""))
		if (d.Next != "") != want || d.AfterLogin != "https://app.example.com/home" {
			t.Errorf("next=%s: carried as %q", next, d.Next)
		}
	}
	// Of two the first counts, and it is the one that was judged.
	if d := data(t, l.Get("GET", l.Host(), "/account/login?next=//evil.example&next=/account/", "")); d.Next != "" {
		t.Errorf("carried as %q", d.Next)
	}
}

// TestThemeIsShown: title, logo, stylesheet and texts of an operator.
func TestThemeIsShown(t *testing.T) {
	dir := t.TempDir()
	file := func(name, text string) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	l := suite.NewLab(t, suite.Hosted, func(c *config.Config, _ *server.Options) {
		c.Hosted = config.Hosted{
			Title: "A & <b>", Logo: file("l.svg", "<svg><script>alert(1)</script></svg>"), CSS: file("t.css", ":root{--accent:red}"),
			Texts: file("t.yaml", "lang: de\nnoscript: Ohne JavaScript geht es nicht.\nlogin.title: \"</script><script>alert(1)</script>\"\n"),
		}
	})
	w := l.Get("GET", l.Host(), "/", "")
	body := w.Body.String()
	if d := data(t, w); d.Title != "A & <b>" || d.Texts["login.title"] != "</script><script>alert(1)</script>" {
		t.Errorf("carried as %+v", d)
	}
	if !strings.Contains(body, `<html lang="de">`) || !strings.Contains(body, "Ohne JavaScript") || !strings.Contains(body, "<title>A &amp; &lt;b&gt;</title>") || strings.Contains(body, "alert(1)</script>") {
		t.Errorf("the document is %s", body)
	}
	styles := regexp.MustCompile(`rel="stylesheet" href="([^"]+)"`).FindAllStringSubmatch(body, -1)
	if len(styles) != 2 || !strings.HasSuffix(styles[1][1], "/theme.css") {
		t.Fatalf("stylesheets: %v", styles)
	}
	if css := l.Get("GET", l.Host(), styles[1][1], ""); css.Body.String() != ":root{--accent:red}" {
		t.Errorf("the theme is %s", css.Body)
	}
	logo := regexp.MustCompile(`<img src="([^"]+logo.svg)" alt="A &amp; &lt;b&gt;">`).FindStringSubmatch(body)
	if logo == nil {
		t.Fatal("no logo")
	}
	if svg := l.Get("GET", l.Host(), logo[1], ""); svg.Header().Get("Content-Type") != "image/svg+xml" || !strings.HasPrefix(svg.Header().Get("Content-Security-Policy"), "sandbox;") {
		t.Errorf("the logo is served with %v", svg.Header())
	}
}

// TestFaultyThemeStartsNothing: what the files have in them is judged before anything starts,
// by check, too.
func TestFaultyThemeStartsNothing(t *testing.T) {
	dir := t.TempDir()
	c := suite.LabConfig(dir, "127.0.0.1:0")
	c.Serve.Pages, c.Hosted.Logo = true, filepath.Join(dir, "none.svg")
	_, err := server.Check(c, server.Options{})
	if _, open := server.Open(t.Context(), c, server.Options{}); err == nil || open == nil || open.Error() != err.Error() || !strings.HasPrefix(err.Error(), "pages.logo: ") {
		t.Errorf("check says %v, the start %v", err, open)
	}
	if _, err := os.Stat(c.DataDir); !os.IsNotExist(err) {
		t.Errorf("the start left something behind: %v", err)
	}
	c.Serve.Pages = false
	if _, err := server.Check(c, server.Options{}); err != nil {
		t.Errorf("files of pages that there are not: %v", err)
	}
}

// TestOffByDefault: without serve.pages there is nothing.
func TestOffByDefault(t *testing.T) {
	l := suite.NewLab(t)
	for _, path := range append(paths(), "/_stagedoor/app/x/app.css") {
		if w := l.Get("GET", l.Host(), path, "", "Accept", "text/html"); w.Code != 404 {
			t.Errorf("%s: status %d", path, w.Code)
		}
	}
	if w := l.Get("POST", l.Host(), "/_stagedoor/app/qr", "x"); w.Code != 404 {
		t.Errorf("qr: status %d", w.Code)
	}
}

// TestAssets: every file is there under the path of its contents, in two encodings, for ever.
func TestAssets(t *testing.T) {
	l := suite.NewLab(t, suite.Hosted)
	base := regexp.MustCompile(`data-app="([^"]+)"`).FindStringSubmatch(l.Get("GET", l.Host(), "/", "").Body.String())[1]
	entries, err := os.ReadDir("app")
	if err != nil {
		t.Fatal(err)
	}
	outside := regexp.MustCompile(`https?://[^\s'"]+`)
	for _, e := range entries {
		text, err := os.ReadFile("app/" + e.Name())
		if err != nil {
			t.Fatal(err)
		}
		if lines := strings.Count(string(text), "\n"); lines > 260 && e.Name() != "texts.js" {
			t.Errorf("%s has %d lines: a reader opens it", e.Name(), lines)
		}
		for _, u := range outside.FindAllString(string(text), -1) {
			if u != "http://www.w3.org/2000/svg" {
				t.Errorf("%s names %s: the app loads nothing from elsewhere", e.Name(), u)
			}
		}
		w := l.Get("GET", l.Host(), base+e.Name(), "")
		if w.Code != 200 || w.Body.String() != string(text) || w.Header().Get("Cache-Control") != "public, max-age=31536000, immutable" || w.Header().Get("X-Content-Type-Options") != "nosniff" {
			t.Errorf("%s: status %d, %v", e.Name(), w.Code, w.Header())
		}
		packed := l.Get("GET", l.Host(), base+e.Name(), "", "Accept-Encoding", "gzip")
		if len(text) > 1000 && (packed.Header().Get("Content-Encoding") != "gzip" || packed.Body.Len() >= len(text)) {
			t.Errorf("%s is not compressed", e.Name())
		}
		if old := l.Get("GET", l.Host(), "/_stagedoor/app/other/"+e.Name(), ""); old.Code != 200 || old.Header().Get("Cache-Control") != "no-store" {
			t.Errorf("%s under another hash: %d, %v", e.Name(), old.Code, old.Header())
		}
	}
	if w := l.Get("GET", l.Host(), base+"stagedoor.js", ""); w.Body.String() != string(client.Script) {
		t.Error("the library is not among the files")
	}
	for _, name := range []string{"nothing.js", "%2e%2e%2fpage.html", "", "page.html"} {
		if w := l.Get("GET", l.Host(), base+name, ""); w.Code != 404 {
			t.Errorf("asset %q: status %d", name, w.Code)
		}
	}
}

// TestTextsAreThere: every text that a module names is in the table, and each of the table is
// named somewhere, so that nobody replaces one that nobody sees.
func TestTextsAreThere(t *testing.T) {
	table, err := os.ReadFile("app/texts.js")
	if err != nil {
		t.Fatal(err)
	}
	all := map[string]bool{}
	for _, m := range regexp.MustCompile(`(?m)^  '?([a-z_.]+)'?: '`).FindAllStringSubmatch(string(table), -1) {
		all[m[1]] = false
	}
	files, err := filepath.Glob("app/*.js")
	if err != nil || len(all) < 100 {
		t.Fatalf("%d texts, %v", len(all), err)
	}
	named := regexp.MustCompile("['`]([a-z_]+\\.[a-z_.${}]+)['`]")
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if filepath.Base(file) == "texts.js" {
			continue
		}
		for _, m := range named.FindAllStringSubmatch(string(text), -1) {
			pattern := regexp.MustCompile("^" + regexp.MustCompile(`\\\$\\\{[^}]*\\\}|\$\\\{.*?\\\}`).ReplaceAllString(regexp.QuoteMeta(m[1]), `[a-z_.]+`) + "$")
			found := false
			for key := range all {
				if pattern.MatchString(key) {
					all[key], found = true, true
				}
			}
			if !found && !strings.HasSuffix(m[1], ".js") && !strings.HasPrefix(m[1], "step.$") {
				t.Errorf("%s names the text %s, which there is not", file, m[1])
			}
		}
	}
	for key, used := range all {
		if !used && !slices.Contains([]string{"lang", "noscript"}, key) && !strings.HasPrefix(key, "error.") && !strings.HasPrefix(key, "callback.") {
			t.Errorf("nobody says %s", key)
		}
	}
}

// TestQR: it is drawn for members alone, of what is in the body.
func TestQR(t *testing.T) {
	l := suite.NewLab(t, suite.Hosted, func(c *config.Config, _ *server.Options) { c.Account.EmailVerification = "none" })
	if w := l.Get("POST", l.Host(), "/_stagedoor/app/qr", "secret"); w.Code != 401 {
		t.Errorf("a stranger: status %d", w.Code)
	}
	cookie := "sessionid=" + signedUp(t, l)
	if w := l.Get("POST", l.Host(), "/_stagedoor/app/qr", "secret", "Cookie", cookie); w.Code != 403 {
		t.Errorf("another site: status %d", w.Code)
	}
	csrf := strings.Repeat("a", 32)
	post := func(method, body string) *httptest.ResponseRecorder {
		return l.Get(method, l.Host(), "/_stagedoor/app/qr", body, "Cookie", cookie+"; csrftoken="+csrf, "X-CSRFToken", csrf)
	}
	w := post("POST", "otpauth://totp/x?secret=ABC")
	var got struct {
		Size int
		Path string
	}
	if err := json.Unmarshal(w.Body.Bytes(), &got); err != nil || w.Code != 200 || got.Size < 29 || !strings.HasPrefix(got.Path, "M4 4h7v1h-7z") || w.Header().Get("Cache-Control") != "no-store" {
		t.Errorf("status %d, %v: %+v", w.Code, err, got)
	}
	for body, want := range map[string]int{"": 400, strings.Repeat("x", 2332): 413, strings.Repeat("x", 2331): 200} {
		if w := post("POST", body); w.Code != want {
			t.Errorf("%d bytes: status %d", len(body), w.Code)
		}
	}
	if w := post("GET", ""); w.Code != http.StatusMethodNotAllowed {
		t.Errorf("GET: status %d", w.Code)
	}
}

// TestKeysAreNotLogged: the key of a link is in the path.
func TestKeysAreNotLogged(t *testing.T) {
	l := suite.NewLab(t, suite.Hosted)
	l.Get("GET", l.Host(), "/account/verify-email/SECRET", "")
	l.Get("GET", l.Host(), "/account/password/reset/key/SECRET?x=SECRET", "")
	if strings.Contains(html.UnescapeString(l.Log.String()), "SECRET") {
		t.Errorf("the log has a key:\n%s", l.Log)
	}
}
