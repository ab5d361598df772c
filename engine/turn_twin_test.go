package engine_test

import (
	"context"
	"testing"

	"stagedoor/engine"
)

// TestTwinThatWasRefused: of two identical submissions the first one's writes make the
// second one wrong, and the second is the one that swaps. The first is no twin of that: it
// goes on with its own verdict.
func TestTwinThatWasRefused(t *testing.T) {
	d := newDoor(t)
	key := d.begin("ann", engine.Advanced).Key
	one, two := d.turn(key, engine.MapValues{"key": "right"}), d.turn(key, engine.MapValues{"key": "right"})
	good := d.code.submit
	d.before = func(op string) {
		if op != "swap" {
			return
		}
		d.before = nil
		d.code.submit = func(engine.Submission) (engine.Verdict, error) {
			return engine.Verdict{Errors: []engine.FieldError{{Param: "key", Code: "incorrect"}}}, nil
		}
		refused, err := d.Submit(context.Background(), "code", two)
		d.want(refused, err, engine.Wrong)
		d.code.submit = good
	}
	first, err := d.Submit(context.Background(), "code", one)
	if d.want(first, err, engine.Granted); len(d.sessions) != 1 || first.TokenID == nil {
		t.Errorf("%+v, %d sessions", first, len(d.sessions))
	}
}
