package engine_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"stagedoor/engine"
)

// doAct carries out an action and wants it to come to an outcome.
func (d *door) doAct(key engine.Key, wire, action string, want engine.Outcome) engine.Answer {
	d.t.Helper()
	ans, err := d.Act(context.Background(), wire, action, d.turn(key, nil))
	return d.want(ans, err, want)
}

func TestActionsCount(t *testing.T) {
	d := newDoor(t)
	first := d.begin("ann", engine.Advanced)
	d.code.act = func(name string, s engine.Submission) (engine.Acted, error) {
		if name != s.Action || s.Run.ID != first.Run.ID {
			t.Errorf("asked to %s: %+v", name, s)
		}
		return engine.Acted{Data: "again", Hint: "else@x", Writes: []engine.Write{note("w")}, Messages: []engine.Message{letter("x")}, Reply: "sent"}, nil
	}
	d.log = nil
	if ans := d.doAct(first.Key, "code", "resend", engine.Done); ans.Reply != "sent" {
		t.Errorf("%+v", ans)
	}
	d.wantLog("commit", "swap", "release")
	run := d.entry(first.Key).Record.Runs[0]
	if string(run.Data) != `"again"` || run.Hint != "else@x" || run.Acts["resend"] != 1 || run.Tries != 0 || run.Node != "code" {
		t.Errorf("%+v", run)
	}
	// Twins do not exist for actions: two that are the same are two.
	d.doAct(first.Key, "code", "resend", engine.Done)
	d.log = nil
	d.doAct(first.Key, "code", "resend", engine.Conflict)
	d.doAct(first.Key, "code", "dance", engine.Conflict)
	d.wantLog()
	d.doAct(first.Key, "mail", "options", engine.NotWaiting)
}

// TestActionsInFlight: of two that load the same record both count.
func TestActionsInFlight(t *testing.T) {
	d := newDoor(t)
	key := d.begin("ann", engine.Advanced).Key
	d.code.act = func(string, engine.Submission) (engine.Acted, error) { return engine.Acted{Data: "x"}, nil }
	turns := []engine.Turn{d.turn(key, nil), d.turn(key, nil), d.turn(key, nil)}
	for i, want := range []engine.Outcome{engine.Done, engine.Done, engine.Conflict} {
		ans, err := d.Act(context.Background(), "code", "resend", turns[i])
		d.want(ans, err, want)
	}
}

func TestActionsThatRefuse(t *testing.T) {
	d := newDoor(t)
	key := d.begin("ann", engine.Advanced).Key
	d.log = nil
	answer := func(a engine.Acted, err error) {
		d.code.act = func(string, engine.Submission) (engine.Acted, error) { return a, err }
	}
	answer(engine.Acted{Conflict: true}, nil)
	d.doAct(key, "code", "info", engine.Conflict)
	answer(engine.Acted{Keep: true, Reply: 4}, nil)
	if ans := d.doAct(key, "code", "info", engine.Done); ans.Reply != 4 {
		t.Errorf("%+v", ans)
	}
	answer(engine.Acted{Errors: []engine.FieldError{{Code: "bad"}}}, nil)
	d.doAct(key, "code", "info", engine.Wrong)
	answer(engine.Acted{Takes: []engine.Take{{Key: "k", Max: 0}}, Writes: []engine.Write{note("w")}}, nil)
	if ans := d.doAct(key, "code", "resend", engine.Limited); ans.Refusal == nil || ans.Refusal.Take.Key != "k" {
		t.Errorf("%+v", ans)
	}
	d.wantLog("take")
	answer(engine.Acted{}, errDown)
	if _, err := d.Act(context.Background(), "code", "info", d.turn(key, nil)); !errors.Is(err, errDown) {
		t.Errorf("error %v", err)
	}
	if run := d.entry(key).Record.Runs[0]; run.Tries != 0 || run.Acts["resend"] != 0 {
		t.Errorf("%+v", run)
	}
	answer(engine.Acted{Errors: []engine.FieldError{{Code: "bad"}}, Counts: true}, nil)
	for range 3 {
		d.doAct(key, "code", "info", engine.Wrong)
	}
	d.wantSlots(key)
	key = d.begin("ann", engine.Advanced).Key
	for name, a := range map[string]engine.Acted{"limit": {Takes: []engine.Take{{Key: "k"}}}, "commit": {Writes: []engine.Write{note("w")}}} {
		answer(a, nil)
		d.fail["take"], d.fail["commit"] = errDown, errDown
		if ans, err := d.Act(context.Background(), "code", "resend", d.turn(key, nil)); !errors.Is(err, errDown) || ans.Outcome != 0 {
			t.Errorf("%s is down: %+v, %v", name, ans, err)
		}
	}
}

// TestUsed: what an action begins lies in the slot its stage uses, a wrong submission
// leaves it there, and one that leaves the stage consumes it.
func TestUsed(t *testing.T) {
	d := newDoor(t)
	d.facts.Email = engine.Unverified
	key := d.begin("ann", engine.Advanced).Key
	d.mail.act = func(string, engine.Submission) (engine.Acted, error) {
		return engine.Acted{Used: "challenge", UsedFor: time.Minute}, nil
	}
	d.doAct(key, "mail", "options", engine.Done)
	d.wantSlots(key, engine.SlotCeremony, engine.SlotEmail, engine.SlotLogin)
	d.send(key, "mail", "bad", engine.Wrong)
	d.wantSlots(key, engine.SlotCeremony, engine.SlotEmail, engine.SlotLogin)
	d.send(key, "mail", "right", engine.Advanced)
	if used := d.mail.seen.Used; used == nil || string(used.Data) != `"challenge"` || used.Subject != "7" {
		t.Errorf("judged on %+v", used)
	}
	d.wantSlots(key, engine.SlotLogin)
}

// TestUsedIsBegunBeside: an action sees what waits in the slot its stage uses, also one that
// another has put there meanwhile, and a submission leaves there what it did not finish.
func TestUsedIsBegunBeside(t *testing.T) {
	d := newDoor(t)
	d.facts.Email = engine.Unverified
	key := d.begin("ann", engine.Advanced).Key
	d.mail.act = func(_ string, s engine.Submission) (engine.Acted, error) {
		beside := "one"
		if s.Used != nil {
			beside += " beside " + string(s.Used.Data)
		}
		return engine.Acted{Used: beside, UsedFor: time.Minute}, nil
	}
	slot := func() string {
		rec := d.entry(key).Record
		if used := rec.Run(engine.SlotCeremony, turnTime); used != nil {
			return string(used.Data)
		}
		return ""
	}
	d.doAct(key, "mail", "options", engine.Done)
	d.doAct(key, "mail", "options", engine.Done)
	if got := slot(); got != `"one beside \"one\""` {
		t.Errorf("begun: %s", got)
	}
	d.once("swap", func() {
		d.change(key, func(r *engine.Record) {
			r.Put(engine.Run{Slot: engine.SlotCeremony, ID: "new", Data: []byte("2"), Deadline: turnTime.Add(time.Hour).UnixMilli()})
		})
	})
	d.doAct(key, "mail", "options", engine.Done)
	if got := slot(); got != `"one beside 2"` {
		t.Errorf("begun beside what another began meanwhile: %s", got)
	}
	submit := d.mail.submit
	d.mail.submit = func(s engine.Submission) (engine.Verdict, error) {
		v, err := submit(s)
		v.Left = "the other"
		return v, err
	}
	d.send(key, "mail", "bad", engine.Wrong)
	if got := slot(); got != `"one beside 2"` {
		t.Errorf("a wrong submission leaves %s", got)
	}
	d.send(key, "mail", "right", engine.Advanced)
	if got := slot(); got != `"the other"` {
		t.Errorf("left: %s", got)
	}
}

// TestGrantLeavesNothing: what was begun for a client that was nobody goes with it.
func TestGrantLeavesNothing(t *testing.T) {
	d := newDoor(t)
	d.form.act = func(string, engine.Submission) (engine.Acted, error) {
		return engine.Acted{Used: "challenge", UsedFor: time.Minute}, nil
	}
	ans, err := d.Ask(context.Background(), "login", "options", d.turn("", nil))
	d.want(ans, err, engine.Done)
	submit := d.form.submit
	d.form.submit = func(s engine.Submission) (engine.Verdict, error) {
		v, err := submit(s)
		v.Left = "the other"
		return v, err
	}
	d.facts.SecondFactor = false
	ans, err = d.Start(context.Background(), "login", d.turn(ans.Key, engine.MapValues{"name": "ann"}))
	if d.want(ans, err, engine.Granted); ans.Entry.Record.Run(engine.SlotCeremony, turnTime) != nil {
		t.Errorf("the session has %+v", ans.Entry.Record.Runs)
	}
}

func TestUsedIsJudgedAnew(t *testing.T) {
	d := newDoor(t)
	d.facts.Email = engine.Unverified
	key := d.begin("ann", engine.Advanced).Key
	d.once("swap", func() {
		d.change(key, func(r *engine.Record) {
			r.Put(engine.Run{Slot: engine.SlotCeremony, ID: "new", Deadline: turnTime.Add(time.Hour).UnixMilli()})
		})
	})
	d.send(key, "mail", "right", engine.Advanced)
	if d.mail.calls != 2 || d.mail.seen.Used == nil {
		t.Errorf("judged %d times, lastly on %+v", d.mail.calls, d.mail.seen.Used)
	}
}

func TestAsk(t *testing.T) {
	d := newDoor(t)
	ask := func(action string) (engine.Answer, error) {
		return d.Ask(context.Background(), "login", action, d.turn("", nil))
	}
	answer := func(a engine.Acted, err error) {
		d.form.act = func(string, engine.Submission) (engine.Acted, error) { return a, err }
	}
	want := func(action string, outcome engine.Outcome) engine.Answer {
		t.Helper()
		ans, err := ask(action)
		return d.want(ans, err, outcome)
	}
	answer(engine.Acted{Keep: true, Reply: 4}, nil)
	if ans := want("options", engine.Done); ans.Reply != 4 {
		t.Errorf("%+v", ans)
	}
	want("dance", engine.Conflict)
	answer(engine.Acted{Conflict: true}, nil)
	want("options", engine.Conflict)
	answer(engine.Acted{Errors: []engine.FieldError{{Code: "bad"}}}, nil)
	want("options", engine.Wrong)
	answer(engine.Acted{Data: "x"}, nil)
	if _, err := ask("options"); err == nil {
		t.Error("something was stored without a run")
	}
	answer(engine.Acted{}, errDown)
	if _, err := ask("options"); !errors.Is(err, errDown) {
		t.Errorf("error %v", err)
	}
	if _, err := d.Ask(context.Background(), "nowhere", "options", engine.Turn{}); err == nil {
		t.Error("a flow that is not there was asked")
	}
	d.wantLog()
	if len(d.records) != 0 {
		t.Error("an action that reads made a record")
	}
	answer(engine.Acted{Used: "challenge"}, nil)
	if _, err := ask("options"); err == nil {
		t.Error("something was begun for no time")
	}
	answer(engine.Acted{Used: "challenge", UsedFor: time.Minute, Reply: 5}, nil)
	ans := want("options", engine.Done)
	if d.wantSlots(ans.Key, engine.SlotCeremony); ans.Reply != 5 || ans.TokenID == nil {
		t.Errorf("%+v", ans)
	}
	// The submission that finishes it sees and consumes it.
	ans, err := d.Start(context.Background(), "login", d.turn(ans.Key, engine.MapValues{"name": "ann"}))
	if d.want(ans, err, engine.Advanced); d.form.seen.Used == nil {
		t.Error("the submission does not see what was begun")
	}
	d.wantSlots(ans.Key, engine.SlotLogin)
}

func TestProbe(t *testing.T) {
	d := newDoor(t)
	for name, want := range map[string]int{"who": 1, "ann": 0} {
		errs, err := d.Probe(context.Background(), "login", d.turn("", engine.MapValues{"name": name}))
		if err != nil || len(errs) != want {
			t.Errorf("%s: %v, %v", name, errs, err)
		}
	}
	if _, err := d.Probe(context.Background(), "nowhere", engine.Turn{}); err == nil {
		t.Error("a flow that is not there was probed")
	}
	d.wantLog()
	if len(d.records)+len(d.sessions) != 0 {
		t.Error("a probe stores something")
	}
}
