package operate

import (
	"context"
	"errors"
	"fmt"
	"time"

	"stagedoor/engine"
	"stagedoor/engine/explain"
	"stagedoor/state"
)

// What an [Explainer] says besides errors of the database.
var (
	// ErrNoTrails says that the configuration keeps no trails.
	ErrNoTrails = errors.New("no trails are kept: trails.keep_days is 0")
	// ErrNoRun says that no trail of such a run is kept.
	ErrNoRun = errors.New("no trail is kept of this run")
)

// Explainer says why runs went where they went: from the trails in a database, by the
// flows of a configuration.
type Explainer struct{ from Sources }

// Sources are what an [Explainer] reads. Flush, if not nil, stores the trails that wait to be
// kept.
type Sources struct {
	Flows    *engine.Flows
	Trails   state.Trails
	Accounts state.Accounts
	Now      func() time.Time
	Flush    func(context.Context)
}

// NewExplainer makes an explainer of what is kept in a database.
func NewExplainer(s Sources) *Explainer { return &Explainer{s} }

// Run explains one run, or fails with [ErrNoRun].
func (x *Explainer) Run(ctx context.Context, id string) (explain.Explanation, error) {
	x.flush(ctx)
	t, err := x.from.Trails.Trail(ctx, id)
	if errors.Is(err, state.ErrNotFound) {
		return explain.Explanation{}, fmt.Errorf("run %q: %w", id, ErrNoRun)
	}
	if err != nil {
		return explain.Explanation{}, err
	}
	return x.explain(t)
}

// User explains at most limit runs of an account, the latest first. The account is named
// by its id, an address, a number (+ and digits) or its username. It fails with
// [ErrNobody] where there is none; an account without runs has none to explain.
func (x *Explainer) User(ctx context.Context, who string, limit int) ([]explain.Explanation, error) {
	account, err := find(ctx, x.from.Accounts, who)
	if err != nil {
		return nil, err
	}
	return x.latest(ctx, account.ID, limit)
}

// Latest explains at most limit runs of anybody, the latest first.
func (x *Explainer) Latest(ctx context.Context, limit int) ([]explain.Explanation, error) {
	return x.latest(ctx, "", limit)
}

func (x *Explainer) latest(ctx context.Context, account state.AccountID, limit int) ([]explain.Explanation, error) {
	x.flush(ctx)
	list, err := x.from.Trails.TrailsOf(ctx, account, limit)
	if err != nil {
		return nil, err
	}
	out := make([]explain.Explanation, 0, len(list))
	for _, t := range list {
		one, err := x.explain(t)
		if err != nil {
			return nil, err
		}
		out = append(out, one)
	}
	return out, nil
}

// flush has what waits to be kept stored, so that the latest turns are explained too.
func (x *Explainer) flush(ctx context.Context) {
	if x.from.Flush != nil {
		x.from.Flush(ctx)
	}
}

func (x *Explainer) explain(t state.Trail) (explain.Explanation, error) {
	r := explain.Run{
		ID: t.Run, Account: engine.AccountID(t.Account), Flow: engine.FlowID(t.Flow), Fingerprint: t.Print, Client: t.Client,
		Node: engine.NodeID(t.Node), As: engine.NodeID(t.As), Over: explain.Over(t.Over),
		Wrong: make(map[engine.NodeID]int, len(t.Wrong)), Why: t.Why, Started: t.Started, Updated: t.Updated, Deadline: t.Deadline,
	}
	if err := r.Trail.UnmarshalText([]byte(t.Marks)); err != nil {
		return explain.Explanation{}, fmt.Errorf("run %q: %w", t.Run, err)
	}
	for node, wrong := range t.Wrong {
		r.Wrong[engine.NodeID(node)] = wrong
	}
	return explain.Explain(x.from.Flows, r, x.from.Now()), nil
}
