package engine_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"stagedoor/engine"
)

// watched is a door that keeps what its observer is told.
func watched(t *testing.T) (*door, *[]engine.TurnEvent) {
	d := newDoor(t)
	var told []engine.TurnEvent
	d.Engine.Observe = func(_ context.Context, turn engine.TurnEvent) { told = append(told, turn) }
	return d, &told
}

// TestObserve tells of every turn once, with the marks that are new.
func TestObserve(t *testing.T) {
	d, told := watched(t)
	d.form.submit = func(s engine.Submission) (engine.Verdict, error) {
		if s.Values.Text("name") != "ann" {
			return engine.Verdict{Errors: []engine.FieldError{{Code: "no_such_name"}}, Why: "nobody has it"}, nil
		}
		return engine.Verdict{Exit: engine.OK, Subject: "7", Writes: []engine.Write{note("a write")}}, nil
	}
	d.code.act = func(string, engine.Submission) (engine.Acted, error) {
		return engine.Acted{Data: "again", Writes: []engine.Write{note("another")}}, nil
	}
	d.begin("eve", engine.Wrong)
	key := d.begin("ann", engine.Advanced).Key
	if _, err := d.Act(context.Background(), "code", "resend", d.turn(key, nil)); err != nil {
		t.Fatal(err)
	}
	d.send(key, "code", "bad", engine.Wrong)
	d.send(key, "code", "right", engine.Granted)
	type line struct {
		node    engine.NodeID
		action  string
		outcome engine.Outcome
		started bool
		from    int
		marks   int
		end     engine.NodeID
		subject engine.AccountID
		writes  int
		errors  int
		why     string
	}
	want := []line{
		{node: "form", outcome: engine.Wrong, started: true, errors: 1, why: "nobody has it"},
		{node: "form", outcome: engine.Advanced, started: true, marks: 4, subject: "7", writes: 1},
		{node: "code", action: "resend", outcome: engine.Done, from: 4, marks: 4, subject: "7", writes: 1},
		{node: "code", outcome: engine.Wrong, from: 4, marks: 4, subject: "7", errors: 1},
		{node: "code", outcome: engine.Granted, from: 4, marks: 5, end: "session", subject: "7"},
	}
	var got []line
	for _, turn := range *told {
		got = append(got, line{turn.Node, turn.Action, turn.Outcome, turn.Started, turn.From, len(turn.Run.Trail), turn.End, turn.Subject, len(turn.Writes), len(turn.Errors), turn.Why})
		if turn.Flow != "login" || turn.Fingerprint != d.Flows.Flow("login").Fingerprint || !turn.Now.Equal(turnTime) || turn.Client.Kind != "app" {
			t.Errorf("%+v", turn)
		}
	}
	if !slices.Equal(got, want) {
		t.Errorf("told\n%+v\nwant\n%+v", got, want)
	}
}

// TestObserveOnce: of a twin, of a turn that found nothing and of one that failed nobody
// is told.
func TestObserveOnce(t *testing.T) {
	d, told := watched(t)
	key := d.begin("ann", engine.Advanced).Key
	turns := []engine.Turn{d.turn(key, engine.MapValues{"key": "right"}), d.turn(key, engine.MapValues{"key": "right"})}
	for _, turn := range turns {
		ans, err := d.Submit(context.Background(), "code", turn)
		d.want(ans, err, engine.Granted)
	}
	if len(*told) != 2 {
		t.Errorf("two submissions of one kind: %d turns told of, want the start and one", len(*told))
	}
	d.send(key, "code", "right", engine.NotWaiting)
	if _, err := d.Act(context.Background(), "code", "resend", d.turn(key, nil)); err != nil {
		t.Fatal(err)
	}
	d.fail["swap"] = engine.ErrUnavailable
	if _, err := d.Start(context.Background(), "login", d.turn("", engine.MapValues{"name": "bob"})); !errors.Is(err, engine.ErrUnavailable) {
		t.Fatal(err)
	}
	if len(*told) != 2 {
		t.Errorf("%d turns told of", len(*told))
	}
}

// TestSlowTwin: a twin that comes when the tombstone is gone, too, leaves the winner's
// session alone; a session that nobody won is taken back.
func TestSlowTwin(t *testing.T) {
	d := newDoor(t)
	key := d.begin("ann", engine.Advanced).Key
	one, two, three := d.turn(key, engine.MapValues{"key": "right"}), d.turn(key, engine.MapValues{"key": "right"}), d.turn(key, engine.MapValues{"key": "right"})
	first, err := d.Submit(context.Background(), "code", one)
	d.want(first, err, engine.Granted)
	delete(d.records, key)
	late, err := d.Submit(context.Background(), "code", two)
	d.want(late, err, engine.NotWaiting)
	if len(d.sessions) != 1 {
		t.Fatal("the slow twin has ended the session")
	}
	delete(d.records, first.Key)
	d.fail["load"] = engine.ErrUnavailable
	if _, err := d.Submit(context.Background(), "code", three); !errors.Is(err, engine.ErrUnavailable) || len(d.sessions) != 1 {
		t.Errorf("while nobody knows: %v, %d sessions", err, len(d.sessions))
	}
	delete(d.fail, "load")
	three.Now = three.Now.Add(time.Second)
	if late, err = d.Submit(context.Background(), "code", three); len(d.sessions) != 0 {
		t.Errorf("%+v, %v: a session that nobody holds stays", late, err)
	}
}

// TestObserveTries tells which wrong submissions count, and which was the last.
func TestObserveTries(t *testing.T) {
	d, told := watched(t)
	d.code.submit = func(s engine.Submission) (engine.Verdict, error) {
		return engine.Verdict{Errors: []engine.FieldError{{Param: "key", Code: "no"}}, Uncounted: s.Values.Text("key") == "forgiven"}, nil
	}
	key := d.begin("ann", engine.Advanced).Key
	for _, code := range []string{"bad", "forgiven", "worse", "last"} {
		d.send(key, "code", code, engine.Wrong)
	}
	var got []string
	for _, turn := range *told {
		got = append(got, fmt.Sprint(turn.Counted, turn.Spent))
	}
	if want := []string{"false false", "true false", "false false", "true false", "true true"}; !slices.Equal(got, want) {
		t.Errorf("counted and spent are %q, want %q", got, want)
	}
}

func TestOutcomeString(t *testing.T) {
	for want, o := range map[string]engine.Outcome{
		"not waiting": engine.NotWaiting, "wrong": engine.Wrong, "limited": engine.Limited, "conflict": engine.Conflict,
		"advanced": engine.Advanced, "granted": engine.Granted, "finished": engine.Finished, "done": engine.Done,
		"Outcome(0)": 0, "Outcome(9)": 9,
	} {
		if got := o.String(); got != want {
			t.Errorf("%d is %q, want %q", uint8(o), got, want)
		}
	}
}
