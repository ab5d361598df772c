package engine_test

import (
	"bytes"
	"context"
	"errors"
	"testing"
	"time"

	"stagedoor/engine"
)

func TestTwoTurnsToASession(t *testing.T) {
	d := newDoor(t)
	d.code.enter = func(engine.Arrival) (engine.Entered, error) {
		return engine.Entered{Data: "sent", Messages: []engine.Message{letter("ann@x")}}, nil
	}
	first := d.begin("ann", engine.Advanced)
	d.wantLog("commit", "swap", "release")
	if first.TokenID == nil || first.Key != engine.KeyOf(first.TokenID) || first.Run.Node != "code" || first.Run.Subject != "7" || first.Run.Epoch != 3 {
		t.Fatalf("%+v, run %+v", first, first.Run)
	}
	if b := d.batches[0]; b.Grant || b.Subject != "7" || len(b.Messages) != 1 || b.Version != 0 {
		t.Errorf("the first turn stores %+v", b)
	}
	p := d.Pending(d.entry(first.Key), engine.Client{}, turnTime)
	if len(p) != 1 || p[0].Wire != "code" || p[0].Flow != "login" || string(p[0].Run.Data) != `"sent"` {
		t.Errorf("%+v is pending", p)
	}

	second := d.send(first.Key, "code", "right", engine.Granted)
	d.wantLog("commit", "swap")
	if want := mint(first.Run.ID); !bytes.Equal(second.TokenID, want) || second.Key != engine.KeyOf(want) || second.End != "session" {
		t.Errorf("%+v", second)
	}
	b := d.batches[1]
	if !b.Grant || b.Key != second.Key || b.Epoch != 3 || b.Run != first.Run.ID || len(b.Methods) != 1 {
		t.Errorf("the second turn stores %+v", b)
	}
	if old := d.entry(first.Key); old.Tombstone == nil || old.Tombstone.Run != first.Run.ID || old.Tombstone.Next != second.Key {
		t.Errorf("where the record was is %+v", old)
	}
	now := d.entry(second.Key)
	if string(now.Session) != "s" || now.Record.Version != 1 || len(now.Record.Runs) != 0 || len(now.Record.Methods) != 1 {
		t.Errorf("the session's record is %+v", now)
	}
}

func TestAnEndThatGrantsNothing(t *testing.T) {
	d := newDoor(t)
	d.facts.Active = false
	ans := d.begin("ann", engine.Finished)
	if d.wantLog(); ans.End != "done" || ans.TokenID != nil {
		t.Errorf("%+v", ans)
	}
	if _, err := d.Start(context.Background(), "nowhere", engine.Turn{}); err == nil {
		t.Error("a flow that is not there was started")
	}
}

// TestWrongStartStoresNothing: no record is made for a client that only fails.
func TestWrongStartStoresNothing(t *testing.T) {
	d := newDoor(t)
	if ans := d.begin("who", engine.Wrong); ans.TokenID != nil || ans.Errors[0].Code != "no_such_name" {
		t.Errorf("%+v", ans)
	}
	d.wantLog()
	// Nor does a failed start disturb a run that waits.
	first := d.begin("ann", engine.Advanced)
	ans, err := d.Start(context.Background(), "login", d.turn(first.Key, engine.MapValues{"name": "who"}))
	d.want(ans, err, engine.Wrong)
	d.wantSlots(first.Key, engine.SlotLogin)
	// The next one that waits replaces it.
	ans, err = d.Start(context.Background(), "login", d.turn(first.Key, engine.MapValues{"name": "bob"}))
	d.want(ans, err, engine.Advanced)
	if run := d.entry(first.Key).Record.Runs; len(run) != 1 || run[0].Subject != "8" {
		t.Errorf("%+v", run)
	}
}

func TestTries(t *testing.T) {
	d := newDoor(t)
	key := d.begin("ann", engine.Advanced).Key
	for want := range 3 {
		if got := d.entry(key).Record.Runs[0].Tries; got != want {
			t.Errorf("%d tries are counted, want %d", got, want)
		}
		d.send(key, "code", "bad", engine.Wrong)
	}
	d.wantSlots(key)
	d.send(key, "code", "right", engine.NotWaiting)
	if len(d.sessions) != 0 {
		t.Error("a run whose tries are spent was granted a session")
	}
}

func TestForgivenTriesDoNotCount(t *testing.T) {
	d := newDoor(t)
	key := d.begin("ann", engine.Advanced).Key
	d.code.submit = func(engine.Submission) (engine.Verdict, error) {
		return engine.Verdict{Uncounted: true, Errors: []engine.FieldError{{Code: "too_short"}}}, nil
	}
	d.log = nil
	for range 5 {
		d.send(key, "code", "x", engine.Wrong)
	}
	d.wantLog()
	invalid := func(param string) {
		turn := d.turn(key, nil)
		turn.Invalid = []engine.FieldError{{Param: param, Code: "required"}}
		ans, err := d.Submit(context.Background(), "code", turn)
		d.want(ans, err, engine.Wrong)
	}
	calls := d.code.calls
	invalid("other")
	if got := d.entry(key).Record.Runs[0].Tries; got != 0 {
		t.Errorf("what is not about the code counts: %d", got)
	}
	invalid("key")
	if got := d.entry(key).Record.Runs[0].Tries; got != 1 {
		t.Errorf("a malformed code counts %d", got)
	}
	if d.code.calls != calls {
		t.Error("what is malformed was judged")
	}
}

func TestRenewAndDeadline(t *testing.T) {
	d := newDoor(t)
	first := d.begin("ann", engine.Advanced)
	if got := time.UnixMilli(first.Run.Deadline).Sub(turnTime); got != 15*time.Minute {
		t.Errorf("a run lives %v", got)
	}
	turn := d.turn(first.Key, engine.MapValues{"key": "right"})
	turn.Now = turnTime.Add(15 * time.Minute)
	ans, err := d.Submit(context.Background(), "code", turn)
	d.want(ans, err, engine.NotWaiting)
	if d.code.calls != 0 {
		t.Error("a run that is over was judged")
	}
}

// TestSignedInBefore: a client signed in to the account keeps the session; one signed in
// to another gets an empty record.
func TestSignedInBefore(t *testing.T) {
	d := newDoor(t)
	d.facts.SecondFactor = false
	d.records["mine"] = engine.Entry{Found: true, Session: "s", Record: engine.Record{
		Version: 4, Runs: []engine.Run{{Slot: "other", ID: "o", Deadline: turnTime.Add(time.Hour).UnixMilli()}},
	}}
	turn := d.turn("mine", engine.MapValues{"name": "ann"})
	turn.Client.Account, turn.Client.Session = "7", 70
	ans, err := d.Start(context.Background(), "login", turn)
	d.want(ans, err, engine.Granted)
	if ans.TokenID != nil || ans.Key != "mine" || len(d.sessions) != 0 {
		t.Errorf("the same account: %+v", ans)
	}
	d.wantSlots("mine", "other")
	if got := d.batches[0].Methods; len(got) != 1 {
		t.Errorf("the session's log is %v", got)
	}
	turn = d.turn("mine", engine.MapValues{"name": "bob"})
	turn.Client.Account, turn.Client.Session = "7", 70
	ans, err = d.Start(context.Background(), "login", turn)
	d.want(ans, err, engine.Granted)
	if ans.Key == "mine" || len(ans.Entry.Record.Runs) != 0 || d.entry("mine").Tombstone == nil {
		t.Errorf("another account: %+v", ans)
	}
	if ans.Entry.Record.Methods != nil || d.batches[1].Methods != nil {
		t.Errorf("the log of another account: %+v", ans.Entry.Record.Methods)
	}
	turn = d.turn("", engine.MapValues{"name": "bob"})
	turn.Afresh = true
	ans, err = d.Start(context.Background(), "login", turn)
	d.want(ans, err, engine.Granted)
	if ans.Entry.Record.Methods != nil || d.batches[2].Methods != nil {
		t.Errorf("the log of a session that begins afresh: %+v", ans.Entry.Record.Methods)
	}
}

// TestASessionStaysBehind: where a turn of nobody's moves on from the record of a session, as a
// reset by code does, what was proved in that session and what waits in it stay behind.
func TestASessionStaysBehind(t *testing.T) {
	d := newDoor(t)
	key := d.begin("ann", engine.Advanced).Key
	e := d.records[key]
	e.Session = "s"
	e.Record.Log("7", engine.Method{Method: "password", At: turnTime.UnixMilli(), Reauthenticated: true})
	e.Record.Put(engine.Run{Slot: engine.SlotReauth, ID: "r", Deadline: turnTime.Add(time.Hour).UnixMilli()})
	e.Record.Put(engine.Run{Slot: engine.SlotOAuth, ID: "o", Deadline: turnTime.Add(time.Hour).UnixMilli()})
	d.records[key] = e
	in := d.send(key, "code", "right", engine.Granted)
	d.wantSlots(in.Key, engine.SlotOAuth)
	if in.Entry.Record.Methods != nil || d.batches[len(d.batches)-1].Methods != nil {
		t.Errorf("the log is %+v", in.Entry.Record.Methods)
	}
}

// TestOtherSlotsGoAlong: what waits in other slots goes along into the session.
func TestOtherSlotsGoAlong(t *testing.T) {
	d := newDoor(t)
	key := d.begin("ann", engine.Advanced).Key
	e := d.records[key]
	e.Record.Put(engine.Run{Slot: "kept", ID: "k", Deadline: turnTime.Add(time.Hour).UnixMilli()})
	e.Record.Put(engine.Run{Slot: "old", ID: "o", Deadline: turnTime.UnixMilli()})
	d.records[key] = e
	d.wantSlots(d.send(key, "code", "right", engine.Granted).Key, "kept")
}

func TestHeldInItsOwnSlot(t *testing.T) {
	d := newDoor(t)
	d.facts.Email = engine.Unverified
	d.mail.enter = func(engine.Arrival) (engine.Entered, error) { return engine.Entered{Data: "c", Hint: "ann@x"}, nil }
	first := d.begin("ann", engine.Advanced)
	d.wantSlots(first.Key, engine.SlotEmail, engine.SlotLogin)
	rec := d.entry(first.Key).Record
	held := rec.Run(engine.SlotEmail, turnTime)
	if held.Flow != "verify" || held.Node != "mail" || held.Subject != "7" || held.Hint != "ann@x" || string(held.Data) != `"c"` {
		t.Errorf("held is %+v", held)
	}
	if got := time.UnixMilli(held.Deadline).Sub(turnTime); got != 10*time.Minute {
		t.Errorf("it is held %v", got)
	}
	next := d.send(first.Key, "mail", "right", engine.Advanced)
	if d.wantSlots(first.Key, engine.SlotLogin); next.Run.Node != "code" || d.mail.seen.Held == nil || d.mail.seen.Subject() != "7" {
		t.Errorf("%+v, judged on %+v", next.Run, d.mail.seen)
	}
}

func TestHeldTriesEndTheLogin(t *testing.T) {
	d := newDoor(t)
	d.facts.Email = engine.Unverified
	key := d.begin("ann", engine.Advanced).Key
	for range 3 {
		d.wantSlots(key, engine.SlotEmail, engine.SlotLogin)
		d.send(key, "mail", "bad", engine.Wrong)
	}
	d.wantSlots(key)
}

// TestHeldOutlivesTheLogin: another login in the same client leaves the code; it can be
// answered once signed in, and by nobody else's run.
func TestHeldOutlivesTheLogin(t *testing.T) {
	d := newDoor(t)
	d.facts.Email = engine.Unverified
	key := d.begin("ann", engine.Advanced).Key
	d.facts.Email = engine.IsVerified
	ans, err := d.Start(context.Background(), "login", d.turn(key, engine.MapValues{"name": "ann"}))
	d.want(ans, err, engine.Advanced)
	d.wantSlots(key, engine.SlotEmail, engine.SlotLogin)
	d.send(key, "mail", "right", engine.NotWaiting)
	in := d.send(key, "code", "right", engine.Granted)
	d.wantSlots(in.Key, engine.SlotEmail)
	turn := d.turn(in.Key, engine.MapValues{"key": "right"})
	turn.Client.Account, turn.Client.Session = "7", 70
	ans, err = d.Submit(context.Background(), "mail", turn)
	if d.want(ans, err, engine.Finished); ans.End != "done" || ans.Flow != "verify" {
		t.Errorf("%+v", ans)
	}
	d.wantSlots(in.Key)
}

func TestHeldOfAnotherSubject(t *testing.T) {
	d := newDoor(t)
	d.facts.Email = engine.Unverified
	key := d.begin("ann", engine.Advanced).Key
	e := d.records[key]
	e.Record.Run(engine.SlotEmail, turnTime).Subject = "8"
	d.records[key] = e
	d.send(key, "mail", "right", engine.NotWaiting)
	if d.mail.calls != 0 {
		t.Error("a code for another account was judged")
	}
}

// TestAbsentForgets: a run that waits for a code that is too old is still shown, and
// forgotten when the client comes back to it.
func TestAbsentForgets(t *testing.T) {
	d := newDoor(t)
	d.facts.Email = engine.Unverified
	key := d.begin("ann", engine.Advanced).Key
	turn := d.turn(key, engine.MapValues{"key": "right"})
	turn.Now = turnTime.Add(10 * time.Minute)
	if p := d.Pending(turn.Entry, engine.Client{}, turn.Now); len(p) != 1 || p[0].Wire != "mail" {
		t.Errorf("%+v is pending", p)
	}
	if d.Waiting(turn.Entry, engine.Client{}, "mail", turn.Now) != nil || d.Waiting(turn.Entry, engine.Client{}, "mail", turnTime) == nil {
		t.Error("Waiting does not look at the time of what is held")
	}
	ans, err := d.Submit(context.Background(), "mail", turn)
	d.want(ans, err, engine.NotWaiting)
	d.wantSlots(key)
	d.send(key, "mail", "right", engine.NotWaiting)
	if d.mail.calls != 0 {
		t.Error("a code that is too old was judged")
	}
}

func TestFlowOfTheSession(t *testing.T) {
	d := newDoor(t)
	d.records["mine"] = engine.Entry{Found: true, Session: "s", Record: engine.Record{Version: 1}}
	turn := d.turn("mine", nil)
	turn.Client.Account, turn.Client.Session = "7", 70
	ans, err := d.Start(context.Background(), "verify", turn)
	if d.want(ans, err, engine.Advanced); ans.Run.Subject != "7" || ans.Run.Hint != "new@x" {
		t.Errorf("%+v", ans.Run)
	}
	if d.Waiting(d.entry("mine"), engine.Client{}, "mail", turnTime) != nil {
		t.Error("an anonymous client sees a run of the session")
	}
	if len(d.Pending(d.entry("mine"), turn.Client, turnTime)) != 1 {
		t.Error("the session does not see its run")
	}
}

// TestChangedGraph: a run of a graph that has changed meanwhile is none.
func TestChangedGraph(t *testing.T) {
	d := newDoor(t)
	key := d.begin("ann", engine.Advanced).Key
	e := d.records[key]
	e.Record.Runs[0].Fingerprint = "00000000"
	d.records[key] = e
	d.send(key, "code", "right", engine.NotWaiting)
	if len(d.Pending(d.entry(key), engine.Client{}, turnTime)) != 0 || d.code.calls != 0 {
		t.Error("a run of another graph is there")
	}
}

func TestNewRefuses(t *testing.T) {
	if _, err := engine.New(engine.Config{}); err == nil {
		t.Error("an engine of nothing")
	}
	d := newDoor(t)
	c := d.Config
	for name, change := range map[string]func(*engine.Config){
		"flows": func(c *engine.Config) { c.Flows = nil }, "store": func(c *engine.Config) { c.Store = nil },
		"ledger": func(c *engine.Config) { c.Ledger = nil }, "loader": func(c *engine.Config) { c.Loader = nil },
		"mint": func(c *engine.Config) { c.Mint = nil },
	} {
		less := c
		if change(&less); less.Idle != time.Hour {
			t.Errorf("idle is %v", less.Idle)
		}
		if _, err := engine.New(less); err == nil {
			t.Errorf("no %s is missed", name)
		}
	}
	flows, err := engine.Compile(engine.Set{
		Graphs: doorGraphs()[:1], Handlers: map[engine.StageID]engine.Handler{"form": d.form, "mail": d.mail, "code": d.code},
		Deciders: map[engine.StageID]engine.Decider{"due": d.always("active"), "mail_due": d.always("verified"), "code_due": d.always("due")},
	})
	if err != nil {
		t.Fatal(err)
	}
	c.Flows = flows
	if _, err := engine.New(c); err == nil {
		t.Error("a slot that no flow owns is not missed")
	}
}

func (d *door) always(x engine.Exit) engine.Decider {
	return engine.DecideFunc(func(engine.Facts) (engine.Exit, engine.Reason) { return x, "" })
}

func TestErrorsStoreNothing(t *testing.T) {
	for name, breaks := range map[string]func(*door){
		"handler": func(d *door) {
			d.form.submit = func(engine.Submission) (engine.Verdict, error) { return engine.Verdict{Exit: engine.OK}, errDown }
		},
		"facts": func(d *door) { d.factsErr = errDown },
		"enter": func(d *door) {
			d.code.enter = func(engine.Arrival) (engine.Entered, error) { return engine.Entered{}, errDown }
		},
		"limits": func(d *door) {
			d.fail["take"] = errDown
			d.code.enter = func(engine.Arrival) (engine.Entered, error) {
				return engine.Entered{Takes: []engine.Take{{Key: "k", Max: 1}}}, nil
			}
		},
		"commit": func(d *door) {
			d.fail["commit"] = errDown
			d.code.enter = func(engine.Arrival) (engine.Entered, error) {
				return engine.Entered{Messages: []engine.Message{letter("")}}, nil
			}
		},
		"swap": func(d *door) { d.fail["swap"] = errDown },
	} {
		d := newDoor(t)
		breaks(d)
		ans, err := d.Start(context.Background(), "login", d.turn("", engine.MapValues{"name": "ann"}))
		if !errors.Is(err, errDown) || ans.Outcome != 0 || ans.TokenID != nil {
			t.Errorf("%s is down: %+v, %v", name, ans, err)
		}
		if len(d.records) != 0 || len(d.sessions) != 0 {
			t.Errorf("%s is down, and something is stored", name)
		}
	}
}
