package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestProgramIsShort: a provider is added, and the server around it run, in under 40 lines.
func TestProgramIsShort(t *testing.T) {
	text, err := os.ReadFile("main.go")
	if err != nil {
		t.Fatal(err)
	}
	if n := bytes.Count(text, []byte("\n")); n >= 40 {
		t.Errorf("main.go has %d lines", n)
	}
}

// newClub is the club's server: its one member says yes to everybody.
func newClub(t *testing.T) *httptest.Server {
	t.Helper()
	mux := http.NewServeMux()
	mux.HandleFunc("GET /authorize", func(w http.ResponseWriter, r *http.Request) {
		q := r.URL.Query()
		if q.Get("client_id") != "desk" || q.Get("code_challenge") == "" {
			w.WriteHeader(http.StatusBadRequest)
			return
		}
		http.Redirect(w, r, q.Get("redirect_uri")+"?"+url.Values{"code": {"c"}, "state": {q.Get("state")}}.Encode(), http.StatusFound)
	})
	answer := func(w http.ResponseWriter, good bool, body string) {
		w.Header().Set("Content-Type", "application/json")
		if !good {
			w.WriteHeader(http.StatusForbidden)
		}
		_, _ = io.WriteString(w, body)
	}
	mux.HandleFunc("POST /token", func(w http.ResponseWriter, r *http.Request) {
		answer(w, r.FormValue("code") == "c" && r.FormValue("client_secret") == "hush", `{"access_token": "ours", "token_type": "Bearer"}`)
	})
	mux.HandleFunc("GET /me", func(w http.ResponseWriter, r *http.Request) {
		answer(w, r.Header.Get("Authorization") == "Bearer ours", `{"id": "7", "first": "Ann", "photo": "https://club.example/7.png", "mail": "ann@club.example"}`)
	})
	s := httptest.NewServer(mux)
	t.Cleanup(s.Close)
	return s
}

// serve runs the program's server beside the club, at an address that browsers keep to.
func serve(t *testing.T) (string, *http.Client) {
	t.Helper()
	file := filepath.Join(t.TempDir(), "club.yaml")
	text := fmt.Sprintf("data_dir: %s\nsocialaccount: {providers: [{provider: acme_club, client_id: desk, secret: hush, server_url: %q}]}\n", t.TempDir(), newClub(t).URL)
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	s, err := open(file)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close(t.Context()) })
	web := httptest.NewServer(s)
	t.Cleanup(web.Close)
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	at, _ := url.Parse(web.URL)
	return web.URL, &http.Client{Jar: jar, CheckRedirect: func(r *http.Request, _ []*http.Request) error {
		if strings.HasPrefix(r.URL.Path, "/accounts/") {
			r.URL.Host = at.Host // the server believes to be at its public URL
			return nil
		}
		return http.ErrUseLastResponse
	}}
}

// person is who answers say is signed in.
type person struct {
	Email   string `json:"email"`
	Given   string `json:"given_name"`
	Picture string `json:"picture"`
}

func (p person) isAnn(t *testing.T) {
	t.Helper()
	if (p != person{"ann@club.example", "Ann", "https://club.example/7.png"}) {
		t.Errorf("signed in is %+v", p)
	}
}

func post(t *testing.T, to string, body map[string]string, into any) {
	t.Helper()
	text, _ := json.Marshal(body)
	got, err := http.Post(to, "application/json", bytes.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	read(t, got, into)
}

func read(t *testing.T, got *http.Response, into any) {
	t.Helper()
	defer got.Body.Close()
	text, err := io.ReadAll(got.Body)
	if err != nil || got.StatusCode != http.StatusOK || json.Unmarshal(text, into) != nil {
		t.Fatalf("%s: %s %v", got.Status, text, err)
	}
}

// TestPlain signs in over the plain contract.
func TestPlain(t *testing.T) {
	at, web := serve(t)
	var began struct {
		URL   string `json:"redirect_url"`
		Token string `json:"flow_token"`
	}
	post(t, at+"/auth/providers/acme_club/redirect/", map[string]string{}, &began)
	web.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	got, err := web.Get(began.URL)
	if err != nil {
		t.Fatal(err)
	}
	_ = got.Body.Close()
	back, err := got.Location()
	if err != nil {
		t.Fatalf("%s: %v", got.Status, err)
	}
	var in struct{ User person }
	post(t, at+"/auth/providers/acme_club/callback/", map[string]string{"code": back.Query().Get("code"), "state": back.Query().Get("state"), "token": began.Token}, &in)
	in.User.isAnn(t)
}

// TestBrowser signs in over the contract of browsers.
func TestBrowser(t *testing.T) {
	at, web := serve(t)
	home, _ := url.Parse(at)
	var config struct{ Data any }
	got, err := web.Get(at + "/_allauth/browser/v1/config")
	if err != nil {
		t.Fatal(err)
	}
	read(t, got, &config)
	form := url.Values{"provider": {"acme_club"}, "process": {"login"}, "callback_url": {"/done"}}
	for _, c := range web.Jar.Cookies(home) {
		if c.Name == "csrftoken" {
			form.Set("csrfmiddlewaretoken", c.Value)
		}
	}
	if got, err = web.PostForm(at+"/_allauth/browser/v1/auth/provider/redirect", form); err != nil {
		t.Fatal(err)
	}
	_ = got.Body.Close()
	there, err := got.Location()
	if err != nil {
		t.Fatal(got.Status)
	}
	if got, err = web.Get(there.String()); err != nil {
		t.Fatal(err)
	}
	_ = got.Body.Close()
	var in struct{ Data struct{ User person } }
	if got, err = web.Get(at + "/_allauth/browser/v1/auth/session"); err != nil {
		t.Fatal(err)
	}
	read(t, got, &in)
	in.Data.User.isAnn(t)
}
