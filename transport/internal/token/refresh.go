package token

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"stagedoor/state"
)

// Why a refresh token of ours is refused, besides [ErrExpired].
var (
	// ErrEnded says that its session is over.
	ErrEnded = fmt.Errorf("%w: its session has ended", ErrRefused)
	// ErrUsed says that it was exchanged before.
	ErrUsed = fmt.Errorf("%w: used before", ErrRefused)
	// ErrUnheld says that it is bound to a key which the client has not shown to hold.
	ErrUnheld = fmt.Errorf("%w: its key was not shown", ErrRefused)
)

// ReusedError says that a refresh token came back long after its exchange: two clients
// hold copies of it, and the server cannot tell which is the thief (RFC 9700, section
// 4.14.2). The session has ended in the database; the changes queued there end its
// record. It is [ErrUsed].
type ReusedError struct {
	Account state.AccountID
	Session int64
	// TokenHash is that of the session's token.
	TokenHash []byte
}

// Error names the session.
func (e *ReusedError) Error() string {
	return fmt.Sprintf("%v, session %d ended", ErrUsed, e.Session)
}

// Unwrap makes it ErrUsed.
func (e *ReusedError) Unwrap() error { return ErrUsed }

// UnheldError says of which session a refresh token is that was shown without its key. It is
// [ErrUnheld].
type UnheldError struct {
	// TokenHash is that of the session's token.
	TokenHash []byte
}

// Error says no more than [ErrUnheld].
func (e *UnheldError) Error() string { return ErrUnheld.Error() }

// Unwrap makes it ErrUnheld.
func (e *UnheldError) Unwrap() error { return ErrUnheld }

// Refresher exchanges refresh tokens.
type Refresher struct {
	Tokens   *JWT
	Families state.Refreshes
	Ledger   state.Ledger
}

const (
	// tokenLen is the length of the hash by which a token is known, in bytes.
	tokenLen = 16
	// maxUsed bounds what is kept of used tokens. Of a client that exchanges more within
	// the grace, the earliest count as exchanged long ago.
	maxUsed = 32
)

// Refresh exchanges a refresh token of that kind of client for an access token and,
// where tokens rotate, for the next refresh token: of any number of exchanges of one
// token, at the same time or later, one succeeds. It also says whose it was. A token
// that is good for nothing gives an error that is [ErrRefused]; if that is a
// [*ReusedError], the session has ended because of it.
//
// shown is the thumbprint of the key that the client has shown to hold, "" for none. A token that is
// bound to another is an [*UnheldError], whether it was used before or not: a copy of it does nothing,
// neither good nor harm. The new tokens are bound as the old one is.
func (r *Refresher) Refresh(ctx context.Context, client Kind, refresh, shown string) (Pair, Claims, error) {
	j := r.Tokens
	c, err := j.VerifyRefresh(client, refresh)
	if err != nil {
		return Pair{}, Claims{}, err
	}
	if c.Key != "" && c.Key != shown {
		return Pair{}, Claims{}, &UnheldError{c.TokenHash}
	}
	now := j.c.Now()
	f, err := r.Families.RefreshFamily(ctx, c.TokenHash, now)
	switch {
	case errors.Is(err, state.ErrNotFound):
		return Pair{}, Claims{}, ErrEnded
	case err != nil:
		return Pair{}, Claims{}, err
	case f.Account != c.Account || f.Client != c.Client.String():
		return Pair{}, Claims{}, ErrInvalid
	}
	used := refreshHash(c.ID)
	// Before the first exchange there is one token only, that of the sign-in.
	if f.Chain.Current != nil && !hmac.Equal(f.Chain.Current, used) {
		return Pair{}, Claims{}, r.reused(ctx, f, c.TokenHash, used, now)
	}
	c.Session = f.Session
	p, err := r.exchange(ctx, f, c, used, now)
	if err != nil {
		return Pair{}, Claims{}, err
	}
	return p, c, nil
}

// exchange makes the new tokens before the old one is spent, so that a failure leaves
// the client with a token that works.
func (r *Refresher) exchange(ctx context.Context, f state.RefreshFamily, c Claims, used []byte, now time.Time) (Pair, error) {
	j := r.Tokens
	access, err := j.newID()
	if err != nil {
		return Pair{}, err
	}
	if !j.c.Rotate {
		return j.pair(c, access, "", now, f.ExpiresAt)
	}
	next, err := j.newID()
	if err != nil {
		return Pair{}, err
	}
	p, err := j.pair(c, access, next, now, f.ExpiresAt)
	if err != nil {
		return Pair{}, err
	}
	chain := state.RefreshChain{Current: refreshHash(next), Used: recent(f.Chain.Used, used, now, j.c.Grace)}
	err = r.Families.ExchangeRefresh(ctx, f.Session, f.Chain.Current, chain, now)
	if errors.Is(err, state.ErrSpent) {
		return Pair{}, ErrUsed // a moment ago, by another request; or the session ended
	}
	if err != nil {
		return Pair{}, err
	}
	return p, nil
}

// recent is the list of used tokens with one more, without those whose grace is over.
func recent(list []state.UsedRefresh, used []byte, now time.Time, grace time.Duration) []state.UsedRefresh {
	var out []state.UsedRefresh
	for _, u := range list {
		if now.Sub(u.At) <= grace {
			out = append(out, u)
		}
	}
	out = append(out, state.UsedRefresh{Token: used, At: now.UTC()})
	return out[max(0, len(out)-maxUsed):]
}

// reused decides on a token that was exchanged before. One that comes back at once is a
// client that did not hear the answer, or asked twice; its successor stays good.
func (r *Refresher) reused(ctx context.Context, f state.RefreshFamily, tokenHash, used []byte, now time.Time) error {
	lately := slices.ContainsFunc(f.Chain.Used, func(u state.UsedRefresh) bool {
		return bytes.Equal(u.Token, used) && now.Sub(u.At) <= r.Tokens.c.Grace
	})
	if lately || !r.Tokens.c.ReuseEndsFamily {
		return ErrUsed
	}
	data, err := json.Marshal(map[string]int64{"session": f.Session})
	if err != nil {
		return err
	}
	// A thief must not prevent it by hanging up.
	_, err = r.Ledger.Commit(context.WithoutCancel(ctx), state.Batch{
		Account: f.Account, Now: now,
		Writes: []state.Write{
			state.EndSessions{IDs: []int64{f.Session}},
			state.Audit{Event: "refresh_token_reused", Data: data},
		},
	})
	if err != nil && !errors.Is(err, state.ErrNotFound) {
		return fmt.Errorf("end the session of a reused refresh token: %w", err)
	}
	return &ReusedError{Account: f.Account, Session: f.Session, TokenHash: tokenHash}
}

// refreshHash is what is stored of a refresh token.
func refreshHash(id string) []byte {
	sum := sha256.Sum256([]byte(id))
	return sum[:tokenLen]
}
