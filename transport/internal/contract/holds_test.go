package contract

import (
	"context"
	"testing"
	"time"

	"stagedoor/engine"
	"stagedoor/state"
)

// shelf is a store of records with one entry.
type shelf struct {
	Records
	entry   engine.Entry
	touched []string
	lose    bool
}

func (s *shelf) Load(context.Context, engine.Key, []engine.Take, time.Time) (engine.Entry, *engine.Refusal, error) {
	return s.entry, nil, nil
}

func (s *shelf) Touch(_ context.Context, _ engine.Key, from, to string, _ time.Duration) (bool, error) {
	s.touched = append(s.touched, from)
	return !s.lose, nil
}

func (s *shelf) Refresh(context.Context, engine.Key, string, int64) error { return nil }

// bound is what the database says of every session.
type bound struct {
	state.Sessions
	binding state.Binding
}

func (b bound) Touch(context.Context, int64, state.Seen) (state.Binding, error) {
	return b.binding, nil
}

// asker is a request that shows a key, or none.
type asker struct {
	now   time.Time
	shown string
}

func (a asker) At() time.Time    { return a.now }
func (a asker) Seen() state.Seen { return state.Seen{At: a.now} }
func (a asker) Holds(v *Visit) string {
	want := v.Ticket.Binding.Thumbprint
	if !v.SignedIn {
		want = v.Entry.Record.Holder
	}
	if want != a.shown {
		return "no_proof"
	}
	return ""
}

// TestWithheld: a session or a record that belongs to the holder of a key is nobody else's. Who
// does not show it is a stranger, whose token stays good, and the session does not count as used.
func TestWithheld(t *testing.T) {
	now := time.Date(2031, 5, 17, 12, 0, 0, 0, time.UTC)
	key := state.Binding{Kind: state.BoundDPoP, Thumbprint: "key", At: now}
	ticket := state.Ticket{Session: 5, Account: "7", ExpiresAt: now.Add(time.Hour), CheckedAt: now}
	withKey := ticket
	withKey.Binding = key
	session := func(k state.Ticket) engine.Entry {
		return engine.Entry{Found: true, Record: engine.Record{Version: 1}, Session: k.Encode(), Account: state.Snapshot{Account: "7"}.Encode()}
	}
	old := ticket
	old.CheckedAt = now.Add(-time.Hour)
	late := ticket
	late.BindBy = now.Add(-time.Second)
	for _, c := range []struct {
		what     string
		entry    engine.Entry
		stored   state.Binding
		signedIn bool
		shown    string
		withheld bool
	}{
		{"a session that is not bound", session(ticket), state.Binding{}, true, "", false},
		{"a bound one, with its key", session(withKey), key, true, "key", false},
		{"a bound one, with none", session(withKey), key, true, "", true},
		{"a bound one, with another", session(withKey), key, true, "thief", true},
		{"one that the database alone knows to be bound", session(old), key, true, "", true},
		{"the same with its key", session(old), key, true, "key", false},
		{"one that had to be bound by now, with a key of somebody's", session(late), state.Binding{}, true, "thief", true},
		{"a waiting record of nobody's key", engine.Entry{Found: true, Record: engine.Record{Version: 1}}, state.Binding{}, false, "any", false},
		{"a waiting record, with its key", engine.Entry{Found: true, Record: engine.Record{Version: 1, Holder: "key"}}, state.Binding{}, false, "key", false},
		{"a waiting record, with none", engine.Entry{Found: true, Record: engine.Record{Version: 1, Holder: "key"}}, state.Binding{}, false, "", true},
	} {
		s := &shelf{entry: c.entry}
		v := Visits{Records: s, Refresh: s, Sessions: bound{binding: c.stored}, Activity: NewActivity(nil, nil)}
		visit, _, err := v.open(t.Context(), "k", c.signedIn, asker{now, c.shown}, nil)
		if err != nil {
			t.Fatal(err)
		}
		if got := visit.Withheld != nil; got != c.withheld || got && (visit.SignedIn || visit.Unknown || visit.SignedOut || visit.Key != "" || visit.Entry.Found) {
			t.Errorf("%s: withheld %+v, the visit is %+v", c.what, visit.Withheld, visit)
		}
		if c.withheld && c.signedIn && visit.Withheld.Ticket.Session != 5 {
			t.Errorf("%s: what is kept does not say which session", c.what)
		}
		if !c.withheld && visit.SignedIn != c.signedIn {
			t.Errorf("%s: signed in is %t", c.what, visit.SignedIn)
		}
		if v.Activity.waiting[5].At.IsZero() != (c.withheld || !c.signedIn || c.entry.Session == old.Encode()) {
			t.Errorf("%s: counted as used: %v", c.what, v.Activity.waiting)
		}
	}
}
