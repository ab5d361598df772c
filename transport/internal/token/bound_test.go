package token_test

import (
	"errors"
	"testing"
	"time"

	"stagedoor/state"
	"stagedoor/transport/internal/token"
)

// thumb and other name keys.
const (
	thumb = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
	other = "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"
)

// TestBoundTokens: the tokens of a session that is bound to a key of an app say which (RFC 9449, section
// 6.1), those of any other session say nothing, and what is signed is what is read.
func TestBoundTokens(t *testing.T) {
	c := newClock()
	j := newJWT(t, config(t, "ES256", c))
	for _, b := range []state.Binding{{}, {Kind: state.BoundDPoP, Thumbprint: thumb}, {Kind: state.BoundDBSC, Thumbprint: thumb}} {
		s := sessionOf("42", "run", c.now())
		s.Binding = b
		p, want := issue(t, j, s), ""
		if b.Kind == state.BoundDPoP {
			want = thumb
		}
		if p.Bound != (want != "") {
			t.Errorf("%q: bound is %v", b.Kind, p.Bound)
		}
		for use, tok := range map[string]string{"access": p.Access, "refresh": p.Refresh} {
			cnf, has := decode(t, tok, 1)["cnf"]
			if has != (want != "") || has && cnf.(map[string]any)["jkt"] != want {
				t.Errorf("%q: cnf of the %s token is %v", b.Kind, use, cnf)
			}
		}
		access, err := j.Verify(token.App, p.Access)
		refresh, errRefresh := j.VerifyRefresh(token.App, p.Refresh)
		if err != nil || errRefresh != nil || access.Key != want || refresh.Key != want {
			t.Errorf("%q: %+v, %v; %+v, %v", b.Kind, access, err, refresh, errRefresh)
		}
	}
}

// TestBoundRefresh: a bound refresh token is exchanged by who holds its key alone. A copy without the
// key does nothing: it is not spent, and does not end the session by being used twice.
func TestBoundRefresh(t *testing.T) {
	b := newBench(t, func(c *token.JWTConfig) { c.Rotate, c.ReuseEndsFamily = true, true })
	b.session.Binding = state.Binding{Kind: state.BoundDPoP, Thumbprint: thumb}
	first := issue(t, b.Tokens, b.session)
	by := func(refresh, shown string) (token.Pair, error) {
		p, _, err := b.Refresh(t.Context(), token.App, refresh, shown)
		return p, err
	}
	without := func(refresh string) {
		t.Helper()
		for _, shown := range []string{"", other} {
			if p, err := by(refresh, shown); !errors.Is(err, token.ErrUnheld) || !errors.Is(err, token.ErrRefused) || p != (token.Pair{}) {
				t.Errorf("shown %q: %+v, %v", shown, p, err)
			}
		}
	}
	without(first.Refresh)
	next, err := by(first.Refresh, thumb)
	if err != nil || !next.Bound {
		t.Fatalf("%+v, %v", next, err)
	}
	if c, err := b.Tokens.VerifyRefresh(token.App, next.Refresh); err != nil || c.Key != thumb {
		t.Errorf("the next is bound to %q, %v", c.Key, err)
	}
	b.pass(time.Hour)
	without(first.Refresh)
	if _, err := by(next.Refresh, thumb); err != nil {
		t.Errorf("the session has ended: %v", err)
	}
	// Its own holder, with a token used before, is two who hold the key.
	var reused *token.ReusedError
	if _, err := by(first.Refresh, thumb); !errors.As(err, &reused) {
		t.Errorf("used before: %v", err)
	}
}

// TestUnboundStaysUnbound: showing a key binds nothing that was not bound.
func TestUnboundStaysUnbound(t *testing.T) {
	b := newBench(t, nil)
	p, _, err := b.Refresh(t.Context(), token.App, b.first.Refresh, thumb)
	if err != nil || p.Bound {
		t.Fatalf("%+v, %v", p, err)
	}
}
