package provider

import (
	"crypto"
	"encoding/json"
	"errors"
	"net/url"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"github.com/coreos/go-oidc/v3/oidc"
	"github.com/google/go-cmp/cmp"
)

// FuzzProfile: whatever a provider answers, there is a whole assertion or an error, never
// half of one.
func FuzzProfile(f *testing.F) {
	for _, w := range walks() {
		for _, answer := range w.apis {
			f.Add(w.kind, answer)
		}
	}
	f.Add("slack", `{"https://slack.com/team_id": "T1", "https://slack.com/user_id": "U1"}`)
	f.Add("github", `{"id": [1]}`)
	f.Add("twitch", `{"data": []}`)
	f.Add("twitch", `{"data": [null]}`)
	f.Add("naver", `{"response": "x"}`)
	f.Add("dummy", `{"id": "a\u0000", "email": "A@EXAMPLE.COM", "email_verified": "on"}`)
	f.Add("google", `{"sub": "\ud800", "email": "\u212a@example.com"}`)
	f.Fuzz(func(t *testing.T, kind, profile string) {
		if _, ok := kindOf(kind); !ok {
			kind = "openid_connect"
		}
		a, err := meaning(t, kind, profile)
		if err != nil {
			if d := cmp.Diff(Assertion{}, a); d != "" {
				t.Errorf("half an assertion beside %v: %s", err, d)
			}
			return
		}
		whole(t, a)
		if again, err := meaning(t, kind, profile); err != nil || !cmp.Equal(a, again) {
			t.Errorf("read twice: %v", err)
		}
	})
}

// whole holds an assertion against what its comments promise.
func whole(t *testing.T, a Assertion) {
	t.Helper()
	if a.Provider == "" || strings.TrimSpace(a.UID) == "" || len(a.UID) > MaxUID || !utf8.ValidString(a.UID) || strings.ContainsFunc(a.UID, unicode.IsControl) {
		t.Errorf("provider %q, uid %q", a.Provider, a.UID)
	}
	for _, text := range []string{a.Username, a.Name, a.GivenName, a.FamilyName, a.Phone} {
		if utf8.RuneCountInString(text) > MaxText || strings.ContainsFunc(text, unicode.IsControl) || strings.TrimSpace(text) != text || !utf8.ValidString(text) {
			t.Errorf("text %q", text)
		}
	}
	seen := map[string]bool{}
	for i, e := range a.Emails {
		if again, ok := cleanAddress(e.Address); !ok || again != e.Address || seen[e.Address] || e.Primary && i > 0 {
			t.Errorf("emails %+v", a.Emails)
		}
		seen[e.Address] = true
	}
	if len(a.Emails) > MaxEmails || len(a.Extra) > MaxExtra || a.Extra != nil && !json.Valid(a.Extra) || a.PhoneVerified && a.Phone == "" {
		t.Errorf("got %+v", a)
	}
}

// FuzzIDToken: a token that says anything but what was signed here is refused; an error
// carries no claims.
func FuzzIDToken(f *testing.F) {
	i := &issuer{url: realm, kid: "key-1"}
	p := &Provider{id: "mock", now: noon}
	keys := &endpoints{issuer: realm, algs: algorithms(nil), keys: &oidc.StaticKeySet{PublicKeys: []crypto.PublicKey{&rsaKey().PublicKey}}}
	want := expected{audience: []string{"client"}, nonce: testNonce}
	good := i.mint(map[string]any{"nonce": testNonce})
	signed, err := p.verify(f.Context(), keys, good, want)
	if err != nil {
		f.Fatal(err)
	}
	parts := strings.Split(good, ".")
	for _, seed := range []string{
		good, "", "a.b.c", parts[0] + "." + parts[1] + ".", "eyJhbGciOiJub25lIn0." + parts[1] + ".", parts[0] + ".bnVsbA." + parts[2],
		good + "=", good + "\n", " " + good, good + "." + parts[2], parts[0] + "=." + parts[1] + "." + parts[2],
		`{"payload":"` + parts[1] + `","protected":"` + parts[0] + `","signature":"` + parts[2] + `"}`,
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, token string) {
		got, err := p.verify(t.Context(), keys, token, want)
		switch {
		case err == nil && !cmp.Equal(got, signed):
			t.Errorf("%q: %v", token, got)
		case err != nil && (got != nil || !errors.Is(err, ErrInvalidToken)):
			t.Errorf("%q: %v and %v", token, got, err)
		}
	})
}

// FuzzClaims: whatever an issuer signs, there is a whole assertion of its exact sub, for
// this client, or ErrInvalidToken.
func FuzzClaims(f *testing.F) {
	p := &Provider{id: "mock", now: noon}
	keys := &endpoints{issuer: realm, algs: algorithms(nil), keys: &oidc.StaticKeySet{PublicKeys: []crypto.PublicKey{&rsaKey().PublicKey}}}
	const base = `"iss":"` + realm + `","iat":1772366400,"exp":1772367000`
	for _, rest := range []string{
		`"aud":"client","sub":"1"`, `"aud":["client"],"sub":"1"`, `"aud":"client","sub":["1"]`, `"aud":"","sub":"1"`, `"aud":"client","sub":1`,
		`"aud":"client","sub":"1","SUB":"2"`, `"aud":"x","AUD":"client","sub":"1"`, `"aud":"client","sub":"1","exp":1e400`, `"aud":"client","sub":"1","email":{}`,
	} {
		f.Add("{" + base + "," + rest + "}")
	}
	f.Fuzz(func(t *testing.T, payload string) {
		c, err := p.verify(t.Context(), keys, signRaw(t, "key-1", payload), expected{audience: []string{"client"}})
		if err != nil {
			if c != nil || !errors.Is(err, ErrInvalidToken) {
				t.Errorf("%q: %v and %v", payload, c, err)
			}
			return
		}
		a, err := p.assertion(c, claims(yesText), nil, c)
		if err != nil {
			return
		}
		whole(t, a)
		var said map[string]any
		if json.Unmarshal([]byte(payload), &said) != nil || said["sub"] != a.UID || said["iss"] != realm {
			t.Errorf("%q: %+v", payload, a)
		}
	})
}

// FuzzCallback: a callback's query never gets past an error, nor past another issuer, and
// what it says is not repeated.
func FuzzCallback(f *testing.F) {
	p := &Provider{id: "mock", now: noon, issuer: realm, kind: kind{ID: "openid_connect", Issuer: "{base}"}, static: &endpoints{issuer: realm}}
	for _, q := range []string{
		"code=a&state=b", "error=access_denied", "error=a&error=b", "iss=https%3A%2F%2Fevil.example.com&code=a",
		"error=%00&code=a", "error=server_error", "code=a;b", "error=x'\"<>", "iss=" + url.QueryEscape(realm) + "&code=a",
	} {
		f.Add(q)
	}
	f.Fuzz(func(t *testing.T, query string) {
		form, _ := url.ParseQuery(query)
		err := p.checkCallback(t.Context(), Callback{Code: form.Get("code"), Form: form})
		if err == nil && (form.Get("error") != "" || form.Get("code") == "" || form.Has("iss") && form.Get("iss") != "" && form.Get("iss") != realm) {
			t.Errorf("%q passes", query)
		}
		if err == nil {
			return
		}
		if !errors.Is(err, ErrDenied) && !errors.Is(err, ErrRefused) && !errors.Is(err, ErrUnreachable) {
			t.Errorf("%q: %v", query, err)
		}
		if text := err.Error(); len(text) > 500 || strings.ContainsFunc(text, func(r rune) bool { return unicode.IsControl(r) || r == '<' && !strings.Contains(text, `"`) }) {
			t.Errorf("%q: %q", query, text)
		}
	})
}
