package engine

import (
	"fmt"
	"reflect"
	"strings"
)

// Valuate runs a decider over every combination of values of the facts its stage reads,
// and counts by which exit it left; exits the stage declares and that were never taken
// count 0. n is the number of combinations. It fails where the decider answers with an
// exit its stage does not declare, naming the facts it was asked about, and where the
// stage reads a fact that does not exist.
func Valuate(stage Stage, d Decider) (n int, byExit map[Exit]int, err error) {
	if absent(d) {
		return 0, nil, fmt.Errorf("stage %s: no decider to valuate", stage.ID)
	}
	var own []string
	if loader, ok := d.(FactLoader); ok {
		own = loader.FactValues()
	}
	byExit = make(map[Exit]int, len(stage.Exits))
	for exit := range stage.Exits {
		byExit[exit] = 0
	}
	var wrong error
	err = Valuations(stage.Reads, own, func(f Facts) bool {
		exit, _ := d.Decide(f)
		if _, ok := stage.Exits[exit]; !ok {
			wrong = fmt.Errorf("stage %s: its decider answers %q, which the stage does not declare, to %s",
				stage.ID, string(exit), readFacts(stage.Reads, f))
			return false
		}
		n++
		byExit[exit]++
		return true
	})
	if err == nil {
		err = wrong
	}
	if err == nil && n == 0 {
		err = fmt.Errorf("stage %s: reads Own, and its decider names no values of it: give it FactValues", stage.ID)
	}
	if err != nil {
		return 0, nil, err
	}
	return n, byExit, nil
}

// readFacts prints the facts a stage reads: "Email=1 Signup=true".
func readFacts(reads []string, f Facts) string {
	v := reflect.ValueOf(f)
	out := make([]string, len(reads))
	for i, name := range reads {
		out[i] = fmt.Sprintf("%s=%v", name, v.FieldByName(name))
	}
	return strings.Join(out, " ")
}
