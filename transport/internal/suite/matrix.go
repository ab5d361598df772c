package suite

import (
	"context"
	"slices"
	"sync"
	"testing"

	"stagedoor/engine"
)

// heldAgainstMatrix watches the turns of a server: wherever a run of a way in stands or
// ends, the matrix of its configuration must have a row that leads there by the same
// decisions, unless something else was done about the account while the run waited: a
// matrix is about accounts that stay as they are. What else watches is told afterwards.
func heldAgainstMatrix(t testing.TB, matrixOf func() (engine.Matrix, error), then func(context.Context, engine.TurnEvent)) func(context.Context, engine.TurnEvent) {
	if _, measures := t.(*testing.B); measures {
		return then
	}
	matrix := sync.OnceValues(matrixOf)
	log := &abouts{began: make(map[string]int)}
	return func(ctx context.Context, turn engine.TurnEvent) {
		disturbed := log.note(turn)
		m, err := matrix()
		if err != nil {
			t.Errorf("the server runs, and has no matrix: %v", err)
			return
		}
		if at, way := taken(m, turn); way != nil && !disturbed && !foreseen(*way, turn, at) {
			t.Errorf("no row of the matrix leads from %s to %s by %v", way.Name(), at, turn.Run.Trail)
		}
		if then != nil {
			then(ctx, turn)
		}
	}
}

// abouts knows which runs were about which accounts, in order.
type abouts struct {
	mu    sync.Mutex
	turns []about
	// began is how many turns there had been when a run began.
	began map[string]int
}

type about struct {
	subject engine.AccountID
	run     string
}

// note notes a turn, and reports whether another run has been about the same account
// since this one began.
func (a *abouts) note(turn engine.TurnEvent) bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	if turn.Run == nil {
		a.turns = append(a.turns, about{subject: turn.Subject})
		return false
	}
	one := about{turn.Subject, turn.Run.ID}
	if _, known := a.began[one.run]; !known {
		a.began[one.run] = len(a.turns)
	}
	a.turns = append(a.turns, one)
	return slices.ContainsFunc(a.turns[a.began[one.run]:], func(o about) bool { return o.subject == one.subject && o.run != one.run })
}

// taken is where a run is after a turn, and the way in it has taken; nil for turns that
// moved nothing, and for runs that pretend or are no way in.
func taken(m engine.Matrix, turn engine.TurnEvent) (engine.NodeID, *engine.Way) {
	if turn.Run == nil || turn.Run.As != "" || len(turn.Run.Trail) == 0 {
		return "", nil
	}
	at := turn.End
	switch turn.Outcome {
	case engine.Advanced:
		at = turn.Run.Node
	case engine.Granted, engine.Finished:
	default:
		return "", nil
	}
	first := turn.Run.Trail[0]
	i := slices.IndexFunc(m.Ways, func(w engine.Way) bool {
		return w.Flow == turn.Run.Flow && w.Start == engine.Edge{Node: first.Node, Exit: first.Exit}
	})
	if at == "" || i < 0 {
		return "", nil
	}
	return at, &m.Ways[i]
}

// foreseen reports whether a case of the way leads to a node by the marks of the trail.
func foreseen(w engine.Way, turn engine.TurnEvent, at engine.NodeID) bool {
	for _, r := range w.Rows {
		var asked []engine.NodeID
		for _, a := range r.Asked {
			asked = append(asked, a.Node)
		}
		for _, c := range r.Cases {
			if leadsTo(turn.Run.Trail[1:], asked, c.Decisions, append(asked, r.End), at, turn.End != "") {
				return true
			}
		}
	}
	return false
}

// leadsTo reports whether marks begin a row's walk and stand where it goes on; an end
// must be the row's.
func leadsTo(marks engine.Trail, asked []engine.NodeID, decided []engine.TrailEntry, stops []engine.NodeID, at engine.NodeID, ended bool) bool {
	var a, d int
	for _, m := range marks {
		switch {
		case d < len(decided) && decided[d] == m:
			d++
		case a < len(asked) && asked[a] == m.Node:
			a++
		default:
			return false
		}
	}
	return stops[a] == at && (!ended || a == len(asked) && d == len(decided))
}
