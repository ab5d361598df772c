package redisstore

import (
	"context"
	"errors"
	"fmt"
	"time"

	"stagedoor/engine"
	"stagedoor/state"
)

// Restore stores an entry that was read back from the database, where nothing is stored:
// neither over a record nor over a tombstone. It reports whether it did; where not, the
// caller loads what is there. A record of version 0 becomes version 1. Over bytes that
// are no record it does store, keeping only the mark of a sign-out.
func (s *Store) Restore(ctx context.Context, key engine.Key, e engine.Entry, ttl time.Duration) (bool, error) {
	if key == "" || ttl <= 0 || e.Tombstone != nil {
		return false, errors.New("restore: it needs a key, a record and a time to live")
	}
	e.Record.Version = max(e.Record.Version, 1)
	record, err := e.Record.Encode()
	if err != nil {
		return false, fmt.Errorf("restore: encode record: %w", err)
	}
	out := ""
	if e.SignedOut {
		out = "O"
	}
	c := newCall(s.lua.restore, s.recordKey(key))
	c.lives = s.ttl(ttl)
	c.with(e.Record.Version, record, &c.lives, e.Account, state.RevisionOf(e.Account), e.Session, out, "")
	s.do(ctx, nil, c)
	value, stored, err := restored(c)
	if err != nil || stored {
		return stored, err
	}
	if _, err := decodeEntry(value); err == nil {
		return false, nil
	}
	c.set(8, value)
	s.do(ctx, nil, c)
	_, stored, err = restored(c)
	return stored, err
}

// restored reads the answer of the script: stored, or what is there.
func restored(c *call) (value string, stored bool, err error) {
	v, err := c.cmd.Result()
	if err != nil {
		return "", false, unavailable(err)
	}
	value, there := v.(string)
	return value, !there, nil
}

// End puts a tombstone under the key for ten seconds, whatever was there.
func (s *Store) End(ctx context.Context, key engine.Key, stone engine.Tombstone) error {
	b := stone.Encode()
	c := newCall(s.lua.end, s.recordKey(key))
	c.lives = s.ttl(tombstoneTTL)
	c.with("", b, &c.lives)
	s.do(ctx, nil, c)
	return c.err()
}

// SignOut marks a record as signed out from elsewhere. It does nothing where no record
// is, and does not change the version.
func (s *Store) SignOut(ctx context.Context, key engine.Key) error {
	return s.change(ctx, key, s.lua.signOut)
}

// Refresh replaces the snapshot of the account beside a record, unless the one that is
// there has the same revision or a later one. It does nothing where no record is.
func (s *Store) Refresh(ctx context.Context, key engine.Key, account string, revision int64) error {
	return s.change(ctx, key, s.lua.refresh, account, revision)
}

// Touch replaces what is kept of the session beside a record and lets it live at least
// for ttl from now, where it is still what from says: of two at once one does. It reports whether
// it did. It does nothing where no record is.
func (s *Store) Touch(ctx context.Context, key engine.Key, from, to string, ttl time.Duration) (bool, error) {
	c := newCall(s.lua.prolong, s.recordKey(key))
	c.lives, c.same, c.grows = s.ttl(ttl), true, int64(len(to)-len(from))
	c.with(to, &c.lives, from)
	s.do(ctx, nil, c)
	n, err := c.int()
	return n == 1, err
}

// change runs a script that may be repeated and has nothing to say.
func (s *Store) change(ctx context.Context, key engine.Key, sc *script, args ...any) error {
	c := newCall(sc, s.recordKey(key)).with(args...)
	s.do(ctx, nil, c)
	return c.err()
}
