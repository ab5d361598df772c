package resource

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"
)

// What an answer says to who is let in by a bound token, and by one that is not.
const (
	asBound  = `"bound":true`
	asBearer = `"bound":false`
	noToken  = `error="invalid_token"`
	noProof  = `error="invalid_dpop_proof"`
)

// takesWhatIsGood: a token without a key opens with no more, a bound one with a proof by its
// key, whatever algorithm that is of and however the address is spelt.
func takesWhatIsGood(t *testing.T, start starter) {
	s := newIssuer(t)
	a := start(t, s.URL)
	a.wants(t, "a token that is not bound", request{path: "/me", scheme: "Bearer", token: s.token(nil, nil)}, asBearer)
	a.wants(t, "a scheme in other letters", request{path: "/me", scheme: "bearer", token: s.token(nil, nil)}, asBearer)
	for _, algorithm := range []string{"ES256", "EdDSA", "ES384", "RS256"} {
		k := newKey(t, algorithm)
		token := s.token(&k, nil)
		for _, address := range []string{"/me", "/me?x=1#y"} {
			proof := k.proof("GET", a.url+address, token, nil)
			a.wants(t, algorithm+" "+address, request{path: "/me?x=2", scheme: "DPoP", token: token, proofs: []string{proof}}, asBound)
		}
		proof := k.proof("GET", strings.Replace(a.url, "http://", "HTTP://", 1)+"/me", token, nil)
		a.wants(t, "a scheme spelt otherwise", request{path: "/me", scheme: "dpop", token: token, proofs: []string{proof}}, asBound)
	}
	if status, says := a.ask(request{path: "/me"}); status != http.StatusUnauthorized || !strings.Contains(says, `DPoP algs="ES256 EdDSA ES384 RS256", Bearer`) || strings.Contains(says, "error") {
		t.Errorf("nobody is answered %d, %s", status, says)
	}
}

// wants asks and holds the answer against what is wanted: let in as something, or why not.
func (a *api) wants(t *testing.T, what string, r request, says string) {
	t.Helper()
	want := http.StatusOK
	if strings.HasPrefix(says, "error") {
		want = http.StatusUnauthorized
	}
	if status, got := a.ask(r); status != want || !strings.Contains(got, says) {
		t.Errorf("%s: %d, %s; want %d, %s", what, status, got, want, says)
	}
}

// refusesTokens: nothing opens but an access token of the server's that is good now, used as
// it says itself.
func refusesTokens(t *testing.T, start starter) {
	s := newIssuer(t)
	a := start(t, s.URL)
	k, now := newKey(t, "ES256"), time.Now()
	stranger := newKey(t, "ES256")
	bound := s.token(&k, nil)
	proof := func(token string) []string { return []string{k.proof("GET", a.url+"/me", token, nil)} }
	named := map[string]any{"kid": s.key.thumbprint()}
	free := s.token(nil, nil)
	none, err := jwt.NewWithClaims(jwt.SigningMethodNone, s.claims(nil)).SignedString(jwt.UnsafeAllowNoneSignatureType)
	if err != nil {
		t.Fatal(err)
	}
	secret := jwt.NewWithClaims(jwt.SigningMethodHS256, s.claims(nil))
	secret.Header["kid"] = s.key.thumbprint()
	public, err := secret.SignedString([]byte(s.key.jwk()["x"]))
	if err != nil {
		t.Fatal(err)
	}
	for what, token := range map[string]string{
		"a refresh token":                     s.token(nil, jwt.MapClaims{"token_use": "refresh"}),
		"a token of another issuer":           s.token(nil, jwt.MapClaims{"iss": "https://auth.example.net"}),
		"a token that has expired":            s.token(nil, jwt.MapClaims{"exp": now.Add(-time.Minute).Unix()}),
		"a token that never expires":          s.token(nil, jwt.MapClaims{"exp": nil}),
		"a token of nobody's":                 s.token(nil, jwt.MapClaims{"sub": nil}),
		"a token by another key":              stranger.sign(named, s.claims(nil)),
		"a token by a key that nobody knows":  stranger.sign(map[string]any{"kid": stranger.thumbprint()}, s.claims(nil)),
		"a token that brings its key":         stranger.sign(map[string]any{"jwk": stranger.jwk()}, s.claims(nil)),
		"a token under another key's name":    s.key.sign(map[string]any{"kid": s.set[0].thumbprint()}, s.claims(nil)),
		"an unsigned token":                   none,
		"a public key taken for a secret":     public,
		"a bound token":                       bound,
		"a token that is bound in other ways": s.token(nil, jwt.MapClaims{"cnf": map[string]string{"x5t#S256": hash("certificate")}}),
		"nonsense":                            "nonsense",
		"a token with a byte more":            free + "A",
		"a proof":                             proof(free)[0],
	} {
		a.wants(t, what+" as a bearer's", request{path: "/me", scheme: "Bearer", token: token}, noToken)
		a.wants(t, what+" as a bearer's, with a proof", request{path: "/me", scheme: "Bearer", token: token, proofs: proof(token)}, noToken)
	}
	a.wants(t, "a token without a key, with a proof", request{path: "/me", scheme: "DPoP", token: free, proofs: proof(free)}, noToken)
	expired := s.token(&k, jwt.MapClaims{"exp": now.Add(-time.Minute).Unix()})
	a.wants(t, "a bound token that has expired", request{path: "/me", scheme: "DPoP", token: expired, proofs: proof(expired)}, noToken)
	other := []string{stranger.proof("GET", a.url+"/me", bound, nil)}
	a.wants(t, "a proof by another key", request{path: "/me", scheme: "DPoP", token: bound, proofs: other}, noToken)
}

// refusesProofs: a proof is for one request with one token, now, and comes once.
func refusesProofs(t *testing.T, start starter) {
	s := newIssuer(t)
	a := start(t, s.URL)
	k, now := newKey(t, "ES256"), time.Now()
	token, other := s.token(&k, nil), s.token(&k, nil)
	url := a.url + "/me"
	with := func(header map[string]any) string { return k.proofWith(header, "GET", url, token, nil) }
	claim := func(name string, value any) string {
		return k.proof("GET", url, token, jwt.MapClaims{name: value})
	}
	private := k.jwk()
	private["d"] = hash("private")
	once := k.proof("GET", url, token, nil)
	a.wants(t, "a proof", request{path: "/me", scheme: "DPoP", token: token, proofs: []string{once}}, asBound)
	cases := map[string][]string{
		"none":                             nil,
		"two":                              {k.proof("GET", url, token, nil), k.proof("GET", url, token, nil)},
		"one that came before":             {once},
		"for another method":               {k.proof("POST", url, token, nil)},
		"for another path":                 {k.proof("GET", a.url+"/you", token, nil)},
		"for a path that goes on":          {k.proof("GET", url+"/", token, nil)},
		"for another host":                 {k.proof("GET", "https://api.example.net/me", token, nil)},
		"for another token":                {k.proof("GET", url, other, nil)},
		"for no token":                     {claim("ath", nil)},
		"for no address":                   {claim("htu", nil)},
		"old":                              {claim("iat", now.Add(-2*time.Minute).Unix())},
		"of tomorrow":                      {claim("iat", now.Add(24*time.Hour).Unix())},
		"of no time":                       {claim("iat", nil)},
		"without an id":                    {claim("jti", nil)},
		"of another type":                  {with(map[string]any{"typ": "JWT", "jwk": k.jwk()})},
		"without a key":                    {with(map[string]any{"typ": "dpop+jwt"})},
		"with its private key":             {with(map[string]any{"typ": "dpop+jwt", "jwk": private})},
		"with another key than it used":    {with(map[string]any{"typ": "dpop+jwt", "jwk": newKey(t, "ES256").jwk()})},
		"with a key of another kind":       {with(map[string]any{"typ": "dpop+jwt", "jwk": newKey(t, "RS256").jwk()})},
		"by a key on another curve":        {with(map[string]any{"typ": "dpop+jwt", "jwk": newKey(t, "ES384").jwk()})},
		"by an algorithm nobody agreed on": {newKey(t, "PS256").proof("GET", url, token, nil)},
		"with an extension to understand":  {with(map[string]any{"typ": "dpop+jwt", "jwk": k.jwk(), "crit": []string{"x"}, "x": 1})},
		"by a secret":                      {secretProof(t, url, token)},
		"nonsense":                         {"nonsense"},
		"the token itself":                 {token},
	}
	for what, proofs := range cases {
		a.wants(t, what, request{path: "/me", scheme: "DPoP", token: token, proofs: proofs}, noProof)
	}
	for _, address := range []any{nil, "nonsense", "http://api.example.net/me"} {
		a.wants(t, "of an address in full", request{path: "/me", scheme: "DPoP", token: token, proofs: []string{claim("htu", address)}, whole: true}, noProof)
	}
}

// secretProof is signed by a secret that stands in its own header.
func secretProof(t *testing.T, url, token string) string {
	t.Helper()
	secret := []byte(strings.Repeat("s", 32))
	p := jwt.NewWithClaims(jwt.SigningMethodHS256, jwt.MapClaims{"jti": "1", "htm": "GET", "htu": url, "iat": time.Now().Unix(), "ath": hash(token)})
	p.Header["typ"], p.Header["jwk"] = "dpop+jwt", map[string]string{"kty": "oct", "k": "c3Nzc3Nzc3Nzc3Nzc3Nzc3Nzc3Nzc3Nzc3Nzc3Nzc3M"}
	text, err := p.SignedString(secret)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// keysChange: a key that is new is asked for, and while none can be had nobody is told that
// his token is bad.
func keysChange(t *testing.T, start starter) {
	s := newIssuer(t)
	s.down = true
	a := start(t, s.URL)
	r := request{path: "/me", scheme: "Bearer", token: s.token(nil, nil)}
	if status, says := a.ask(r); status != http.StatusServiceUnavailable {
		t.Errorf("without keys: %d, %s", status, says)
	}
	s.mu.Lock()
	s.down = false
	s.mu.Unlock()
	a.comes(t, "once there are keys", r)
	s.mu.Lock()
	s.key = newKey(t, "EdDSA")
	s.set = []key{s.key, s.set[1]}
	s.mu.Unlock()
	a.comes(t, "once the key is another", request{path: "/me", scheme: "Bearer", token: s.token(nil, nil)})
	a.comes(t, "by the key of before", r)
}

// comes asks until it is let in, which may take as long as nobody asks for keys again.
func (a *api) comes(t *testing.T, when string, r request) {
	t.Helper()
	for end := time.Now().Add(15 * time.Second); ; time.Sleep(200 * time.Millisecond) {
		status, says := a.ask(r)
		if status == http.StatusOK {
			return
		}
		if time.Now().After(end) {
			t.Fatalf("%s: %d, %s", when, status, says)
		}
	}
}
