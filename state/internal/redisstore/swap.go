package redisstore

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"strconv"
	"time"

	"stagedoor/engine"
	"stagedoor/state"
)

// tombstoneTTL is how long a tombstone stands.
const tombstoneTTL = 10 * time.Second

// swapping is one swap while it is carried out.
type swapping struct {
	engine.Swap
	// swap decides; nil where nothing is compared.
	swap *call
	// place writes the record of a Move, as a claim of its own.
	place *call
	claim string
	gives []*call
}

// Swap implements [engine.Store] in one round trip. What belongs to a swap that won but
// could not be done (a return, a placed record whose server is away) does not undo it:
// a limit then stays used, and the record is read back from the database.
//
// A use that is given back is found by Now, so that must be the time it was taken at.
//
// An embedded server that is full begins no record of an anonymous client; see
// [engine.ErrFull].
func (s *Store) Swap(ctx context.Context, sw engine.Swap) (engine.Entry, bool, error) {
	if sw.Key != "" && sw.From == 0 && sw.Move == nil && !sw.Drop {
		if err := s.CheckCapacity(); err != nil {
			return engine.Entry{}, false, fmt.Errorf("swap: %w", err)
		}
	}
	w, err := s.prepare(sw)
	if err != nil {
		return engine.Entry{}, false, fmt.Errorf("swap: %w", err)
	}
	var room [4]*call
	calls := room[:0]
	if w.place != nil { // first, so that no tombstone points to nothing
		calls = append(calls, w.place)
	}
	if w.swap != nil {
		calls = append(calls, w.swap)
	}
	s.do(ctx, nil, append(calls, w.gives...)...)
	if w.swap == nil {
		err := w.alone()
		return engine.Entry{}, err == nil, err
	}
	newer, won, err := s.compared(sw.Key, w.swap)
	switch {
	case err != nil:
		return engine.Entry{}, false, err
	case won:
		s.prevail(ctx, w)
		return engine.Entry{}, true, nil
	}
	if err := s.undo(ctx, w, newer); err != nil {
		return engine.Entry{}, false, err
	}
	return newer, false, nil
}

// alone returns what went wrong where nothing is compared: a record is placed, or limits
// are given back and nothing else.
func (w *swapping) alone() error {
	if w.place != nil {
		return w.place.err()
	}
	for _, c := range w.gives {
		if err := c.err(); err != nil {
			return err
		}
	}
	return nil
}

// prepare checks a swap and makes its scripts.
func (s *Store) prepare(sw engine.Swap) (*swapping, error) {
	w := &swapping{Swap: sw, gives: s.gives(sw.Refunds, sw.Now)}
	var err error
	switch {
	case sw.Move != nil:
		if w.place, w.claim, err = s.placing(sw); err != nil || sw.Key == "" {
			return w, err
		}
		w.swap = s.dropping(w)
	case sw.Key == "" && (sw.Drop || len(sw.Refunds) == 0):
		return nil, errors.New("it has no key")
	case sw.Key == "":
		return w, nil
	case sw.Drop:
		w.swap = s.dropping(w)
	default:
		w.swap, err = s.replacing(w)
	}
	return w, err
}

func (s *Store) replacing(sw *swapping) (*call, error) {
	if sw.Record.Version != sw.From+1 {
		return nil, fmt.Errorf("version %d does not follow %d", sw.Record.Version, sw.From)
	}
	var ttl int64
	switch {
	case sw.TTL > 0:
		ttl = s.ttl(sw.TTL)
	case sw.From == 0:
		return nil, errors.New("a new record needs a time to live")
	}
	record, err := sw.Record.Encode()
	if err != nil {
		return nil, fmt.Errorf("encode record: %w", err)
	}
	c := newCall(s.lua.swap, s.recordKey(sw.Key))
	c.once, c.lives, c.keeps = true, ttl, ttl == 0
	return c.with(&sw.From, &sw.Record.Version, record, &c.lives, sw.Account, state.RevisionOf(sw.Account)), nil
}

func (s *Store) dropping(sw *swapping) *call {
	c := newCall(s.lua.drop, s.recordKey(sw.Key))
	c.once, c.lives = true, s.ttl(tombstoneTTL)
	return c.with(&sw.From, sw.Tombstone.Encode(), &c.lives)
}

// placing makes the call that writes the record of a Move. Among those who place a record
// for the same run the later version ranks higher, as only it can win.
func (s *Store) placing(sw engine.Swap) (*call, string, error) {
	m := sw.Move
	if m.Key == "" || m.TTL <= 0 || m.Record.Version == 0 {
		return nil, "", errors.New("the record of a move needs a key, a version and a time to live")
	}
	record, err := m.Record.Encode()
	if err != nil {
		return nil, "", fmt.Errorf("encode record: %w", err)
	}
	var id [8]byte
	if _, err := io.ReadFull(s.rand, id[:]); err != nil {
		return nil, "", fmt.Errorf("name a claim: %w", err)
	}
	claim := hex.EncodeToString(id[:])
	c := newCall(s.lua.place, s.recordKey(m.Key))
	c.once, c.lives = true, s.ttl(m.TTL)
	return c.with(claim, 2*sw.From, m.Record.Version, record, &c.lives, m.Account, state.RevisionOf(m.Account), m.Session), claim, nil
}

// compared reads the answer of a script that compares: it has won, or it returns what is
// there instead.
func (s *Store) compared(key engine.Key, c *call) (engine.Entry, bool, error) {
	switch v, err := c.cmd.Result(); v := v.(type) {
	case int64:
		return engine.Entry{}, true, unavailable(err)
	case string:
		return s.entry(key, v), false, unavailable(err)
	default:
		if err == nil {
			err = fmt.Errorf("unexpected answer %T", v)
		}
		return engine.Entry{}, false, unavailable(err)
	}
}

// prevail puts the winner's record in the place of one that a loser placed from the same
// version a moment earlier. Either serves; if this fails, the other stays.
func (s *Store) prevail(ctx context.Context, w *swapping) {
	if w.place == nil {
		return
	}
	if mine, err := w.place.int(); err != nil || mine == 1 {
		return
	}
	ctx, cancel := s.afterwards(ctx)
	defer cancel()
	w.place.set(2, 2*w.From+1)
	s.do(ctx, nil, w.place)
}

// undo takes back what was done beside a swap that is lost. The record of a run whose
// sign-in another has won meanwhile is the winner's, whichever run wrote it.
func (s *Store) undo(ctx context.Context, w *swapping, newer engine.Entry) error {
	calls := s.putBack(w.Refunds, w.gives)
	if w.place != nil && !sameRun(newer, w.Tombstone) {
		calls = append(calls, newCall(s.lua.unplace, w.place.key).with(w.claim))
	}
	if len(calls) == 0 {
		return nil
	}
	ctx, cancel := s.afterwards(ctx)
	defer cancel()
	s.do(ctx, nil, calls...)
	for _, c := range calls {
		if err := c.err(); err != nil {
			return fmt.Errorf("take back a lost swap from version %s: %w", strconv.FormatUint(w.From, 10), err)
		}
	}
	return nil
}

// sameRun reports whether an entry is the tombstone of the sign-in that was tried.
func sameRun(e engine.Entry, mine engine.Tombstone) bool {
	return e.Tombstone != nil && e.Tombstone.Run != "" && e.Tombstone.Run == mine.Run && e.Tombstone.Next == mine.Next
}
