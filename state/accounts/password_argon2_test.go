package accounts

import (
	"strings"
	"testing"
)

// The test vector of RFC 9106 section 5.3 has a secret and associated data, which
// x/crypto does not take; these are the reference implementation's own vectors for
// PHC strings.
func TestArgon2KnownAnswers(t *testing.T) {
	h := newHasher(t, smallHashes)
	for _, test := range []struct{ encoded, password string }{
		{"$argon2id$v=19$m=256,t=2,p=1$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4", "password"},
		{"$argon2id$v=19$m=256,t=2,p=2$c29tZXNhbHQ$bQk8UB/VmZZF4Oo79iDXuL5/0ttZwg2f/5U52iv1cDc", "password"},
		{"$argon2id$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc", "password"},
		{"$argon2id$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$C4TWUs9rDEvq7w3+J4umqA32aWKB1+DSiRuBfYxFj94", "differentpassword"},
		{"$argon2id$v=19$m=19456,t=2,p=1$MDEyMzQ1Njc4OWFiY2RlZg$YXSO6dGz9atVqA7kaauuIz8vFC2aPvIIoW6jvvuzp3c", "\xff\xfe\x00x"},
	} {
		if got, err := h.Verify(t.Context(), test.encoded, test.password); got != (Match{OK: true, Stale: true}) || err != nil {
			t.Errorf("Verify(%s, %q) = %+v, %v", test.encoded, test.password, got, err)
		}
		if got, err := h.Verify(t.Context(), test.encoded, test.password+"\x00"); got != (Match{}) || err != nil {
			t.Errorf("Verify(%s, %q) = %+v, %v", test.encoded, test.password+"\x00", got, err)
		}
	}
}

// goodSalt and goodKey are base64 of 16 and of 32 bytes.
const (
	goodSalt = "MDEyMzQ1Njc4OWFiY2RlZg"
	goodKey  = "VF4kVAdFkMM/cUhHAXMIBYb/I7khy6fTUx1KSuB0cTs"
)

func TestParseArgon2idRefuses(t *testing.T) {
	good := "$argon2id$v=19$m=19456,t=2,p=1$" + goodSalt + "$" + goodKey
	if _, err := parseArgon2id(good); err != nil {
		t.Fatalf("the good one: %v", err)
	}
	for _, swap := range []struct{ name, from, to string }{
		{"no leading dollar", "$argon2id", "argon2id"},
		{"something before it", "$argon2id", "x$argon2id"},
		{"capitals", "argon2id", "Argon2id"},
		{"no version", "v=19$", ""},
		{"older version", "v=19", "v=16"},
		{"version with a zero", "v=19", "v=019"},
		{"parameters in another order", "m=19456,t=2,p=1", "t=2,m=19456,p=1"},
		{"a parameter missing", ",p=1", ""},
		{"a parameter too many", "p=1", "p=1,keyid=x"},
		{"a parameter twice", "t=2", "m=2"},
		{"no number", "t=2", "t="},
		{"signed", "t=2", "t=+2"},
		{"negative", "t=2", "t=-2"},
		{"leading zero", "t=2", "t=02"},
		{"space", "t=2", "t= 2"},
		{"hexadecimal", "t=2", "t=0x2"},
		{"other digits", "t=2", "t=２"},
		{"beyond 32 bits", "t=2", "t=4294967297"},
		{"no passes", "t=2", "t=0"},
		{"no lanes", "p=1", "p=0"},
		{"too many lanes", "p=1", "p=17"},
		{"lanes that wrap to one", "p=1", "p=257"},
		{"too little memory", "m=19456", "m=7"},
		{"too little memory for its lanes", "m=19456,t=2,p=1", "m=127,t=2,p=16"},
		{"too much memory", "m=19456", "m=262145"},
		{"too much work", "m=19456,t=2", "m=262144,t=17"},
		{"too much work by passes", "t=2", "t=4294967295"},
		{"padded salt", goodSalt, goodSalt + "=="},
		{"salt of 7 bytes", goodSalt, "MDEyMzQ1Ng"},
		{"no salt", goodSalt, ""},
		{"salt of 65 bytes", goodSalt, strings.Repeat("MDEy", 21) + "MDE"},
		{"salt with stray bits", goodSalt, goodSalt[:len(goodSalt)-1] + "h"},
		{"salt with a line break", goodSalt, goodSalt[:4] + "\n" + goodSalt[4:]},
		{"url alphabet", "/cUhH", "_cUhH"},
		{"key of 12 bytes", goodKey, "MDEyMzQ1Njc4OWFi"},
		{"no key", goodKey, ""},
		{"key of 66 bytes", goodKey, strings.Repeat("MDEy", 22)},
		{"line break at the end", goodKey, goodKey + "\n"},
		{"too long", goodKey, strings.Repeat("A", maxEncodedBytes)},
	} {
		bad := strings.Replace(good, swap.from, swap.to, 1)
		if bad == good {
			t.Fatalf("%s: nothing was swapped", swap.name)
		}
		if hash, err := parseArgon2id(bad); err == nil {
			t.Errorf("%s: %q was read as %+v", swap.name, bad, hash)
		}
	}
}

// The bounds themselves are within.
func TestParseArgon2idBounds(t *testing.T) {
	for _, params := range []string{"m=8,t=1,p=1", "m=128,t=1,p=16", "m=262144,t=16,p=4", "m=8,t=524288,p=1"} {
		encoded := "$argon2id$v=19$" + params + "$" + goodSalt + "$" + goodKey
		hash, err := parseArgon2id(encoded)
		if err != nil {
			t.Errorf("%s: %v", params, err)
		} else if hash.String() != encoded {
			t.Errorf("%s is printed %s", encoded, hash)
		}
	}
}

// FuzzStoredHash: whatever is stored, it is refused or within bounds, and an
// argon2id string that is read is printed back as it was.
func FuzzStoredHash(f *testing.F) {
	f.Add("")
	f.Add("!")
	f.Add("$argon2id$v=19$m=19456,t=2,p=1$" + goodSalt + "$" + goodKey)
	f.Add("$argon2id$v=19$m=4294967295,t=4294967295,p=255$" + goodSalt + "$" + goodKey)
	for _, known := range djangoHashes {
		f.Add(known.encoded)
	}
	h := newHasher(f, smallHashes)
	f.Fuzz(func(t *testing.T, encoded string) {
		hash, err := parseArgon2id(encoded)
		switch {
		case err != nil && (hash.salt != nil || hash.key != nil):
			t.Errorf("%q: an error and half a hash, %+v", encoded, hash)
		case err == nil && hash.String() != encoded:
			t.Errorf("%q is printed %q", encoded, hash)
		case err == nil && hash.cost.valid() != nil:
			t.Errorf("%q: %v", encoded, hash.cost.valid())
		}
		foreign, foreignErr := h.parseForeign(encoded)
		if foreignErr != nil && foreign != nil {
			t.Errorf("%q: an error and a hash to compare with", encoded)
		}
		if err == nil && foreignErr == nil {
			t.Errorf("%q is ours and foreign at once", encoded)
		}
	})
}
