package provider

import (
	"context"
	"errors"
	"io"
	"net/http"
	"slices"
	"sync"
	"testing"
	"time"
)

const keysKey = "GET " + realm + "/jwks"

// timed is a provider whose clock the test moves.
func timed(t *testing.T) (*internet, *issuer, *Provider, *clock) {
	t.Helper()
	n := newInternet(t)
	i := n.openIssuer(realm)
	now := newClock()
	p, err := New(Config{Kind: "openid_connect", ServerURL: realm, ClientID: "client"}, Deps{Client: n.client(), Now: now.now})
	if err != nil {
		t.Fatal(err)
	}
	return n, i, p, now
}

func try(p *Provider, token string) error {
	_, err := p.VerifyToken(context.Background(), Token{ClientID: "client", IDToken: token})
	return err
}

// soon is try until it succeeds, for half a second: the library hands out the last answer
// for a moment after it came.
func soon(p *Provider, token string) error {
	var err error
	for range 100 {
		if err = try(p, token); err == nil {
			return nil
		}
		time.Sleep(5 * time.Millisecond)
	}
	return err
}

func TestKeysAreFetchedAtABoundedRate(t *testing.T) {
	n, i, p, now := timed(t)
	long := map[string]any{"exp": noon().Add(time.Hour).Unix()}
	good := i.mint(long)
	for range 5 {
		if err := try(p, good); err != nil {
			t.Fatal(err)
		}
	}
	unheard := sign("unheard", i.claims(long))
	for range 20 {
		if err := try(p, unheard); !errors.Is(err, ErrInvalidToken) {
			t.Fatal(err)
		}
		if err := try(p, good[:len(good)-8]+"AAAAAAAA"); !errors.Is(err, ErrInvalidToken) {
			t.Fatal(err)
		}
	}
	if got := n.count(keysKey); got != 1 {
		t.Errorf("keys were fetched %d times", got)
	}

	// The provider turns to a new key: known five seconds after the last fetch at the latest.
	i.kid = "unheard"
	now.pass(keysFresh)
	if err := soon(p, unheard); err != nil {
		t.Errorf("the new key is not found: %v", err)
	}
	if got := n.count(keysKey); got != 2 {
		t.Errorf("keys were fetched %d times", got)
	}
}

func TestWithdrawnKeyIsForgottenWithinTheHour(t *testing.T) {
	n, i, p, now := timed(t)
	old := i.mint(map[string]any{"exp": noon().Add(24 * time.Hour).Unix()})
	if err := try(p, old); err != nil {
		t.Fatal(err)
	}
	i.kid = "key-2"
	now.pass(metadataFresh)
	if err := try(p, old); !errors.Is(err, ErrInvalidToken) {
		t.Errorf("an hour later: %v", err)
	}
	if got := n.count(metaKey); got != 2 {
		t.Errorf("metadata was fetched %d times", got)
	}
}

func TestKeysCannotBeHad(t *testing.T) {
	for name, h := range map[string]http.HandlerFunc{
		"down":    func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusInternalServerError) },
		"gone":    func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNotFound) },
		"garbage": func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "<html>") },
		"no list": func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, `{"keys": {}}`) },
		"huge":    func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write(make([]byte, maxBody+1)) },
		"elsewhere": func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, "https://evil.example.com/jwks", http.StatusFound)
		},
	} {
		t.Run(name, func(t *testing.T) {
			n, i, p, now := timed(t)
			n.says("GET https://evil.example.com/jwks", "", `{"keys": []}`)
			good := n.routes[keysKey]
			n.on(keysKey, h)
			token := i.mint(map[string]any{"exp": noon().Add(time.Hour).Unix()})
			for range 3 {
				if err := try(p, token); !errors.Is(err, ErrUnreachable) || errors.Is(err, ErrInvalidToken) {
					t.Errorf("got %v", err)
				}
			}
			if got := n.count(keysKey); got != 1 {
				t.Errorf("asked %d times within the pause", got)
			}
			n.on(keysKey, good)
			now.pass(fetchPause)
			if err := soon(p, token); err != nil {
				t.Errorf("the keys are back: %v", err)
			}
		})
	}
}

func TestSomeKeysAreOfNoUse(t *testing.T) {
	n, i, p, _ := timed(t)
	n.on(keysKey, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		_, _ = io.WriteString(w, `{"keys": [{"kty": "OKP", "crv": "Ed448", "kid": "a", "x": "AA"}, {"kty": "EC", "alg": "ES256K", "kid": "b"},`+
			`{"kty":"RSA","kid":"key-1","n":"`+jwk("")["n"].(string)+`","e":"AQAB"}]}`)
	})
	if err := try(p, i.mint(nil)); err != nil {
		t.Error(err)
	}
}

func TestManyAtOnceAskOnce(t *testing.T) {
	n, i, p, _ := timed(t)
	good := i.mint(nil)
	var wg sync.WaitGroup
	for range 30 {
		wg.Add(1)
		go func() {
			defer wg.Done()
			if err := try(p, good); err != nil {
				t.Error(err)
			}
		}()
	}
	wg.Wait()
	if n.count(metaKey) != 1 || n.count(keysKey) != 1 {
		t.Errorf("metadata %d times, keys %d times", n.count(metaKey), n.count(keysKey))
	}
}

func TestAlgorithms(t *testing.T) {
	for _, c := range [][2][]string{
		{nil, {"RS256"}},
		{{"none"}, {"RS256"}},
		{{"HS256", "HS384", "HS512", "none", "rs256", "A128KW"}, {"RS256"}},
		{{"ES256", "HS256", "RS256"}, {"RS256", "ES256"}},
		{{"EdDSA"}, {"EdDSA"}},
	} {
		if got := algorithms(c[0]); !slices.Equal(got, c[1]) {
			t.Errorf("%v: %v", c[0], got)
		}
	}
}
