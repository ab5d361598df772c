package engine_test

import (
	"context"
	"errors"
	"testing"

	"stagedoor/engine"
)

// refuseOnce lets the next commit fail.
func (d *door) refuseOnce(err error) {
	d.fail["commit"] = err
	d.before = func(op string) {
		if op != "commit" {
			delete(d.fail, "commit")
		}
	}
}

func TestSpentElsewhere(t *testing.T) {
	d := newDoor(t)
	key := d.begin("ann", engine.Advanced).Key
	d.code.submit = func(engine.Submission) (engine.Verdict, error) {
		return engine.Verdict{Exit: engine.OK, Writes: []engine.Write{note("spend")}, IfSpent: []engine.FieldError{{Param: "key", Code: "used"}}}, nil
	}
	d.refuseOnce(&engine.Refused{Spent: true, Err: errDown})
	ans := d.send(key, "code", "right", engine.Wrong)
	if ans.Errors[0].Code != "used" || d.entry(key).Record.Runs[0].Tries != 1 || len(d.sessions) != 0 {
		t.Errorf("%+v", ans)
	}
	// A verdict that has no answer to it is a fault.
	d.code.submit = func(engine.Submission) (engine.Verdict, error) {
		return engine.Verdict{Exit: engine.OK, Writes: []engine.Write{note("spend")}}, nil
	}
	d.refuseOnce(&engine.Refused{Spent: true, Err: errDown})
	if _, err := d.Submit(context.Background(), "code", d.turn(key, nil)); !errors.Is(err, errDown) {
		t.Errorf("error %v", err)
	}
}

// TestEpochMoved: a password change elsewhere ends the run, and no session is granted.
func TestEpochMoved(t *testing.T) {
	d := newDoor(t)
	key := d.begin("ann", engine.Advanced).Key
	d.refuseOnce(&engine.Refused{Ended: true, Err: errDown})
	if ans := d.send(key, "code", "right", engine.Finished); ans.End != "" || ans.TokenID != nil {
		t.Errorf("%+v", ans)
	}
	d.wantSlots(key)
	if len(d.sessions) != 0 {
		t.Error("a session was granted")
	}
	d.facts.SecondFactor = false
	d.refuseOnce(&engine.Refused{Ended: true, Err: errDown})
	if ans := d.begin("ann", engine.Finished); ans.TokenID != nil {
		t.Errorf("a start: %+v", ans)
	}
}

func TestJudgedAgain(t *testing.T) {
	d := newDoor(t)
	key := d.begin("ann", engine.Advanced).Key
	d.refuseOnce(&engine.Refused{Retry: true, Err: errDown})
	d.code.submit = func(engine.Submission) (engine.Verdict, error) {
		if d.code.calls == 1 {
			return engine.Verdict{Exit: engine.OK, Memo: "kept"}, nil
		}
		delete(d.fail, "commit")
		if d.code.seen.Memo != "kept" {
			t.Errorf("the second time it is handed %v", d.code.seen.Memo)
		}
		return engine.Verdict{Errors: []engine.FieldError{{Code: "taken"}}}, nil
	}
	if ans := d.send(key, "code", "right", engine.Wrong); ans.Errors[0].Code != "taken" || d.code.calls != 2 {
		t.Errorf("%+v after %d calls", ans, d.code.calls)
	}
	d.fail["commit"] = &engine.Refused{Retry: true, Err: errDown}
	d.code.submit = func(engine.Submission) (engine.Verdict, error) { return engine.Verdict{Exit: engine.OK}, nil }
	if _, err := d.Submit(context.Background(), "code", d.turn(key, nil)); !errors.Is(err, engine.ErrContended) {
		t.Errorf("a conflict that does not go away: %v", err)
	}
	r := &engine.Refused{Err: errDown}
	if r.Error() != "refused: down" || !errors.Is(r, errDown) {
		t.Errorf("%v", r)
	}
}

func TestLimitsOfAnArrival(t *testing.T) {
	take := engine.Take{Key: "mails", Max: 1, By: "key"}
	for _, soft := range []bool{false, true} {
		d := newDoor(t)
		d.code.enter = func(engine.Arrival) (engine.Entered, error) {
			return engine.Entered{Takes: []engine.Take{take}, DropIfLimited: soft, Messages: []engine.Message{letter("x")}}, nil
		}
		d.begin("ann", engine.Advanced)
		d.log = nil
		if soft {
			d.begin("ann", engine.Advanced)
			d.wantLog("take", "swap")
			continue
		}
		ans := d.begin("ann", engine.Limited)
		d.wantLog("take")
		if !ans.Entered || ans.Refusal == nil || ans.Refusal.Take.Key != "mails" || len(d.records) != 1 {
			t.Errorf("%+v", ans)
		}
	}
}

// TestLimitsOfAVerdict: what a verdict takes refuses the turn the same way.
func TestLimitsOfAVerdict(t *testing.T) {
	d := newDoor(t)
	key := d.begin("ann", engine.Advanced).Key
	d.code.submit = func(engine.Submission) (engine.Verdict, error) {
		return engine.Verdict{Exit: engine.OK, Takes: []engine.Take{{Key: "none", Max: 0}}}, nil
	}
	d.log = nil
	d.send(key, "code", "right", engine.Limited)
	d.wantLog("take")
	d.wantSlots(key, engine.SlotLogin)
}

func TestLimitsBeforeASecret(t *testing.T) {
	d := newDoor(t)
	key := d.begin("ann", engine.Advanced).Key
	d.code.limits = []engine.Take{{Key: "tries", Max: 1}}
	d.send(key, "code", "bad", engine.Wrong)
	if ans := d.send(key, "code", "right", engine.Wrong); ans.Errors[0].Code != "too_many" || d.code.calls != 1 {
		t.Errorf("%+v after %d calls", ans, d.code.calls)
	}
	if got := d.entry(key).Record.Runs[0].Tries; got != 1 {
		t.Errorf("%d tries: the refusal counts", got)
	}
	d.fail["take"] = errDown
	if _, err := d.Submit(context.Background(), "code", d.turn(key, nil)); !errors.Is(err, errDown) {
		t.Errorf("error %v", err)
	}
	// Those of a start go with the load of the record.
	d.form.limits = d.code.limits
	takes, errs := d.StartLimits("login", d.turn("", nil))
	if len(takes) != 1 || errs[0].Code != "too_many" {
		t.Errorf("%v, %v", takes, errs)
	}
	if takes, _ := d.StartLimits("nowhere", engine.Turn{}); takes != nil {
		t.Errorf("%v", takes)
	}
}

func TestGivenBack(t *testing.T) {
	d := newDoor(t)
	take := engine.Take{Key: "tries", Max: 5}
	d.used["tries"] = 2
	d.form.submit = func(engine.Submission) (engine.Verdict, error) {
		return engine.Verdict{Exit: engine.OK, Subject: "7", Epoch: 3, Refunds: []engine.Refund{{Take: take}}}, nil
	}
	d.begin("ann", engine.Advanced)
	if d.used["tries"] != 1 {
		t.Errorf("%d uses are left", d.used["tries"])
	}
	d.facts.Active = false
	if d.begin("ann", engine.Finished); d.used["tries"] != 0 {
		t.Errorf("where nothing is stored: %d uses are left", d.used["tries"])
	}
}

func TestNobody(t *testing.T) {
	d := newDoor(t)
	d.form.submit = func(engine.Submission) (engine.Verdict, error) {
		return engine.Verdict{Exit: "unknown", Hint: "nobody@x", Writes: []engine.Write{note("never")}, PretendWrites: []engine.Write{note("imagined")}}, nil
	}
	first := d.begin("nobody", engine.Advanced)
	if r := first.Run; r.Subject != "" || r.Epoch != 0 || r.Node != "pretend" || r.As != "code" || !d.code.arrived.Pretend {
		t.Errorf("%+v", r)
	}
	if p := d.Pending(d.entry(first.Key), engine.Client{}, turnTime); len(p) != 1 || p[0].Wire != "code" {
		t.Errorf("%+v is pending", p)
	}
	for range 3 {
		d.send(first.Key, "code", "bad", engine.Wrong)
	}
	d.wantSlots(first.Key)
	if len(d.sessions) != 0 {
		t.Error("nobody was granted a session")
	}
}

// TestNobodyIsLetThrough: a handler that says ok to anything gains nothing for a run that
// pretends; an exit that shows nothing ends it.
func TestNobodyIsLetThrough(t *testing.T) {
	for exit, want := range map[engine.Exit]engine.Outcome{engine.OK: 0, "away": engine.Finished} {
		d := newDoor(t)
		key := d.begin("nobody", engine.Advanced).Key
		d.code.submit = func(engine.Submission) (engine.Verdict, error) { return engine.Verdict{Exit: exit}, nil }
		ans, err := d.Submit(context.Background(), "code", d.turn(key, nil))
		if ans.Outcome != want || (err == nil) != (want != 0) || len(d.sessions) != 0 {
			t.Errorf("%s comes to %d, %v; sessions %v", exit, ans.Outcome, err, d.sessions)
		}
	}
}

// TestNobodyLooksElsewhere: the imagined run stands where a real one would.
func TestNobodyLooksElsewhere(t *testing.T) {
	d := newDoor(t)
	d.facts.Email = engine.Unverified
	first := d.begin("nobody", engine.Advanced)
	if first.Run.As != "mail" {
		t.Errorf("it stands as %s", first.Run.As)
	}
	d.wantSlots(first.Key, engine.SlotEmail, engine.SlotLogin)
	for range 3 {
		d.send(first.Key, "mail", "bad", engine.Wrong)
	}
	d.wantSlots(first.Key)
	// Where no fresh account would wait there is nothing to look like.
	d.facts = engine.Facts{Active: true, Email: engine.IsVerified}
	if _, err := d.Start(context.Background(), "login", d.turn("", engine.MapValues{"name": "nobody"})); err == nil {
		t.Error("a run imitates one that never waits")
	}
}

func TestFailsClosed(t *testing.T) {
	start := func(d *door) error {
		_, err := d.Start(context.Background(), "login", d.turn("", engine.MapValues{"name": "ann"}))
		return err
	}
	for name, c := range map[string]struct {
		breaks func(*door)
		want   error
	}{
		"a decider that lies about a proof": {func(d *door) { d.lie = "proved" }, engine.ErrNeeds},
		"a decider with an exit of its own": {func(d *door) { d.lie = "elsewhere" }, nil},
		"a decider with the exit again":     {func(d *door) { d.lie = engine.Exit(" ") }, nil},
		"a handler with an exit of its own": {func(d *door) {
			d.form.submit = func(engine.Submission) (engine.Verdict, error) {
				return engine.Verdict{Exit: "session", Subject: "7"}, nil
			}
		}, nil},
		"a handler without a subject": {func(d *door) {
			d.form.submit = func(engine.Submission) (engine.Verdict, error) { return engine.Verdict{Exit: engine.OK}, nil }
		}, engine.ErrSubject},
	} {
		d := newDoor(t)
		breaks := c.breaks
		breaks(d)
		err := start(d)
		if err == nil || c.want != nil && !errors.Is(err, c.want) {
			t.Errorf("%s: error %v, want %v", name, err, c.want)
		}
		if len(d.records)+len(d.sessions) != 0 {
			t.Errorf("%s: something is stored", name)
		}
	}
}

func TestSecondSubject(t *testing.T) {
	d := newDoor(t)
	key := d.begin("ann", engine.Advanced).Key
	d.code.submit = func(engine.Submission) (engine.Verdict, error) {
		return engine.Verdict{Exit: engine.OK, Subject: "8"}, nil
	}
	if _, err := d.Submit(context.Background(), "code", d.turn(key, nil)); !errors.Is(err, engine.ErrSubject) {
		t.Errorf("error %v", err)
	}
}

// TestForgedTrail: whatever a record says a run has done, a session is granted only to a
// trail that is a path through the graph.
func TestForgedTrail(t *testing.T) {
	mark := func(node engine.NodeID, exit engine.Exit) engine.TrailEntry {
		return engine.TrailEntry{Node: node, Exit: exit}
	}
	form, due, mail, code := mark("form", "ok"), mark("due", "active"), mark("mail_due", "verified"), mark("code_due", "due")
	for name, trail := range map[string]engine.Trail{
		"none":                {},
		"without the form":    {due, mail, code},
		"without account due": {form, mail, code},
		"in another order":    {due, form, mail, code},
		"with a made-up exit": {form, due, mail, mark("code_due", "waved")},
		"with a made-up node": {mark("elsewhere", "ok"), form, due, mail, code},
		"with a proof unmet":  {form, due, mail, mark("code_due", "proved")},
		"ending elsewhere":    {form, due, mail, mark("code_due", "none")},
		"of one who pretends": {mark("form", "unknown"), due, mail, code},
	} {
		d := newDoor(t)
		key := d.begin("ann", engine.Advanced).Key
		e := d.records[key]
		e.Record.Runs[0].Trail = trail
		d.records[key] = e
		ans, err := d.Submit(context.Background(), "code", d.turn(key, engine.MapValues{"key": "right"}))
		if !errors.Is(err, engine.ErrTrail) && !errors.Is(err, engine.ErrNeeds) && !errors.Is(err, engine.ErrRules) {
			t.Errorf("a trail %s: %+v, %v", name, ans, err)
		}
		if len(d.sessions) != 0 {
			t.Errorf("a trail %s is granted a session", name)
		}
	}
	d := newDoor(t)
	key := d.begin("ann", engine.Advanced).Key
	e := d.records[key]
	e.Record.Runs[0].Trail = engine.Trail{form, due, mail, code}
	d.records[key] = e
	d.send(key, "code", "right", engine.Granted)
}
