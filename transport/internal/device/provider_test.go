package device

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/oauth2"
)

// noon is when all stories of these tests take place.
func noon() time.Time { return time.Date(2031, 5, 17, 12, 0, 0, 0, time.UTC) }

const callback = "http://localhost:8000/callback?keep=1"

// world is a provider with a client that believes nothing.
type world struct {
	*Provider
	t      testing.TB
	now    time.Time
	meta   *oidc.Provider
	client oauth2.Config
}

func newWorld(t testing.TB) *world {
	t.Helper()
	w := &world{t: t, now: noon()}
	web := httptest.NewUnstartedServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) { w.Provider.ServeHTTP(rw, r) }))
	issuer := "http://" + web.Listener.Addr().String()
	var err error
	w.Provider, err = NewProvider(ProviderConfig{Issuer: issuer, Now: func() time.Time { return w.now }, Entropy: entropy(1)})
	if err != nil {
		t.Fatal(err)
	}
	web.Start()
	t.Cleanup(web.Close)
	if w.meta, err = oidc.NewProvider(t.Context(), issuer); err != nil {
		t.Fatal(err)
	}
	w.client = oauth2.Config{
		ClientID: ClientID, ClientSecret: ClientSecret, RedirectURL: callback, Endpoint: w.meta.Endpoint(), Scopes: []string{"openid", "email"},
	}
	return w
}

// verify judges an id token as the client does.
func (w *world) verify(token string) (*oidc.IDToken, error) {
	return w.meta.Verifier(&oidc.Config{ClientID: ClientID, Now: func() time.Time { return w.now }}).Verify(context.Background(), token)
}

// goTo plays a person at the provider and reads the way back.
func (w *world) goTo(who Identity, opts ...oauth2.AuthCodeOption) url.Values {
	w.t.Helper()
	back, err := w.Authorize(w.client.AuthCodeURL("the-state", opts...), who)
	if err != nil {
		w.t.Fatal(err)
	}
	u, err := url.Parse(back)
	if err != nil || u.Scheme+"://"+u.Host+u.Path != "http://localhost:8000/callback" || u.Query().Get("keep") != "1" {
		w.t.Fatalf("back at %s (%v)", back, err)
	}
	return u.Query()
}

func (w *world) exchange(code string, opts ...oauth2.AuthCodeOption) (*oauth2.Token, error) {
	return w.client.Exchange(context.Background(), code, opts...)
}

func ada() Identity {
	return Identity{"sub": "ada-1", "email": "ada@example.org", "email_verified": "true", "name": "Ada"}
}

func TestProviderCodeFlow(t *testing.T) {
	for _, style := range []oauth2.AuthStyle{oauth2.AuthStyleInHeader, oauth2.AuthStyleInParams} {
		w := newWorld(t)
		w.client.Endpoint.AuthStyle = style
		verifier := oauth2.GenerateVerifier()
		answer := w.goTo(ada(), oidc.Nonce("n-1"), oauth2.S256ChallengeOption(verifier))
		if answer.Get("state") != "the-state" || answer.Get("error") != "" {
			t.Fatalf("back with %v", answer)
		}
		tokens, err := w.exchange(answer.Get("code"), oauth2.VerifierOption(verifier))
		if err != nil {
			t.Fatal(err)
		}
		raw, _ := tokens.Extra("id_token").(string)
		token, err := w.verify(raw)
		if err != nil {
			t.Fatal(err)
		}
		var claims struct {
			Email    string `json:"email"`
			Verified bool   `json:"email_verified"`
		}
		if err := token.Claims(&claims); err != nil || token.Subject != "ada-1" || token.Nonce != "n-1" || claims.Email != "ada@example.org" || !claims.Verified {
			t.Errorf("%+v %+v %v", token, claims, err)
		}
		if want := noon().Add(tokenLife); !token.Expiry.Equal(want) || !token.IssuedAt.Equal(noon()) {
			t.Errorf("from %s to %s", token.IssuedAt, token.Expiry)
		}
		info, err := w.meta.UserInfo(t.Context(), oauth2.StaticTokenSource(tokens))
		if err != nil || info.Subject != "ada-1" || info.Email != "ada@example.org" || !info.EmailVerified {
			t.Errorf("userinfo: %+v, %v", info, err)
		}
		if _, err := w.exchange(answer.Get("code"), oauth2.VerifierOption(verifier)); err == nil || !strings.Contains(err.Error(), "invalid_grant") {
			t.Errorf("the code worked twice: %v", err)
		}
	}
}

// Each change to an exchange that must not succeed, and the error by which it fails.
func TestProviderTokenRefusals(t *testing.T) {
	verifier := oauth2.GenerateVerifier()
	for name, c := range map[string]struct {
		change func(*world)
		who    Identity
		opts   []oauth2.AuthCodeOption
		want   string
	}{
		"as it should be":    {opts: []oauth2.AuthCodeOption{oauth2.VerifierOption(verifier)}},
		"no verifier":        {want: "invalid_grant"},
		"other verifier":     {opts: []oauth2.AuthCodeOption{oauth2.VerifierOption(oauth2.GenerateVerifier())}, want: "invalid_grant"},
		"other secret":       {change: func(w *world) { w.client.ClientSecret = "guess" }, want: "invalid_client"},
		"no secret":          {change: func(w *world) { w.client.ClientSecret = "" }, want: "invalid_client"},
		"other client":       {change: func(w *world) { w.client.ClientID = "other" }, want: "invalid_client"},
		"other redirect_uri": {change: func(w *world) { w.client.RedirectURL += "&more=1" }, opts: []oauth2.AuthCodeOption{oauth2.VerifierOption(verifier)}, want: "invalid_grant"},
		"other grant_type":   {opts: []oauth2.AuthCodeOption{oauth2.SetAuthURLParam("grant_type", "password")}, want: "unsupported_grant_type"},
		"too late":           {change: func(w *world) { w.now = w.now.Add(codeLife) }, opts: []oauth2.AuthCodeOption{oauth2.VerifierOption(verifier)}, want: "invalid_grant"},
		"bad code":           {who: Identity{"sub": "x", "bad_code": true}, opts: []oauth2.AuthCodeOption{oauth2.VerifierOption(verifier)}, want: "invalid_grant"},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			w.client.Endpoint.AuthStyle = oauth2.AuthStyleInHeader
			answer := w.goTo(c.who, oauth2.S256ChallengeOption(verifier))
			if c.change != nil {
				c.change(w)
			}
			_, err := w.exchange(answer.Get("code"), c.opts...)
			if c.want == "" && err != nil || c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want)) {
				t.Errorf("%v; want %q", err, c.want)
			}
		})
	}
}

// A challenge in the clear is one, too; and a verifier nobody asked for is none.
func TestProviderPlainChallenge(t *testing.T) {
	w := newWorld(t)
	plain := []oauth2.AuthCodeOption{oauth2.SetAuthURLParam("code_challenge", "in-the-clear")}
	if _, err := w.exchange(w.goTo(nil, plain...).Get("code"), oauth2.VerifierOption("in-the-clear")); err != nil {
		t.Error(err)
	}
	if _, err := w.exchange(w.goTo(nil, plain...).Get("code"), oauth2.VerifierOption("other")); err == nil {
		t.Error("another verifier passed")
	}
	if _, err := w.exchange(w.goTo(nil).Get("code"), oauth2.VerifierOption("unasked")); err == nil {
		t.Error("a verifier without a challenge passed")
	}
	if _, err := w.exchange(w.goTo(nil).Get("code")); err != nil {
		t.Error(err)
	}
}

func TestProviderSendsBack(t *testing.T) {
	w := newWorld(t)
	for _, c := range []struct {
		who         Identity
		opts        []oauth2.AuthCodeOption
		state, fail string
	}{
		{Identity{"error": "access_denied"}, nil, "the-state", "access_denied"},
		{Identity{"error": "server_error", "sub": "x"}, nil, "the-state", "server_error"},
		{Identity{"sub": "x", "_state": "none"}, nil, "", ""},
		{Identity{"sub": "x", "_state": "stolen"}, nil, "stolen", ""},
		{nil, []oauth2.AuthCodeOption{oauth2.SetAuthURLParam("response_type", "token")}, "the-state", "unsupported_response_type"},
		{nil, []oauth2.AuthCodeOption{oauth2.SetAuthURLParam("code_challenge_method", "S256")}, "the-state", "invalid_request"},
		{nil, []oauth2.AuthCodeOption{oauth2.SetAuthURLParam("code_challenge", "c"), oauth2.SetAuthURLParam("code_challenge_method", "S512")}, "the-state", "invalid_request"},
	} {
		answer := w.goTo(c.who, c.opts...)
		if answer.Get("state") != c.state || answer.Has("state") != (c.state != "") || answer.Get("error") != c.fail || answer.Has("code") == (c.fail != "") {
			t.Errorf("%v: back with %v", c.who, answer)
		}
	}
}

// A provider follows no request that is not its client's, and none to nowhere.
func TestProviderKeepsTheBrowser(t *testing.T) {
	w := newWorld(t)
	good := w.client.AuthCodeURL("s")
	with := func(name, value string) string {
		u, _ := url.Parse(good)
		q := u.Query()
		q.Set(name, value)
		u.RawQuery = q.Encode()
		return u.String()
	}
	for want, request := range map[string]string{
		"is called":                                 with("client_id", "somebody"),
		`redirect_uri ""`:                           with("redirect_uri", ""),
		"redirect_uri \"/path\"":                    with("redirect_uri", "/path"),
		"no address to go back":                     with("redirect_uri", "http://h/#part"),
		"to https://elsewhere.example/authorize":    "https://elsewhere.example/authorize?" + strings.SplitN(good, "?", 2)[1],
		"was not sent to " + w.cfg.Issuer + "/auth": strings.Replace(good, "/authorize", "/token", 1),
		"no address":                                "http://%",
	} {
		if back, err := w.Authorize(request, nil); back != "" || err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %q, %v; want %q", request, back, err, want)
		}
	}
	if _, err := w.Authorize(good, nil); err != nil {
		t.Error(err)
	}
}

// As a browser sees it, without anybody calling functions.
func TestProviderByHTTP(t *testing.T) {
	w := newWorld(t)
	browser := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	call := func(method, to, body string) (int, string, string) {
		req, err := http.NewRequestWithContext(t.Context(), method, to, strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		resp, err := browser.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		defer resp.Body.Close()
		text, err := io.ReadAll(resp.Body)
		if err != nil {
			t.Fatal(err)
		}
		return resp.StatusCode, resp.Header.Get("Location"), string(text)
	}
	subject := func(to string) string {
		status, location, text := call(http.MethodGet, to, "")
		u, err := url.Parse(location)
		if status != http.StatusFound || err != nil {
			t.Fatalf("%d %s %v", status, text, err)
		}
		tokens, err := w.exchange(u.Query().Get("code"))
		if err != nil {
			t.Fatal(err)
		}
		raw, _ := tokens.Extra("id_token").(string)
		token, err := w.verify(raw)
		if err != nil {
			t.Fatal(err)
		}
		return token.Subject
	}
	to := w.client.AuthCodeURL("s")
	if got := subject(to); got != "somebody" {
		t.Errorf("nobody said: %s", got)
	}
	if status, _, text := call(http.MethodPut, w.Issuer()+"/identity", `{"sub":"ada-1"}`); status != http.StatusOK || !strings.Contains(text, "ada-1") {
		t.Errorf("identity: %d %s", status, text)
	}
	if got := subject(to); got != "ada-1" {
		t.Errorf("after PUT: %s", got)
	}
	if got := subject(to + "&identity=" + url.QueryEscape(`{"sub":"bob-2"}`)); got != "bob-2" {
		t.Errorf("for one request: %s", got)
	}
	for _, c := range []struct{ method, path, body string }{
		{http.MethodPut, "/identity", `nonsense`}, {http.MethodPut, "/identity", `null`}, {http.MethodPut, "/identity", `{"sig":"good"}`},
		{http.MethodGet, "/authorize?identity=[]", ""}, {http.MethodGet, "/authorize", ""},
	} {
		if status, _, text := call(c.method, w.Issuer()+c.path, c.body); status != http.StatusBadRequest {
			t.Errorf("%v: %d %s", c, status, text)
		}
	}
	if got := subject(to); got != "ada-1" {
		t.Errorf("a bad identity changed it: %s", got)
	}
	if status, _, _ := call(http.MethodGet, w.Issuer()+"/userinfo", ""); status != http.StatusUnauthorized {
		t.Errorf("userinfo without a token: %d", status)
	}
}

func TestAccessTokenExpires(t *testing.T) {
	w := newWorld(t)
	tokens, err := w.exchange(w.goTo(ada()).Get("code"))
	if err != nil {
		t.Fatal(err)
	}
	w.now = w.now.Add(tokenLife)
	if _, err := w.meta.UserInfo(t.Context(), oauth2.StaticTokenSource(tokens)); err == nil {
		t.Error("an access token that is over works")
	}
	w.goTo(ada())
	if _, err := w.exchange(w.goTo(ada()).Get("code")); err != nil || len(w.access) != 1 {
		t.Errorf("%d access tokens are kept, one of them works (%v)", len(w.access), err)
	}
}

func TestNewProviderRefuses(t *testing.T) {
	for _, issuer := range []string{"", "127.0.0.1:2590", "ftp://h", "http://", "http://h?x=1", "http://h#x", "http://%"} {
		if p, err := NewProvider(ProviderConfig{Issuer: issuer}); p != nil || err == nil {
			t.Errorf("%q is taken for an issuer", issuer)
		}
	}
}
