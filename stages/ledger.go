package stages

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"stagedoor/engine"
	"stagedoor/state"
)

// NewLedger stores what turns want in a store. A session lives for age, or for what ages
// says of its kind of client. That of a browser which is known to bind its sessions must be bound
// within a time; 0 asks nothing.
func NewLedger(store state.Ledger, age time.Duration, ages map[string]time.Duration, within time.Duration) engine.Ledger {
	return &ledger{store: store, sessionAge: age, ages: ages, within: within}
}

// ledger translates what turns want for the store.
type ledger struct {
	store      state.Ledger
	sessionAge time.Duration
	ages       map[string]time.Duration
	within     time.Duration
}

// age is how long a session of the kind of client lives.
func (l *ledger) age(client string) time.Duration {
	if age, ok := l.ages[client]; ok {
		return age
	}
	return l.sessionAge
}

// Commit stores a batch in one transaction. What is no longer possible comes back as an
// *engine.Refused.
func (l *ledger) Commit(ctx context.Context, b engine.Batch) (engine.Receipt, error) {
	batch, err := l.batch(b)
	if err != nil {
		return engine.Receipt{}, err
	}
	receipt, err := l.store.Commit(ctx, batch)
	if err != nil {
		return engine.Receipt{}, refused(err)
	}
	var out engine.Receipt
	if receipt.Account != nil {
		out.Epoch = receipt.Account.Epoch
		snapshot := receipt.Account.Snapshot().Encode()
		if state.AccountID(b.Client.Account) == receipt.Account.ID {
			out.Changed = snapshot
		}
		if receipt.Session != nil {
			out.Account = snapshot
		}
	}
	if receipt.Session != nil {
		out.TTL = receipt.Session.ExpiresAt.Sub(b.Now)
		out.Session = receipt.Session.Ticket().Encode()
	}
	return out, nil
}

// Release lets the messages of a batch go out.
func (l *ledger) Release(ctx context.Context, b engine.Batch) error {
	return l.store.Release(ctx, b.Run, turnOf(b), b.Now)
}

// Abandon undoes the session of a batch.
func (l *ledger) Abandon(ctx context.Context, b engine.Batch) error {
	return l.store.Abandon(ctx, b.Run, turnOf(b))
}

// turnOf numbers a turn of a run. Two that begin from one version of the record are two
// turns: the one that wins must not release the mail of the other, with a code in it
// that was never kept.
func turnOf(b engine.Batch) uint64 { return uint64(b.Seed.ID("turn")) }

// batch translates.
func (l *ledger) batch(b engine.Batch) (state.Batch, error) {
	out := state.Batch{
		Run: b.Run, Version: turnOf(b), Account: state.AccountID(b.Subject), Epoch: b.Epoch, Guard: b.Guard, Now: b.Now,
	}
	if b.OfSession {
		out.Holder = b.Client.Session
	}
	for _, w := range b.Writes {
		write, ok := w.(state.Write)
		if !ok {
			return state.Batch{}, fmt.Errorf("ledger: %T is no write of an account", w)
		}
		out.Writes = append(out.Writes, write)
	}
	for _, m := range b.Messages {
		message, ok := m.(state.Message)
		if !ok {
			return state.Batch{}, fmt.Errorf("ledger: %T is no message of the outbox", m)
		}
		out.Writes = append(out.Writes, state.Queue{Message: message})
	}
	methods, err := json.Marshal(append([]engine.Method{}, b.Methods...))
	if err != nil {
		return state.Batch{}, err
	}
	if !b.Grant {
		if len(b.Methods) > 0 {
			out.Writes = append(out.Writes, state.LogMethods{Session: b.Client.Session, Methods: methods})
			out.Account = state.AccountID(b.Client.Account)
		}
		return out, nil
	}
	hash, err := b.Key.Bytes()
	if err != nil {
		return state.Batch{}, fmt.Errorf("ledger: key of a session: %w", err)
	}
	out.Writes = append(out.Writes, state.NoteLogin{At: b.Now})
	out.Session = &state.Session{
		ID: b.Seed.ID("session"), Account: state.AccountID(b.Subject), Run: b.Run, TokenHash: hash, Client: b.Client.Kind, Epoch: b.Epoch,
		CreatedAt: b.Now, LastSeen: b.Now, ExpiresAt: b.Now.Add(l.age(b.Client.Kind)),
		IP: b.Client.From(), UserAgent: b.Client.UserAgent, Methods: methods, Binding: BindingOf(b.Client, b.Now), BindBy: l.bindBy(b.Client, b.Now),
	}
	return out, nil
}

// BindingOf is what a session that the client is granted is bound to. That of a browser is not
// yet: browsers make a key of their own for each.
func BindingOf(c engine.Client, now time.Time) state.Binding {
	if c.Key == "" || c.Kind == "browser" {
		return state.Binding{}
	}
	return state.Binding{Kind: state.BoundDPoP, Thumbprint: c.Key, At: now}
}

// bindBy is when the browser of a session must have bound it, zero for never.
func (l *ledger) bindBy(c engine.Client, now time.Time) time.Time {
	if !c.Binds || l.within <= 0 {
		return time.Time{}
	}
	return now.Add(l.within)
}

// refused turns what a store says into what it means for a turn.
func refused(err error) error {
	var conflict *state.ConflictError
	switch {
	case errors.Is(err, state.ErrEnded), errors.Is(err, state.ErrNotFound):
		return &engine.Refused{Ended: true, Err: err}
	case errors.Is(err, state.ErrSpent):
		return &engine.Refused{Spent: true, Err: err}
	case errors.As(err, &conflict) && conflict.Field == "credential":
		// It belongs to another account, and will the next time, too.
		return &engine.Refused{Spent: true, Err: err}
	case errors.As(err, &conflict):
		// Judged again, on the account as it is now, the submission turns out wrong.
		return &engine.Refused{Retry: true, Err: err}
	}
	return err
}
