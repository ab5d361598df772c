package redisstore

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"stagedoor/engine"
	"stagedoor/state"
)

func TestRecordKey(t *testing.T) {
	s := &Store{prefix: "p:"}
	key := engine.KeyOf([]byte("token"))
	got := s.recordKey(key)
	if len(got) != len("p:")+43 || !strings.HasPrefix(got, "p:") {
		t.Errorf("%s is kept under %q", key, got)
	}
	seen := map[string]engine.Key{got: key}
	for _, other := range []engine.Key{
		engine.KeyOf([]byte("other")), "short", "", key[:63], key + "0", key[:63] + "g",
		engine.Key(strings.TrimPrefix(got, "p:")),
	} {
		k := s.recordKey(other)
		if was, taken := seen[k]; taken {
			t.Errorf("%q and %q share %q", was, other, k)
		}
		seen[k] = other
	}
}

// stored is the value of a record.
func stored(t testing.TB, head string, r engine.Record, beside ...string) string {
	t.Helper()
	b, err := r.Encode()
	if err != nil {
		t.Fatal(err)
	}
	return head + ";" + strings.Join(beside, "") + string(b)
}

func TestDecodeEntry(t *testing.T) {
	rec := engine.Record{Version: 3, Runs: []engine.Run{{Slot: "login", ID: "a", Started: 1, Deadline: 2}}}
	stone := engine.Tombstone{Last: engine.Last{From: 3, Digest: []byte{1}}, Run: "run", Next: "key"}
	for name, c := range map[string]struct {
		value string
		want  engine.Entry
	}{
		"nothing":            {"", engine.Entry{}},
		"anonymous":          {stored(t, "3", rec), engine.Entry{Found: true, Record: rec}},
		"of releases before": {`3;{"v":3,"r":[{"s":"login","i":"a","b":1,"x":2}]}`, engine.Entry{Found: true, Record: rec}},
		"signed in":          {stored(t, "3S1A2R7", rec, "s", ";a"), engine.Entry{Found: true, Record: rec, Account: ";a", Session: "s"}},
		"a session alone":    {stored(t, "3S1", rec, "s"), engine.Entry{Found: true, Record: rec, Session: "s"}},
		"signed out":         {stored(t, "3O", rec), engine.Entry{Found: true, Record: rec, SignedOut: true}},
		"placed":             {stored(t, "3S1A1R0OK12C0123456789abcdef", rec, "s", "a"), engine.Entry{Found: true, Record: rec, Account: "a", Session: "s", SignedOut: true}},
		"tombstone":          {"0;" + string(stone.Encode()), engine.Entry{Found: true, Tombstone: &stone}},
		"unreadable stone":   {"0;garbage", engine.Entry{Found: true, Tombstone: &engine.Tombstone{}}},
		"empty stone":        {"0;", engine.Entry{Found: true, Tombstone: &engine.Tombstone{}}},
	} {
		got, err := decodeEntry(c.value)
		if d := cmp.Diff(c.want, got); err != nil || d != "" {
			t.Errorf("%s: %v\n%s", name, err, d)
		}
	}
}

// What is not an entry is an error and no entry.
func TestDecodeEntryDamaged(t *testing.T) {
	rec := engine.Record{Version: 3}
	whole := stored(t, "3", rec)
	for name, value := range map[string]string{
		"no head":             whole[2:],
		"no record":           "3;",
		"no version":          stored(t, "", rec),
		"another version":     stored(t, "4", rec),
		"version with zeros":  stored(t, "03", rec),
		"a version below 0":   stored(t, "-3", rec),
		"a version too large": stored(t, "99999999999999999999", rec),
		"more in the head":    stored(t, "3X", rec),
		"a short session":     stored(t, "3S100", rec, "s"),
		"a short account":     stored(t, "3S1A100", rec, "s", "a"),
		"lengths that wrap":   stored(t, "3S18446744073709551615A2", rec, "s"),
		"cut short":           whole[:len(whole)-1],
		"more behind it":      whole + "x",
		"two runs in a slot":  `3;{"v":3,"r":[{"s":"a","i":"1"},{"s":"a","i":"2"}]}`,
	} {
		got, err := decodeEntry(value)
		if !errors.Is(err, errDamaged) || !cmp.Equal(got, engine.Entry{}) {
			t.Errorf("%s: %v, %+v", name, err, got)
		}
	}
}

// An error carries no entry; an entry that was read can be written and is read the same.
func FuzzDecodeEntry(f *testing.F) {
	rec := engine.Record{Version: 3, Last: engine.Last{From: 2, Digest: []byte{1}}, Runs: []engine.Run{{Slot: "login", ID: "a", Started: 1, Deadline: 2}}}
	for _, value := range []string{
		stored(f, "3", rec), stored(f, "3S1A1R7O", rec, "s", "a"), "0;", `3;{"v":3}`, "3S9A9;x", stored(f, "18446744073709551615", engine.Record{Version: 1<<64 - 1}),
	} {
		f.Add(value)
	}
	f.Fuzz(func(t *testing.T, value string) {
		e, err := decodeEntry(value)
		if err != nil {
			if !cmp.Equal(e, engine.Entry{}) {
				t.Fatalf("an error with an entry: %+v", e)
			}
			return
		}
		if e.Found != (value != "") {
			t.Fatalf("found %v in %q", e.Found, value)
		}
		if !e.Found || e.Tombstone != nil {
			return
		}
		again := stored(t, fmt.Sprint(e.Record.Version), e.Record)
		if twice, err := decodeEntry(again); err != nil || stored(t, fmt.Sprint(e.Record.Version), twice.Record) != again {
			t.Fatalf("written as %q, read as %+v, %v", again, twice, err)
		}
	})
}

// Whatever a key holds, a script that works on it leaves what it does not change as it was.
func TestScriptsKeepTheParts(t *testing.T) {
	s := startEmbedded(t, Config{})
	ctx, key := t.Context(), engine.KeyOf([]byte("token"))
	rec := engine.Record{Version: 1, Methods: []engine.Method{{Method: "password", Email: "ü;S1\x00"}}}
	snapshot := func(revision int64, name string) string {
		return state.Snapshot{Revision: revision, Username: name}.Encode()
	}
	want := engine.Entry{Found: true, Record: rec, Account: snapshot(2, ";A3\r\n"), Session: "se;ss\x00\xff"}
	if stored, err := s.Restore(ctx, key, want, time.Minute); err != nil || !stored {
		t.Fatal(stored, err)
	}
	for _, step := range []struct {
		name string
		do   func() error
		then func()
	}{
		{"an older snapshot", func() error { return s.Refresh(ctx, key, snapshot(1, "old"), 1) }, func() {}},
		{"a newer snapshot", func() error { return s.Refresh(ctx, key, snapshot(3, "new"), 3) }, func() { want.Account = snapshot(3, "new") }},
		{"a ticket", func() error { _, err := s.Touch(ctx, key, want.Session, "seen", time.Second); return err }, func() { want.Session = "seen" }},
		{"a swap", func() error {
			_, _, err := s.Swap(ctx, engine.Swap{Key: key, From: 1, Record: engine.Record{Version: 2, Owner: "7"}})
			return err
		}, func() { want.Record = engine.Record{Version: 2, Owner: "7"} }},
		{"a swap with a snapshot", func() error {
			_, _, err := s.Swap(ctx, engine.Swap{Key: key, From: 2, Record: engine.Record{Version: 3}, Account: snapshot(3, "same")})
			return err
		}, func() { want.Record, want.Account = engine.Record{Version: 3}, snapshot(3, "same") }},
		{"a sign-out", func() error { return s.SignOut(ctx, key) }, func() { want.SignedOut = true }},
		{"another", func() error { return s.SignOut(ctx, key) }, func() {}},
	} {
		if err := step.do(); err != nil {
			t.Fatalf("%s: %v", step.name, err)
		}
		step.then()
		got, _, err := s.Load(ctx, key, nil, time.Now())
		if d := cmp.Diff(want, got); err != nil || d != "" {
			t.Errorf("%s: %v\n%s", step.name, err, d)
		}
		if left := s.client.PTTL(ctx, s.recordKey(key)).Val(); left < 55*time.Second {
			t.Errorf("%s: it lives for %v", step.name, left)
		}
	}
}

// Bytes that are no record: not found, reported, and nothing overwrites them by accident.
// Only what the database knows of the session does, and a sign-out is not forgotten.
func TestDamagedRecord(t *testing.T) {
	var reported []engine.Key
	s := startEmbedded(t, Config{Damaged: func(k engine.Key, err error) {
		if errors.Is(err, errDamaged) {
			reported = append(reported, k)
		}
	}})
	ctx, key, now := t.Context(), engine.KeyOf([]byte("token")), time.Now()
	raw := s.recordKey(key)
	spoil := func(value string) {
		t.Helper()
		if err := s.client.Set(ctx, raw, value, time.Minute).Err(); err != nil {
			t.Fatal(err)
		}
	}
	spoil("7S1O;sgarbage")

	e, _, err := s.Load(ctx, key, nil, now)
	if err != nil || e.Found {
		t.Errorf("load: %+v, %v", e, err)
	}
	for _, from := range []uint64{0, 1} {
		e, won, err := s.Swap(ctx, engine.Swap{Key: key, From: from, Record: engine.Record{Version: from + 1}, TTL: time.Minute})
		if err != nil || won || e.Found {
			t.Errorf("swap from %d: %+v, won %v, %v", from, e, won, err)
		}
	}
	if got := s.client.Get(ctx, raw).Val(); got != "7S1O;sgarbage" {
		t.Errorf("it was overwritten by %q", got)
	}
	if len(reported) != 3 || reported[0] != key {
		t.Errorf("reported: %v", reported)
	}

	back := engine.Entry{Record: engine.Record{Version: 1}, Account: `{"rev":2}`, Session: "t"}
	if stored, err := s.Restore(ctx, key, back, time.Minute); err != nil || !stored {
		t.Errorf("restore: %v, %v", stored, err)
	}
	e, _, err = s.Load(ctx, key, nil, now)
	want := engine.Entry{Found: true, Record: back.Record, Account: back.Account, Session: back.Session, SignedOut: true}
	if d := cmp.Diff(want, e); err != nil || d != "" {
		t.Errorf("restored: %v\n%s", err, d)
	}
	if left := s.client.PTTL(ctx, raw).Val(); left <= 0 || left > time.Minute+s.slack {
		t.Errorf("it lives for %v", left)
	}

	spoil("S1;s") // no version at all
	if stored, err := s.Restore(ctx, key, back, time.Minute); err != nil || !stored {
		t.Errorf("restore over half an entry: %v, %v", stored, err)
	}
	spoil("0;garbage")
	if stored, err := s.Restore(ctx, key, back, time.Minute); err != nil || stored {
		t.Errorf("restore over an unreadable tombstone: %v, %v", stored, err)
	}
}
