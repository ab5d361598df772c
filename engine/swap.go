package engine

import (
	"context"
	"crypto/hmac"
	"fmt"
)

// swap stores the turn's record. Who loses to its twin answers as the twin did; anybody
// else is decided again on the newer entry.
func (e *Engine) swap(ctx context.Context, a *attempt, ans Answer, sw Swap) (_ Answer, again, won bool, _ error) {
	from := a.Entry.Record.Version
	last := Last{From: from, Digest: a.Digest, Wrong: ans.Outcome == Wrong}
	if a.start {
		last = Last{}
	}
	sw.Key, sw.From, sw.Now = a.Key, from, a.Now
	sw.TTL = e.ttl(a.Entry, Receipt{})
	if sw.Move != nil {
		sw.Tombstone.Last = last
	} else {
		sw.Record.Version, sw.Record.Last = from+1, last
		if !a.Entry.Found || sw.Key == "" {
			ans.TokenID = a.Seed.Bytes("token", 16)
			sw.Key, sw.From, sw.Record.Version = KeyOf(ans.TokenID), 0, 1
		}
	}
	if sw.Move == nil && a.Client.Account == 0 {
		var keep Slot
		if a.run != nil {
			keep = a.run.Slot
		}
		if err := sw.Record.Fit(keep); err != nil {
			return Answer{}, false, false, err
		}
		if len(a.Entry.Session) == 0 {
			sw.TTL = sw.Record.Life(e.Idle, a.Now)
		}
	}
	newer, won, err := e.Store.Swap(ctx, sw)
	switch {
	case err != nil:
		return Answer{}, false, false, err
	case won:
		return e.stored(ans, sw), false, true, nil
	}
	ans, again, err = e.overtaken(ctx, a, ans, newer)
	return ans, again, false, err
}

// stored completes the answer of a turn that won its swap.
func (e *Engine) stored(ans Answer, sw Swap) Answer {
	ans.Key = sw.Key
	ans.Entry.Found, ans.Entry.Record = true, sw.Record
	if sw.Account != nil {
		ans.Entry.Account = sw.Account
	}
	if sw.Move != nil {
		ans.Key = sw.Move.Key
		ans.Entry = Entry{Found: true, Record: sw.Move.Record, Account: sw.Move.Account, Session: sw.Move.Session}
	}
	return ans
}

// overtaken handles a lost swap.
func (e *Engine) overtaken(ctx context.Context, a *attempt, ans Answer, newer Entry) (Answer, bool, error) {
	from := a.Entry.Record.Version
	last := newer.Record.Last
	if newer.Tombstone != nil {
		last = newer.Tombstone.Last
	}
	twin := !a.start && len(a.Digest) > 0 && last.From == from && last.Wrong == (ans.Outcome == Wrong) && hmac.Equal(last.Digest, a.Digest)
	a.Entry, a.twin = newer, twin
	switch {
	case twin && newer.Tombstone != nil && newer.Tombstone.Run == a.run.ID && ans.Outcome == Granted:
		moved, _, err := e.Store.Load(ctx, newer.Tombstone.Next, nil, a.Now)
		if err == nil && !moved.Found {
			err = fmt.Errorf("%w: the twin's session is not there", ErrUnavailable)
		}
		ans.Entry, ans.Key, ans.TokenID = moved, newer.Tombstone.Next, e.Mint(a.run.ID)
		return ans, false, err
	case twin && newer.Tombstone == nil && ans.Outcome != Granted:
		ans.Entry, ans.Key, ans.TokenID = newer, a.Key, nil
		return ans, false, nil
	case newer.Tombstone != nil || !newer.Found:
		ans = Answer{Outcome: NotWaiting, Entry: newer, Key: a.Key}
		if a.start {
			a.Key, a.Entry = "", Entry{}
			return ans, true, nil
		}
		return ans, false, nil
	}
	return ans, true, nil
}
