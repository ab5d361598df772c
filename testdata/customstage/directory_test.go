package acme

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"log/slog"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"

	"stagedoor/stages"
	"stagedoor/transport/config"
	"stagedoor/transport/server"
)

// directory is the company's directory on this machine: it says yes to everybody.
type directory struct {
	*httptest.Server
	mu sync.Mutex
	// me is who signs in there; asked are requests by code.
	me    m
	asked map[string]url.Values
}

func newDirectory(t *testing.T) *directory {
	d := &directory{asked: make(map[string]url.Values)}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /authorize", d.authorize)
	mux.HandleFunc("POST /token", d.token)
	mux.HandleFunc("GET /me", func(w http.ResponseWriter, r *http.Request) {
		d.answer(w, r.Header.Get("Authorization") == "Bearer ours", d.person())
	})
	mux.HandleFunc("POST /inspect", func(w http.ResponseWriter, r *http.Request) {
		d.answer(w, r.FormValue("client") == "acme" && r.FormValue("token") == "ours", m{"person": d.person()})
	})
	d.Server = httptest.NewServer(mux)
	t.Cleanup(d.Close)
	return d
}

func (d *directory) person() m {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.me
}

// is says who signs in from now on.
func (d *directory) is(badge, mail, checked string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.me = m{"badge": badge, "nick": "nick" + badge, "mail": mail, "checked": checked}
}

func (d *directory) answer(w http.ResponseWriter, ok bool, body any) {
	if !ok {
		w.WriteHeader(http.StatusForbidden)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(body)
}

func (d *directory) authorize(w http.ResponseWriter, r *http.Request) {
	q, code := r.URL.Query(), rand.Text()
	d.mu.Lock()
	d.asked[code] = q
	d.mu.Unlock()
	http.Redirect(w, r, q.Get("redirect_uri")+"?"+url.Values{"code": {code}, "state": {q.Get("state")}}.Encode(), http.StatusFound)
}

// token takes a code with the verifier of its challenge, and with the secret.
func (d *directory) token(w http.ResponseWriter, r *http.Request) {
	d.mu.Lock()
	q := d.asked[r.FormValue("code")]
	delete(d.asked, r.FormValue("code"))
	d.mu.Unlock()
	sum := sha256.Sum256([]byte(r.FormValue("code_verifier")))
	right := q.Get("code_challenge") == base64.RawURLEncoding.EncodeToString(sum[:]) && r.FormValue("client_secret") == "hush" && q.Get("scope") == "people mail"
	d.answer(w, right, m{"access_token": "ours", "token_type": "Bearer"})
}

// withDirectory is a server whose people sign in by the directory.
func withDirectory(t *testing.T) (*lab, *directory) {
	t.Helper()
	d := newDirectory(t)
	return newLab(t, func(c *config.Config, o *server.Options) {
		o.Providers, o.Extend = []stages.ProviderKind{Directory()}, nil
		c.SocialAccount.Kinds = o.Providers // for Validate before New
		c.SocialAccount.Providers = append(c.SocialAccount.Providers, config.Provider{
			Provider: "acme_directory", ClientID: "acme", Secret: "hush", ServerURL: d.URL,
		})
		c.Rest.RedirectURIs = []string{"http://127.0.0.1:3000/back"}
	}), d
}

// TestDirectoryRest signs up and in over the plain contract, by redirect and by token.
func TestDirectoryRest(t *testing.T) {
	l, d := withDirectory(t)
	if list := l.send("GET", "/auth/providers/", "", nil).is(200).Raw; !strings.Contains(list, `"acme_directory"`) || !strings.Contains(list, "Acme directory") {
		t.Errorf("providers: %s", list)
	}
	d.is("17", "ann@acme.example", "ann@acme.example")
	in := l.travel("/providers/acme_directory")
	if in.is(200); in.Access == "" || !strings.Contains(in.Raw, `"nick17"`) {
		t.Fatalf("signed up: %s", in.Raw)
	}
	again := l.travel("/providers/acme_directory").is(200)
	token := l.rest("/providers/acme_directory/token/", "", m{"access_token": "ours"}).is(200)
	if user(in) == "" || user(again) != user(in) || user(token) != user(in) {
		t.Errorf("one person is %s, %s and %s", user(in), user(again), user(token))
	}
	l.rest("/providers/acme_directory/token/", "", m{"access_token": "another's"}).is(400)
}

// TestDirectoryHeadless does the same over the contract of browsers and apps.
func TestDirectoryHeadless(t *testing.T) {
	l, d := withDirectory(t)
	config := l.send("GET", "/_allauth/app/v1/config", "", nil).is(200).Raw
	if !strings.Contains(config, `"id":"acme_directory"`) || !strings.Contains(config, `"flows":["provider_redirect","provider_token"]`) {
		t.Errorf("config: %s", config)
	}
	d.is("18", "bob@acme.example", "bob@acme.example")
	token := func(access string) *said {
		return l.app("/auth/provider/token", "", m{
			"provider": "acme_directory", "process": "login", "token": m{"client_id": "acme", "access_token": access},
		})
	}
	token("another's").is(400)
	if in := token("ours").is(200); in.Data.User == nil || in.Data.User.Email != "bob@acme.example" {
		t.Errorf("signed up: %s", in.Raw)
	}
	if landed := l.browse("acme_directory"); landed != "/done" {
		t.Errorf("a browser comes back to %s", landed)
	}
}

// TestDirectoryProvesNoAddress: an address that the directory does not call checked is a
// name, which must be verified here first; and a state is good for its own browser alone.
func TestDirectoryProvesNoAddress(t *testing.T) {
	l, d := withDirectory(t)
	d.is("19", "eve@acme.example", "")
	l.travel("/providers/acme_directory").waits("verify_email")
	d.is("", "eve@acme.example", "eve@acme.example")
	l.rest("/providers/acme_directory/token/", "", m{"access_token": "ours"}).is(400)
	l.rest("/providers/acme_directory/callback/", "", m{"code": "x", "state": "made up", "token": "made up"}).is(410)
}

// TestKindsAreChecked: a server does not start on a kind that cannot work.
func TestKindsAreChecked(t *testing.T) {
	c := config.Dev()
	c.DataDir = t.TempDir()
	for want, change := range map[string]func(*stages.ProviderKind){
		"github is a kind of the server": func(k *stages.ProviderKind) { k.ID = "github" },
		"is not an id":                   func(k *stages.ProviderKind) { k.ID = "Acme" },
		"it needs AuthURL, TokenURL":     func(k *stages.ProviderKind) { k.Read = nil },
		"Begin and Exchange go together": func(k *stages.ProviderKind) {
			k.Begin = func(context.Context, stages.ProviderCall) (string, error) { return "", nil }
		},
		"is not an http or https URL":       func(k *stages.ProviderKind) { k.TokenURL = "token" },
		"redirect_uri is set by the server": func(k *stages.ProviderKind) { k.AuthParams = map[string]string{"redirect_uri": "x"} },
		"leave them out":                    func(k *stages.ProviderKind) { k.Issuer = "https://id.acme.example" },
	} {
		k := Directory()
		change(&k)
		_, err := server.Open(t.Context(), c, server.Options{Log: slog.New(slog.DiscardHandler), Providers: []stages.ProviderKind{k}})
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("want %q, got %v", want, err)
		}
	}
}

// user is the id of who signed in.
func user(s *said) string {
	var got struct{ User struct{ ID json.Number } }
	_ = json.Unmarshal([]byte(s.Raw), &got)
	return got.User.ID.String()
}

// travel goes to a provider's page and comes back, as a client of the plain contract.
func (l *lab) travel(provider string) *said {
	l.t.Helper()
	began := l.rest(provider+"/redirect/", "", m{}).is(200)
	var to struct {
		URL string `json:"redirect_url"`
	}
	if err := json.Unmarshal([]byte(began.Raw), &to); err != nil {
		l.t.Fatal(err)
	}
	web := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	got, err := web.Get(to.URL)
	if err != nil {
		l.t.Fatal(err)
	}
	got.Body.Close()
	back, err := got.Location()
	if err != nil {
		l.t.Fatalf("%s: %v", to.URL, err)
	}
	return l.rest(provider+"/callback/", "", m{"code": back.Query().Get("code"), "state": back.Query().Get("state"), "token": began.FlowToken})
}

// browse goes to a provider's page and comes back, as a browser, and returns the page it
// lands on.
func (l *lab) browse(provider string) string {
	l.t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		l.t.Fatal(err)
	}
	web := &http.Client{Jar: jar, CheckRedirect: func(r *http.Request, _ []*http.Request) error {
		if r.URL.Path == "/done" {
			return http.ErrUseLastResponse
		}
		// The server believes to be at its public URL.
		if home, err := url.Parse(l.url); err == nil && strings.HasPrefix(r.URL.Path, "/accounts/") {
			r.URL.Host = home.Host
		}
		return nil
	}}
	first, err := web.Get(l.url + "/_allauth/browser/v1/config")
	if err != nil {
		l.t.Fatal(err)
	}
	first.Body.Close()
	at, _ := url.Parse(l.url)
	form := url.Values{"provider": {provider}, "process": {"login"}, "callback_url": {"/done"}}
	for _, c := range jar.Cookies(at) {
		if c.Name == "csrftoken" {
			form.Set("csrfmiddlewaretoken", c.Value)
		}
	}
	got, err := web.PostForm(l.url+"/_allauth/browser/v1/auth/provider/redirect", form)
	if err != nil {
		l.t.Fatal(err)
	}
	got.Body.Close()
	to, err := got.Location()
	if err != nil {
		return got.Status
	}
	return to.Path
}
