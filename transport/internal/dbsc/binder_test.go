package dbsc

import (
	"bytes"
	"crypto"
	"encoding/binary"
	"errors"
	"maps"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"stagedoor/state"
	"stagedoor/transport/internal/jws"
)

// offered reads the parts of an offer.
func offered(t *testing.T, offer string) (challenge, authorization string) {
	t.Helper()
	parts := regexp.MustCompile(`^\(ES256 RS256\);path="/_stagedoor/dbsc/register";challenge="([A-Za-z0-9_-]+)";authorization="([A-Za-z0-9_-]+)"$`).FindStringSubmatch(offer)
	if parts == nil {
		t.Fatalf("the offer is %s", offer)
	}
	return parts[1], parts[2]
}

// TestRegistration: a key is taken for the session that it was offered to, by whichever server
// has the secret, for five minutes, in the form of Chromium and in that of the specification.
func TestRegistration(t *testing.T) {
	b, other := newBinder(t, 1), newBinder(t, 1)
	hash, device := hashOf("session"), ID{1, 2, 3}
	for _, key := range []browserKey{ecKey(t), rsaKey(t, 2048)} {
		challenge, authorization := offered(t, b.Offer(hash, device, start()))
		jwt := key.sign(key.header(true), map[string]any{"jti": challenge, "authorization": authorization})
		for _, response := range []string{jwt, `"` + jwt + `"`, " " + jwt + " "} {
			r, err := other.Registration(response, start().Add(OfferAge))
			if err != nil || !bytes.Equal(r.Hash, hash) || r.Device != device || r.Binding.Kind != state.BoundDBSC || len(r.Binding.Thumbprint) != 43 {
				t.Fatalf("%s: %v: %+v", key.alg(), err, r)
			}
			public, err := parseKey(r.Binding.Key)
			if err != nil || !key.key.Public().(interface{ Equal(crypto.PublicKey) bool }).Equal(public.Public) {
				t.Errorf("%s: the key that is kept is another one: %v", key.alg(), err)
			}
		}
	}
}

// TestRegistrationRefuses what answers no offer, and what is no proof by the key that it shows.
func TestRegistrationRefuses(t *testing.T) {
	b, key, another := newBinder(t, 1), ecKey(t), ecKey(t)
	hash, device := hashOf("session"), ID{1}
	challenge, authorization := offered(t, b.Offer(hash, device, start()))
	strangers, _ := offered(t, b.Offer(hashOf("another session"), device, start()))
	foreign, foreignAuthorization := offered(t, newBinder(t, 2).Offer(hash, device, start()))
	claims := func(jti, authorization string) map[string]any {
		return map[string]any{"jti": jti, "authorization": authorization}
	}
	header := func(change map[string]any) map[string]any {
		h := key.header(true)
		maps.Copy(h, change)
		return h
	}
	good := key.sign(key.header(true), claims(challenge, authorization))
	head, rest, _ := strings.Cut(good, ".")
	_, signature, _ := strings.Cut(rest, ".")
	weak := rsaKey(t, 1024)
	for _, tt := range []struct {
		name, response string
		at             time.Duration
		want           error
	}{
		{"nothing", "", 0, ErrProof},
		{"no JWT", "a.b", 0, ErrProof},
		{"too long", good + strings.Repeat("A", jws.MaxLength), 0, ErrProof},
		{"an offer of before", good, OfferAge + time.Second, ErrOffer},
		{"an offer of the future", good, -2 * time.Minute, ErrOffer},
		{"the challenge of another session", key.sign(key.header(true), claims(strangers, authorization)), 0, ErrOffer},
		{"an offer of another server", key.sign(key.header(true), claims(foreign, foreignAuthorization)), 0, ErrOffer},
		{"no challenge", key.sign(key.header(true), claims("", authorization)), 0, ErrOffer},
		{"no authorization", key.sign(key.header(true), claims(challenge, "")), 0, ErrOffer},
		{"the name for refreshes", key.sign(key.header(true), claims(challenge, refreshName(t, b, hash, device))), 0, ErrOffer},
		{"the key of somebody else", another.sign(key.header(true), claims(challenge, authorization)), 0, ErrProof},
		{"no key", key.sign(key.header(false), claims(challenge, authorization)), 0, ErrProof},
		{"a shared secret", key.sign(header(map[string]any{"jwk": map[string]any{"kty": "oct", "k": "AAAA"}}), claims(challenge, authorization)), 0, ErrProof},
		{"no point", key.sign(header(map[string]any{"jwk": map[string]any{"kty": "EC", "crv": "P-256", "x": strings.Repeat("A", 43), "y": strings.Repeat("A", 43)}}), claims(challenge, authorization)), 0, ErrProof},
		{"a weak key", weak.sign(weak.header(true), claims(challenge, authorization)), 0, ErrProof},
		{"alg none", key.sign(header(map[string]any{"alg": "none"}), claims(challenge, authorization)), 0, ErrProof},
		{"alg of another key", key.sign(header(map[string]any{"alg": "RS256"}), claims(challenge, authorization)), 0, ErrProof},
		{"another type", key.sign(header(map[string]any{"typ": "dpop+jwt"}), claims(challenge, authorization)), 0, ErrProof},
		{"alg of no offer", key.sign(header(map[string]any{"jwk": map[string]any{"kty": "OKP", "crv": "Ed25519", "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}}), claims(challenge, authorization)), 0, ErrProof},
		{"crit", key.sign(header(map[string]any{"crit": []string{"exp"}}), claims(challenge, authorization)), 0, ErrProof},
		{"the signature of other claims", head + "." + text().EncodeToString([]byte(`{"jti":"`+challenge+`","authorization":"`+authorization+`","x":1}`)) + "." + signature, 0, ErrProof},
		{"half a signature", good[:len(good)-43], 0, ErrProof},
	} {
		r, err := b.Registration(tt.response, start().Add(tt.at))
		if !errors.Is(err, tt.want) || r.Binding.Bound() {
			t.Errorf("%s: %v, want %v", tt.name, err, tt.want)
		}
	}
}

// TestRefresh: a challenge is good once, for this session, its key and its present state.
func TestRefresh(t *testing.T) {
	b, key := newBinder(t, 1), ecKey(t)
	now := start()
	challenge, authorization := offered(t, b.Offer(hashOf("session"), ID{1}, now))
	r, err := b.Registration(key.sign(key.header(true), map[string]any{"jti": challenge, "authorization": authorization}), now)
	if err != nil {
		t.Fatal(err)
	}
	h := Holder{Session: 7, Thumbprint: r.Binding.Thumbprint, GoodUntil: now.Add(10 * time.Minute)}
	sign := func(k browserKey, jti string) string { return k.sign(k.header(false), map[string]any{"jti": jti}) }
	c := b.Challenge(h, now)
	if err := newBinder(t, 1).Refresh(sign(key, c), h, r.Binding.Key, now.Add(9*time.Minute)); err != nil {
		t.Errorf("by the key, at another server: %v", err)
	}
	moved, rebound, elsewhere := h, h, h
	moved.GoodUntil = b.Until(h, now, []byte{0, 0, 0, 0})
	rebound.Thumbprint, elsewhere.Session = "another", 8
	for _, tt := range []struct {
		name, response string
		h              Holder
		at             time.Duration
		want           error
	}{
		{"nothing", "", h, 0, ErrProof},
		{"once more", sign(key, c), moved, 0, ErrChallenge},
		{"of another key", sign(key, c), rebound, 0, ErrChallenge},
		{"of another session", sign(key, c), elsewhere, 0, ErrChallenge},
		{"much later", sign(key, c), h, time.Hour, ErrChallenge},
		{"by another key", sign(ecKey(t), c), h, 0, ErrProof},
		{"by another key, shown", ecKey(t).sign(key.header(true), map[string]any{"jti": c}), h, 0, ErrProof},
		{"the registration's", sign(key, challenge), h, 0, ErrChallenge},
	} {
		if err := b.Refresh(tt.response, tt.h, r.Binding.Key, now.Add(tt.at)); !errors.Is(err, tt.want) {
			t.Errorf("%s: %v, want %v", tt.name, err, tt.want)
		}
	}
}

// TestUntil always moves on: else a challenge would be good twice. Two at once end at different times.
func TestUntil(t *testing.T) {
	b := newBinder(t, 1)
	h := Holder{}
	for i := range 5 {
		one, other := b.Until(h, start(), []byte{0, 0, 0, 7}), b.Until(h, start(), []byte{9, 9, 9, 9})
		if one.Equal(other) || one.Sub(start()) > b.Age+5*time.Second || one.Sub(start()) < b.Age-time.Second {
			t.Fatalf("%d: %v and %v", i, one, other)
		}
		if one.UnixMilli() <= h.GoodUntil.UnixMilli() || other.UnixMilli() <= h.GoodUntil.UnixMilli() {
			t.Fatalf("%d: %v after %v", i, one, h.GoodUntil)
		}
		h.GoodUntil = one
	}
}

// TestOverAndOver: who refreshes without end, within a moment, gets no cookie that lives much longer
// than one does, even where the clocks of servers are apart.
func TestOverAndOver(t *testing.T) {
	b := newBinder(t, 1)
	h, last := Holder{}, start()
	for i := range 200_000 {
		until := b.Until(h, start(), binary.BigEndian.AppendUint32(nil, uint32(i)*7919))
		if until.Equal(h.GoodUntil) {
			t.Fatalf("%d: nothing moves", i)
		}
		if h.GoodUntil = until; until.After(last) {
			last = until
		}
		if i == 500 && last.Sub(start()) > b.Age+time.Second {
			t.Errorf("500 refreshes at once make a cookie good for %v", last.Sub(start()))
		}
	}
	if last.Sub(start()) > b.Age+Skew {
		t.Errorf("any number make one good for %v", last.Sub(start()))
	}
	h.GoodUntil = start().Add(time.Hour)
	if got := b.Until(h, start(), make([]byte, 4)); got.Sub(start()) > b.Age {
		t.Errorf("after the clock was set back: %v", got.Sub(start()))
	}
}

// refreshName is the name of a session in its path.
func refreshName(t *testing.T, b *Binder, hash []byte, device ID) string {
	t.Helper()
	path, err := b.RefreshPath(Name{Hash: hash, Device: device, Session: 7, Account: "1"})
	if err != nil {
		t.Fatal(err)
	}
	return strings.TrimPrefix(path, RefreshPath)
}

// TestNames are read by who has the secret, and made by nobody else.
func TestNames(t *testing.T) {
	b := newBinder(t, 1)
	want := Name{Hash: hashOf("session"), Device: ID{7}, Session: 1 << 52, Account: "0193e9d0-0000-7000-8000-000000000000"}
	path, err := b.RefreshPath(want)
	if err != nil {
		t.Fatal(err)
	}
	got, ok := newBinder(t, 1).Name(path)
	if diff := cmp.Diff(want, got); diff != "" || !ok {
		t.Errorf("%v %s", ok, diff)
	}
	_, authorization := offered(t, b.Offer(hashOf("session"), ID{7}, start()))
	foreign := refreshName(t, newBinder(t, 2), hashOf("session"), ID{7})
	for _, bad := range []string{"", RefreshPath, path + "AAAA", path[:len(path)-4], "/" + path, RefreshPath + authorization, RefreshPath + foreign, RefreshPath + strings.Repeat("A", 1000)} {
		if _, ok := b.Name(bad); ok {
			t.Errorf("%s is read", bad)
		}
	}
}
