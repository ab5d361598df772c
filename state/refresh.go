package state

import (
	"context"
	"time"
)

// RefreshChain is what is stored of the refresh tokens of one session: each exchange of
// a token makes the next one (RFC 6749, section 10.4). Tokens are known by a hash of
// their id alone.
type RefreshChain struct {
	// Current is the hash of the one token that is good. It is nil before the first
	// exchange: there is only the token of the sign-in then, and nothing is stored of it.
	Current []byte
	// Used are tokens that were exchanged lately, oldest first. One that is neither
	// current nor listed was exchanged before them.
	Used []UsedRefresh
}

// UsedRefresh is a token that was exchanged, and when.
type UsedRefresh struct {
	Token []byte    `json:"t"`
	At    time.Time `json:"at"`
}

// RefreshFamily is a session with its chain.
type RefreshFamily struct {
	// Session and Account are ids.
	Session int64
	Account AccountID
	// Client is the kind of client that holds the session: browser, app or rest.
	Client string
	// ExpiresAt is when the session ends by itself, and all its tokens with it.
	ExpiresAt time.Time
	Chain     RefreshChain
}

// Refreshes keeps the refresh tokens of signed-in sessions. They end with the session,
// however it ends.
type Refreshes interface {
	// RefreshFamily returns the family of the session whose token has the hash, or
	// [ErrNotFound]: also for one that has expired at now, or whose account is disabled.
	RefreshFamily(ctx context.Context, tokenHash []byte, now time.Time) (RefreshFamily, error)
	// ExchangeRefresh stores the next chain of a session. It returns [ErrSpent] and has
	// stored nothing where from, nil for none, is not the current token any more, or
	// where the session does not go on at now. Of several exchanges of one token, at most
	// one succeeds, also if next is the same for all.
	ExchangeRefresh(ctx context.Context, session int64, from []byte, next RefreshChain, now time.Time) error
}
