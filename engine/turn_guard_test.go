package engine_test

import (
	"context"
	"testing"

	"stagedoor/engine"
)

// TestEveryCommitIsGuarded: whatever a run with a subject stores, it stores only while
// the account's epoch is the one it knows.
func TestEveryCommitIsGuarded(t *testing.T) {
	d := newDoor(t)
	d.code.enter = func(engine.Arrival) (engine.Entered, error) {
		return engine.Entered{Messages: []engine.Message{letter("code")}}, nil
	}
	d.code.act = func(string, engine.Submission) (engine.Acted, error) {
		return engine.Acted{Data: "again", Messages: []engine.Message{letter("code")}}, nil
	}
	key := d.begin("ann", engine.Advanced).Key
	if _, err := d.Act(context.Background(), "code", "resend", d.turn(key, nil)); err != nil {
		t.Fatal(err)
	}
	d.send(key, "code", "right", engine.Granted)
	if len(d.batches) != 3 {
		t.Fatalf("%d batches, want those of a start, an action and a session", len(d.batches))
	}
	for i, b := range d.batches {
		if !b.Guard || b.OfSession || b.Epoch != 3 || b.Subject != "7" {
			t.Errorf("batch %d is guarded by %+v", i, b)
		}
	}
}

// TestNothingToStoreIsGuarded: a turn that stores nothing looks at the epoch itself, so
// that no further stage is shown to a run that began before it was raised.
func TestNothingToStoreIsGuarded(t *testing.T) {
	d := newDoor(t)
	d.facts.Email = engine.Unverified
	key := d.begin("ann", engine.Advanced).Key
	d.raised = 1
	if ans := d.send(key, "mail", "right", engine.Finished); ans.End != "" {
		t.Errorf("%+v", ans)
	}
	d.wantSlots(key, engine.SlotEmail)
	if len(d.batches) != 0 {
		t.Errorf("stored: %+v", d.batches)
	}
}

// TestRaisedByItself: a run goes on with the epoch that its own writes have raised.
func TestRaisedByItself(t *testing.T) {
	d := newDoor(t)
	d.facts.Email = engine.Unverified
	key := d.begin("ann", engine.Advanced).Key
	submit := d.mail.submit
	d.mail.submit = func(s engine.Submission) (engine.Verdict, error) {
		v, err := submit(s)
		v.Writes = []engine.Write{note("proves it")}
		return v, err
	}
	d.raises, d.raised = 1, 1
	if ans := d.send(key, "mail", "right", engine.Advanced); ans.Run.Epoch != 4 {
		t.Errorf("the run's epoch is %d, want 4", ans.Run.Epoch)
	}
	d.send(key, "code", "right", engine.Granted)
	if b := d.batches[len(d.batches)-1]; b.Epoch != 4 {
		t.Errorf("the session is guarded by %d, want 4", b.Epoch)
	}
}

// TestRaisedByAnAction: so it does after an action that raised it, also what waits in a
// slot of its own.
func TestRaisedByAnAction(t *testing.T) {
	d := newDoor(t)
	d.code.act = func(string, engine.Submission) (engine.Acted, error) {
		return engine.Acted{Writes: []engine.Write{note("proves it")}}, nil
	}
	key := d.begin("ann", engine.Advanced).Key
	d.raises, d.raised = 1, 1
	if _, err := d.Act(context.Background(), "code", "resend", d.turn(key, nil)); err != nil {
		t.Fatal(err)
	}
	entry := d.entry(key)
	if run := entry.Record.Run(engine.SlotLogin, turnTime); run == nil || run.Epoch != 4 {
		t.Errorf("the run is %+v", run)
	}
	d.send(key, "code", "right", engine.Granted)
}

// TestSessionIsGuarded: what a signed-in client begins is guarded by its session, and one
// that has ended meanwhile is told that it cannot do this now.
func TestSessionIsGuarded(t *testing.T) {
	d := newDoor(t)
	d.request.submit = func(engine.Submission) (engine.Verdict, error) {
		return engine.Verdict{Exit: engine.OK, Hint: "new@x", Writes: []engine.Write{note("an address")}}, nil
	}
	turn := d.turn("", nil)
	turn.Client.Account, turn.Client.Session, turn.Client.Epoch = "7", 5, 2
	if _, err := d.Start(context.Background(), "verify", turn); err != nil {
		t.Fatal(err)
	}
	if b := d.batches[0]; !b.Guard || !b.OfSession || b.Epoch != 2 || b.Client.Session != 5 {
		t.Errorf("guarded by %+v", b)
	}
	d.refuseOnce(&engine.Refused{Ended: true, Err: errDown})
	if ans, err := d.Start(context.Background(), "verify", turn); err != nil || ans.Outcome != engine.Conflict {
		t.Errorf("%+v, %v", ans, err)
	}
}

// TestActionOfWhatHasEnded: an action of a run that has ended meanwhile does not look done.
func TestActionOfWhatHasEnded(t *testing.T) {
	d := newDoor(t)
	d.code.act = func(string, engine.Submission) (engine.Acted, error) {
		return engine.Acted{Data: "again", Messages: []engine.Message{letter("code")}}, nil
	}
	key := d.begin("ann", engine.Advanced).Key
	d.refuseOnce(&engine.Refused{Ended: true, Err: errDown})
	if ans, err := d.Act(context.Background(), "code", "resend", d.turn(key, nil)); err != nil || ans.Outcome != engine.NotWaiting {
		t.Errorf("%+v, %v", ans, err)
	}
	d.wantSlots(key)
}

// keyOfAnother begins a run that waits for a mail, where what is right is about account 9
// at its epoch 6. It returns the client's key.
func (d *door) keyOfAnother(ifSpent []engine.FieldError) engine.Key {
	d.facts.Email = engine.Unverified
	submit := d.mail.submit
	d.mail.submit = func(s engine.Submission) (engine.Verdict, error) {
		v, err := submit(s)
		v.About, v.Epoch, v.Writes, v.IfSpent = "9", 6, []engine.Write{note("proves an address of 9")}, ifSpent
		return v, err
	}
	return d.begin("ann", engine.Advanced).Key
}

// TestAboutAnother: writes about an account that is not the run's are guarded by the session
// that is signed in to it, or by the epoch they were judged on, and leave the run's epoch.
func TestAboutAnother(t *testing.T) {
	d := newDoor(t)
	key := d.keyOfAnother(nil)
	d.raised = 3
	if ans := d.send(key, "mail", "right", engine.Advanced); ans.Run.Epoch != 3 {
		t.Errorf("the run's epoch is %d, want 3", ans.Run.Epoch)
	}
	if b := d.batches[len(d.batches)-1]; b.Subject != "9" || !b.Guard || b.OfSession || b.Epoch != 6 {
		t.Errorf("guarded by %+v", b)
	}
	d.form.submit = func(engine.Submission) (engine.Verdict, error) {
		return engine.Verdict{Exit: "unknown", About: "7", PretendWrites: []engine.Write{note("nothing")}, Writes: []engine.Write{note("connects")}}, nil
	}
	turn := d.turn("", nil)
	turn.Client.Account, turn.Client.Session, turn.Client.Epoch = "7", 5, 2
	if _, err := d.Start(context.Background(), "login", turn); err != nil {
		t.Fatal(err)
	}
	if b := d.batches[len(d.batches)-1]; b.Subject != "7" || !b.Guard || !b.OfSession || b.Epoch != 2 {
		t.Errorf("guarded by %+v", b)
	}
	d.refuseOnce(&engine.Refused{Ended: true, Err: errDown})
	if ans, err := d.Start(context.Background(), "login", turn); err != nil || ans.Outcome != engine.Conflict {
		t.Errorf("%+v, %v", ans, err)
	}
}

// TestAboutAnotherEnded: a key of an account whose epoch has moved is refused, and the run
// that waits goes on.
func TestAboutAnotherEnded(t *testing.T) {
	d := newDoor(t)
	key := d.keyOfAnother([]engine.FieldError{{Param: "key", Code: "old"}})
	d.refuseOnce(&engine.Refused{Ended: true, Err: errDown})
	if ans := d.send(key, "mail", "right", engine.Wrong); len(ans.Errors) != 1 || ans.Errors[0].Code != "old" {
		t.Errorf("%+v", ans.Errors)
	}
	d.wantSlots(key, "email", engine.SlotLogin)
}

// TestASessionThatEndsMeanwhile: what a session begins stores nothing where its record is gone by
// then, and never in a record of nobody's. The database may not know of the end yet.
func TestASessionThatEndsMeanwhile(t *testing.T) {
	for name, end := range map[string]func(*door){
		"ended": func(d *door) { d.records["mine"] = engine.Entry{Tombstone: &engine.Tombstone{}} },
		"lost":  func(d *door) { delete(d.records, "mine") },
	} {
		d := newDoor(t)
		d.records["mine"] = engine.Entry{Found: true, Session: "s", Record: engine.Record{Version: 1}}
		turn := d.turn("mine", nil)
		turn.Client.Account, turn.Client.Session = "7", 70
		d.once("swap", func() { end(d) })
		ans, err := d.Start(context.Background(), "verify", turn)
		if d.want(ans, err, engine.NotWaiting); ans.TokenID != nil || len(d.records) > 1 {
			t.Errorf("%s: %+v, of %d records", name, ans, len(d.records))
		}
	}
}

// TestNoProofGoesAlong: a session begins with nothing proved again, whatever the record says.
func TestNoProofGoesAlong(t *testing.T) {
	d := newDoor(t)
	key := d.begin("ann", engine.Advanced).Key
	d.change(key, func(r *engine.Record) { r.Log("7", engine.Method{Method: "code", At: 2, Reauthenticated: true}) })
	in := d.send(key, "code", "right", engine.Granted)
	got := in.Entry.Record.MethodsOf("7")
	if len(got) != 1 || got[0].Reauthenticated || len(d.batches[len(d.batches)-1].Methods) != 1 {
		t.Errorf("the session begins with %+v, in the database with %+v", got, d.batches[len(d.batches)-1].Methods)
	}
}
