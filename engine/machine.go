package engine

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"github.com/looplab/fsm"
)

// machines fires the exits of one graph on looplab/fsm. The events never change once
// made; the machines built from them are lent to one turn at a time, because a machine
// that two turns share gives either of them the other's state.
type machines struct {
	events []fsm.EventDesc
	pool   sync.Pool
}

// newMachines compiles the edges of a graph, which [Check] has found sound: a second
// edge for an exit would silently replace the first.
func newMachines(g Graph) *machines {
	var events []fsm.EventDesc
	for _, id := range sorted(g.Nodes) {
		next := g.Nodes[id].Next
		for _, exit := range sorted(next) {
			events = append(events, fsm.EventDesc{
				Name: string(exit), Src: []string{string(id)}, Dst: string(next[exit]),
			})
		}
	}
	m := &machines{events: events}
	m.pool.New = func() any { return fsm.NewFSM(string(g.Start), m.events, nil) }
	return m
}

// fire leaves the node from by an exit and returns the node it leads to. An exit that
// leads back to its own node is a move like any other.
func (f *Flow) fire(from NodeID, exit Exit) (NodeID, error) {
	// A machine can be set to any state, known or not.
	if _, ok := f.Graph.Nodes[from]; !ok {
		return "", fmt.Errorf("flow %s: no node %q to leave by %s: the run is of another graph", f.Graph.Flow, from, exit)
	}
	m := f.machines.pool.Get().(*fsm.FSM)
	m.SetState(string(from))
	// A cancelled context would spoil the machine for good, and a move that has begun
	// is not given up: the turn's own context stays outside.
	err := m.Event(context.Background(), string(exit))
	if err != nil && !stayed(err) {
		// The machine is dropped, not returned: what state an error left it in is unknown.
		return "", fmt.Errorf("flow %s: node %s cannot be left by %q: %v", f.Graph.Flow, from, exit, err)
	}
	to := NodeID(m.Current())
	f.machines.pool.Put(m)
	return to, nil
}

// stayed reports whether the machine only says that a move led back to where it began.
func stayed(err error) bool {
	same := fsm.NoTransitionError{}
	return errors.As(err, &same) && same.Err == nil
}
