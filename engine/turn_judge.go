package engine

import (
	"bytes"
	"context"
	"fmt"
)

// judge is the second piece of a turn: the handler says what comes of the submission or
// action, unless what it said in an earlier round still counts.
func (e *Engine) judge(ctx context.Context, a *attempt) (route, error) {
	if !a.standing() {
		ask := e.submit
		if a.acts {
			ask = e.act
		}
		if err := ask(ctx, a); err != nil {
			return onward, err
		}
		a.judged = true
	}
	return a.direction()
}

// standing reports whether what the handler said in an earlier round still counts. What
// waits in a slot that the stage uses may be another by now, and an action on a run is
// carried out on the run as it is.
func (a *attempt) standing() bool {
	switch {
	case !a.judged:
		return false
	case a.acts && !a.start:
		return false
	}
	return a.stage().Uses == ""
}

// direction says where the turn goes after what the handler said.
func (a *attempt) direction() (route, error) {
	if !a.acts {
		if a.verdict.Exit == Again {
			return stays, nil
		}
		return onward, nil
	}
	begins := a.run == nil && a.acted.Used != nil
	switch {
	case a.acted.Conflict:
		return answered, nil
	case len(a.acted.Errors) > 0:
		a.verdict = Verdict{Errors: a.acted.Errors, Uncounted: !a.acted.Counts, Why: a.acted.Why}
		return stays, nil
	case a.acted.Keep && !begins:
		return answered, nil
	case a.run == nil && !begins:
		return onward, fmt.Errorf("%s: %s wants to store something, and there is no run", a.flow.Graph.Flow, a.action)
	}
	return onward, nil
}

// submit has the handler judge a submission.
func (e *Engine) submit(ctx context.Context, a *attempt) error {
	s := Submission{
		Node: a.node, Values: a.Values, Invalid: a.Invalid, Client: a.Client, Held: a.held,
		Used: a.used(), Memo: a.verdict.Memo, Now: a.Now, Seed: a.Seed,
	}
	if !a.start || a.flow.Graph.OfSession {
		s.Run, s.Proved = a.run, a.flow.proofs(a.run.Trail)
	}
	errs, err := e.clean(ctx, a, s)
	if err != nil {
		return err
	}
	if len(errs) > 0 {
		a.verdict = Verdict{Errors: errs, Uncounted: !aboutCode(a.stage(), errs)}
		return nil
	}
	v, err := a.flow.handler(a.node).Submit(ctx, s)
	if err != nil {
		return fmt.Errorf("%s: %s: %w", a.flow.Graph.Flow, a.node, err)
	}
	if a.run.As != "" && v.Exit != Again {
		if v, err = pretended(a, v); err != nil {
			return err
		}
	}
	a.verdict = v
	return nil
}

// used is what waits in the slot the stage uses, nil where there is none.
func (a *attempt) used() *Run {
	slot := a.stage().Uses
	if slot == "" {
		return nil
	}
	return a.Entry.Record.Run(slot, a.Now)
}

// act has the handler carry out an action. One that the stage does not declare, or that
// was used too often, is a conflict.
func (e *Engine) act(ctx context.Context, a *attempt) error {
	a.verdict, a.acted = Verdict{}, Acted{Conflict: true}
	actor, ok := a.flow.handler(a.node).(Actor)
	action, declared := findAction(a.stage(), a.action)
	run := a.counting()
	if !ok || !declared || run != nil && action.Max > 0 && run.Acts[a.action] >= action.Max {
		return nil
	}
	got, err := actor.Act(ctx, a.action, Submission{
		Node: a.node, Action: a.action, Values: a.Values, Invalid: a.Invalid, Client: a.Client,
		Run: a.run, Held: a.held, Used: a.used(), Now: a.Now, Seed: a.Seed,
	})
	if err != nil {
		return fmt.Errorf("%s: %s: %s: %w", a.flow.Graph.Flow, a.node, a.action, err)
	}
	a.acted = got
	return nil
}

func findAction(s Stage, name string) (Action, bool) {
	for _, a := range s.Actions {
		if a.Name == name {
			return a, true
		}
	}
	return Action{}, false
}

// clean returns what is wrong with the fields, or the refusal of a limit that guards the
// stage. The limits of a start were used up with the load of the record.
func (e *Engine) clean(ctx context.Context, a *attempt, s Submission) ([]FieldError, error) {
	errs := a.Invalid
	if c, ok := a.flow.handler(a.node).(Cleaner); ok {
		more, err := c.Clean(ctx, s)
		if err != nil {
			return nil, fmt.Errorf("%s: %s: %w", a.flow.Graph.Flow, a.node, err)
		}
		errs = append(errs[:len(errs):len(errs)], more...)
	}
	l, ok := a.flow.handler(a.node).(Limiter)
	if len(errs) > 0 || !ok || a.start {
		return errs, nil
	}
	takes := l.Limits(s)
	if len(takes) == 0 {
		return nil, nil
	}
	refusal, err := e.Store.Take(ctx, takes, a.Now)
	if err != nil || refusal == nil {
		return nil, err
	}
	return l.Limited(s), nil
}

// aboutCode reports whether any error is about a field that carries a code: only such
// errors use up attempts.
func aboutCode(s Stage, errs []FieldError) bool {
	for _, err := range errs {
		for _, f := range s.Fields {
			if f.Name == err.Param && f.Type == CodeIn {
				return true
			}
		}
	}
	return false
}

// pretended turns a verdict that lets a run go into one for a run that pretends, which
// stands elsewhere and has one way out: to its end. Only an exit that shows nothing can
// be taken that way, such as that of a link that was good, but for somebody else.
func pretended(a *attempt, v Verdict) (Verdict, error) {
	shows := a.stage().Exits[v.Exit]
	if shows.Binds || len(shows.Proves) > 0 || v.Subject != "" {
		return v, fmt.Errorf("%s: %s: a run that pretends cannot leave by %q", a.flow.Graph.Flow, a.node, v.Exit)
	}
	v.Exit = Spent
	return v, nil
}

// samePlace reports whether a verdict made at one place still counts at the other: the
// same run, at the same stage, with the same challenge.
func samePlace(a, b *place) bool {
	if a.run.ID != b.run.ID || a.node != b.node || !bytes.Equal(a.run.Data, b.run.Data) {
		return false
	}
	if a.held == nil || b.held == nil {
		return a.held == b.held
	}
	return a.held.ID == b.held.ID && bytes.Equal(a.held.Data, b.held.Data)
}

// StartLimits returns the limits that guard the first submission of a flow, for the
// load of the record to use up, and what to tell the client where one refuses.
func (e *Engine) StartLimits(flow FlowID, t Turn) ([]Take, []FieldError) {
	f := e.Flows.Flow(flow)
	if f == nil || len(t.Invalid) > 0 {
		return nil, nil
	}
	l, ok := f.handler(f.Graph.Start).(Limiter)
	if !ok {
		return nil, nil
	}
	s := Submission{Node: f.Graph.Start, Values: t.Values, Client: t.Client, Now: t.Now, Seed: t.Seed}
	if f.Graph.OfSession {
		s.Run = &Run{Subject: t.Client.Account}
	}
	return l.Limits(s), l.Limited(s)
}

// Probe judges the first submission of a flow without taking it: it returns what is
// wrong with it. It is for a client that may not start the flow but is first told what
// is wrong with its input.
func (e *Engine) Probe(ctx context.Context, flow FlowID, t Turn) ([]FieldError, error) {
	f := e.Flows.Flow(flow)
	if f == nil {
		return nil, fmt.Errorf("no flow %q", flow)
	}
	a := attempt{Turn: t, start: true, place: place{flow: f, run: &Run{}, node: f.Graph.Start}}
	_, err := e.judge(ctx, &a)
	return a.verdict.Errors, err
}
