package server

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"log/slog"
	"testing"
	"time"

	"stagedoor/engine"
	"stagedoor/state"
	"stagedoor/state/stores"
)

// oneChange is a database with the end of one session to pass on, which takes its time to say
// that it was passed on.
type oneChange struct {
	state.Changes
	due           chan state.Change
	done, release chan struct{}
}

func (o *oneChange) ClaimChanges(context.Context, state.AccountID, time.Time, time.Duration, int) ([]state.Change, error) {
	select {
	case c := <-o.due:
		return []state.Change{c}, nil
	default:
		return nil, nil
	}
}

func (o *oneChange) ChangesDone(context.Context, []int64) error {
	close(o.done)
	<-o.release
	return nil
}

// TestPassWaits: a request that finds nothing to pass on, since the background has just taken
// it, waits until that is done: its answer must not come before a session has ended.
func TestPassWaits(t *testing.T) {
	ctx := t.Context()
	redis, err := stores.EmbedRedis(ctx, stores.RedisConfig{})
	if err != nil {
		t.Fatal(err)
	}
	defer redis.Close()
	hash := sha256.Sum256([]byte("token"))
	key := engine.Key(hex.EncodeToString(hash[:]))
	if _, err := redis.Restore(ctx, key, engine.Entry{Record: engine.Record{Version: 1}, Session: "{}", Account: "{}"}, time.Hour); err != nil {
		t.Fatal(err)
	}
	from := &oneChange{due: make(chan state.Change, 1), done: make(chan struct{}), release: make(chan struct{})}
	from.due <- state.Change{ID: 1, Kind: "ended", TokenHash: hash[:]}
	c := &changes{source: from, records: redis, now: time.Now, log: slog.New(slog.DiscardHandler), kick: make(chan struct{}, 1)}
	background, request := make(chan error, 1), make(chan error, 1)
	go func() { background <- c.pass(ctx, "") }()
	<-from.done
	go func() { request <- c.pass(ctx, "7") }()
	select {
	case err := <-request:
		t.Errorf("answered while the background is at it: %v", err)
	case <-time.After(50 * time.Millisecond):
	}
	close(from.release)
	if err := <-background; err != nil {
		t.Error(err)
	}
	if err := <-request; err != nil {
		t.Error(err)
	}
	if e, _, err := redis.Load(ctx, key, nil, time.Now()); err != nil || e.Tombstone == nil {
		t.Errorf("the session's record: %+v, %v", e, err)
	}
}
