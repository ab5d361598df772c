package journeys

import (
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"stagedoor/transport/config"
	"stagedoor/transport/internal/suite"
	"stagedoor/transport/server"
)

// authAPI is what a small page would write: it keeps its token in localStorage and
// branches on data.user and data.flow.
const authAPI = `<!doctype html><meta charset="utf-8"><title>page</title><script>
class AuthAPI {
  constructor(baseURL) { this.baseURL = baseURL; }
  async request(path, options = {}) {
    const headers = {'Content-Type': 'application/json'};
    const token = localStorage.getItem('token');
    if (token) headers.Authorization = 'Bearer ' + token;
    const response = await fetch(this.baseURL + path, {...options, headers});
    const data = await response.json();
    if (data.access_token) localStorage.setItem('token', data.access_token);
    return data;
  }
  async login(email, password) {
    const data = await this.request('/auth/login/', {method: 'POST', body: JSON.stringify({email, password})});
    if (data.user) return {ok: true, user: data.user};
    if (data.flow === 'mfa_authenticate') return {mfa: true, token: data.mfa_token};
    return {ok: false, errors: data.errors};
  }
  async factor(token, code) {
    return this.request('/auth/mfa/authenticate/', {method: 'POST', body: JSON.stringify({token, code})});
  }
  async getUser() { return (await this.request('/auth/user/')).user ?? null; }
  async logout() { await this.request('/auth/logout/', {method: 'POST'}); localStorage.removeItem('token'); }
}
</script>`

// pageBrowser is a browser at a page of another origin.
type pageBrowser struct {
	t   *testing.T
	ctx context.Context
}

// open starts a browser at a page. Where there is none the test is skipped, or fails if
// STAGEDOOR_REQUIRE contains "chromium".
func open(t *testing.T, page string) *pageBrowser {
	t.Helper()
	path := ""
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome"} {
		if found, err := exec.LookPath(name); err == nil && path == "" {
			path = found
		}
	}
	switch {
	case path != "":
	case strings.Contains(os.Getenv("STAGEDOOR_REQUIRE"), "chromium"):
		t.Fatal("chromium is required and not on PATH; install the package chromium")
	default:
		t.Skip("no chromium on PATH: the contract is not tried from a page")
	}
	options := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.ExecPath(path), chromedp.NoSandbox)
	allocator, stop := chromedp.NewExecAllocator(t.Context(), options...)
	t.Cleanup(stop)
	ctx, cancel := chromedp.NewContext(allocator)
	t.Cleanup(cancel)
	b := &pageBrowser{t: t, ctx: ctx}
	if err := chromedp.Do(ctx, chromedp.Navigate(page)); err != nil {
		t.Fatalf("open %s: %v", page, err)
	}
	return b
}

// run evaluates a script and returns what its promise came to, as JSON.
func (b *pageBrowser) run(script string) string {
	b.t.Helper()
	ctx, cancel := context.WithTimeout(b.ctx, suite.Patience)
	defer cancel()
	whole := `(async () => { try { return JSON.stringify(await (async () => {` + script + `})()) } catch (e) { return 'thrown: ' + e } })()`
	got, err := chromedp.Run(ctx, chromedp.Evaluate[string](whole, chromedp.EvalAwaitPromise))
	if err != nil {
		b.t.Fatalf("%s: %v", script, err)
	}
	return got
}

// TestRestFromAPage uses the contract from a page of another origin, in a browser.
func TestRestFromAPage(t *testing.T) {
	pages := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html")
		_, _ = w.Write([]byte(authAPI))
	})
	friend, stranger := httptest.NewServer(pages), httptest.NewServer(pages)
	t.Cleanup(friend.Close)
	t.Cleanup(stranger.Close)
	b := open(t, friend.URL)

	l := suite.NewLab(t, suite.Dev, func(c *config.Config, _ *server.Options) {
		c.CORSAllowedOrigins = append(c.CORSAllowedOrigins, friend.URL)
		// Else every page of this machine may ask, the stranger's among them.
		c.Dev.AllowRemote = true
	})
	s := l.Insider("ada@example.com")
	api := `const api = new AuthAPI('` + l.URL + `'); `
	wrong := b.run(api + `return api.login('ada@example.com', 'wrong horse 1')`)
	if !strings.Contains(wrong, `"ok":false`) || !strings.Contains(wrong, `"password":[`) {
		t.Fatalf("a wrong password: %s", wrong)
	}
	in := b.run(api + `const r = await api.login('ada@example.com', '` + suite.Password + `'); return [r, await api.getUser(), localStorage.getItem('token')]`)
	if strings.Count(in, `"email":"ada@example.com"`) != 2 {
		t.Fatalf("signed in: %s", in)
	}
	var parts []json.RawMessage
	if err := json.Unmarshal([]byte(in), &parts); err != nil || len(parts) != 3 || string(parts[2]) == "null" {
		t.Fatalf("no token is kept: %s", in)
	}
	if out := b.run(api + `await api.logout(); return [await api.getUser(), localStorage.getItem('token'), document.cookie]`); out != `[null,null,""]` {
		t.Errorf("after logout: %s", out)
	}

	secret := s.TOTPOn()
	var waits struct {
		MFA   bool
		Token string
	}
	if err := json.Unmarshal([]byte(b.run(api+`return api.login('ada@example.com', '`+suite.Password+`')`)), &waits); err != nil || !waits.MFA || waits.Token == "" {
		t.Fatalf("no second factor is asked for: %+v %v", waits, err)
	}
	done := b.run(api + `await api.factor('` + waits.Token + `', '` + l.TOTP(secret) + `'); return api.getUser()`)
	if !strings.Contains(done, `"email":"ada@example.com"`) {
		t.Errorf("after the second factor: %s", done)
	}

	// A page that is not allowed to learns nothing.
	if err := chromedp.Do(b.ctx, chromedp.Navigate(stranger.URL)); err != nil {
		t.Fatal(err)
	}
	l.Clock.Pass(time.Second)
	if got := b.run(api + `return api.login('ada@example.com', '` + suite.Password + `')`); !strings.HasPrefix(got, "thrown: ") {
		t.Errorf("a page of another origin reads %s", got)
	}
}
