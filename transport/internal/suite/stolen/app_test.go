package stolen

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"stagedoor/transport/config"
	"stagedoor/transport/internal/device"
	"stagedoor/transport/internal/suite"
	"stagedoor/transport/server"
)

// contracts are those whose clients prove a key: with session tokens, with signed ones beside
// them, and the plain one with either.
func contracts(t *testing.T, f func(t *testing.T, k kind)) {
	for _, k := range []kind{
		{name: "app"}, {name: "app, signed", signed: true}, {name: "plain", plain: true}, {name: "plain, signed", plain: true, signed: true},
	} {
		t.Run(k.name, func(t *testing.T) {
			t.Parallel()
			f(t, k)
		})
	}
}

// kind is a contract, and which tokens it hands out.
type kind struct {
	name          string
	plain, signed bool
}

// lab runs a server for a kind.
func (k kind) lab(t *testing.T, mode string, change ...suite.SetUp) *suite.Lab {
	t.Helper()
	return suite.NewLab(t, append([]suite.SetUp{binding(mode), k.tokens}, change...)...)
}

func (k kind) tokens(c *config.Config, o *server.Options) {
	if k.signed {
		suite.JWT(c, o)
	}
}

// signIn signs somebody in, as the owner.
func (k kind) signIn(h *hand) *told {
	h.t.Helper()
	if k.plain {
		return h.plain("POST", "/login/", password())
	}
	return h.api("POST", "/auth/login", password())
}

// who asks who is signed in.
func (k kind) who(h *hand, headers ...string) *told {
	h.t.Helper()
	if k.plain {
		return h.plain("GET", "/user/", nil, headers...)
	}
	return h.api("GET", "/auth/session", nil, headers...)
}

// works fails the test unless the owner is who he was.
func (k kind) works(h *hand) {
	h.t.Helper()
	if r := k.who(h); r.status != 200 || !strings.Contains(r.raw, owner) {
		h.t.Fatalf("the owner is out: %d %.300s", r.status, r.raw)
	}
}

// tokens are all that a thief may show of what an app has.
func (h *hand) tokens() map[string]string {
	out := map[string]string{"session": h.token, "access": h.access, "refresh": h.refresh}
	for name, token := range out {
		if token == "" {
			delete(out, name)
		}
	}
	return out
}

// doors are the ways in which a token can be shown.
func doors(token string) map[string][]string {
	return map[string][]string{
		"header":      {"X-Session-Token", token},
		"bearer":      {"Authorization", "Bearer " + token},
		"small":       {"Authorization", "bearer " + token},
		"DPoP":        {"Authorization", "DPoP " + token},
		"small DPoP":  {"Authorization", "dpop " + token},
		"cookie":      {"Cookie", "sessionid=" + token},
		"both":        {"X-Session-Token", token, "Authorization", "Bearer " + token},
		"empty proof": {"X-Session-Token", token, "Authorization", "DPoP " + token, "DPoP", ""},
	}
}

// places are where somebody is told who he is.
func places() []string {
	return []string{"/_allauth/app/v1/auth/session", "/_allauth/browser/v1/auth/session", "/auth/user/", "/auth/sessions/", "/_allauth/app/v1/auth/sessions", "/_allauth/app/v1/account/email"}
}

// TestTokenCopied shows the tokens of a bound session without its key, or with another one, at
// every door of two servers.
func TestTokenCopied(t *testing.T) {
	t.Parallel()
	contracts(t, func(t *testing.T, k kind) {
		l := k.lab(t, "offer")
		member(l)
		two := beside(l, binding("offer"), k.tokens)
		h := newApp(l)
		k.signIn(h).is(200)
		k.works(h)
		if len(h.tokens()) == 0 {
			t.Fatal("there is no token to be stolen")
		}
		thieves := map[string]func(*suite.Lab) *hand{"no key": newPlain, "a key of his own": newApp}
		for what, token := range h.tokens() {
			for door, headers := range doors(token) {
				for who, thief := range thieves {
					for _, lab := range []*suite.Lab{l, two} {
						for _, place := range places() {
							if r := thief(lab).send("GET", place, nil, headers...); r.signedIn() {
								t.Errorf("%s token by %s at %s, with %s: %d %.200s", what, door, place, who, r.status, r.raw)
							}
						}
					}
				}
				own := l.RequireUser(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNoContent) }))
				if got := ask(t, own, "GET", "/own", headers...); got == http.StatusNoContent {
					t.Errorf("%s token by %s opens a program's own page", what, door)
				}
			}
			if u, err := l.ValidateSessionToken(t.Context(), token); err == nil {
				t.Errorf("a program is told that the %s token is good: %+v", what, u)
			}
		}
		k.works(h)
	})
}

// TestProofReplayed shows a proof of the owner's once more: the same, at another server, for
// another request, with another token, too late.
func TestProofReplayed(t *testing.T) {
	t.Parallel()
	contracts(t, func(t *testing.T, k kind) {
		l := k.lab(t, "offer")
		member(l)
		two := beside(l, binding("offer"), k.tokens)
		h := newApp(l)
		k.signIn(h).is(200)
		signIn := h.app.Last()
		k.works(h)
		used := h.app.Last()
		thief := h.robbed()
		if r := k.signIn(with(newPlain(l), "DPoP", signIn)); r.status < 400 {
			t.Errorf("the sign-in's proof is good twice: %d", r.status)
		}
		show := func(what string, lab *suite.Lab, proof string, headers ...string) {
			t.Helper()
			thief.to.Store(lab)
			scheme := []string{"DPoP", proof}
			if k.plain {
				scheme = append(scheme, "Authorization", "DPoP "+thief.access)
			}
			if r := k.who(thief, append(scheme, headers...)...); r.signedIn() {
				t.Errorf("%s: %d %.200s", what, r.status, r.raw)
			}
		}
		show("used here", l, used)
		show("used elsewhere", two, used)
		place, token := site+"/_allauth/app/v1/auth/session", h.token
		if k.plain {
			place, token = site+"/auth/user/", h.access
		}
		other, err := device.NewKey(device.ES256, entropy())
		if err != nil {
			t.Fatal(err)
		}
		make := func(p device.Proof) string {
			t.Helper()
			if p.Method == "" {
				p.Method = "GET"
			}
			if p.URL == "" {
				p.URL = place
			}
			if p.Token == "" {
				p.Token = token
			}
			text, err := h.app.Prove(p)
			if err != nil {
				t.Fatal(err)
			}
			return text
		}
		now := l.Clock.Read()
		for what, p := range map[string]device.Proof{
			"another method":     {Method: "POST"},
			"another path":       {URL: site + "/auth/other/"},
			"another origin":     {URL: strings.Replace(place, "stage.test", "evil.test", 1)},
			"http":               {URL: strings.Replace(place, "https:", "http:", 1)},
			"another port":       {URL: strings.Replace(place, "stage.test", "stage.test:8443", 1)},
			"a user in it":       {URL: strings.Replace(place, "https://", "https://stage.test@evil.test/", 1)},
			"another token":      {Token: "another"},
			"no token":           {Claims: map[string]any{"ath": nil}},
			"no id":              {Claims: map[string]any{"jti": nil}},
			"an empty id":        {Claims: map[string]any{"jti": ""}},
			"no method":          {Claims: map[string]any{"htm": nil}},
			"no target":          {Claims: map[string]any{"htu": nil}},
			"no time":            {Claims: map[string]any{"iat": nil}},
			"a text for a time":  {Claims: map[string]any{"iat": "now"}},
			"a nonce of his own": {Claims: map[string]any{"nonce": "made-up"}},
			"too old":            {At: now.Add(-10 * time.Minute), Claims: map[string]any{"nonce": nil}},
			"of the future":      {At: now.Add(10 * time.Minute), Claims: map[string]any{"nonce": nil}},
			"another type":       {Header: map[string]any{"typ": "JWT"}},
			"no type":            {Header: map[string]any{"typ": nil}},
			"no key":             {Header: map[string]any{"jwk": nil}},
			"another's key":      {Header: map[string]any{"jwk": other.JWK()}},
			"alg none":           {Header: map[string]any{"alg": "none"}, Unsigned: true},
			"alg HS256":          {Header: map[string]any{"alg": "HS256"}},
			"unsigned":           {Unsigned: true},
			"spoilt":             {Spoilt: true},
			"critical":           {Header: map[string]any{"crit": []string{"b64"}, "b64": false}},
		} {
			show(what, l, make(p))
		}
		good := make(device.Proof{})
		show("two proofs in one", l, good+", "+good)
		show("a quoted one", l, `"`+good+`"`)
		k.works(h)
	})
}

// with is a hand whose every request has a header besides.
func with(h *hand, name, value string) *hand {
	by := h.by
	h.by = roundTrip(func(req *http.Request) (*http.Response, error) {
		req.Header.Set(name, value)
		return by.RoundTrip(req)
	})
	return h
}

type roundTrip func(*http.Request) (*http.Response, error)

func (f roundTrip) RoundTrip(req *http.Request) (*http.Response, error) { return f(req) }
