package token_test

import (
	"context"
	"errors"
	"sync"
	"testing"
	"time"

	"pgregory.net/rapid"

	"stagedoor/state"
	"stagedoor/transport/internal/token"
)

// bench is a server with one session, whose clock stands still unless moved.
type bench struct {
	testing.TB
	*token.Refresher
	*clock
	cfg     token.JWTConfig
	store   *memory
	session *state.Session
	first   token.Pair
}

func newBench(t testing.TB, change func(*token.JWTConfig)) *bench {
	t.Helper()
	c := newClock()
	cfg := config(t, "EdDSA", c)
	if change != nil {
		change(&cfg)
	}
	j, m := newJWT(t, cfg), newMemory()
	s := m.grant(sessionOf("42", "run", c.now()))
	return &bench{
		TB: t, Refresher: &token.Refresher{Tokens: j, Families: m, Ledger: m}, clock: c, cfg: cfg,
		store: m, session: s, first: issue(t, j, s),
	}
}

func (b *bench) try(refresh string) (token.Pair, token.Claims, error) {
	return b.Refresh(b.Context(), token.App, refresh, "")
}

// gets exchanges a token that must be good.
func (b *bench) gets(refresh string) token.Pair {
	b.Helper()
	p, c, err := b.try(refresh)
	if err != nil {
		b.Fatalf("refresh: %v", err)
	}
	if c.Account != "42" || c.Client != token.App || string(c.TokenHash) != string(b.session.TokenHash) {
		b.Errorf("the token was %+v's", c)
	}
	return p
}

// refuses exchanges a token that must be refused for a reason, with nothing handed out.
func (b *bench) refuses(refresh string, want error) {
	b.Helper()
	p, c, err := b.try(refresh)
	if !errors.Is(err, want) || !errors.Is(err, token.ErrRefused) || p != (token.Pair{}) || c.Account != "" {
		b.Errorf("refresh: %+v, %+v, %v; want %v", p, c, err, want)
	}
	if reused := new(token.ReusedError); errors.As(err, &reused) {
		b.Errorf("it ended the session")
	}
}

// ends exchanges a token that must end the session.
func (b *bench) ends(refresh string) {
	b.Helper()
	p, _, err := b.try(refresh)
	var reused *token.ReusedError
	switch {
	case !errors.As(err, &reused) || !errors.Is(err, token.ErrUsed) || !errors.Is(err, token.ErrRefused) || p != (token.Pair{}):
		b.Fatalf("refresh: %+v, %v; want a ReusedError", p, err)
	case reused.Account != "42" || reused.Session != b.session.ID || string(reused.TokenHash) != string(b.session.TokenHash):
		b.Errorf("it names %+v", reused)
	}
	if b.goesOn() {
		b.Error("the session goes on")
	}
}

func (b *bench) goesOn() bool {
	list, _ := b.store.SessionsOf(b.Context(), "42", b.now())
	return len(list) == 1
}

// TestRotation is the recorded conversation: a refresh token is good once, its successor
// is good after it, and the access token it came with too.
func TestRotation(t *testing.T) {
	b := newBench(t, nil)
	b.pass(time.Minute)
	two := b.gets(b.first.Refresh)
	if two.Refresh == "" || two.Refresh == b.first.Refresh || two.Access == b.first.Access || two.ExpiresIn != 300 {
		t.Errorf("handed out %+v for %+v", two, b.first)
	}
	c, err := b.Tokens.VerifyRefresh(token.App, two.Refresh)
	if at := b.now().Truncate(time.Second); err != nil || !c.IssuedAt.Equal(at) || !c.ExpiresAt.Equal(at.Add(24*time.Hour)) {
		t.Errorf("the successor: %+v, %v", c, err)
	}
	b.refuses(b.first.Refresh, token.ErrUsed)
	if _, err := b.Tokens.Verify(token.App, two.Access); err != nil {
		t.Errorf("the access token: %v", err)
	}
	three := b.gets(two.Refresh)
	b.refuses(two.Refresh, token.ErrUsed)
	b.gets(three.Refresh)
}

// TestWithoutRotation is the other recorded conversation: the token stays.
func TestWithoutRotation(t *testing.T) {
	b := newBench(t, func(c *token.JWTConfig) { c.Rotate = false })
	seen := map[string]bool{b.first.Access: true}
	for range 3 {
		p := b.gets(b.first.Refresh)
		if p.Refresh != "" || seen[p.Access] {
			t.Errorf("handed out %+v", p)
		}
		seen[p.Access] = true
		b.pass(time.Hour)
	}
	if len(b.store.chains) != 0 {
		t.Errorf("stored %v, and nothing need be", b.store.chains)
	}
	b.pass(24 * time.Hour)
	b.refuses(b.first.Refresh, token.ErrExpired)
	b = newBench(t, func(c *token.JWTConfig) { c.Rotate = false })
	b.store.end("42", func(*state.Session) bool { return true })
	b.refuses(b.first.Refresh, token.ErrEnded)
}

// TestRotationSwitched: the tokens of before are judged by the same list.
func TestRotationSwitched(t *testing.T) {
	b := newBench(t, nil)
	two := b.gets(b.first.Refresh)
	b.cfg.Rotate = false
	b.Tokens = newJWT(t, b.cfg)
	for range 2 {
		if p := b.gets(two.Refresh); p.Refresh != "" {
			t.Error("a token that stays was exchanged")
		}
		b.refuses(b.first.Refresh, token.ErrUsed)
	}
	b.cfg.Rotate = true
	b.Tokens = newJWT(t, b.cfg)
	three := b.gets(two.Refresh)
	b.cfg.Rotate = false
	b.Tokens = newJWT(t, b.cfg)
	b.pass(time.Minute)
	b.gets(three.Refresh)
	b.ends(b.first.Refresh)
}

// TestWhatIsNotRefreshed: nothing of it asks a store.
func TestWhatIsNotRefreshed(t *testing.T) {
	b := newBench(t, nil)
	b.store.failFamily = errors.New("a store was asked")
	other := newBench(t, nil)
	for name, tok := range map[string]string{
		"nothing": "", "garbage": "garbage", "dots": "..", "an access token": b.first.Access,
		"another server's": other.first.Refresh, "a changed one": swap(b.first.Refresh),
	} {
		if _, _, err := b.try(tok); !errors.Is(err, token.ErrInvalid) {
			t.Errorf("%s: %v, want ErrInvalid", name, err)
		}
	}
	for _, kind := range []token.Kind{token.Rest, token.Browser} {
		if _, _, err := b.Refresh(t.Context(), kind, b.first.Refresh, ""); !errors.Is(err, token.ErrInvalid) {
			t.Errorf("an app's token from %v: %v, want ErrInvalid", kind, err)
		}
	}
	b.pass(24 * time.Hour)
	b.refuses(b.first.Refresh, token.ErrExpired)
}

func TestRefreshEndsWithTheSession(t *testing.T) {
	for name, end := range map[string]func(*bench){
		"logout":      func(b *bench) { b.store.end("42", func(*state.Session) bool { return true }) },
		"a new token": func(b *bench) { b.session.TokenHash = make([]byte, 32) },
		"its time":    func(b *bench) { b.session.ExpiresAt = b.now() },
		"disabling":   func(b *bench) { b.store.accounts["42"].Active = false },
	} {
		for _, rotate := range []bool{true, false} {
			b := newBench(t, func(c *token.JWTConfig) { c.Rotate = rotate })
			last := b.gets(b.first.Refresh).Refresh
			if !rotate {
				last = b.first.Refresh
			}
			end(b)
			t.Log(name, rotate)
			b.refuses(last, token.ErrEnded)
			b.pass(time.Hour)
			b.refuses(b.first.Refresh, token.ErrEnded)
		}
	}
}

// TestStoredSessionMustAgree: the database has the last word on whose session it is.
func TestStoredSessionMustAgree(t *testing.T) {
	for name, spoil := range map[string]func(*bench){
		"another account":        func(b *bench) { b.session.Account = "43"; b.store.accounts["43"] = b.store.accounts["42"] },
		"another kind of client": func(b *bench) { b.session.Client = "rest" },
		"a browser":              func(b *bench) { b.session.Client = "browser" },
	} {
		b := newBench(t, nil)
		spoil(b)
		t.Log(name)
		b.refuses(b.first.Refresh, token.ErrInvalid)
	}
}

func TestNoRefreshTokenOutlivesItsSession(t *testing.T) {
	b := newBench(t, nil)
	b.session.ExpiresAt = b.now().Add(time.Hour)
	b.pass(58 * time.Minute)
	p := b.gets(b.first.Refresh)
	if p.ExpiresIn > 121 || p.ExpiresIn < 119 {
		t.Errorf("an access token for %d s, two minutes before the end", p.ExpiresIn)
	}
	c, err := b.Tokens.VerifyRefresh(token.App, p.Refresh)
	if err != nil || c.ExpiresAt.After(b.session.ExpiresAt) {
		t.Errorf("a refresh token until %v, %v; the session ends %v", c.ExpiresAt, err, b.session.ExpiresAt)
	}
}

func TestFailuresOfStores(t *testing.T) {
	lost := errors.New("connection lost")
	for name, spoil := range map[string]func(*memory){
		"reading":    func(m *memory) { m.failFamily = lost },
		"exchanging": func(m *memory) { m.failExchange = lost },
	} {
		b := newBench(t, nil)
		spoil(b.store)
		p, _, err := b.try(b.first.Refresh)
		if !errors.Is(err, lost) || errors.Is(err, token.ErrRefused) || p != (token.Pair{}) {
			t.Errorf("%s: %+v, %v; want the store's error", name, p, err)
		}
		b.store.failFamily, b.store.failExchange = nil, nil
		b.gets(b.first.Refresh)
	}
	b := newBench(t, nil)
	b.gets(b.first.Refresh)
	b.pass(time.Minute)
	b.store.failCommit = lost
	if _, _, err := b.try(b.first.Refresh); !errors.Is(err, lost) || errors.Is(err, token.ErrRefused) {
		t.Errorf("a session that could not be ended: %v, want the store's error", err)
	}
	b.store.failCommit = nil
	b.ends(b.first.Refresh)
}

func TestAccountThatIsGone(t *testing.T) {
	b := newBench(t, nil)
	b.gets(b.first.Refresh)
	b.pass(time.Minute)
	b.store.failCommit = state.ErrNotFound
	if _, _, err := b.try(b.first.Refresh); !errors.Is(err, token.ErrRefused) {
		t.Errorf("reuse while the account is deleted: %v, want ErrRefused", err)
	}
}

func TestHangingUpSavesNoThief(t *testing.T) {
	b := newBench(t, nil)
	b.gets(b.first.Refresh)
	b.pass(time.Minute)
	ctx, hangUp := context.WithCancel(t.Context())
	hangUp()
	_, _, err := b.Refresh(ctx, token.App, b.first.Refresh, "")
	if reused := new(token.ReusedError); !errors.As(err, &reused) || b.goesOn() {
		t.Errorf("a client that hangs up: %v, session goes on: %t", err, b.goesOn())
	}
}

// TestOneOfFifty: however many ask at once with one token, one gets the next.
func TestOneOfFifty(t *testing.T) {
	b := newBench(t, nil)
	tok := b.first.Refresh
	for range 5 {
		var wg sync.WaitGroup
		var mu sync.Mutex
		var won []string
		for range 50 {
			wg.Go(func() {
				p, _, err := b.try(tok)
				mu.Lock()
				defer mu.Unlock()
				switch reused := new(token.ReusedError); {
				case err == nil:
					won = append(won, p.Refresh)
				case !errors.Is(err, token.ErrUsed) || errors.As(err, &reused):
					t.Errorf("a loser got %v", err)
				}
			})
		}
		wg.Wait()
		if len(won) != 1 {
			t.Fatalf("%d got tokens, want 1", len(won))
		}
		tok = won[0]
	}
	if !b.goesOn() {
		t.Error("the session ended")
	}
}

// TestAnyOrder holds the exchanges against a list of all tokens ever handed out and when
// each was used.
func TestAnyOrder(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		b := newBench(t, nil)
		b.session.ExpiresAt = b.now().AddDate(1, 0, 0)
		type handed struct {
			token   string
			expires time.Time
			used    time.Time
		}
		note := func(tok string) *handed {
			return &handed{token: tok, expires: b.now().Truncate(time.Second).Add(24 * time.Hour)}
		}
		all := []*handed{note(b.first.Refresh)}
		ended := false
		for range rapid.IntRange(1, 30).Draw(rt, "steps") {
			b.pass(rapid.SampledFrom([]time.Duration{0, time.Second, 5 * time.Second, 10 * time.Second, 11 * time.Second, 13 * time.Hour}).Draw(rt, "pause"))
			h := all[rapid.IntRange(0, len(all)-1).Draw(rt, "token")]
			var want error
			late := !h.used.IsZero() && b.now().Sub(h.used) > 10*time.Second
			switch {
			case !b.now().Before(h.expires):
				want = token.ErrExpired
			case ended:
				want = token.ErrEnded
			case !h.used.IsZero():
				want, ended = token.ErrUsed, late
			}
			p, _, err := b.try(h.token)
			var reused *token.ReusedError
			switch {
			case !errors.Is(err, want):
				rt.Fatalf("%v, want %v", err, want)
			case errors.Is(err, token.ErrUsed) && errors.As(err, &reused) != late:
				rt.Fatalf("%v although late is %t", err, late)
			case err == nil:
				h.used = b.now()
				all = append(all, note(p.Refresh))
			}
			if b.goesOn() == ended {
				rt.Fatalf("the session goes on: %t, want %t", !ended, ended)
			}
		}
	})
}
