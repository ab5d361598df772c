package contract

import (
	"context"

	"stagedoor/engine"
	"stagedoor/state"
)

// Pending lists the stages that wait for this client.
func (c *Call) Pending() []engine.Pending {
	return c.Engine.Pending(c.Visit.Entry, c.Visit.whose(), c.Now)
}

// PendingAt returns the stage with the wire id that waits for this client, false where none
// does.
func (c *Call) PendingAt(wireID string) (engine.Pending, bool) {
	return c.PendingFor(wireID, c.Visit.whose())
}

// PendingFor is PendingAt for the runs that another client with this record is shown.
func (c *Call) PendingFor(wireID string, client engine.Client) (engine.Pending, bool) {
	for _, p := range c.Engine.Pending(c.Visit.Entry, client, c.Now) {
		if p.Wire == wireID {
			return p, true
		}
	}
	return engine.Pending{}, false
}

// Action returns the action with the name, false where it is not among these.
func Action(actions []engine.Action, name string) (engine.Action, bool) {
	for _, a := range actions {
		if a.Name == name {
			return a, true
		}
	}
	return engine.Action{}, false
}

// PassOnRun passes on to the sessions of a run's account what the run has changed.
func (c *Call) PassOnRun(ctx context.Context, run *engine.Run) error {
	if run == nil || run.Subject == "" {
		return nil
	}
	return c.PassOn(ctx, state.AccountID(run.Subject))
}

// LastExit is the exit by which a run came to its end, "" for one that waits.
func LastExit(ans engine.Answer) engine.Exit {
	if ans.Outcome != engine.Finished || ans.Run == nil || len(ans.Run.Trail) == 0 {
		return ""
	}
	return ans.Run.Trail[len(ans.Run.Trail)-1].Exit
}
