package token_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"stagedoor/transport/internal/token"
)

// TestUsesAndClientsAreHeldApart: a refresh token opens nothing, an access token is
// exchanged for nothing, and one contract's tokens are not the other's.
func TestUsesAndClientsAreHeldApart(t *testing.T) {
	c := newClock()
	j := newJWT(t, config(t, "EdDSA", c))
	for name, kind := range map[string]token.Kind{"app": token.App, "rest": token.Rest} {
		s := sessionOf("42", "run", c.now())
		s.Client = name
		p := issue(t, j, s)
		for _, as := range []token.Kind{token.Any, token.Browser, token.App, token.Rest, token.SignedIn, token.App | token.SignedIn, 7} {
			good := as == token.Any || as.Client() == kind
			for use, err := range map[string]error{
				"access":  second(j.Verify(as, p.Access)),
				"refresh": second(j.VerifyRefresh(as, p.Refresh)),
			} {
				if (err == nil) != good {
					t.Errorf("%s token of %s taken as %x: %v, want good: %t", use, name, as, err, good)
				}
			}
		}
		if _, err := j.Verify(kind, p.Refresh); !errors.Is(err, token.ErrInvalid) {
			t.Errorf("a refresh token is taken for an access token: %v", err)
		}
		if _, err := j.VerifyRefresh(kind, p.Access); !errors.Is(err, token.ErrInvalid) {
			t.Errorf("an access token can be exchanged: %v", err)
		}
	}
}

func second(_ token.Claims, err error) error { return err }

// TestEveryCharacterCounts changes tokens in all places, in the last bits of a segment
// too, which a lenient decoder passes over.
func TestEveryCharacterCounts(t *testing.T) {
	for _, algorithm := range algorithms {
		c := newClock()
		j, f := newForger(t, algorithm, "", c)
		tok := f.sign(f.header(), f.claims)
		others := "\nA" // a signature takes long
		if algorithm == "HS256" {
			others = "\nAQgw.-_="
		}
		for i := range tok {
			for _, x := range others {
				changed := tok[:i] + string(x) + tok[i+1:]
				if _, err := j.Verify(token.App, changed); changed != tok && !errors.Is(err, token.ErrInvalid) {
					t.Errorf("%s with character %d as %q: %v, want ErrInvalid", algorithm, i, x, err)
				}
			}
		}
		for _, x := range "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_" {
			if changed := tok[:len(tok)-1] + string(x); changed != tok {
				if _, err := j.Verify(token.App, changed); !errors.Is(err, token.ErrInvalid) {
					t.Errorf("%s ending in %q: %v, want ErrInvalid", algorithm, x, err)
				}
			}
		}
		other := f.sign(f.header(), f.with("sub", "43"))
		a, b := strings.Split(tok, "."), strings.Split(other, ".")
		for name, s := range map[string]string{
			"nothing": "", "dots": "..", "more dots": ".....", "half": tok[:len(tok)/2], "one segment": a[0], "two segments": a[0] + "." + a[1],
			"four segments": tok + ".", "five segments": tok + ".a.b", "another payload": a[0] + "." + b[1] + "." + a[2],
			"another signature": a[0] + "." + a[1] + "." + b[2], "padding": tok + "=", "space behind": tok + " ", "space before": " " + tok,
			"a line end": tok + "\n", "line ends within": a[0] + "." + a[1] + ".\r\n" + a[2], "itself again": tok + tok, "a megabyte": tok + strings.Repeat("A", 1<<20),
			"a megabyte of dots": strings.Repeat(".", 1<<20), "a zero byte": tok + "\x00", "not UTF-8": "\xff" + tok,
		} {
			f.refuses(j, algorithm+" with "+name, s)
		}
	}
}

func TestTimeLimits(t *testing.T) {
	c := newClock()
	j := newJWT(t, config(t, "EdDSA", c))
	s := sessionOf("42", "run", c.now())
	p := issue(t, j, s)
	end := s.CreatedAt.Truncate(time.Second).Add(5 * time.Minute)
	c.pass(end.Sub(c.now()) - 1)
	if _, err := j.Verify(token.App, p.Access); err != nil {
		t.Errorf("a nanosecond before its end: %v", err)
	}
	c.pass(1)
	if _, err := j.Verify(token.App, p.Access); !errors.Is(err, token.ErrExpired) {
		t.Errorf("at its end: %v, want ErrExpired", err)
	}
	if _, err := j.VerifyRefresh(token.App, p.Refresh); err != nil {
		t.Errorf("the refresh token ended with it: %v", err)
	}
	c.pass(-10 * time.Minute)
	if _, err := j.Verify(token.App, p.Access); !errors.Is(err, token.ErrInvalid) {
		t.Errorf("before it was made: %v, want ErrInvalid", err)
	}
}

// swap changes one character in the middle of a token's signature.
func swap(tok string) string {
	i := len(tok) - 20
	x := "A"
	if tok[i] == 'A' {
		x = "B"
	}
	return tok[:i] + x + tok[i+1:]
}
