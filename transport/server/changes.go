package server

import (
	"context"
	"encoding/hex"
	"log/slog"
	"sync"
	"time"

	"stagedoor/engine"
	"stagedoor/state"
	"stagedoor/state/stores"
)

// changes passes on to the records of an account's sessions what was changed in the
// database: by this process at once, by others within a second.
type changes struct {
	source  state.Changes
	records *stores.Redis
	now     func() time.Time
	log     *slog.Logger
	kick    chan struct{}
	// mu is held from a claim until it is applied, so that whoever finds nothing to claim knows
	// that this process has nothing under way either.
	mu sync.Mutex
}

const (
	changesPoll  = time.Second
	changesLease = 10 * time.Second
	changesBatch = 100
)

// wake looks for changes soon.
func (c *changes) wake() {
	select {
	case c.kick <- struct{}{}:
	default:
	}
}

// run passes changes on until the context ends.
func (c *changes) run(ctx context.Context) error {
	tick := time.NewTicker(changesPoll)
	defer tick.Stop()
	for {
		if err := c.pass(ctx, ""); err != nil && ctx.Err() == nil {
			c.log.Warn("passing on changes of accounts failed; it is tried again", slog.String("error", err.Error()))
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-tick.C:
		case <-c.kick:
		}
	}
}

// pass applies the changes of an account (0: of all) to its records. One that cannot be
// applied comes up again when its lease is over.
func (c *changes) pass(ctx context.Context, account state.AccountID) error {
	for {
		n, err := c.passSome(ctx, account)
		if err != nil || n < changesBatch {
			return err
		}
	}
}

// passSome applies a batch of changes, and returns how many there were.
func (c *changes) passSome(ctx context.Context, account state.AccountID) (int, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	due, err := c.source.ClaimChanges(ctx, account, c.now(), changesLease, changesBatch)
	if err != nil || len(due) == 0 {
		return 0, err
	}
	ids := make([]int64, 0, len(due))
	for _, d := range due {
		if err := c.apply(ctx, d); err != nil {
			return 0, err
		}
		ids = append(ids, d.ID)
	}
	return len(due), c.source.ChangesDone(ctx, ids)
}

// apply brings one record up to date.
func (c *changes) apply(ctx context.Context, d state.Change) error {
	key := engine.Key(hex.EncodeToString(d.TokenHash))
	switch d.Kind {
	case "ended":
		return c.records.End(ctx, key, engine.Tombstone{})
	case "signed_out":
		return c.records.SignOut(ctx, key)
	}
	return c.records.Refresh(ctx, key, d.Snapshot.Encode(), d.Snapshot.Revision)
}
