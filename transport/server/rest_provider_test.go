package server

import (
	"crypto/ed25519"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"math/big"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	signed "github.com/golang-jwt/jwt/v5"

	"stagedoor/transport/config"
)

// vouch is an OpenID provider on this machine that says yes to everybody: the person
// and what the authorization request asked for come back by the code, once.
type vouch struct {
	t     *testing.T
	url   string
	key   *rsa.PrivateKey
	clock *clock

	mu sync.Mutex
	// person are claims of the next id_token; asked are requests by code.
	person map[string]any
	asked  map[string]url.Values
}

func newVouch(t *testing.T) *vouch {
	t.Helper()
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	v := &vouch{t: t, key: key, asked: make(map[string]url.Values)}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /.well-known/openid-configuration", v.metadata)
	mux.HandleFunc("GET /authorize", v.authorize)
	mux.HandleFunc("POST /token", v.token)
	mux.HandleFunc("GET /jwks", v.keys)
	site := httptest.NewServer(mux)
	t.Cleanup(site.Close)
	v.url = site.URL
	return v
}

func (v *vouch) say(w http.ResponseWriter, status int, body any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(body)
}

func (v *vouch) metadata(w http.ResponseWriter, _ *http.Request) {
	v.say(w, 200, m{
		"issuer": v.url, "authorization_endpoint": v.url + "/authorize", "token_endpoint": v.url + "/token", "jwks_uri": v.url + "/jwks",
		"response_types_supported": []string{"code"}, "subject_types_supported": []string{"public"},
		"id_token_signing_alg_values_supported": []string{"RS256"}, "code_challenge_methods_supported": []string{"S256"},
	})
}

func (v *vouch) keys(w http.ResponseWriter, _ *http.Request) {
	text := base64.RawURLEncoding.EncodeToString
	v.say(w, 200, m{"keys": []m{{
		"kty": "RSA", "use": "sig", "alg": "RS256", "kid": "1", "n": text(v.key.N.Bytes()), "e": text(big.NewInt(int64(v.key.E)).Bytes()),
	}}})
}

func (v *vouch) authorize(w http.ResponseWriter, r *http.Request) {
	q := r.URL.Query()
	code := "code-" + rand.Text()
	v.mu.Lock()
	v.asked[code] = q
	v.mu.Unlock()
	back := url.Values{"code": {code}, "state": {q.Get("state")}}
	http.Redirect(w, r, q.Get("redirect_uri")+"?"+back.Encode(), http.StatusFound)
}

// token takes each code once, with the right verifier.
func (v *vouch) token(w http.ResponseWriter, r *http.Request) {
	v.mu.Lock()
	q, known := v.asked[r.FormValue("code")]
	delete(v.asked, r.FormValue("code"))
	v.mu.Unlock()
	sum := sha256.Sum256([]byte(r.FormValue("code_verifier")))
	if !known || base64.RawURLEncoding.EncodeToString(sum[:]) != q.Get("code_challenge") || r.FormValue("redirect_uri") != q.Get("redirect_uri") {
		v.say(w, 400, m{"error": "invalid_grant"})
		return
	}
	v.say(w, 200, m{"access_token": "a", "token_type": "Bearer", "expires_in": 60, "id_token": v.mint(q.Get("nonce"))})
}

// mint signs an id_token about the person.
func (v *vouch) mint(nonce string) string {
	now := v.clock.read()
	claims := signed.MapClaims{"iss": v.url, "aud": "client", "iat": now.Unix(), "exp": now.Add(time.Minute).Unix(), "jti": rand.Text()}
	if nonce != "" {
		claims["nonce"] = nonce
	}
	v.mu.Lock()
	for name, value := range v.person {
		claims[name] = value
	}
	v.mu.Unlock()
	tok := signed.NewWithClaims(signed.SigningMethodRS256, claims)
	tok.Header["kid"] = "1"
	text, err := tok.SignedString(v.key)
	if err != nil {
		v.t.Fatal(err)
	}
	return text
}

// is says who the provider vouches for from now on.
func (v *vouch) is(sub, email string, verified bool) {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.person = m{"sub": sub}
	if email != "" {
		v.person["email"], v.person["email_verified"] = email, verified
	}
}

// vouching is a server with the provider acme.
func vouching(t *testing.T, change ...setUp) (*lab, *vouch) {
	t.Helper()
	v := newVouch(t)
	l := newLab(t, append([]setUp{dev, func(c *config.Config, _ *Options) {
		c.SocialAccount.Providers = append(c.SocialAccount.Providers, config.Provider{
			Provider: "openid_connect", ID: "acme", Name: "Acme", ClientID: "client", Secret: "secret", ServerURL: v.url,
		})
		c.Rest.RedirectURIs = []string{"http://127.0.0.1:3000/back", "com.example.app:/back"}
	}}, change...)...)
	v.clock = l.clock
	return l, v
}

// travel goes to the provider and returns what it sends back, with the token of who began.
func (s *script) travel(began *said) m {
	s.t.Helper()
	web := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	got, err := web.Get(began.Redirect)
	if err != nil {
		s.t.Fatal(err)
	}
	got.Body.Close()
	back, err := got.Location()
	if err != nil {
		s.t.Fatal(err)
	}
	return m{"code": back.Query().Get("code"), "state": back.Query().Get("state"), "token": began.FlowToken}
}

// TestRestProvider is the sequence providers, redirect, callback, token.
func TestRestProvider(t *testing.T) {
	l, v := vouching(t)
	s := l.script()
	list := s.do("GET", "/providers/", nil).is(200)
	if len(list.Providers) != 2 || list.Providers[1].ID != "acme" || list.Providers[1].Name != "Acme" {
		t.Fatalf("providers: %s", list.Raw)
	}
	v.is("sub-1", "ada@example.com", true)
	began := s.post("/providers/acme/redirect/", nil).is(200)
	to := began.Redirect
	if !strings.HasPrefix(to, v.url+"/authorize?") || !strings.Contains(to, url.QueryEscape("http://127.0.0.1:3000/back")) {
		t.Fatalf("redirect_url %s", to)
	}
	back := s.travel(began)
	s.post("/providers/dummy/callback/", back).is(400, "state:invalid")

	back = s.travel(s.post("/providers/acme/redirect/", m{"redirect_uri": "com.example.app:/back"}).is(200))
	in := s.post("/providers/acme/callback/", back).entered("ada@example.com")
	s.do("GET", "/user/", nil).is(200)
	s.post("/providers/acme/callback/", back).is(400, "state:invalid")

	// The same person by a token is the same account.
	again := s.post("/providers/acme/token/", m{"id_token": v.mint("")}).entered("ada@example.com")
	if again.User.ID != in.User.ID {
		t.Errorf("two accounts of one person: %d, %d", in.User.ID, again.User.ID)
	}
	once := v.mint("")
	s.post("/providers/acme/token/", m{"id_token": once}).entered("ada@example.com")
	s.post("/providers/acme/token/", m{"id_token": once}).is(400, "id_token:invalid_token")
	s.post("/providers/acme/token/", m{"id_token": "made.up.token"}).is(400, "id_token:invalid_token")
	s.post("/providers/acme/token/", m{}).is(400, "access_token:token_required")
	s.post("/providers/nobody/token/", m{"id_token": "x"}).is(404)
	s.post("/providers/acme/redirect/", m{"redirect_uri": "https://evil.example/"}).is(400, "redirect_uri:invalid_url")
}

// TestRestProviderRefused holds the callback against what was not asked for.
func TestRestProviderRefused(t *testing.T) {
	l, v := vouching(t)
	v.is("sub-1", "ada@example.com", true)
	s := l.script()
	good := s.travel(s.post("/providers/acme/redirect/", nil))
	for what, body := range map[string]m{
		"no state": {"code": good["code"], "token": good["token"]}, "no code": {"state": good["state"], "token": good["token"]},
		"no token":        {"code": good["code"], "state": good["state"]},
		"a made-up state": {"code": good["code"], "state": strings.Repeat("A", 44), "token": good["token"]},
		"a flow token":    {"code": good["code"], "state": good["token"], "token": good["token"]},
		"another's token": {"code": good["code"], "state": good["state"], "token": s.post("/providers/acme/redirect/", nil).FlowToken},
		"another run's":   {"code": good["code"], "state": good["state"], "token": s.post("/code/request/", m{"email": "x@example.com"}).FlowToken},
	} {
		if r := s.post("/providers/acme/callback/", body); r.Status != 400 {
			t.Errorf("%s: %d %s", what, r.Status, r.Raw)
		}
	}
	for _, token := range []any{good["state"], strings.Repeat("A", 44)} {
		s.post("/providers/acme/callback/", m{"code": good["code"], "state": good["state"], "token": token}).is(410)
	}
	s.post("/providers/acme/callback/", m{"code": "another", "state": good["state"], "token": good["token"]}).is(400, "code:invalid")
	s.post("/providers/acme/callback/", good).is(400, "state:invalid")
	late := s.travel(s.post("/providers/acme/redirect/", nil))
	l.clock.pass(2 * time.Hour)
	// The record is there for a moment more than what it was made for.
	if r := s.post("/providers/acme/callback/", late); r.Status != 410 && r.Status != 400 {
		t.Errorf("too late: %d %s", r.Status, r.Raw)
	}
	// A state is no run's token, and no session's.
	fresh := s.travel(s.post("/providers/acme/redirect/", nil))
	s.post("/mfa/authenticate/", m{"token": fresh["state"], "code": "123456"}).is(410)
	s.post("/mfa/authenticate/", m{"token": fresh["token"], "code": "123456"}).is(409)
	s.access = fresh["state"].(string)
	s.do("GET", "/user/", nil).stranger()
	if n := l.count(`SELECT count(*) FROM sessions`); n != 0 {
		t.Errorf("%d sessions", n)
	}
}

// TestRestProviderForm fills in what a provider did not say.
func TestRestProviderForm(t *testing.T) {
	l, v := vouching(t)
	v.is("sub-2", "", false)
	s := l.script()
	r := s.post("/providers/acme/callback/", s.travel(s.post("/providers/acme/redirect/", nil))).is(401).waits("provider_signup")
	s.post("/stages/provider_signup/", m{"token": r.FlowToken}).is(400, "email:required")
	next := s.post("/stages/provider_signup/", m{"token": r.FlowToken, "email": "bob@example.com"}).is(401).waits("verify_email")
	s.post("/email/verify/", m{"token": next.FlowToken, "key": l.code("bob@example.com")}).is(200)
	s.post("/providers/acme/callback/", s.travel(s.post("/providers/acme/redirect/", nil))).entered("bob@example.com")
}

// TestRestProviderFactor asks for the second factor after a provider, too.
func TestRestProviderFactor(t *testing.T) {
	l, v := vouching(t)
	v.is("sub-1", "ada@example.com", true)
	s := l.script()
	s.post("/providers/acme/token/", m{"id_token": v.mint("")}).entered("ada@example.com")
	secret := s.totpOn()
	r := l.script().post("/providers/acme/token/", m{"id_token": v.mint("")}).is(401).waits("mfa_authenticate")
	l.script().post("/mfa/authenticate/", m{"token": r.MFAToken, "code": l.totp(secret)}).entered("ada@example.com")
}

// TestRestProviderForged takes no id_token of another key.
func TestRestProviderForged(t *testing.T) {
	l, v := vouching(t)
	v.is("sub-1", "ada@example.com", true)
	_, key, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	claims := signed.MapClaims{"iss": v.url, "aud": "client", "sub": "sub-1", "exp": l.clock.read().Add(time.Hour).Unix()}
	forged, err := signed.NewWithClaims(signed.SigningMethodEdDSA, claims).SignedString(key)
	if err != nil {
		t.Fatal(err)
	}
	l.script().post("/providers/acme/token/", m{"id_token": forged}).is(400, "id_token:invalid_token")
}
