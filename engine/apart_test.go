package engine_test

import (
	"context"
	"errors"
	"testing"

	"stagedoor/engine"
)

// TestApart: what a run has shown counts once, whatever a handler says; the same thing
// shown again takes no exit that is apart, and leaves the run where it is.
func TestApart(t *testing.T) {
	d := newDoor(t)
	shows := func(a *actor, what string) {
		submit := a.submit
		a.submit = func(s engine.Submission) (engine.Verdict, error) {
			v, err := submit(s)
			v.Credential = what
			return v, err
		}
	}
	shows(d.form, "key 7")
	key := d.begin("ann", engine.Advanced).Key
	if got := d.entry(key).Record.Runs[0].Credential; got != "key 7" {
		t.Fatalf("the run remembers %q", got)
	}
	shows(d.code, "key 7")
	before := d.entry(key).Record.Version
	if _, err := d.Submit(context.Background(), "code", d.turn(key, engine.MapValues{"key": "right"})); !errors.Is(err, engine.ErrShown) {
		t.Errorf("the same key again: %v", err)
	}
	if len(d.sessions) != 0 || d.entry(key).Record.Version != before {
		t.Errorf("it left something: sessions %v", d.sessions)
	}
	for _, what := range []string{"key 8", ""} {
		key := d.begin("ann", engine.Advanced).Key
		shows(d.code, what)
		d.send(key, "code", "right", engine.Granted)
	}
}
