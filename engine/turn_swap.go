package engine

import (
	"context"
	"crypto/hmac"
	"fmt"
	"time"
)

// swap is the sixth piece of a turn: it stores the plan's record if nobody has changed it
// meanwhile. A turn that loses to its twin is answered as the twin was; any other is
// decided again on the newer entry. Only one that goes onward has won.
func (e *Engine) swap(ctx context.Context, a *attempt, p plan) (Answer, route, error) {
	if p.swap == nil {
		if len(p.refunds) == 0 {
			return p.answer, onward, nil
		}
		if _, _, err := e.Store.Swap(ctx, Swap{Refunds: p.refunds, Now: a.Now}); err != nil {
			return Answer{}, onward, err
		}
		return p.answer, onward, nil
	}
	ans, sw := p.answer, p.swap
	if err := e.address(a, &ans, sw); err != nil {
		return Answer{}, onward, err
	}
	newer, won, err := e.Store.Swap(ctx, *sw)
	switch {
	case err != nil:
		return Answer{}, onward, err
	case won:
		return ans.stored(*sw), onward, nil
	}
	ans, to, err := e.overtaken(ctx, a, ans, newer)
	if p.final {
		to = answered
	}
	return ans, to, err
}

// address says under which key and version the record is stored, and for how long. A client
// without a record gets a token.
func (e *Engine) address(a *attempt, ans *Answer, sw *Swap) error {
	from := a.Entry.Record.Version
	last := Last{From: from, Digest: a.Digest, Wrong: ans.Outcome == Wrong}
	if a.start {
		last = Last{}
	}
	sw.Key, sw.From, sw.Now = a.Key, from, a.Now
	sw.TTL = e.ttl(a.Entry)
	if sw.Move != nil {
		sw.Tombstone.Last = last
		return nil
	}
	sw.Record.Version, sw.Record.Last = from+1, last
	if !a.Entry.Found || sw.Key == "" {
		ans.TokenID = a.Seed.Bytes("token", 16)
		sw.Key, sw.From, sw.Record.Version = KeyOf(ans.TokenID), 0, 1
		if a.Client.Kind != "browser" { // its key is that of one session, and of nothing before
			sw.Record.Holder = a.Client.Key
		}
	}
	if a.Client.Account != "" {
		return nil
	}
	var keep Slot
	if a.run != nil {
		keep = a.run.Slot
	}
	if err := sw.Record.Fit(keep); err != nil {
		return err
	}
	if len(a.Entry.Session) == 0 {
		sw.TTL = sw.Record.Life(e.Idle, a.Now)
	}
	return nil
}

// ttl is how long a record lives after a write; 0 leaves that of a session as it is.
func (e *Engine) ttl(en Entry) time.Duration {
	if len(en.Session) > 0 {
		return 0
	}
	return e.Idle
}

// stored completes the answer of a turn that won its swap.
func (ans Answer) stored(sw Swap) Answer {
	ans.Key = sw.Key
	ans.Entry.Found, ans.Entry.Record = true, sw.Record
	if sw.Account != "" {
		ans.Entry.Account = sw.Account
	}
	if sw.Move != nil {
		ans.Key = sw.Move.Key
		ans.Entry = Entry{Found: true, Record: sw.Move.Record, Account: sw.Move.Account, Session: sw.Move.Session}
	}
	return ans
}

// overtaken handles a lost swap.
func (e *Engine) overtaken(ctx context.Context, a *attempt, ans Answer, newer Entry) (Answer, route, error) {
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
		return ans, answered, err
	case twin && newer.Tombstone == nil && ans.Outcome != Granted:
		ans.Entry, ans.Key, ans.TokenID = newer, a.Key, nil
		return ans, answered, nil
	case newer.Tombstone != nil || !newer.Found:
		if a.start && !a.flow.Graph.OfSession {
			a.Key, a.Entry = "", Entry{}
			return Answer{}, again, nil
		}
		return Answer{Outcome: NotWaiting, Entry: newer, Key: a.Key}, answered, nil
	}
	return ans, again, nil
}
