package token_test

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"encoding/json"
	"errors"
	"reflect"
	"strconv"
	"testing"

	"stagedoor/state"
	"stagedoor/transport/internal/token"
)

// FuzzVerify: whatever the bytes are, they are refused without any claims, or the claims
// are ones that were signed, for the use and the client they were signed for.
func FuzzVerify(f *testing.F) {
	// Keys that are the same in every process, or no corpus would keep its meaning.
	seed := bytes.Repeat([]byte{9}, 32)
	ec, err := ecdsa.ParseRawPrivateKey(elliptic.P256(), seed)
	if err != nil {
		f.Fatal(err)
	}
	keys := map[string][]byte{
		"HS256": bytes.Repeat([]byte("s"), 32), "ES256": privatePEM(f, ec), "EdDSA": privatePEM(f, ed25519.NewKeyFromSeed(seed)),
	}
	c := newClock()
	cfg := config(f, "HS256", c)
	cfg.PrivateKey = keys["HS256"]
	cfg.PreviousKeys = [][]byte{keys["ES256"], keys["EdDSA"]}
	j := newJWT(f, cfg)
	type signed struct {
		use    string
		claims token.Claims
	}
	var ours []signed
	for algorithm, key := range keys {
		by := cfg
		by.Algorithm, by.PrivateKey, by.PreviousKeys = algorithm, key, nil
		for i, client := range []string{"app", "rest"} {
			s := sessionOf(state.AccountID(strconv.Itoa(41+i)), algorithm+client, c.now())
			s.Client = client
			p := issue(f, newJWT(f, by), s)
			access, err := j.Verify(token.Any, p.Access)
			refresh, err2 := j.VerifyRefresh(token.Any, p.Refresh)
			if err := errors.Join(err, err2); err != nil {
				f.Fatal(err)
			}
			ours = append(ours, signed{"access", access}, signed{"refresh", refresh})
			f.Add(p.Access)
			f.Add(p.Refresh)
			f.Add(p.Access[:len(p.Access)-1])
			f.Add(p.Refresh + "\n")
		}
	}
	_, forge := newForger(f, "HS256", "", c)
	forge.key, forge.kid = keys["HS256"], decode(f, issue(f, j, sessionOf("1", "x", c.now())).Access, 0)["kid"]
	f.Add(forge.text(object{"alg", "none", "typ", "JWT"}, forge.claims) + ".")
	f.Add(forge.sign(forge.header(), forge.with("exp", json.RawMessage("1e400"))))
	f.Add(forge.sign(forge.header(), []int{1}))
	f.Add("..")
	f.Fuzz(func(t *testing.T, tok string) {
		for _, client := range []token.Kind{token.Any, token.Browser, token.App, token.Rest} {
			for use, verify := range map[string]func(token.Kind, string) (token.Claims, error){"access": j.Verify, "refresh": j.VerifyRefresh} {
				got, err := verify(client, tok)
				if err != nil {
					if !errors.Is(err, token.ErrRefused) || !reflect.DeepEqual(got, token.Claims{}) {
						t.Errorf("refused with %+v, %v", got, err)
					}
					continue
				}
				known := false
				for _, s := range ours {
					known = known || s.use == use && reflect.DeepEqual(s.claims, got) && (client == token.Any || client == got.Client)
				}
				if !known {
					t.Errorf("%q gives a %s token of %v that nobody signed: %+v", tok, use, client, got)
				}
			}
		}
	})
}
