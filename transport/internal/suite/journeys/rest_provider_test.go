package journeys

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
	"stagedoor/transport/internal/suite"
	"stagedoor/transport/server"
)

// vouch is an OpenID provider on this machine that says yes to everybody: the person
// and what the authorization request asked for come back by the code, once.
type vouch struct {
	t     *testing.T
	url   string
	key   *rsa.PrivateKey
	clock *suite.Clock

	mu sync.Mutex
	// person are claims of the next id_token; asked are requests by code.
	person map[string]any
	asked  map[string]url.Values
	// instead, if not nil, answers for the token endpoint.
	instead http.HandlerFunc
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
	v.say(w, 200, suite.M{
		"issuer": v.url, "authorization_endpoint": v.url + "/authorize", "token_endpoint": v.url + "/token", "jwks_uri": v.url + "/jwks",
		"response_types_supported": []string{"code"}, "subject_types_supported": []string{"public"},
		"id_token_signing_alg_values_supported": []string{"RS256"}, "code_challenge_methods_supported": []string{"S256"},
	})
}

func (v *vouch) keys(w http.ResponseWriter, _ *http.Request) {
	text := base64.RawURLEncoding.EncodeToString
	v.say(w, 200, suite.M{"keys": []suite.M{{
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
	instead := v.instead
	v.mu.Unlock()
	if instead != nil {
		instead(w, r)
		return
	}
	sum := sha256.Sum256([]byte(r.FormValue("code_verifier")))
	if !known || base64.RawURLEncoding.EncodeToString(sum[:]) != q.Get("code_challenge") || r.FormValue("redirect_uri") != q.Get("redirect_uri") {
		v.say(w, 400, suite.M{"error": "invalid_grant"})
		return
	}
	v.say(w, 200, suite.M{"access_token": "a", "token_type": "Bearer", "expires_in": 60, "id_token": v.mint(q.Get("nonce"))})
}

// mint signs an id_token about the person.
func (v *vouch) mint(nonce string) string {
	now := v.clock.Read()
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
	v.person = suite.M{"sub": sub}
	if email != "" {
		v.person["email"], v.person["email_verified"] = email, verified
	}
}

// vouching is a server with the provider acme.
func vouching(t *testing.T, change ...suite.SetUp) (*suite.Lab, *vouch) {
	t.Helper()
	v := newVouch(t)
	l := suite.NewLab(t, append([]suite.SetUp{suite.Dev, func(c *config.Config, _ *server.Options) {
		c.SocialAccount.Providers = append(c.SocialAccount.Providers, config.Provider{
			Provider: "openid_connect", ID: "acme", Name: "Acme", ClientID: "client", Secret: "secret", ServerURL: v.url,
		})
		c.Rest.RedirectURIs = []string{"http://127.0.0.1:3000/back", "com.example.app:/back"}
	}}, change...)...)
	v.clock = l.Clock
	return l, v
}

// travel goes to the provider and returns what it sends back, with the token of who began.
func travel(s *suite.Script, began *suite.Said) suite.M {
	s.T.Helper()
	web := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	got, err := web.Get(began.Redirect)
	if err != nil {
		s.T.Fatal(err)
	}
	got.Body.Close()
	back, err := got.Location()
	if err != nil {
		s.T.Fatal(err)
	}
	return suite.M{"code": back.Query().Get("code"), "state": back.Query().Get("state"), "token": began.FlowToken}
}

// TestRestProvider is the sequence providers, redirect, callback, token.
func TestRestProvider(t *testing.T) {
	l, v := vouching(t)
	s := l.Script()
	list := s.Do("GET", "/providers/", nil).Is(200)
	if len(list.Providers) != 2 || list.Providers[1].ID != "acme" || list.Providers[1].Name != "Acme" {
		t.Fatalf("providers: %s", list.Raw)
	}
	v.is("sub-1", "ada@example.com", true)
	began := s.Post("/providers/acme/redirect/", nil).Is(200)
	to := began.Redirect
	if !strings.HasPrefix(to, v.url+"/authorize?") || !strings.Contains(to, url.QueryEscape("http://127.0.0.1:3000/back")) {
		t.Fatalf("redirect_url %s", to)
	}
	back := travel(s, began)
	s.Post("/providers/dummy/callback/", back).Is(400, "state:invalid")

	back = travel(s, s.Post("/providers/acme/redirect/", suite.M{"redirect_uri": "com.example.app:/back"}).Is(200))
	in := s.Post("/providers/acme/callback/", back).Entered("ada@example.com")
	s.Do("GET", "/user/", nil).Is(200)
	s.Post("/providers/acme/callback/", back).Is(400, "state:invalid")

	// The same person by a token is the same account.
	again := s.Post("/providers/acme/token/", suite.M{"id_token": v.mint("")}).Entered("ada@example.com")
	if again.User.ID != in.User.ID {
		t.Errorf("two accounts of one person: %s, %s", in.User.ID, again.User.ID)
	}
	once := v.mint("")
	s.Post("/providers/acme/token/", suite.M{"id_token": once}).Entered("ada@example.com")
	s.Post("/providers/acme/token/", suite.M{"id_token": once}).Is(400, "id_token:invalid_token")
	s.Post("/providers/acme/token/", suite.M{"id_token": "made.up.token"}).Is(400, "id_token:invalid_token")
	s.Post("/providers/acme/token/", suite.M{}).Is(400, "access_token:token_required")
	s.Post("/providers/nobody/token/", suite.M{"id_token": "x"}).Is(404)
	s.Post("/providers/acme/redirect/", suite.M{"redirect_uri": "https://evil.example/"}).Is(400, "redirect_uri:invalid_url")
}

// TestRestProviderRefused holds the callback against what was not asked for.
func TestRestProviderRefused(t *testing.T) {
	l, v := vouching(t)
	v.is("sub-1", "ada@example.com", true)
	s := l.Script()
	good := travel(s, s.Post("/providers/acme/redirect/", nil))
	for what, body := range map[string]suite.M{
		"no state": {"code": good["code"], "token": good["token"]}, "no code": {"state": good["state"], "token": good["token"]},
		"no token":        {"code": good["code"], "state": good["state"]},
		"a made-up state": {"code": good["code"], "state": strings.Repeat("A", 44), "token": good["token"]},
		"a flow token":    {"code": good["code"], "state": good["token"], "token": good["token"]},
		"another's token": {"code": good["code"], "state": good["state"], "token": s.Post("/providers/acme/redirect/", nil).FlowToken},
		"another run's":   {"code": good["code"], "state": good["state"], "token": s.Post("/code/request/", suite.M{"email": "x@example.com"}).FlowToken},
	} {
		if r := s.Post("/providers/acme/callback/", body); r.Status != 400 {
			t.Errorf("%s: %d %s", what, r.Status, r.Raw)
		}
	}
	for _, token := range []any{good["state"], strings.Repeat("A", 44)} {
		s.Post("/providers/acme/callback/", suite.M{"code": good["code"], "state": good["state"], "token": token}).Is(410)
	}
	s.Post("/providers/acme/callback/", suite.M{"code": "another", "state": good["state"], "token": good["token"]}).Is(400, "code:invalid")
	s.Post("/providers/acme/callback/", good).Is(400, "state:invalid")
	late := travel(s, s.Post("/providers/acme/redirect/", nil))
	l.Clock.Pass(2 * time.Hour)
	// The record is there for a moment more than what it was made for.
	if r := s.Post("/providers/acme/callback/", late); r.Status != 410 && r.Status != 400 {
		t.Errorf("too late: %d %s", r.Status, r.Raw)
	}
	// A state is no run's token, and no session's.
	fresh := travel(s, s.Post("/providers/acme/redirect/", nil))
	s.Post("/mfa/authenticate/", suite.M{"token": fresh["state"], "code": "123456"}).Is(410)
	s.Post("/mfa/authenticate/", suite.M{"token": fresh["token"], "code": "123456"}).Is(409)
	s.Access = fresh["state"].(string)
	s.Do("GET", "/user/", nil).Stranger()
	if n := l.Count(`SELECT count(*) FROM sessions`); n != 0 {
		t.Errorf("%d sessions", n)
	}
}

// TestRestProviderForm fills in what a provider did not say.
func TestRestProviderForm(t *testing.T) {
	l, v := vouching(t)
	v.is("sub-2", "", false)
	s := l.Script()
	r := s.Post("/providers/acme/callback/", travel(s, s.Post("/providers/acme/redirect/", nil))).Is(401).Waits("provider_signup")
	s.Post("/stages/provider_signup/", suite.M{"token": r.FlowToken}).Is(400, "email:required")
	next := s.Post("/stages/provider_signup/", suite.M{"token": r.FlowToken, "email": "bob@example.com"}).Is(401).Waits("verify_email")
	s.Post("/email/verify/", suite.M{"token": next.FlowToken, "key": l.Code("bob@example.com")}).Is(200)
	s.Post("/providers/acme/callback/", travel(s, s.Post("/providers/acme/redirect/", nil))).Entered("bob@example.com")
}

// TestRestProviderFactor asks for the second factor after a provider, too.
func TestRestProviderFactor(t *testing.T) {
	l, v := vouching(t)
	v.is("sub-1", "ada@example.com", true)
	s := l.Script()
	s.Post("/providers/acme/token/", suite.M{"id_token": v.mint("")}).Entered("ada@example.com")
	// Who has no password proves it by mail.
	s.Post("/reauthenticate/code/request/", suite.M{"email": "ada@example.com"}).Is(200)
	s.Post("/reauthenticate/code/confirm/", suite.M{"code": l.Code("ada@example.com")}).Is(200)
	secret := s.SetTOTP()
	r := l.Script().Post("/providers/acme/token/", suite.M{"id_token": v.mint("")}).Is(401).Waits("mfa_authenticate")
	l.Script().Post("/mfa/authenticate/", suite.M{"token": r.MFAToken, "code": l.TOTP(secret)}).Entered("ada@example.com")
}

// TestRestProviderForged takes no id_token of another key.
func TestRestProviderForged(t *testing.T) {
	l, v := vouching(t)
	v.is("sub-1", "ada@example.com", true)
	_, key, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	claims := signed.MapClaims{"iss": v.url, "aud": "client", "sub": "sub-1", "exp": l.Clock.Read().Add(time.Hour).Unix()}
	forged, err := signed.NewWithClaims(signed.SigningMethodEdDSA, claims).SignedString(key)
	if err != nil {
		t.Fatal(err)
	}
	l.Script().Post("/providers/acme/token/", suite.M{"id_token": forged}).Is(400, "id_token:invalid_token")
}
