package token_test

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"math/big"
	"slices"
	"strconv"
	"testing"

	"github.com/golang-jwt/jwt/v5"
	"github.com/google/go-cmp/cmp"

	"stagedoor/transport/internal/token"
)

// keysOf returns the members of the keys in the set.
func keysOf(t testing.TB, j *token.JWT) []map[string]string {
	t.Helper()
	var set map[string][]map[string]string
	if err := json.Unmarshal(j.JWKS(), &set); err != nil {
		t.Fatal(err)
	}
	if len(set) != 1 || set["keys"] == nil {
		t.Fatalf("%s is no key set", j.JWKS())
	}
	return set["keys"]
}

func bytesOf(t testing.TB, s string) []byte {
	t.Helper()
	b, err := base64.RawURLEncoding.Strict().DecodeString(s)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// resourceServer verifies tokens by the key set alone.
func resourceServer(t testing.TB, set []map[string]string, algorithm string) func(string) (jwt.MapClaims, error) {
	keys := map[string]crypto.PublicKey{}
	for _, k := range set {
		switch k["kty"] {
		case "RSA":
			e := new(big.Int).SetBytes(bytesOf(t, k["e"]))
			keys[k["kid"]] = &rsa.PublicKey{N: new(big.Int).SetBytes(bytesOf(t, k["n"])), E: int(e.Int64())}
		case "EC":
			point := slices.Concat([]byte{4}, bytesOf(t, k["x"]), bytesOf(t, k["y"]))
			p, err := ecdsa.ParseUncompressedPublicKey(elliptic.P256(), point)
			if err != nil {
				t.Fatal(err)
			}
			keys[k["kid"]] = p
		case "OKP":
			keys[k["kid"]] = ed25519.PublicKey(bytesOf(t, k["x"]))
		}
	}
	return func(tok string) (jwt.MapClaims, error) {
		c := jwt.MapClaims{}
		_, err := jwt.ParseWithClaims(tok, c, func(t *jwt.Token) (any, error) {
			if k := keys[fmt.Sprint(t.Header["kid"])]; k != nil {
				return k, nil
			}
			return nil, errors.New("no such key")
		}, jwt.WithValidMethods([]string{algorithm}), jwt.WithoutClaimsValidation(), jwt.WithStrictDecoding())
		return c, err
	}
}

func TestAStrangerVerifiesByTheKeySet(t *testing.T) {
	for _, algorithm := range []string{"RS256", "ES256", "EdDSA"} {
		for range 20 { // numbers have fewer bytes now and then
			c := newClock()
			cfg := config(t, algorithm, c)
			private, text := newKey(t, algorithm, 1)
			cfg.PreviousKeys = [][]byte{publicPEM(t, private.Public())}
			j := newJWT(t, cfg)
			verify := resourceServer(t, keysOf(t, j), algorithm)
			s := sessionOf("42", "run", c.now())
			old := cfg
			old.PrivateKey, old.PreviousKeys = text, nil
			for name, by := range map[string]*token.JWT{"the key": j, "the previous key": newJWT(t, old)} {
				p := issue(t, by, s)
				for _, tok := range []string{p.Access, p.Refresh} {
					got, err := verify(tok)
					if err != nil || got["sub"] != "42" {
						t.Fatalf("%s under %s: %v, %v", algorithm, name, got, err)
					}
				}
			}
			other := issue(t, newJWT(t, config(t, "HS256", c)), s).Access
			if _, err := verify(other); err == nil {
				t.Fatalf("%s: a stranger's token verifies too", algorithm)
			}
			if algorithm == "RS256" {
				break // its keys are the same each time
			}
		}
	}
}

func TestMembersOfPublicKeys(t *testing.T) {
	for algorithm, want := range map[string]map[string]int{
		"RS256": {"kty": 3, "n": 342, "e": 4, "kid": 43, "use": 3, "alg": 5},
		"ES256": {"kty": 2, "crv": 5, "x": 43, "y": 43, "kid": 43, "use": 3, "alg": 5},
		"EdDSA": {"kty": 3, "crv": 7, "x": 43, "kid": 43, "use": 3, "alg": 5},
	} {
		for range 300 { // one of 256 coordinates begins with a zero byte, which must stay
			j := newJWT(t, config(t, algorithm, newClock()))
			keys := keysOf(t, j)
			if len(keys) != 1 {
				t.Fatalf("%s: %d keys, want 1", algorithm, len(keys))
			}
			got := map[string]int{}
			for name, value := range keys[0] {
				got[name] = len(value)
			}
			if diff := cmp.Diff(got, want); diff != "" {
				t.Fatalf("%s: lengths of members: got -, want +\n%s", algorithm, diff)
			}
			if keys[0]["use"] != "sig" || keys[0]["alg"] != algorithm {
				t.Fatalf("%s: use %q, alg %q", algorithm, keys[0]["use"], keys[0]["alg"])
			}
			if algorithm == "RS256" {
				break
			}
		}
	}
}

// TestThumbprints takes the examples of RFC 7638, section 3.1, and RFC 8037, appendix
// A.3. For P-256 no RFC has one: the canonical form is spelt out.
func TestThumbprints(t *testing.T) {
	modulus := "0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSoc_BJECPebWKRXjBZCiFV4n3oknjhMstn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_FDW2QvzqY368QQMicAtaSqzs8KJZgnYb9c7d0zgdAZHzu6qMQvRL5hajrn1n91CbOpbISD08qNLyrdkt-bFTWhAI4vMQFh6WeZu0fM4lFd2NcRwr3XPksINHaQ-G_xBniIqbw0Ls1jF44-csFCur-kEgU8awapJzKnqDKgw"
	rfc7638 := &rsa.PublicKey{N: new(big.Int).SetBytes(bytesOf(t, modulus)), E: 65537}
	rfc8037 := ed25519.PublicKey(bytesOf(t, "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"))
	p256, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	cfg := config(t, "HS256", newClock())
	for _, k := range []crypto.PublicKey{rfc7638, rfc8037, p256.Public()} {
		cfg.PreviousKeys = append(cfg.PreviousKeys, publicPEM(t, k))
	}
	keys := keysOf(t, newJWT(t, cfg))
	if len(keys) != 3 {
		t.Fatalf("%d keys, want the 3 public ones", len(keys))
	}
	sum := sha256.Sum256(fmt.Appendf(nil, `{"crv":"P-256","kty":"EC","x":"%s","y":"%s"}`, keys[2]["x"], keys[2]["y"]))
	for i, want := range []string{
		"NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs", "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k", base64.RawURLEncoding.EncodeToString(sum[:]),
	} {
		if keys[i]["kid"] != want {
			t.Errorf("thumbprint %q, want %q", keys[i]["kid"], want)
		}
	}
	if keys[0]["n"] != modulus || keys[0]["e"] != "AQAB" || keys[1]["x"] != base64.RawURLEncoding.EncodeToString(rfc8037) {
		t.Errorf("members differ from the examples: %v", keys[:2])
	}
}

func TestKeySetHoldsNoSecret(t *testing.T) {
	cfg := config(t, "HS256", newClock())
	_, old := newKey(t, "HS256", 0)
	cfg.PreviousKeys = [][]byte{old}
	if got := string(newJWT(t, cfg).JWKS()); got != `{"keys":[]}` {
		t.Errorf("key set of secrets: %s", got)
	}
	for _, algorithm := range []string{"RS256", "ES256", "EdDSA"} {
		cfg := config(t, algorithm, newClock())
		_, other := newKey(t, algorithm, 1)
		cfg.PreviousKeys = [][]byte{other} // a private one, whose public half is shown
		keys := keysOf(t, newJWT(t, cfg))
		if len(keys) != 2 {
			t.Errorf("%s: %d keys, want 2", algorithm, len(keys))
		}
		for i, k := range keys {
			for _, private := range []string{"d", "p", "q", "dp", "dq", "qi", "k", "oth"} {
				if _, there := k[private]; there {
					t.Errorf("%s: key %s shows %s", algorithm, strconv.Itoa(i), private)
				}
			}
		}
	}
}

func TestKeySetIsInOrderAndOnce(t *testing.T) {
	cfg := config(t, "RS256", newClock())
	signing, text := newKey(t, "RS256", 0)
	_, ec := newKey(t, "ES256", 0)
	_, ed := newKey(t, "EdDSA", 0)
	cfg.PrivateKey = text
	cfg.PreviousKeys = [][]byte{ed, publicPEM(t, signing.Public()), ec, ed, text}
	j := newJWT(t, cfg)
	var got []string
	for _, k := range keysOf(t, j) {
		got = append(got, k["alg"])
	}
	if want := []string{"RS256", "EdDSA", "ES256"}; !slices.Equal(got, want) {
		t.Errorf("keys %v, want %v", got, want)
	}
	issue(t, j, sessionOf("1", "run", cfg.Now())) // still with the private half
}
