package jws

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"strings"
	"testing"
)

// verify reads a token and verifies it by the key that it brings.
func verify(text string) (*Token, *Key, error) {
	tok, err := Parse(text)
	if err != nil {
		return nil, nil, err
	}
	key, err := tok.Key()
	if err != nil {
		return tok, nil, err
	}
	return tok, key, tok.Verify(key)
}

// TestEveryAlgorithm: a token of every kind of key that is taken verifies, by that algorithm alone;
// one of any other does not.
func TestEveryAlgorithm(t *testing.T) {
	all := makers(t)
	for _, name := range Algorithms() {
		algorithm := name
		if name == "Ed25519" {
			algorithm = "EdDSA"
		}
		tok, key, err := verify(all[algorithm].token(t, map[string]any{"alg": name}, map[string]any{"jti": "one", "iat": 12.9}))
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if at, ok := tok.Claims.Seconds("iat"); key.Algorithm != algorithm || tok.Type() != "dpop+jwt" || tok.Claims.Text("jti") != "one" || at != 12 || !ok {
			t.Errorf("%s: %+v of %+v", algorithm, tok.Claims, key)
		}
		for other := range all {
			if other == algorithm {
				continue
			}
			if _, _, err := verify(all[algorithm].token(t, map[string]any{"alg": other}, map[string]any{})); !errors.Is(err, ErrSignature) {
				t.Errorf("a token of %s that says %s: %v", algorithm, other, err)
			}
			if _, _, err := verify(all[algorithm].token(t, map[string]any{"jwk": all[other].jwk}, map[string]any{})); err == nil {
				t.Errorf("a token of %s with a key for %s is taken", algorithm, other)
			}
		}
	}
	if _, _, err := verify(all["ES512"].token(t, nil, map[string]any{})); !errors.Is(err, ErrKey) {
		t.Errorf("P-521: %v", err)
	}
}

// TestNoSecretVerifies: neither no signature nor one by a secret, the public key for instance, is
// one.
func TestNoSecretVerifies(t *testing.T) {
	m := makers(t)["ES256"]
	for _, algorithm := range []string{"none", "None", "", "HS256", "RS256", "EdDSA", "Ed25519"} {
		text := m.token(t, map[string]any{"alg": algorithm}, map[string]any{})
		unsigned := text[:strings.LastIndexByte(text, '.')+1]
		for _, text := range []string{text, unsigned} {
			if _, _, err := verify(text); err == nil {
				t.Errorf("alg %q is taken: %s", algorithm, text)
			}
		}
	}
}

// TestForms: there is one form of a token, and whatever was changed in it is no token or not signed.
func TestForms(t *testing.T) {
	m := makers(t)["ES256"]
	good := m.token(t, nil, map[string]any{"jti": "one"})
	if _, _, err := verify(good); err != nil {
		t.Fatal(err)
	}
	parts := strings.Split(good, ".")
	padded := base64.URLEncoding.EncodeToString([]byte(`{"alg":"ES256"}   `))
	for name, text := range map[string]string{
		"nothing": "", "two parts": parts[0] + "." + parts[1], "four parts": good + ".", "padding": padded + "=." + parts[1] + "." + parts[2],
		"a line end": parts[0] + "\n." + parts[1] + "." + parts[2], "no object": Encode([]byte(`[]`)) + "." + parts[1] + "." + parts[2],
		"null": Encode([]byte(`null`)) + "." + parts[1] + "." + parts[2], "two objects": Encode([]byte(`{}{}`)) + "." + parts[1] + "." + parts[2],
		"claims that are text": parts[0] + "." + Encode([]byte(`"x"`)) + "." + parts[2], "standard base64": strings.Map(standard, good) + "+",
		"too long": good + strings.Repeat("A", MaxLength), "critical": m.token(t, map[string]any{"crit": []string{"exp"}}, map[string]any{}),
		"unencoded": m.token(t, map[string]any{"b64": false}, map[string]any{}),
	} {
		if tok, err := Parse(text); !errors.Is(err, ErrMalformed) || tok != nil {
			t.Errorf("%s: %v, %v", name, tok, err)
		}
	}
	for i := range good {
		changed := []byte(good)
		changed[i] = 'A'
		if good[i] == 'A' {
			changed[i] = 'B'
		}
		if _, _, err := verify(string(changed)); err == nil {
			t.Errorf("byte %d may be changed", i)
		}
	}
}

func standard(r rune) rune {
	switch r {
	case '-':
		return '+'
	case '_':
		return '/'
	}
	return r
}

// TestMembers: members are found by their exact names, and only of the type that is asked for.
func TestMembers(t *testing.T) {
	var o Object
	if err := json.Unmarshal([]byte(`{"a":"x","n":5,"N":null,"f":1.9,"neg":-1,"far":1e300,"s":"5","list":["x"]}`), &o); err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]string{"a": "x", "A": "", "n": "", "list": "", "none": ""} {
		if got := o.Text(name); got != want {
			t.Errorf("text %s: %q", name, got)
		}
	}
	for name, want := range map[string]int64{"n": 5, "f": 1, "N": -1, "neg": -1, "far": -1, "s": -1, "list": -1, "none": -1} {
		if got, ok := o.Seconds(name); ok != (want >= 0) || ok && got != want {
			t.Errorf("seconds %s: %d, %v", name, got, ok)
		}
	}
}

// FuzzParse: a token that verifies stays what it is when it is written again, and an error carries
// no token.
func FuzzParse(f *testing.F) {
	for _, m := range makers(f) {
		f.Add(m.token(f, nil, map[string]any{"jti": "one", "iat": 5}))
	}
	f.Add(makers(f)["EdDSA"].token(f, map[string]any{"alg": "Ed25519"}, map[string]any{}))
	f.Add("..")
	f.Fuzz(func(t *testing.T, text string) {
		tok, err := Parse(text)
		if err != nil {
			if tok != nil {
				t.Fatalf("%v with a token", err)
			}
			return
		}
		parts := strings.Split(text, ".")
		for _, p := range parts {
			b, err := decode(p)
			if err != nil || Encode(b) != p {
				t.Fatalf("%q has another form", p)
			}
		}
		key, err := tok.Key()
		if err != nil || tok.Verify(key) != nil {
			return
		}
		if again, err := NewKey(key.Public); err != nil || again.Thumbprint != key.Thumbprint || !again.Signs(tok.Algorithm()) {
			t.Fatalf("the key is another one: %v", err)
		}
	})
}
