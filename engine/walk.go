package engine

import (
	"fmt"
	"reflect"
	"strings"
	"time"
)

// walk leaves the node a run stands at by a verdict's exit, and passes by decisions until
// the run comes to rest: at a stage that asks, or at an end whose rules hold. It is pure:
// turns and matrices walk alike. Where it fails the run stands at the node that could not
// be left. own holds the values of custom facts by the node that looks at them.
func (f *Flow) walk(run *Run, v Verdict, facts *Facts, own map[NodeID]string, now time.Time) (Node, error) {
	exit, reason := v.Exit, Reason("")
	for _, m := range run.Trail {
		facts.note(f.Graph.Nodes[m.Node].Stage.Exits[m.Exit].Proves)
	}
	for range len(f.Graph.Nodes) + 1 {
		if f.Graph.Nodes[run.Node].Stage.Exits[exit].Renews {
			run.Deadline = now.Add(f.Graph.Lifetime).UnixMilli()
		}
		next, err := f.take(run, exit, reason, v, facts)
		if err != nil {
			return Node{}, err
		}
		node, ok := f.Graph.Nodes[next]
		if !ok {
			return Node{}, fmt.Errorf("%s: no node %s", f.Graph.Flow, next)
		}
		run.Node, run.As, run.Tries, run.Acts, run.Data, run.Until = next, "", 0, nil, nil, 0
		switch node.Stage.Kind {
		case Ends:
			return node, audit(f, run.Trail, next)
		case Asks:
			return node, nil
		}
		exit, reason = f.decide(next, *facts, own)
		if strings.Contains(string(reason), ";") {
			return Node{}, fmt.Errorf("%s: %s gives reason %q, which a trail cannot hold", f.Graph.Flow, next, reason)
		}
		v = Verdict{}
	}
	return Node{}, fmt.Errorf("%s: a run does not come to rest", f.Graph.Flow)
}

// take leaves by one exit: it checks what the exit needs, binds the subject, moves the
// machine and writes the trail.
func (f *Flow) take(run *Run, exit Exit, reason Reason, v Verdict, facts *Facts) (NodeID, error) {
	node := f.Graph.Nodes[run.Node]
	shows, ok := node.Stage.Exits[exit]
	if !ok {
		return "", fmt.Errorf("%s: stage %s has no exit %q", f.Graph.Flow, node.Stage.ID, exit)
	}
	for _, need := range shows.Needs {
		if !f.proved(run.Trail, need) {
			return "", fmt.Errorf("%s: %s.%s: %w: %s", f.Graph.Flow, run.Node, exit, ErrNeeds, need)
		}
	}
	if shows.Distinct && v.Credential != "" && v.Credential == run.Credential {
		return "", fmt.Errorf("%s: %s.%s: %w: %s", f.Graph.Flow, run.Node, exit, ErrShown, v.Credential)
	}
	switch {
	case shows.Binds && (run.Subject != "" || v.Subject == ""),
		!shows.Binds && v.Subject != "" && v.Subject != run.Subject:
		return "", fmt.Errorf("%s: %s.%s: %w", f.Graph.Flow, run.Node, exit, ErrSubject)
	case shows.Binds:
		run.Subject, run.Epoch = v.Subject, v.Epoch
	}
	if v.Hint != "" {
		run.Hint = v.Hint
	}
	if v.Credential != "" {
		run.Credential = v.Credential
	}
	if shows.Moves != "" {
		run.Slot = shows.Moves
	}
	next, err := f.fire(run.Node, exit)
	if err != nil {
		return "", err
	}
	run.Trail = append(run.Trail, TrailEntry{Node: run.Node, Exit: exit, Reason: reason})
	facts.note(shows.Proves)
	return next, nil
}

// note sets what the run has shown.
func (f *Facts) note(proofs []Proof) {
	for _, p := range proofs {
		f.Asked = f.Asked || p == Asked
		f.ProvedCode = f.ProvedCode || p == Code
		f.ProvedSecond = f.ProvedSecond || p == Second
		f.ProvedAssertion = f.ProvedAssertion || p == Assertion
	}
}

// decide asks a decider, which sees only the facts its stage declares.
func (f *Flow) decide(id NodeID, facts Facts, own map[NodeID]string) (Exit, Reason) {
	facts.Own = own[id]
	return f.decider(id).Decide(mask(facts, f.reads(id)))
}

// mask returns the facts with all but the named fields zero.
func mask(f Facts, reads []int) Facts {
	var out Facts
	from, to := reflect.ValueOf(&f).Elem(), reflect.ValueOf(&out).Elem()
	for _, i := range reads {
		// Value.Set would move both to the heap.
		switch src, dst := from.Field(i), to.Field(i); src.Kind() {
		case reflect.Bool:
			dst.SetBool(src.Bool())
		case reflect.String:
			dst.SetString(src.String())
		default:
			dst.SetUint(src.Uint())
		}
	}
	return out
}
