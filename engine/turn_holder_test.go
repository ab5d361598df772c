package engine_test

import (
	"context"
	"testing"

	"stagedoor/engine"
)

// TestHolder: a record that a client made that showed a key is for who holds it, at each version,
// and the session that it comes to is asked for with the key that was shown last.
func TestHolder(t *testing.T) {
	d := newDoor(t)
	with := func(key engine.Key, values engine.MapValues) engine.Turn {
		turn := d.turn(key, values)
		turn.Client.Key = "thumbprint"
		return turn
	}
	first, err := d.Start(context.Background(), "login", with("", engine.MapValues{"name": "ann"}))
	d.want(first, err, engine.Advanced)
	if got := d.entry(first.Key).Record.Holder; got != "thumbprint" || first.Entry.Record.Holder != got {
		t.Fatalf("the record is for %q, the answer says %q", got, first.Entry.Record.Holder)
	}
	d.send(first.Key, "code", "wrong", engine.Wrong)
	if got := d.entry(first.Key).Record.Holder; got != "thumbprint" {
		t.Errorf("after a wrong try it is for %q", got)
	}
	last, err := d.Submit(context.Background(), "code", with(first.Key, engine.MapValues{"key": "right"}))
	d.want(last, err, engine.Granted)
	if b := d.batches[len(d.batches)-1]; b.Client.Key != "thumbprint" {
		t.Errorf("a session is asked for with the key %q", b.Client.Key)
	}
	if got := d.entry(last.Key).Record.Holder; got != "" {
		t.Errorf("the session's own record says %q: its ticket says whose it is", got)
	}
	if plain := d.begin("ann", engine.Advanced); d.entry(plain.Key).Record.Holder != "" {
		t.Error("a client that shows no key has a record that is for one")
	}
}
