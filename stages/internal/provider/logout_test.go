package provider

import (
	"context"
	"encoding/json"
	"errors"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"
	"github.com/google/go-cmp/cmp"
)

// leaving is a provider that people sign out at, and that says so when they did.
func leaving(t *testing.T, change func(*Config)) (*internet, *issuer, *Provider) {
	t.Helper()
	n := newInternet(t)
	i := n.openIssuer(realm)
	i.meta["end_session_endpoint"] = realm + "/logout?ui=plain"
	cfg := Config{
		Kind: "openid_connect", ServerURL: realm, ClientID: "client,app", Secret: "secret",
		SignOut: true, BackchannelLogout: true, PostLogoutRedirectURI: "https://app.example.com/bye",
	}
	if change != nil {
		change(&cfg)
	}
	return n, i, n.provider(cfg)
}

// word is a good logout_token with changes; nil takes a claim away.
func (i *issuer) word(changes map[string]any) string { return sign(i.kid, i.wordClaims(changes)) }

func (i *issuer) wordClaims(changes map[string]any) jwt.MapClaims {
	claims := map[string]any{
		"jti": "word-1", "sid": "s1", "events": map[string]any{logoutEvent: map[string]any{}}, "exp": noon().Add(2 * time.Minute).Unix(),
	}
	for name, value := range changes {
		claims[name] = value
	}
	return i.claims(claims)
}

func TestSignOutURL(t *testing.T) {
	_, i, p := leaving(t, nil)
	of := func(claims map[string]any) string { return i.mint(claims) }
	for name, c := range map[string]struct{ token, client string }{
		"no token":             {"", "client"},
		"a token":              {of(nil), "client"},
		"a token of the app":   {of(map[string]any{"aud": "app"}), "app"},
		"a token for both":     {of(map[string]any{"aud": []string{"other", "app", "client"}}), "app"},
		"a token given to one": {of(map[string]any{"aud": []string{"app", "client"}, "azp": "client"}), "client"},
		"garbage":              {"a.b.c", "client"},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := p.SignOutURL(context.Background(), c.token)
			if err != nil {
				t.Fatal(err)
			}
			u, err := url.Parse(got)
			if err != nil {
				t.Fatal(err)
			}
			want := url.Values{"ui": {"plain"}, "client_id": {c.client}, "post_logout_redirect_uri": {"https://app.example.com/bye"}}
			if c.token != "" {
				want.Set("id_token_hint", c.token)
			}
			if diff := cmp.Diff(want, u.Query()); diff != "" || u.Scheme+"://"+u.Host+u.Path != realm+"/logout" {
				t.Errorf("%s\n%s", got, diff)
			}
		})
	}
}

func TestSignOutURLOfThoseWithoutOne(t *testing.T) {
	for name, c := range map[string]struct {
		change func(*Config)
		page   any
	}{
		"not wanted":            {func(c *Config) { c.SignOut, c.PostLogoutRedirectURI = false, "" }, realm + "/logout"},
		"the provider has none": {nil, nil},
		"one in clear":          {nil, "http://login.example.com/logout"},
		"a script":              {nil, "javascript:alert(1)"},
		"no host":               {nil, "/logout"},
	} {
		t.Run(name, func(t *testing.T) {
			_, i, p := leaving(t, c.change)
			i.meta["end_session_endpoint"] = c.page
			if got, err := p.SignOutURL(context.Background(), ""); got != "" || err != nil {
				t.Errorf("got %q, %v", got, err)
			}
			if _, err := p.AuthCodeURL(context.Background(), request()); err != nil {
				t.Errorf("nobody can sign in: %v", err)
			}
		})
	}
	_, _, own := leaving(t, func(c *Config) {
		c.Overrides = map[string]string{"end_session_endpoint": "https://out.example.com/bye"}
	})
	if got, err := own.SignOutURL(context.Background(), ""); !strings.HasPrefix(got, "https://out.example.com/bye?client_id=client&") || err != nil {
		t.Errorf("one that the configuration names: %q, %v", got, err)
	}
	n, _, p := leaving(t, nil)
	n.on(metaKey, nil)
	if got, err := p.SignOutURL(context.Background(), ""); got != "" || !errors.Is(err, ErrUnreachable) {
		t.Errorf("a provider that is away: %q, %v", got, err)
	}
}

func TestVerifyLogout(t *testing.T) {
	_, i, p := leaving(t, nil)
	for name, c := range map[string]struct {
		claims       map[string]any
		subject, sid string
	}{
		"both":                       {nil, "sub-1", "s1"},
		"the session alone":          {map[string]any{"sub": nil}, "", "s1"},
		"the person alone":           {map[string]any{"sid": nil}, "sub-1", ""},
		"for several of ours":        {map[string]any{"aud": []string{"client", "app"}, "azp": "app"}, "sub-1", "s1"},
		"something in the event":     {map[string]any{"events": map[string]any{logoutEvent: map[string]any{"x": 1}, "other": 1}}, "sub-1", "s1"},
		"a jti that is a number":     {map[string]any{"jti": 7}, "sub-1", "s1"},
		"claims that nobody knows":   {map[string]any{"x": "y"}, "sub-1", "s1"},
		"from a clock that is ahead": {map[string]any{"iat": noon().Add(30 * time.Second).Unix()}, "sub-1", "s1"},
	} {
		t.Run(name, func(t *testing.T) {
			l, err := p.VerifyLogout(context.Background(), i.word(c.claims))
			if err != nil {
				t.Fatal(err)
			}
			if l.Issuer != realm || l.Subject != c.subject || l.SID != c.sid || len(l.Token) != 32 || l.ExpiresAt.Sub(noon()) != 2*time.Minute {
				t.Errorf("got %+v", l)
			}
		})
	}
}

func TestLogoutTokensThatAreNone(t *testing.T) {
	_, i, p := leaving(t, nil)
	typed := func(typ any) string {
		token := jwt.NewWithClaims(jwt.SigningMethodRS256, i.wordClaims(nil))
		token.Header["kid"], token.Header["typ"] = i.kid, typ
		s, err := token.SignedString(rsaKey())
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	unsigned, err := jwt.NewWithClaims(jwt.SigningMethodNone, i.wordClaims(nil)).SignedString(jwt.UnsafeAllowNoneSignatureType)
	if err != nil {
		t.Fatal(err)
	}
	secret, err := jwt.NewWithClaims(jwt.SigningMethodHS256, i.wordClaims(nil)).SignedString([]byte("secret"))
	if err != nil {
		t.Fatal(err)
	}
	with := func(name string, value any) string { return i.word(map[string]any{name: value}) }
	for name, raw := range map[string]string{
		"nothing":                         "",
		"garbage":                         "a.b.c",
		"five parts":                      "a.b.c.d.e",
		"too long":                        i.word(map[string]any{"x": strings.Repeat("x", maxIDToken)}),
		"not signed":                      unsigned,
		"signed with the secret":          secret,
		"changed":                         i.word(nil)[:20] + "A" + i.word(nil)[21:],
		"a key of nobody":                 sign("key-2", i.wordClaims(nil)),
		"of another issuer":               with("iss", "https://evil.example.com"),
		"for somebody else":               with("aud", "another"),
		"for two, given to neither":       with("aud", []string{"client", "another"}),
		"given to another":                with("azp", "another"),
		"expired":                         with("exp", noon().Add(-time.Second).Unix()),
		"good for ever":                   with("exp", nil),
		"from nowhen":                     with("iat", nil),
		"from the future":                 with("iat", noon().Add(2*time.Minute).Unix()),
		"about nobody":                    i.word(map[string]any{"sub": nil, "sid": nil}),
		"a person who is a number":        with("sub", 7),
		"a session that is an object":     with("sid", map[string]any{}),
		"a session of control characters": with("sid", "a\x00b"),
		"a session too long to keep":      with("sid", strings.Repeat("s", maxSID+1)),
		"no event":                        with("events", nil),
		"another event":                   with("events", map[string]any{"http://schemas.openid.net/event/other": map[string]any{}}),
		"an event that is no object":      with("events", map[string]any{logoutEvent: "x"}),
		"events that are a list":          with("events", []string{logoutEvent}),
		"a nonce":                         with("nonce", testNonce),
		"no name":                         with("jti", nil),
		"an empty name":                   with("jti", ""),
		"an id_token":                     i.mint(nil),
		"typed as an access token":        typed("at+jwt"),
		"typed by no text":                typed(7),
	} {
		t.Run(name, func(t *testing.T) {
			l, err := p.VerifyLogout(context.Background(), raw)
			if !errors.Is(err, ErrInvalidToken) || l.Token != nil {
				t.Errorf("got %+v, %v", l, err)
			}
		})
	}
	for _, typ := range []string{"JWT", "logout+jwt", "application/logout+jwt", "Logout+JWT"} {
		if _, err := p.VerifyLogout(context.Background(), typed(typ)); err != nil {
			t.Errorf("typed %s: %v", typ, err)
		}
	}
}

// Hydra 2.2 and LemonLDAP::NG say no exp: by the configuration alone their words count, for as
// long as that says.
func TestLogoutTokensWithoutExp(t *testing.T) {
	_, i, p := leaving(t, func(c *Config) { c.LogoutTokenMaxAge = 2 * time.Minute })
	issued := func(ago time.Duration, more map[string]any) string {
		claims := map[string]any{"exp": nil, "iat": noon().Add(-ago).Unix()}
		for name, value := range more {
			claims[name] = value
		}
		return i.word(claims)
	}
	l, err := p.VerifyLogout(context.Background(), issued(time.Minute, nil))
	if err != nil || !l.ExpiresAt.Equal(noon().Add(time.Minute)) {
		t.Errorf("a minute old: %+v, %v", l, err)
	}
	for name, raw := range map[string]string{
		"too old": issued(2*time.Minute+time.Second, nil), "no iat": issued(0, map[string]any{"iat": nil}),
		"an exp that is over": issued(time.Minute, map[string]any{"exp": noon().Add(-time.Second).Unix()}), "an exp that is no time": issued(0, map[string]any{"exp": "soon"}),
	} {
		if l, err := p.VerifyLogout(context.Background(), raw); !errors.Is(err, ErrInvalidToken) {
			t.Errorf("%s: %+v, %v", name, l, err)
		}
	}
	_, i, strict := leaving(t, nil)
	if _, err := strict.VerifyLogout(context.Background(), i.word(map[string]any{"exp": nil})); !errors.Is(err, ErrInvalidToken) || !strings.Contains(err.Error(), "logout_token_max_age") {
		t.Errorf("without the setting: %v", err)
	}
}

// Words of one name are one word, whatever else they say; those of two providers are two.
func TestLogoutTokensAreNamed(t *testing.T) {
	n, i, p := leaving(t, nil)
	other := n.provider(Config{ID: "other", Kind: "openid_connect", ServerURL: realm, BackchannelLogout: true})
	name := func(p *Provider, raw string) string {
		l, err := p.VerifyLogout(context.Background(), raw)
		if err != nil {
			t.Fatal(err)
		}
		return string(l.Token)
	}
	one := name(p, i.word(nil))
	if one != name(p, i.word(map[string]any{"sid": nil})) {
		t.Error("another token of the same jti is another word")
	}
	if one == name(p, i.word(map[string]any{"jti": "word-2"})) || one == name(other, i.word(nil)) {
		t.Error("two words have one name")
	}
}

func TestLogoutWhereNobodyAsked(t *testing.T) {
	_, i, p := leaving(t, func(c *Config) { c.BackchannelLogout = false })
	if _, err := p.VerifyLogout(context.Background(), i.word(nil)); !errors.Is(err, ErrUnsupported) {
		t.Errorf("got %v", err)
	}
	n, i, p := leaving(t, nil)
	n.on("GET "+realm+"/jwks", nil)
	if _, err := p.VerifyLogout(context.Background(), i.word(nil)); !errors.Is(err, ErrUnreachable) {
		t.Errorf("keys that are away: %v", err)
	}
}

// A logout_token has all that an id_token must have, and an app could have got hold of it.
func TestLogoutTokenSignsNobodyIn(t *testing.T) {
	_, i, p := leaving(t, nil)
	if a, err := p.VerifyToken(context.Background(), Token{ClientID: "client", IDToken: i.word(nil)}); !errors.Is(err, ErrInvalidToken) {
		t.Errorf("got %+v, %v", a, err)
	}
}

func TestSessionOfASignIn(t *testing.T) {
	long := strings.Repeat("x", maxHint)
	for name, c := range map[string]struct {
		change func(*Config)
		claims map[string]any
		want   *Session
		sign   bool // the token is kept
	}{
		"named":                {nil, map[string]any{"sid": "s1"}, &Session{Issuer: realm, Subject: "sub-1", SID: "s1"}, true},
		"not named":            {nil, nil, &Session{Issuer: realm, Subject: "sub-1"}, true},
		"named by no text":     {nil, map[string]any{"sid": 7}, &Session{Issuer: realm, Subject: "sub-1"}, true},
		"a token too long":     {nil, map[string]any{"groups": long}, &Session{Issuer: realm, Subject: "sub-1"}, false},
		"for its words alone":  {func(c *Config) { c.SignOut, c.PostLogoutRedirectURI = false, "" }, nil, &Session{Issuer: realm, Subject: "sub-1"}, false},
		"nobody wants to know": {func(c *Config) { c.SignOut, c.PostLogoutRedirectURI, c.BackchannelLogout = false, "", false }, map[string]any{"sid": "s1"}, nil, false},
	} {
		t.Run(name, func(t *testing.T) {
			n, i, p := leaving(t, c.change)
			var spent []string
			p.once = func(_ context.Context, name string, _ time.Time) (bool, error) {
				spent = append(spent, name)
				return true, nil
			}
			claims := map[string]any{"nonce": testNonce}
			for name, value := range c.claims {
				claims[name] = value
			}
			token := i.mint(claims)
			answer, err := json.Marshal(map[string]string{"access_token": testAccess, "token_type": "Bearer", "id_token": token})
			if err != nil {
				t.Fatal(err)
			}
			n.says("POST "+realm+"/token", "", string(answer))
			a, err := p.Exchange(context.Background(), callback(nil))
			if err != nil {
				t.Fatal(err)
			}
			if c.sign {
				c.want.IDToken = token
			}
			if diff := cmp.Diff(c.want, a.Session); diff != "" {
				t.Errorf("%s", diff)
			}
			if kept := len(spent) > 0; kept != c.sign {
				t.Errorf("the token is used up: %t, want %t", kept, c.sign)
			}
			written, err := json.Marshal(a)
			if err != nil || strings.Contains(string(written), token) {
				t.Errorf("the token is written out: %s, %v", written, err)
			}
		})
	}
}

// A form keeps by which session its person came, and the sealed token while there is room.
func TestFitKeepsTheSession(t *testing.T) {
	a := Assertion{Provider: "p", UID: "u", Session: &Session{Issuer: realm, Subject: "sub-1", SID: "s1", Hint: make([]byte, 700)}}
	if got := a.Fit(2560).Session; got == nil || got.SID != "s1" || len(got.Hint) != 700 {
		t.Errorf("with room: %+v", got)
	}
	a.Session.Hint = make([]byte, 2000)
	if got := a.Fit(2560); got.Session == nil || got.Session.SID != "s1" || got.Session.Hint != nil || len(a.Session.Hint) != 2000 {
		t.Errorf("without room: %+v", got.Session)
	}
}
