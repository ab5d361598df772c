package device

import (
	"encoding/json"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// Each fault of a token is refused for that fault by a library that verifies tokens, and
// a token without one passes.
func TestIDTokenFaults(t *testing.T) {
	w := newWorld(t)
	for _, c := range []struct {
		name string
		who  Identity
		want string
	}{
		{"good", Identity{}, ""},
		{"exp a minute from now", Identity{"exp": 60}, ""},
		{"exp as text", Identity{"exp": "60"}, ""},
		{"aud", Identity{"aud": "somebody"}, "expected audience"},
		{"aud of two", Identity{"aud": []any{"somebody", ClientID}}, ""},
		{"iss", Identity{"iss": "https://elsewhere.example"}, "issued by a different provider"},
		{"exp", Identity{"exp": -600}, "token is expired"},
		{"exp as JSON", Identity{"exp": json.Number("-1")}, "token is expired"},
		{"kid", Identity{"kid": "unheard"}, "failed to verify"},
		{"sig", Identity{"sig": "bad"}, "failed to verify"},
		{"key", Identity{"key": "other"}, "failed to verify"},
		{"none", Identity{"alg": "none"}, "malformed"},
		{"HS256", Identity{"alg": "HS256"}, "algorithm \"HS256\""},
	} {
		t.Run(c.name, func(t *testing.T) {
			c.who["sub"] = "ada-1"
			text, err := w.IDToken(c.who)
			if err != nil {
				t.Fatal(err)
			}
			token, err := w.verify(text)
			if c.want != "" {
				if err == nil || !strings.Contains(err.Error(), c.want) {
					t.Errorf("%v; want %q", err, c.want)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if token.Subject != "ada-1" || token.Nonce != "" {
				t.Errorf("%+v", token)
			}
		})
	}
}

// An app that asks twice gets two tokens, of the same person at the same moment.
func TestIDTokensDiffer(t *testing.T) {
	w := newWorld(t)
	first, err := w.IDToken(ada())
	if err != nil {
		t.Fatal(err)
	}
	second, err := w.IDToken(ada())
	if err != nil || first == second {
		t.Errorf("the second token is the first one (%v)", err)
	}
	if token, err := w.verify(second); err != nil || token.Subject != "ada-1" {
		t.Errorf("%+v, %v", token, err)
	}
}

// The faults of a token reach it by redirect, too, and no claim of it changes userinfo.
func TestRedirectedTokenFaults(t *testing.T) {
	w := newWorld(t)
	who := ada()
	who["nonce"], who["aud"], who["iat"] = "other", "somebody", -60.5
	g, err := who.read(w.now)
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"nonce", "aud", "iat"} {
		if _, ok := g.claims[name]; ok {
			t.Errorf("userinfo tells %s", name)
		}
	}
	tokens, err := w.exchange(w.goTo(who).Get("code"))
	if err != nil {
		t.Fatal(err)
	}
	raw, _ := tokens.Extra("id_token").(string)
	if _, err := w.verify(raw); err == nil || !strings.Contains(err.Error(), "expected audience") {
		t.Errorf("%v", err)
	}
	who["aud"] = ClientID
	if raw, err = w.IDToken(who); err != nil {
		t.Fatal(err)
	}
	token, err := w.verify(raw)
	if err != nil || token.Nonce != "other" || token.IssuedAt.Unix() != w.now.Unix()-61 {
		t.Errorf("%+v, %v", token, err)
	}
}

func TestIdentityRefused(t *testing.T) {
	w := newWorld(t)
	for want, who := range map[string]Identity{
		"exp: soon is not a number":     {"exp": "soon"},
		"exp: NaN is not a number":      {"exp": "NaN"},
		"exp: 1e+300 is not a number":   {"exp": 1e300},
		"iat: [] is not a number":       {"iat": []any{}},
		"sig: good is not one of: bad":  {"sig": "good"},
		"key: 1 is not one of: other":   {"key": 1},
		"alg: RS512 is not one of":      {"alg": "RS512"},
		"kid:  is not a word":           {"kid": ""},
		"email_verified: perhaps":       {"email_verified": "perhaps"},
		"_stat: no such member":         {"_stat": "none"},
		"of a redirect":                 {"error": "access_denied"},
		"an id token has none of them":  {"bad_code": "true"},
		"error, bad_code and _state":    {"_state": "none"},
		"bad_code: yes is neither true": {"bad_code": "yes"},
	} {
		if token, err := w.IDToken(who); token != "" || err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v: %q, %v; want %q", who, token, err, want)
		}
		if strings.Contains(want, " is ") {
			if err := w.SetDefault(who); err == nil {
				t.Errorf("%v is vouched for", who)
			}
		}
	}
	if who, _ := w.someone.read(w.now); who.claims["sub"] != "somebody" {
		t.Errorf("a refused identity stayed: %v", who)
	}
}

// A spoilt token differs from the good one, in its signature alone, whatever that is.
func TestSpoil(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.StringMatching(`[A-Za-z0-9_-]{4}\.[A-Za-z0-9_-]{4}\.[A-Za-z0-9_-]{20,40}`).Draw(t, "token")
		got := spoil(text)
		if got == text || len(got) != len(text) || got[:10] != text[:10] {
			t.Errorf("%s became %s", text, got)
		}
	})
}
