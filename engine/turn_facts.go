package engine

import (
	"context"
	"fmt"
	"time"
)

// world is what a step may look at besides the run: everything read before it began.
type world struct {
	facts  Facts
	person Person
	own    map[NodeID]string
	client Client
	now    time.Time
	seed   Seed
}

// facts is the third piece of a turn: it reads once what a step looks at, the verdict's own
// writes applied. An action leaves no stage, and nothing is decided.
func (e *Engine) facts(ctx context.Context, a *attempt) (world, error) {
	w := world{client: a.Client, now: a.Now, seed: a.Seed}
	if a.acts {
		return w, nil
	}
	q := a.query()
	var err error
	if w.facts, w.person, err = e.Loader.Facts(ctx, q); err != nil {
		return world{}, err
	}
	q.Person = w.person
	for id, d := range a.flow.deciders {
		loader, ok := d.(FactLoader)
		if !ok {
			continue
		}
		value, err := loader.LoadFact(ctx, q)
		if err != nil {
			return world{}, fmt.Errorf("%s: fact of %s: %w", a.flow.Graph.Flow, id, err)
		}
		if w.own == nil {
			w.own = make(map[NodeID]string)
		}
		w.own[id] = value
	}
	return w, nil
}

// query asks for the facts of the run's subject, or of the one the verdict has found.
// Writes about another account change nothing about this one, and those of a run that
// pretends are imagined.
func (a *attempt) query() FactQuery {
	v := a.verdict
	q := FactQuery{
		Flow: a.flow.Graph.Flow, Subject: v.Subject, Hint: v.Hint, Found: v.Found, Writes: v.Writes,
		Client: a.Client, Signup: v.Signup, Now: a.Now,
	}
	switch {
	case a.stage().Exits[v.Exit].Pretends != "":
		q.Writes = v.PretendWrites
	case a.elsewhere():
		q.Writes = nil
	}
	if q.Subject == "" {
		q.Subject = a.run.Subject
	}
	if q.Hint == "" {
		q.Hint = a.run.Hint
	}
	return q
}

// elsewhere reports whether what the verdict wants stored is about another account than
// the run's: the key of a letter to somebody else.
func (a *attempt) elsewhere() bool { return a.verdict.About != "" && a.verdict.About != a.run.Subject }
