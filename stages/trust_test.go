package stages

import (
	"testing"

	"stagedoor/engine"
)

// TestEarned: a trust spares what the run has proved, and a passkey spares nothing.
func TestEarned(t *testing.T) {
	first, code, second := []engine.Proof{engine.Subject, engine.First}, []engine.Proof{engine.Code}, []engine.Proof{engine.Second}
	passkey := []engine.Proof{engine.Second, engine.Subject, engine.First, engine.Assertion}
	for _, c := range []struct {
		steps [][]engine.Proof
		want  byte
	}{
		{nil, 0},
		{[][]engine.Proof{first, {}}, 0},
		{[][]engine.Proof{first, code}, earnedCode},
		{[][]engine.Proof{first, {}, second}, earnedSecond},
		{[][]engine.Proof{first, code, second}, earnedCode | earnedSecond},
		{[][]engine.Proof{passkey}, 0},
		{[][]engine.Proof{passkey, code}, earnedCode},
	} {
		if got := earnedBy(c.steps); got != c.want {
			t.Errorf("%v earns %b, want %b", c.steps, got, c.want)
		}
	}
}
