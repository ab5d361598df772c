package redisstore

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"stagedoor/engine"
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

func TestDecodeEntry(t *testing.T) {
	runs := `3{"v":3,"r":[{"s":"login","i":"a","b":1,"x":2}]}`
	rec := engine.Record{Version: 3, Runs: []engine.Run{{Slot: "login", ID: "a", Started: 1, Deadline: 2}}}
	stone := engine.Tombstone{Last: engine.Last{From: 3, Digest: []byte{1}}, Run: "run", Next: "key"}
	for name, c := range map[string]struct {
		values []any
		want   engine.Entry
	}{
		"nothing":             {[]any{nil, nil, nil, nil, nil}, engine.Entry{}},
		"anonymous":           {[]any{runs, nil, nil, nil, nil}, engine.Entry{Found: true, Record: rec}},
		"empty is as nothing": {[]any{runs, "", "", nil, nil}, engine.Entry{Found: true, Record: rec}},
		"signed in":           {[]any{runs, "a", "s", nil, nil}, engine.Entry{Found: true, Record: rec, Account: "a", Session: "s"}},
		"signed out":          {[]any{runs, nil, nil, "1", nil}, engine.Entry{Found: true, Record: rec, SignedOut: true}},
		"tombstone":           {[]any{nil, nil, nil, nil, string(stone.Encode())}, engine.Entry{Found: true, Tombstone: &stone}},
		"unreadable stone":    {[]any{nil, nil, nil, nil, `{"r":"run","n":7}`}, engine.Entry{Found: true, Tombstone: &engine.Tombstone{}}},
		"empty stone":         {[]any{runs, nil, nil, nil, ""}, engine.Entry{Found: true, Tombstone: &engine.Tombstone{}}},
	} {
		got, err := decodeEntry(c.values)
		if d := cmp.Diff(c.want, got); err != nil || d != "" {
			t.Errorf("%s: %v\n%s", name, err, d)
		}
	}
}

// What is not an entry is an error and no entry.
func TestDecodeEntryDamaged(t *testing.T) {
	for name, values := range map[string][]any{
		"no record":           {nil, "a", "s", nil, nil},
		"only the mark":       {nil, nil, nil, "1", nil},
		"empty":               {"", nil, nil, nil, nil},
		"no version before":   {`{"v":3}`, nil, nil, nil, nil},
		"another version":     {`4{"v":3}`, nil, nil, nil, nil},
		"version 0":           {`0{"v":0}`, nil, nil, nil, nil},
		"version with zeros":  {`03{"v":3}`, nil, nil, nil, nil},
		"cut short":           {`3{"v":3,"r":[{"s":"lo`, nil, nil, nil, nil},
		"more behind it":      {`3{"v":3}{}`, nil, nil, nil, nil},
		"two runs in a slot":  {`3{"v":3,"r":[{"s":"a","i":"1"},{"s":"a","i":"2"}]}`, nil, nil, nil, nil},
		"not text":            {int64(3), nil, nil, nil, nil},
		"too few fields":      {`3{"v":3}`},
		"a version too large": {`99999999999999999999{"v":99999999999999999999}`, nil, nil, nil, nil},
	} {
		got, err := decodeEntry(values)
		if !errors.Is(err, errDamaged) || !cmp.Equal(got, engine.Entry{}) {
			t.Errorf("%s: %v, %+v", name, err, got)
		}
	}
}


// An error carries no entry; an entry that was read can be written and is read the same.
func FuzzDecodeEntry(f *testing.F) {
	f.Add(`3{"v":3,"l":{"f":2,"d":"AQ=="},"r":[{"s":"login","i":"a","b":1,"x":2,"w":"a/ok;b/due:totp"}]}`, "a", "s", "1", "", uint8(0b01111))
	f.Add(`3{"v":3}`, "", "", "", "", uint8(1))
	f.Add("", "", "", "", `{"l":{"f":1},"r":"run"}`, uint8(0b10000))
	f.Add(`18446744073709551615{"v":18446744073709551615}`, "", "", "", "", uint8(1))
	f.Fuzz(func(t *testing.T, runs, acct, sess, out, gone string, present uint8) {
		values := make([]any, len(fields))
		for i, v := range []string{runs, acct, sess, out, gone} {
			if present&(1<<i) != 0 {
				values[i] = v
			}
		}
		e, err := decodeEntry(values)
		if err != nil {
			if !cmp.Equal(e, engine.Entry{}) {
				t.Fatalf("an error with an entry: %+v", e)
			}
			return
		}
		switch {
		case e.Found != (present&0b11111 != 0):
			t.Fatalf("found %v with fields %05b", e.Found, present)
		case (e.Tombstone != nil) != (values[4] != nil):
			t.Fatalf("tombstone %+v from %v", e.Tombstone, values[4])
		case !e.Found || e.Tombstone != nil:
			return
		}
		again, err := encodeRuns(&e.Record)
		if err != nil {
			t.Fatalf("what was read cannot be written: %v", err)
		}
		r, err := decodeRuns(again)
		if err != nil || r.Version != e.Record.Version || len(r.Runs) != len(e.Record.Runs) {
			t.Fatalf("written and read again: %v, %+v, was %+v", err, r, e.Record)
		}
		if twice, _ := encodeRuns(&r); twice != again {
			t.Fatalf("written twice:\n%s\n%s", again, twice)
		}
	})
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
	spoil := func(values ...any) {
		t.Helper()
		s.client.Del(ctx, raw)
		if err := s.client.HSet(ctx, raw, values...).Err(); err != nil {
			t.Fatal(err)
		}
	}
	spoil("runs", "7garbage", "sess", "s", "out", "1")

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
	if got := s.client.HGet(ctx, raw, "runs").Val(); got != "7garbage" {
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

	spoil("sess", "s") // no record at all
	if stored, err := s.Restore(ctx, key, back, time.Minute); err != nil || !stored {
		t.Errorf("restore over half an entry: %v, %v", stored, err)
	}
	spoil("gone", "garbage")
	if stored, err := s.Restore(ctx, key, back, time.Minute); err != nil || stored {
		t.Errorf("restore over an unreadable tombstone: %v, %v", stored, err)
	}
}
