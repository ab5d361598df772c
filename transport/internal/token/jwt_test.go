package token_test

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"errors"
	"maps"
	"slices"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"github.com/google/go-cmp/cmp"

	"stagedoor/state"
	"stagedoor/transport/internal/token"
)

func TestIssueSaysWhoAndWhatFor(t *testing.T) {
	for _, algorithm := range algorithms {
		t.Run(algorithm, func(t *testing.T) {
			c := newClock()
			cfg := config(t, algorithm, c)
			cfg.Issuer = "https://auth.example.org"
			j := newJWT(t, cfg)
			s := sessionOf("42", "run", c.now())
			p := issue(t, j, s)
			if p.ExpiresIn != 300 {
				t.Errorf("the access token lives %d s, want 300", p.ExpiresIn)
			}
			for use, tok := range map[string]string{"access": p.Access, "refresh": p.Refresh} {
				header := decode(t, tok, 0)
				if header["alg"] != algorithm || header["typ"] != "JWT" || header["kid"] == "" || len(header) != 3 {
					t.Errorf("header %v", header)
				}
				got := decode(t, tok, 1)
				iat := float64(s.CreatedAt.Unix())
				want := map[string]any{
					"iss": "https://auth.example.org", "sub": "42", "sid": base64.RawURLEncoding.EncodeToString(s.TokenHash),
					"client": "app", "token_use": use, "jti": got["jti"], "iat": iat, "exp": iat + 300,
				}
				if use == "refresh" {
					want["exp"] = iat + 86400
				}
				if diff := cmp.Diff(got, want); diff != "" {
					t.Errorf("claims of the %s token: got -, want +\n%s", use, diff)
				}
				if id, _ := got["jti"].(string); len(id) != 22 {
					t.Errorf("jti %q, want 16 bytes as base64url", id)
				}
			}
			if decode(t, p.Access, 1)["jti"] == decode(t, p.Refresh, 1)["jti"] {
				t.Error("both tokens have one jti")
			}
			want := token.Claims{
				Account: "42", TokenHash: s.TokenHash, Client: token.App, ID: decode(t, p.Access, 1)["jti"].(string),
				IssuedAt: s.CreatedAt.Truncate(time.Second), ExpiresAt: s.CreatedAt.Truncate(time.Second).Add(5 * time.Minute),
			}
			got, err := j.Verify(token.App, p.Access)
			if diff := cmp.Diff(got, want); err != nil || diff != "" {
				t.Errorf("verified: %v: got -, want +\n%s", err, diff)
			}
			if _, err := j.VerifyRefresh(token.App, p.Refresh); err != nil {
				t.Errorf("refresh token: %v", err)
			}
		})
	}
}

func TestTwinsAreIssuedTheSameTokens(t *testing.T) {
	for _, algorithm := range algorithms {
		c := newClock()
		cfg := config(t, algorithm, c)
		one, two := newJWT(t, cfg), newJWT(t, cfg) // two servers
		s := sessionOf("42", "run", c.now())
		first := issue(t, one, s)
		c.pass(3 * time.Second)
		if second := issue(t, two, s); second != first {
			t.Errorf("%s: the twin was issued\n%+v, want\n%+v", algorithm, second, first)
		}
		if issue(t, one, sessionOf("42", "other", s.CreatedAt)).Refresh == first.Refresh {
			t.Errorf("%s: two runs were issued one token", algorithm)
		}
	}
}

func TestNoTokenOutlivesItsSession(t *testing.T) {
	c := newClock()
	j := newJWT(t, config(t, "HS256", c))
	s := sessionOf("42", "run", c.now())
	s.ExpiresAt = s.CreatedAt.Add(100 * time.Second)
	p := issue(t, j, s)
	if p.ExpiresIn != 100 {
		t.Errorf("the access token lives %d s, want 100", p.ExpiresIn)
	}
	c.pass(99 * time.Second)
	_, access := j.Verify(token.App, p.Access)
	_, refresh := j.VerifyRefresh(token.App, p.Refresh)
	if access != nil || refresh != nil {
		t.Errorf("before the end: %v, %v", access, refresh)
	}
	c.pass(time.Second)
	_, access = j.Verify(token.App, p.Access)
	_, refresh = j.VerifyRefresh(token.App, p.Refresh)
	if !errors.Is(access, token.ErrExpired) || !errors.Is(refresh, token.ErrExpired) {
		t.Errorf("after the end: %v, %v; want ErrExpired", access, refresh)
	}
}

func TestIssueRefusesSessionsThatGetNone(t *testing.T) {
	c := newClock()
	j := newJWT(t, config(t, "HS256", c))
	for name, spoil := range map[string]func(*state.Session){
		"a browser's":         func(s *state.Session) { s.Client = "browser" },
		"of an unknown kind":  func(s *state.Session) { s.Client = "" },
		"nobody's":            func(s *state.Session) { s.Account = "" },
		"without a token":     func(s *state.Session) { s.TokenHash = nil },
		"with half a hash":    func(s *state.Session) { s.TokenHash = s.TokenHash[:16] },
		"of no run":           func(s *state.Session) { s.Run = "" },
		"over when it begins": func(s *state.Session) { s.ExpiresAt = s.CreatedAt },
	} {
		s := sessionOf("42", "run", c.now())
		spoil(s)
		if p, err := j.Issue(s); err == nil || p != (token.Pair{}) {
			t.Errorf("a session %s was issued %+v, %v", name, p, err)
		}
	}
}

func TestPairAsAnswer(t *testing.T) {
	for want, p := range map[string]token.Pair{
		`{"access_token":"a","refresh_token":"r"}`: {Access: "a", Refresh: "r", ExpiresIn: 300},
		`{"access_token":"a"}`:                     {Access: "a", ExpiresIn: 300},
	} {
		got, err := json.Marshal(p)
		if err != nil || string(got) != want {
			t.Errorf("%s, %v, want %s", got, err, want)
		}
	}
}

func TestStatefulIsPassedOn(t *testing.T) {
	cfg := config(t, "HS256", newClock())
	if newJWT(t, cfg).Stateful() {
		t.Error("stateful by default")
	}
	cfg.Stateful = true
	if !newJWT(t, cfg).Stateful() {
		t.Error("not stateful although asked to be")
	}
}

func TestFaultsAreReportedTogether(t *testing.T) {
	cfg := token.JWTConfig{
		Algorithm: "RS256", PreviousKeys: [][]byte{[]byte("rubbish"), nil}, Issuer: "no uri: this",
		AccessAge: 1500 * time.Millisecond, Grace: -1,
	}
	_, err := token.NewJWT(cfg)
	if err == nil {
		t.Fatal("no faults")
	}
	for _, want := range []string{
		"private key is missing", "previous key 1 is not a key in PEM", "previous key 2 is not a key in PEM", "issuer", "access tokens is 1.5s",
		"refresh tokens is 0s", "shorter than access tokens", "negative", "keyring", "randomness", "clock",
	} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("nothing is said of %q in:\n%v", want, err)
		}
	}
	for line := range strings.Lines(err.Error()) {
		if !strings.HasPrefix(line, "jwt: ") {
			t.Errorf("%q does not say where it comes from", line)
		}
	}
}

// TestUnfitKeys gives each algorithm keys that it must not sign with, and previous keys
// that must not verify.
func TestUnfitKeys(t *testing.T) {
	weak, err := rsa.GenerateKey(rand.Reader, 1024)
	if err != nil {
		t.Fatal(err)
	}
	other, err := ecdsa.GenerateKey(elliptic.P384(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	rsaKey, rsaPEM := newKey(t, "RS256", 0)
	_, ecPEM := newKey(t, "ES256", 0)
	_, edPEM := newKey(t, "EdDSA", 0)
	_, secret := newKey(t, "HS256", 0)
	half := rsaPEM[:len(rsaPEM)/2]
	locked := pem.EncodeToMemory(&pem.Block{Type: "ENCRYPTED PRIVATE KEY", Bytes: []byte("x")})
	wrecked := pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: []byte("xxxx")})
	broken := map[string][]byte{"half": half, "locked": locked, "wrecked": wrecked, "empty": nil}
	unfit := map[string]map[string][]byte{
		"RS256": {"weak": privatePEM(t, weak), "ec": ecPEM, "ed": edPEM, "secret": secret, "public": publicPEM(t, rsaKey.Public())},
		"ES256": {"rsa": rsaPEM, "p384": privatePEM(t, other), "ed": edPEM, "secret": secret},
		"EdDSA": {"rsa": rsaPEM, "ec": ecPEM, "secret": secret},
		"HS256": {"short": secret[:31], "padded": append(bytes.Repeat([]byte(" "), 40), secret[:31]...), "rsa": rsaPEM, "public": publicPEM(t, rsaKey.Public())},
		"none":  {"secret": secret, "rsa": rsaPEM},
		"":      {"secret": secret},
		"RS512": {"rsa": rsaPEM},
	}
	for algorithm, keys := range unfit {
		maps.Copy(keys, broken)
		for name, text := range keys {
			cfg := config(t, "HS256", newClock())
			cfg.Algorithm, cfg.PrivateKey = algorithm, text
			j, err := token.NewJWT(cfg)
			if err == nil || j != nil {
				t.Errorf("%q signs with a key that is %s", algorithm, name)
				continue
			}
			if len(text) > 16 && strings.Contains(err.Error(), string(bytes.TrimSpace(text))[:16]) {
				t.Errorf("the fault repeats the key: %v", err)
			}
		}
	}
	delete(broken, "empty")
	for _, algorithm := range algorithms {
		previous := maps.Clone(broken)
		previous["weak"], previous["p384"] = publicPEM(t, weak.Public()), publicPEM(t, other.Public())
		previous["short"] = secret[:31]
		if algorithm != "HS256" {
			previous["secret"] = secret
		}
		for name, text := range previous {
			cfg := config(t, algorithm, newClock())
			cfg.PreviousKeys = [][]byte{text}
			if _, err := token.NewJWT(cfg); err == nil {
				t.Errorf("%s takes a previous key that is %s", algorithm, name)
			}
		}
	}
}

func TestFormsOfKeys(t *testing.T) {
	rsaKey, _ := newKey(t, "RS256", 0)
	ecKey, ecPEM := newKey(t, "ES256", 0)
	sec1, err := x509.MarshalECPrivateKey(ecKey.(*ecdsa.PrivateKey))
	curve := pem.EncodeToMemory(&pem.Block{Type: "EC PARAMETERS", Bytes: []byte{6, 8, 42, 134, 72, 206, 61, 3, 1, 7}})
	for name, tt := range map[string]struct {
		algorithm string
		text      []byte
	}{
		"PKCS #1":              {"RS256", asPEM(t, "RSA PRIVATE KEY", x509.MarshalPKCS1PrivateKey(rsaKey.(*rsa.PrivateKey)), nil)},
		"SEC 1":                {"ES256", asPEM(t, "EC PRIVATE KEY", sec1, err)},
		"SEC 1, as by openssl": {"ES256", append(curve, asPEM(t, "EC PRIVATE KEY", sec1, err)...)},
		"text around it":       {"ES256", slices.Concat([]byte("our key\n\n"), ecPEM, []byte("\n\n"))},
		"space around it":      {"HS256", append([]byte("  \n"), append(bytes.Repeat([]byte("s"), 32), "\r\n"...)...)},
	} {
		cfg := config(t, tt.algorithm, newClock())
		cfg.PrivateKey = tt.text
		j := newJWT(t, cfg)
		s := sessionOf("1", "run", cfg.Now())
		if _, err := j.Verify(token.App, issue(t, j, s).Access); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	plain, padded := config(t, "HS256", newClock()), config(t, "HS256", newClock())
	padded.PrivateKey = append(plain.PrivateKey, '\n')
	access := issue(t, newJWT(t, padded), sessionOf("1", "run", plain.Now())).Access
	if _, err := newJWT(t, plain).Verify(token.App, access); err != nil {
		t.Errorf("a line end makes another secret: %v", err)
	}
}

// TestKeyRotation walks through a rotation: the next key is known before it signs, and
// the one before verifies until it is taken away. The algorithm may change with it.
func TestKeyRotation(t *testing.T) {
	for _, change := range [][2]string{
		{"RS256", "RS256"}, {"ES256", "ES256"}, {"EdDSA", "EdDSA"}, {"HS256", "HS256"},
		{"RS256", "ES256"}, {"ES256", "EdDSA"}, {"EdDSA", "RS256"}, {"RS256", "HS256"},
	} {
		c := newClock()
		before := config(t, change[0], c)
		oldKey, oldText := newKey(t, change[0], 1)
		newPrivate, newText := newKey(t, change[1], 2)
		before.PrivateKey = oldText
		if change[1] != "HS256" {
			before.PreviousKeys = [][]byte{publicPEM(t, newPrivate.Public())}
		} else if change[0] == "HS256" {
			before.PreviousKeys = [][]byte{newText}
		}
		after := before
		after.Algorithm, after.PrivateKey, after.PreviousKeys = change[1], newText, [][]byte{oldText, oldText}
		if oldKey != nil {
			after.PreviousKeys = [][]byte{publicPEM(t, oldKey.Public()), newText}
		}
		done := after
		done.PreviousKeys = nil
		first, second, third := newJWT(t, before), newJWT(t, after), newJWT(t, done)
		old := issue(t, first, sessionOf("1", "old", c.now())).Access
		fresh := issue(t, second, sessionOf("1", "new", c.now())).Access
		for _, tt := range []struct {
			name  string
			by    *token.JWT
			token string
			good  bool
		}{
			{"the first server and its own", first, old, true},
			{"the first server and the next key's", first, fresh, before.PreviousKeys != nil},
			{"the second server and the previous key's", second, old, true},
			{"the second server and its own", second, fresh, true},
			{"the third server and the key that is gone", third, old, false},
			{"the third server and its own", third, fresh, true},
		} {
			if _, err := tt.by.Verify(token.App, tt.token); (err == nil) != tt.good {
				t.Errorf("%v: %s: %v, want good: %t", change, tt.name, err, tt.good)
			}
		}
	}
}

func TestFailuresOfRandomnessReachTheCaller(t *testing.T) {
	c := newClock()
	cfg := config(t, "EdDSA", c)
	lost := errors.New("no entropy")
	cfg.Rand = iotest.ErrReader(lost)
	j := newJWT(t, cfg)
	m := newMemory()
	s := m.grant(sessionOf("42", "run", c.now()))
	p := issue(t, j, s)
	r := &token.Refresher{Tokens: j, Families: m, Ledger: m}
	_, _, err := r.Refresh(t.Context(), token.App, p.Refresh, "")
	if !errors.Is(err, lost) || errors.Is(err, token.ErrRefused) {
		t.Errorf("refresh without randomness: %v", err)
	}
	cfg.Rand = rand.Reader
	r.Tokens = newJWT(t, cfg)
	if _, _, err := r.Refresh(t.Context(), token.App, p.Refresh, ""); err != nil {
		t.Errorf("the failure spent the token: %v", err)
	}
}

func TestCredential(t *testing.T) {
	for header, want := range map[string]string{
		"Bearer abc": "abc", "bearer abc": "abc", "BEARER  abc ": "abc", " Bearer\tabc": "abc",
		"": "", "Bearer": "", "Bearer ": "", "abc": "", "Token abc": "", "Bearer abc def": "", "Bearerabc": "", "Bearer,abc": "",
	} {
		got, ok := token.Credential("Bearer", header)
		if got != want || ok != (want != "") {
			t.Errorf("Credential(%q) = %q, %t, want %q", header, got, ok, want)
		}
	}
	if got, ok := token.Credential("token", "Token x"); got != "x" || !ok {
		t.Errorf("another scheme: %q, %t", got, ok)
	}
}
