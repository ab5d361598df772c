package engine_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"stagedoor/engine"
)

// capped is a store that is full.
type capped struct{ engine.Store }

func (capped) CheckCapacity() error { return engine.ErrFull }

// TestRoom: a store that is full begins no record of a stranger, and writes nothing for
// it; a client that signs in at once, or whose record is there, is not held up.
func TestRoom(t *testing.T) {
	d := newDoor(t)
	key := d.begin("ann", engine.Advanced).Key
	d.Engine.Store = capped{d.Engine.Store}
	for _, name := range []string{"ann", "nobody"} {
		d.log = nil
		_, err := d.Start(context.Background(), "login", d.turn("", engine.MapValues{"name": name}))
		if !errors.Is(err, engine.ErrFull) || !errors.Is(err, engine.ErrUnavailable) {
			t.Errorf("%s begins: %v", name, err)
		}
		d.wantLog()
	}
	d.send(key, "code", "wrong", engine.Wrong)
	d.send(key, "code", "right", engine.Granted)
	d.facts.SecondFactor = false
	d.begin("bob", engine.Granted)
}

// TestLife: a record in which nothing but a ceremony waits lives no longer than that, one with
// runs a little longer than they do.
func TestLife(t *testing.T) {
	ceremony := engine.Run{Slot: engine.SlotCeremony, ID: "c", Deadline: turnTime.Add(5 * time.Minute).UnixMilli()}
	states := engine.Run{Slot: engine.SlotOAuth, ID: "o", Deadline: turnTime.Add(7 * time.Minute).UnixMilli()}
	past := engine.Run{Slot: engine.SlotCeremony, ID: "c", Deadline: turnTime.Add(-time.Minute).UnixMilli()}
	late := engine.Run{Slot: engine.SlotCeremony, ID: "c", Deadline: turnTime.Add(3 * time.Hour).UnixMilli()}
	login := engine.Run{Slot: engine.SlotLogin, ID: "l", Flow: "login", Deadline: turnTime.Add(15 * time.Minute).UnixMilli()}
	code, over, long := login, login, login
	code.Until = turnTime.Add(3 * time.Minute).UnixMilli()
	over.Deadline, long.Deadline = turnTime.Add(-10*time.Minute).UnixMilli(), turnTime.Add(58*time.Minute).UnixMilli()
	for _, c := range []struct {
		name string
		r    engine.Record
		want time.Duration
	}{
		{"nothing", engine.Record{}, time.Hour},
		{"a ceremony", engine.Record{Runs: []engine.Run{ceremony}}, 5 * time.Minute},
		{"two things", engine.Record{Runs: []engine.Run{ceremony, states}}, 7 * time.Minute},
		{"a ceremony that is over", engine.Record{Runs: []engine.Run{past}}, time.Millisecond},
		{"one that outlives any record", engine.Record{Runs: []engine.Run{late}}, time.Hour},
		{"a run besides", engine.Record{Runs: []engine.Run{ceremony, login}}, 20 * time.Minute},
		{"a run whose stage is over sooner", engine.Record{Runs: []engine.Run{code}}, 8 * time.Minute},
		{"a run that is over", engine.Record{Runs: []engine.Run{over}}, time.Millisecond},
		{"a run that waits for long", engine.Record{Runs: []engine.Run{long}}, time.Hour},
		{"a log besides", engine.Record{Runs: []engine.Run{ceremony}, Methods: []engine.Method{{Method: "password"}}}, time.Hour},
	} {
		if got := c.r.Life(time.Hour, turnTime); got != c.want {
			t.Errorf("%s: it lives %v, want %v", c.name, got, c.want)
		}
	}
}
