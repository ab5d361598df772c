package stages_test

import (
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"
	"testing"

	"stagedoor/engine"
	"stagedoor/stages"
)

// truth is a decision written down once more, without an order: for every exit when it is
// taken, and for what reason. For any facts exactly one of them is to hold.
type truth struct {
	exit   engine.Exit
	reason engine.Reason
	when   func(engine.Facts) bool
}

// tables are the truth tables of the sign-in tail and of the reset.
func tables() map[*engine.Stage][]truth {
	table := func(s engine.Stage, rows ...truth) (*engine.Stage, []truth) { return &s, rows }
	out := make(map[*engine.Stage][]truth)
	add := func(s *engine.Stage, rows []truth) { out[s] = rows }

	add(table(stages.AccountDue(),
		truth{"active", "account=active", func(f engine.Facts) bool { return f.Active }},
		truth{"disabled", "account=disabled", func(f engine.Facts) bool { return !f.Active }},
	))

	reachable := func(f engine.Facts) bool { return f.Email != engine.Missing || f.Phone != engine.Missing }
	codeOwed := func(f engine.Facts) bool { return f.RequireCode && !f.ProvedCode && !f.TrustsCode }
	add(table(stages.CodeDue(),
		truth{"proved", "proved=code", func(f engine.Facts) bool { return f.ProvedCode }},
		truth{"not_required", "setting=off", func(f engine.Facts) bool { return !f.RequireCode && !f.ProvedCode }},
		truth{"trusted", "trusted=code", func(f engine.Facts) bool { return f.RequireCode && !f.ProvedCode && f.TrustsCode }},
		truth{"required", "setting=required", func(f engine.Facts) bool { return codeOwed(f) && reachable(f) }},
		truth{"unreachable", "address=none", func(f engine.Facts) bool { return codeOwed(f) && !reachable(f) }},
	))

	add(table(stages.PhoneDue(),
		truth{"missing", "phone=missing", func(f engine.Facts) bool { return f.Phone == engine.Missing && f.RequirePhone }},
		truth{"none", "phone=none", func(f engine.Facts) bool { return f.Phone == engine.Missing && !f.RequirePhone }},
		truth{"verified", "phone=verified", func(f engine.Facts) bool { return f.Phone == engine.IsVerified }},
		truth{"off", "setting=off", func(f engine.Facts) bool { return f.Phone == engine.Unverified && !f.VerifyPhone }},
		truth{"unverified", "phone=unverified", func(f engine.Facts) bool { return f.Phone == engine.Unverified && f.VerifyPhone }},
	))

	owed := func(f engine.Facts, d engine.Demand) bool { return f.VerifyEmail == d && f.Email != engine.IsVerified }
	add(table(stages.EmailDue(),
		truth{"off", "setting=off", func(f engine.Facts) bool { return f.VerifyEmail == engine.Off }},
		truth{"verified", "email=verified", func(f engine.Facts) bool { return f.VerifyEmail != engine.Off && f.Email == engine.IsVerified }},
		truth{"optional", "setting=optional", func(f engine.Facts) bool { return owed(f, engine.Optional) }},
		truth{"unverified", "email=unverified", func(f engine.Facts) bool { return owed(f, engine.Mandatory) && f.Email == engine.Unverified }},
		truth{"unverified", "email=missing", func(f engine.Facts) bool { return owed(f, engine.Mandatory) && f.Email == engine.Missing }},
	))

	present := func(f engine.Facts) bool { return f.ProvedAssertion && f.Presence }
	factorOwed := func(f engine.Facts) bool { return f.SecondFactor && !f.ProvedSecond && !present(f) }
	add(table(stages.FactorDue(),
		truth{"proved", "proved=second", func(f engine.Facts) bool { return f.ProvedSecond }},
		truth{"none", "factor=none", func(f engine.Facts) bool { return !f.SecondFactor && !f.ProvedSecond }},
		truth{"presence", "setting=presence", func(f engine.Facts) bool { return f.SecondFactor && !f.ProvedSecond && present(f) }},
		truth{"trusted", "trusted=second", func(f engine.Facts) bool { return factorOwed(f) && f.TrustsSecond }},
		truth{"due", "factor=present", func(f engine.Facts) bool { return factorOwed(f) && !f.TrustsSecond }},
	))

	possible := func(f engine.Facts) bool { return f.OfferTrust || f.TrustCode }
	// A passkey is asked for every time and a code that was asked for is the first factor:
	// neither is a step that trust could spare.
	spared := func(f engine.Facts) bool { return f.OfferTrust && f.ProvedSecond && !f.ProvedAssertion }
	code := func(f engine.Facts) bool { return f.TrustCode && f.ProvedCode && !f.Asked }
	keeps := func(f engine.Facts) bool { return !f.TrustBound || f.Binds }
	add(table(stages.TrustDue(),
		truth{"skip", "setting=off", func(f engine.Facts) bool { return !possible(f) }},
		truth{"skip", "browser=no", func(f engine.Facts) bool { return possible(f) && !f.Browser }},
		truth{"offer", "spares=second", func(f engine.Facts) bool { return f.Browser && keeps(f) && spared(f) }},
		truth{"offer", "spares=code", func(f engine.Facts) bool { return f.Browser && keeps(f) && code(f) && !spared(f) }},
		truth{"skip", "binds=no", func(f engine.Facts) bool { return f.Browser && !keeps(f) && (code(f) || spared(f)) }},
		truth{"skip", "spares=nothing", func(f engine.Facts) bool { return possible(f) && f.Browser && !code(f) && !spared(f) }},
	))

	add(table(stages.LoginOnReset(),
		truth{"yes", "setting=on", func(f engine.Facts) bool { return f.LoginOnReset }},
		truth{"no", "setting=off", func(f engine.Facts) bool { return !f.LoginOnReset }},
	))
	return out
}

// TestDecisions holds every decision against its table, over all values of all facts that
// it reads.
func TestDecisions(t *testing.T) {
	all := 0
	for stage, rows := range tables() {
		decider := stages.Deciders()[stage.ID]
		taken := make(map[engine.Exit]int)
		used := make([]int, len(rows))
		n := 0
		err := engine.Valuations(stage.Reads, nil, func(f engine.Facts) bool {
			n++
			exit, reason := decider.Decide(f)
			taken[exit]++
			holds := 0
			for i, row := range rows {
				if !row.when(f) {
					continue
				}
				holds++
				used[i]++
				if exit != row.exit || reason != row.reason {
					t.Errorf("%s: %s leaves by %s (%s), want %s (%s)", stage.ID, told(*stage, f), exit, reason, row.exit, row.reason)
				}
			}
			if holds != 1 {
				t.Errorf("%s: %s fits %d rows of the table", stage.ID, told(*stage, f), holds)
			}
			return true
		})
		if err != nil {
			t.Fatal(err)
		}
		for exit := range stage.Exits {
			if taken[exit] == 0 {
				t.Errorf("%s: nothing leaves by %s", stage.ID, exit)
			}
		}
		for i, row := range rows {
			if used[i] == 0 {
				t.Errorf("%s: no facts fit %s (%s)", stage.ID, row.exit, row.reason)
			}
			if stage.Because[row.reason] == "" || !strings.Contains(string(row.reason), "=") {
				t.Errorf("%s: the reason %q has no words, or tells no fact", stage.ID, row.reason)
			}
		}
		if len(stage.Because) != len(rows) {
			t.Errorf("%s has words for %d reasons, want %d", stage.ID, len(stage.Because), len(rows))
		}
		all += n
	}
	t.Logf("%d combinations of facts", all)
}

// TestConnectDueTellsWhy: the decision whose fact is its own has words for all its values.
func TestConnectDueTellsWhy(t *testing.T) {
	stage, decider := stages.ConnectDue(), stages.Deciders()["connect_due"]
	values := decider.(engine.FactLoader).FactValues()
	for _, own := range values {
		exit, reason := decider.Decide(engine.Facts{Own: own})
		if _, ok := stage.Exits[exit]; !ok || stage.Because[reason] == "" {
			t.Errorf("%s: leaves by %q because %q, which has no words", own, exit, reason)
		}
	}
	if len(stage.Because) != len(values) {
		t.Errorf("words for %d reasons, want %d", len(stage.Because), len(values))
	}
}

func told(s engine.Stage, f engine.Facts) string {
	v := reflect.ValueOf(f)
	out := ""
	for _, name := range s.Reads {
		out += fmt.Sprintf(" %s=%v", name, v.FieldByName(name))
	}
	return out[1:]
}

// TestDecisionsReadWhatTheyDeclare changes each fact that a stage does not declare, under
// all values of those it does. Nothing may come of it: the engine would hide the fact.
func TestDecisionsReadWhatTheyDeclare(t *testing.T) {
	facts := reflect.TypeFor[engine.Facts]()
	for stage := range tables() {
		decider := stages.Deciders()[stage.ID]
		for i := range facts.NumField() {
			name := facts.Field(i).Name
			if name == "Own" || slices.Contains(stage.Reads, name) {
				continue
			}
			err := engine.Valuations(append([]string{name}, stage.Reads...), nil, func(f engine.Facts) bool {
				bare := f
				reflect.ValueOf(&bare).Elem().Field(i).SetZero()
				exit, reason := decider.Decide(f)
				if e, r := decider.Decide(bare); e != exit || r != reason {
					t.Errorf("%s reads %s, and does not declare it", stage.ID, name)
					return false
				}
				return true
			})
			if err != nil {
				t.Fatal(err)
			}
		}
	}
}

// TestDecisionsNeedWhatTheyDeclare: each declared fact changes some answer; one that
// never does is read in vain, and every combination of it is a combination too many.
func TestDecisionsNeedWhatTheyDeclare(t *testing.T) {
	for stage := range tables() {
		decider := stages.Deciders()[stage.ID]
		for _, name := range stage.Reads {
			counts := false
			err := engine.Valuations(stage.Reads, nil, func(f engine.Facts) bool {
				bare := f
				reflect.ValueOf(&bare).Elem().FieldByName(name).SetZero()
				exit, reason := decider.Decide(f)
				e, r := decider.Decide(bare)
				counts = e != exit || r != reason
				return !counts
			})
			if err != nil {
				t.Fatal(err)
			}
			if !counts {
				t.Errorf("%s declares %s, and never looks at it", stage.ID, name)
			}
		}
	}
}

// TestEveryDeciderIsTabled: a new decision needs a table, or has a fact of its own and is
// tested where that is.
func TestEveryDeciderIsTabled(t *testing.T) {
	var tabled []engine.StageID
	for s := range tables() {
		tabled = append(tabled, s.ID)
	}
	for _, id := range slices.Sorted(maps.Keys(stages.Deciders())) {
		_, own := stages.Deciders()[id].(engine.FactLoader)
		if !own && !slices.Contains(tabled, id) {
			t.Errorf("the decision %s has no truth table", id)
		}
	}
}
