package provider

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	diff "github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

// walk is one kind's way from the redirect to the assertion, against answers as the
// provider documents them.
type walk struct {
	kind   string
	cfg    Config
	issuer string // OpenID Connect
	meta   map[string]any
	auth   string // where the browser is sent, without its query
	token  string // OAuth 2.0
	basic  bool   // the secret goes into the header
	noPKCE bool
	scope  string
	params url.Values // of the authorization request, besides the usual ones; nil is none
	// redeem are changes to what the token endpoint is asked, nil takes one away; json has it
	// asked in JSON.
	redeem url.Values
	json   bool
	// access is the header with which APIs are asked where not by a bearer token, "-" for none,
	// and asked are their query and body, "?query body".
	access string
	asked  map[string]string
	// claims are those of the id_token, besides the usual ones.
	claims map[string]any
	// answer is the token endpoint's; %ID% is replaced by an id_token.
	answer string
	apis   map[string]string // what else is asked, with which answer
	form   url.Values        // comes with the callback
	want   Assertion
	flows  []string
}

const usualAnswer = `{"access_token": "SlAV32hkKG", "token_type": "Bearer", "expires_in": 3600, "id_token": "%ID%"}`

// walks are all of them.
func walks() []walk {
	return slices.Concat(
		openIDWalks(), idWalks(), oauthWalks(), moreOAuthWalks(), feedWalks(), cyrillicWalks(), chineseWalks(), workshopWalks(), tradeWalks(), shopWalks(),
	)
}

func TestEveryKindIsWalked(t *testing.T) {
	got := map[string]bool{"dummy": true, "steam": true, "oauth2": true} // dummy_test.go, steam_test.go, configured_test.go
	for _, w := range walks() {
		got[w.kind] = true
	}
	for _, k := range kinds() {
		if !got[k.ID] {
			file := "walk_oauth_test.go, or beside it"
			if k.openID() {
				file = "walk_openid_test.go"
			}
			t.Errorf("%s: nothing walks %s: add its documented answers there", file, k.ID)
		}
	}
}

func TestWalks(t *testing.T) {
	for _, w := range walks() {
		t.Run(w.kind, func(t *testing.T) { w.run(t) })
	}
}

func (w walk) run(t *testing.T) {
	n := newInternet(t)
	drawer, p := w.serve(t, n)
	u := authURL(t, p, request())
	drawer.challenge = u.Query().Get("code_challenge")
	w.checkAuth(t, p, u)
	got, err := p.Exchange(context.Background(), callback(w.form))
	if err != nil {
		t.Fatalf("%v\nasked: %s", err, strings.Join(n.seen, "\n"))
	}
	w.want.Provider = w.kind
	if d := diff.Diff(w.want, got, cmpopts.IgnoreFields(Assertion{}, "Extra")); d != "" {
		t.Error(d)
	}
	var extra map[string]any
	if err := json.Unmarshal(got.Extra, &extra); err != nil || len(extra) == 0 {
		t.Errorf("Extra is %s: %v", got.Extra, err)
	}
	if strings.Contains(string(got.Extra), testAccess) {
		t.Errorf("the access token is kept: %s", got.Extra)
	}
	for key := range w.apis {
		if n.count(key) != 1 {
			t.Errorf("%s: asked %d times", key, n.count(key))
		}
	}
	if d := diff.Diff(w.flows, p.Flows()); w.flows != nil && d != "" {
		t.Error(d)
	}
	_, err = p.VerifyToken(context.Background(), Token{ClientID: "client", IDToken: "x"})
	if p.SupportsToken() == errors.Is(err, ErrUnsupported) {
		t.Errorf("SupportsToken is %v, and a token gives %v", p.SupportsToken(), err)
	}
}

// serve puts the provider up, and us as its client.
func (w walk) serve(t *testing.T, n *internet) (*till, *Provider) {
	t.Helper()
	cfg := w.cfg
	cfg.Kind, cfg.ClientID, cfg.Secret = w.kind, "client", "secret"
	drawer := &till{t: t, basic: w.basic, json: w.json, changes: w.redeem}
	if w.kind == "apple" {
		key := ecKey(t)
		cfg.Secret = ""
		cfg.Settings = map[string]string{"team_id": "TEAM123456", "key_id": "KEY1234567", "private_key": pemOf(t, key)}
		drawer.publicKey = &key.PublicKey
	}
	answer := w.answer
	if answer == "" {
		answer = usualAnswer
	}
	tokenURL := w.token
	if w.issuer != "" {
		i := n.openIssuer(w.issuer)
		i.meta = w.meta
		tokenURL = strings.TrimSuffix(w.issuer, "/") + "/token"
		claims := map[string]any{"nonce": testNonce}
		for k, v := range w.claims {
			claims[k] = v
		}
		answer = strings.ReplaceAll(answer, "%ID%", i.mint(claims))
	}
	drawer.answer = answer
	n.on("POST "+tokenURL, drawer.ServeHTTP)
	for key, answer := range w.apis {
		n.on(key, func(rw http.ResponseWriter, r *http.Request) { w.api(t, key, answer, rw, r) })
	}
	return drawer, n.provider(cfg)
}

// api answers a request as the provider does, and looks at what was asked.
func (w walk) api(t *testing.T, key, answer string, rw http.ResponseWriter, r *http.Request) {
	name, want, _ := strings.Cut(cmp.Or(w.access, "Authorization: Bearer "+testAccess), ": ")
	if got := r.Header.Get(name); name != "-" && w.kind != "line" && got != want {
		t.Errorf("%s: the header %s is %q, want %q", key, name, got, want)
	}
	if name == "-" && r.Header.Get("Authorization") != "" {
		t.Errorf("%s: the access token is in the header", key)
	}
	body, _ := io.ReadAll(r.Body)
	if got := "?" + r.URL.RawQuery + " " + string(body); w.asked[key] != "" && got != w.asked[key] {
		t.Errorf("%s: asked %q, want %q", key, got, w.asked[key])
	}
	rw.Header().Set("Content-Type", "application/json;charset=UTF-8")
	_, _ = io.WriteString(rw, answer)
}

// checkAuth holds the authorization request against the documents.
func (w walk) checkAuth(t *testing.T, p *Provider, u *url.URL) {
	t.Helper()
	auth := w.auth
	if auth == "" {
		auth = strings.TrimSuffix(w.issuer, "/") + "/authorize"
	}
	want := url.Values{"client_id": {"client"}, "response_type": {"code"}, "redirect_uri": {testCallback}, "state": {testState}}
	if w.scope != "" {
		want.Set("scope", w.scope)
	}
	if w.issuer != "" || w.kind == "line" {
		want.Set("nonce", testNonce)
	}
	if !w.noPKCE {
		// RFC 7636, appendix B.
		want.Set("code_challenge_method", "S256")
		want.Set("code_challenge", u.Query().Get("code_challenge"))
		if u.Query().Get("code_challenge") == "" {
			t.Error("no code challenge")
		}
	}
	for k, v := range w.params {
		want[k] = v
		if v == nil {
			want.Del(k)
		}
	}
	if d := diff.Diff(want, u.Query()); d != "" {
		t.Error(d)
	}
	u.RawQuery = ""
	if u.String() != auth {
		t.Errorf("the browser is sent to %s, want %s", u, auth)
	}
	if p.FormPost() != (w.kind == "apple") {
		t.Errorf("FormPost is %v", p.FormPost())
	}
}
