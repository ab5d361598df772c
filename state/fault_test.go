package state_test

import (
	"errors"
	"testing"

	"stagedoor/state"
)

func TestFaultTellsNoSecret(t *testing.T) {
	for _, c := range []struct {
		cause any
		want  string
	}{
		{"the token is SECRET", "string"},
		{errors.New("SECRET"), "*errors.errorString"},
		{[]byte("SECRET"), "[]uint8"},
		{divided(), "runtime error: integer divide by zero"},
	} {
		if got := state.Fault(c.cause); got != c.want {
			t.Errorf("%T: told as %q, want %q", c.cause, got, c.want)
		}
	}
}

// divided is what a panic of the runtime has.
func divided() (cause any) {
	defer func() { cause = recover() }()
	none := 0
	return 1 / none
}
