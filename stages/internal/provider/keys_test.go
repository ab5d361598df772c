package provider

import (
	"context"
	"errors"
	"io"
	"net/http"
	"slices"
	"strings"
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
		if err := try(p, good[:len(good)-8]+"AAAAAAAA"); !errors.Is(err, ErrInvalidToken) {
			t.Fatal(err)
		}
	}
	if got := n.count(keysKey); got != 1 {
		t.Errorf("for a signature that is wrong keys were fetched %d times", got)
	}
	for range 20 {
		if err := try(p, unheard); !errors.Is(err, ErrInvalidToken) {
			t.Fatal(err)
		}
	}
	if got := n.count(keysKey); got != 1+keysSpare {
		t.Errorf("for a key that is not there keys were fetched %d times", got)
	}

	// The provider turns to a new key: known five seconds after the last fetch at the latest.
	i.kid = "unheard"
	now.pass(fetchPause)
	if err := try(p, unheard); err != nil {
		t.Errorf("the new key is not found: %v", err)
	}
	if got := n.count(keysKey); got != 2+keysSpare {
		t.Errorf("keys were fetched %d times", got)
	}
}

// A provider that turns to a new key right after its keys were fetched signs good tokens: the
// first one was called invalid for five seconds.
func TestNewKeyRightAfterAFetch(t *testing.T) {
	n, i, p, _ := timed(t)
	if err := try(p, i.mint(nil)); err != nil {
		t.Fatal(err)
	}
	i.kid = "unheard"
	if err := try(p, i.mint(nil)); err != nil {
		t.Errorf("the new key is not found: %v", err)
	}
	if got := n.count(keysKey); got != 2 {
		t.Errorf("keys were fetched %d times", got)
	}
}

func TestWithdrawnKeyIsForgottenWithinTheDay(t *testing.T) {
	n, i, p, now := timed(t)
	old := i.mint(map[string]any{"exp": noon().Add(48 * time.Hour).Unix()})
	if err := try(p, old); err != nil {
		t.Fatal(err)
	}
	i.kid = "key-2"
	now.pass(keysFresh)
	if err := try(p, old); !errors.Is(err, ErrInvalidToken) || !strings.Contains(err.Error(), "no key") {
		t.Errorf("a day later: %v", err)
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
			if err := try(p, token); err != nil {
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
		{nil, publicAlgorithms()},
		{{"none"}, {"RS256"}},
		{{"HS256", "HS384", "HS512", "none", "rs256", "A128KW"}, {"RS256"}},
		{{"ES256", "HS256", "RS256"}, {"RS256", "ES256"}},
		{{"EdDSA"}, {"EdDSA"}},
		{{"Ed25519"}, {"Ed25519"}},
	} {
		if got := algorithms(c[0]); !slices.Equal(got, c[1]) {
			t.Errorf("%v: %v", c[0], got)
		}
	}
}

// TestOneFetchADay: a day of sign-ins asks for the metadata once, and once for the keys.
func TestOneFetchADay(t *testing.T) {
	n, i, p, now := timed(t)
	for range 96 {
		n.says("POST "+realm+"/token", "", `{"access_token": "a", "id_token": "`+
			i.mint(map[string]any{"nonce": testNonce, "iat": now.now().Unix(), "exp": now.now().Add(time.Minute).Unix()})+`"}`)
		if _, err := p.AuthCodeURL(context.Background(), request()); err != nil {
			t.Fatal(err)
		}
		if _, err := p.Exchange(context.Background(), callback(nil)); err != nil {
			t.Fatal(err)
		}
		now.pass(15*time.Minute - time.Second)
	}
	if n.count(metaKey) != 1 || n.count(keysKey) != 1 {
		t.Errorf("metadata %d times, keys %d times", n.count(metaKey), n.count(keysKey))
	}
	now.pass(time.Hour)
	if _, err := p.AuthCodeURL(context.Background(), request()); err != nil || n.count(metaKey) != 2 {
		t.Errorf("the next day: %d times, %v", n.count(metaKey), err)
	}
}

// TestSlashAsksOnce: an issuer that was typed without its slash is no reason to ask twice.
func TestSlashAsksOnce(t *testing.T) {
	n := newInternet(t)
	n.openIssuer(realm).meta["issuer"] = realm + "/"
	p := n.provider(Config{Kind: "openid_connect", ServerURL: realm})
	if authURL(t, p, request()); n.count(metaKey) != 1 {
		t.Errorf("asked %d times", n.count(metaKey))
	}
}

// TestKeysHang: a good token was called invalid at times while its keys could not be had. It never
// is, and who has the keys already does not wait for newer ones.
func TestKeysHang(t *testing.T) {
	n := newInternet(t)
	i := n.openIssuer(realm)
	release := make(chan struct{})
	t.Cleanup(func() { close(release) })
	good := n.routes[keysKey]
	hang := func(_ http.ResponseWriter, r *http.Request) {
		select {
		case <-release:
		case <-r.Context().Done():
		}
	}
	n.on(keysKey, hang)
	client := n.client()
	client.Timeout = 250 * time.Millisecond
	now := newClock()
	p, err := New(Config{Kind: "openid_connect", ServerURL: realm, ClientID: "client"}, Deps{Client: client, Now: now.now})
	if err != nil {
		t.Fatal(err)
	}
	token := i.mint(map[string]any{"exp": noon().Add(time.Hour).Unix()})
	for range 4 {
		var wg sync.WaitGroup
		for range 8 {
			wg.Add(1)
			go func() {
				defer wg.Done()
				if err := try(p, token); !errors.Is(err, ErrUnreachable) || errors.Is(err, ErrInvalidToken) {
					t.Errorf("got %v", err)
				}
			}()
		}
		wg.Wait()
		now.pass(fetchPause)
	}
	n.on(keysKey, good)
	if err := try(p, token); err != nil {
		t.Fatal(err)
	}
	n.on(keysKey, hang)
	now.pass(fetchPause)
	unheard, asked := make(chan error, 1), n.count(keysKey)
	go func() {
		unheard <- try(p, sign("unheard", i.claims(map[string]any{"exp": noon().Add(time.Hour).Unix()})))
	}()
	for n.count(keysKey) == asked && len(unheard) == 0 {
		time.Sleep(time.Millisecond)
	}
	start := time.Now()
	if err := try(p, token); err != nil || time.Since(start) > client.Timeout {
		t.Errorf("beside a fetch that hangs: %v after %v", err, time.Since(start))
	}
	if err := <-unheard; !errors.Is(err, ErrUnreachable) {
		t.Errorf("a key that nobody has heard of: %v", err)
	}
}
