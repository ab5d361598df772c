package token_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"stagedoor/transport/internal/token"
)

// TestReuse walks along the edge of the grace.
func TestReuse(t *testing.T) {
	b := newBench(t, nil)
	two := b.gets(b.first.Refresh)
	b.pass(10 * time.Second)
	b.refuses(b.first.Refresh, token.ErrUsed)
	if !b.goesOn() || len(b.store.events) != 0 {
		t.Fatal("within the grace something ended")
	}
	b.pass(time.Microsecond)
	b.ends(b.first.Refresh)
	if want := []string{fmt.Sprintf(`refresh_token_reused{"session":%d}`, b.session.ID)}; !slices.Equal(b.store.events, want) {
		t.Errorf("events %q, want %q", b.store.events, want)
	}
	b.refuses(two.Refresh, token.ErrEnded)
	b.refuses(b.first.Refresh, token.ErrEnded)
}

// TestThiefWhoIsFaster: the thief exchanges the token first and goes on exchanging; when
// the owner comes, the thief loses the session, however busy he is.
func TestThiefWhoIsFaster(t *testing.T) {
	b := newBench(t, nil)
	thief := b.first.Refresh
	for range 5 {
		thief = b.gets(thief).Refresh
		b.pass(3 * time.Second)
	}
	b.ends(b.first.Refresh)
	b.refuses(thief, token.ErrEnded)
}

// TestEachTokenHasItsOwnGrace: three exchanges in a row, and each used token comes back.
func TestEachTokenHasItsOwnGrace(t *testing.T) {
	b := newBench(t, nil)
	two := b.gets(b.first.Refresh)
	b.pass(4 * time.Second)
	three := b.gets(two.Refresh)
	b.pass(6 * time.Second)
	b.refuses(b.first.Refresh, token.ErrUsed)
	b.refuses(two.Refresh, token.ErrUsed)
	b.pass(time.Second)
	b.refuses(two.Refresh, token.ErrUsed)
	four := b.gets(three.Refresh)
	b.refuses(two.Refresh, token.ErrUsed)
	b.ends(b.first.Refresh)
	b.refuses(four.Refresh, token.ErrEnded)
}

func TestReuseWithoutConsequence(t *testing.T) {
	b := newBench(t, func(c *token.JWTConfig) { c.ReuseEndsFamily = false })
	two := b.gets(b.first.Refresh)
	b.pass(time.Hour)
	b.refuses(b.first.Refresh, token.ErrUsed)
	b.gets(two.Refresh)
	if !b.goesOn() {
		t.Error("the session ended")
	}
}

func TestAnotherGrace(t *testing.T) {
	b := newBench(t, func(c *token.JWTConfig) { c.Grace = time.Minute })
	b.gets(b.first.Refresh)
	b.pass(time.Minute)
	b.refuses(b.first.Refresh, token.ErrUsed)
	b.pass(1)
	b.ends(b.first.Refresh)
}

// TestExpiredTokensEndNothing: they may lie in an old backup.
func TestExpiredTokensEndNothing(t *testing.T) {
	b := newBench(t, nil)
	two := b.gets(b.first.Refresh)
	b.pass(24*time.Hour - time.Second)
	three := b.gets(two.Refresh)
	b.pass(time.Second)
	b.refuses(b.first.Refresh, token.ErrExpired)
	b.gets(three.Refresh)
}

// TestWhatIsKeptIsBounded: a client that exchanges all the time does not fill the store.
func TestWhatIsKeptIsBounded(t *testing.T) {
	b := newBench(t, nil)
	all := []string{b.first.Refresh}
	for range 40 {
		all = append(all, b.gets(all[len(all)-1]).Refresh)
	}
	if n := len(b.store.chains[b.session.ID].Used); n != 32 {
		t.Errorf("%d used tokens are kept, want 32", n)
	}
	for _, tok := range all[8:40] {
		b.refuses(tok, token.ErrUsed)
	}
	b.pass(11 * time.Second)
	b.gets(all[40])
	if n := len(b.store.chains[b.session.ID].Used); n != 1 {
		t.Errorf("%d used tokens are kept 11 s later, want 1", n)
	}
	b = newBench(t, nil)
	all = []string{b.first.Refresh}
	for range 33 {
		all = append(all, b.gets(all[len(all)-1]).Refresh)
	}
	b.ends(all[0]) // the price of the bound
}
