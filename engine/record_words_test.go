package engine_test

import (
	"testing"
	"time"

	"stagedoor/engine"
	"stagedoor/flows"
	"stagedoor/state"
)

// TestWordsAreKnown: what shipped flows leave in a trail is stored as numbers. A new name is
// added at the end of the list, or left out of it: nothing breaks, records are larger.
func TestWordsAreKnown(t *testing.T) {
	known := func(what, text string) {
		if !engine.Words.Has(text) {
			t.Errorf("%s %q takes more room than it must: add it at the end of the list of words", what, text)
		}
	}
	for _, g := range flows.All(quickSettings()) {
		known("the flow", string(g.Flow))
		known("the slot", string(g.Slot))
		for id, node := range g.Nodes {
			known("the node", string(id))
			known("the slot", string(node.Stage.Slot))
			for exit := range node.Stage.Exits {
				known("the exit", string(exit))
			}
			for _, action := range node.Stage.Actions {
				known("the action", action.Name)
			}
			if node.Stage.Kind == engine.Decides {
				for reason := range node.Stage.Because {
					known("the reason", string(reason))
				}
			}
		}
	}
	for _, kind := range []state.AuthenticatorType{state.RecoveryCodes, state.TOTP, state.WebAuthn} {
		known("the factor", string(kind))
	}
}

// TestWaitingRecordIsSmall: a login that waits for its second factor, as the shipped flows
// leave it.
func TestWaitingRecordIsSmall(t *testing.T) {
	q := newQuick(t)
	if err := q.password(); err != nil {
		t.Fatal(err)
	}
	r, err := engine.DecodeRecord(string(q.stored))
	if err != nil || r.Run(engine.SlotLogin, time.Unix(1_800_000_000, 0)) == nil {
		t.Fatalf("%+v, %v", r, err)
	}
	t.Logf("%d bytes", len(q.stored))
	if len(q.stored) > 230 {
		t.Errorf("it takes %d bytes, 230 are allowed", len(q.stored))
	}
}
