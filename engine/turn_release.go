package engine

import (
	"context"
	"errors"
	"fmt"
)

// release is the seventh piece of a turn: it lets the messages of a turn that came to be
// go out; those of one that did not are dropped by the ledger in time. The turn stands
// even if this fails: the client can ask for another message.
func (e *Engine) release(ctx context.Context, b Batch) error {
	if len(b.Messages) == 0 {
		return nil
	}
	if err := e.Ledger.Release(context.WithoutCancel(ctx), b); err != nil {
		return fmt.Errorf("release messages: %w", err)
	}
	return nil
}

// takeBack undoes a session that the turn stored and does not answer, unless another
// submission of the same run has won it. While it is not known what came of the swap the
// session stays: nobody holds its token, and the run can be repeated. A first
// submission's run cannot: the next try is another one.
func (e *Engine) takeBack(ctx context.Context, a *attempt, ans Answer, err error) error {
	switch gone := a.Entry.Tombstone; {
	case a.granted == nil || ans.Outcome == Granted,
		gone != nil && gone.Run == a.granted.Run,
		err != nil && !errors.Is(err, ErrContended) && !a.start:
		return err
	case gone == nil && !a.Entry.Found && !a.start:
		// The tombstone that named the winner may be gone already: its session is not.
		won, _, lerr := e.Store.Load(context.WithoutCancel(ctx), a.granted.Key, nil, a.Now)
		if lerr != nil || won.Found {
			return errors.Join(err, lerr)
		}
	}
	return errors.Join(err, e.Ledger.Abandon(context.WithoutCancel(ctx), *a.granted))
}
