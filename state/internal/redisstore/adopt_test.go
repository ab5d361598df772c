package redisstore

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"stagedoor/engine"
	"stagedoor/state"
	"stagedoor/state/statetest"
)

// Records of the release before lie in Redis as hashes, in JSON. Whatever comes to one first
// finds what is in it, and leaves a value with the same time to live.
func TestHashesOfTheReleaseBefore(t *testing.T) {
	server, err := Open(t.Context(), Config{URL: statetest.StartRedis(t)})
	if err != nil {
		t.Fatal(err)
	}
	defer server.Close()
	for name, s := range map[string]*Store{"redis": server, "embedded": startEmbedded(t, Config{})} {
		t.Run(name, func(t *testing.T) { adopts(t, s) })
	}
}

func adopts(t *testing.T, s *Store) {
	ctx := t.Context()
	rec := engine.Record{Version: 3, Owner: "7", Runs: []engine.Run{{Slot: "login", ID: "a", Subject: "7", Started: 1, Deadline: 2}}}
	runs, err := json.Marshal(rec)
	if err != nil {
		t.Fatal(err)
	}
	account, session := `{"id":7,"rev":4,"un":"ada"}`, `{"id":5,"acc":7,"at":"2026-01-02T03:04:05Z","exp":"2026-01-02T03:04:05Z","chk":"2026-01-02T03:04:05Z"}`
	entry := engine.Entry{Found: true, Record: rec, Account: account, Session: session}
	next := engine.Record{Version: 4, Owner: "7"}
	n := 0
	for name, c := range map[string]struct {
		fields []any
		do     func(key engine.Key) error
		want   engine.Entry
	}{
		"read":       {nil, nil, entry},
		"anonymous":  {[]any{"runs", "3" + string(runs)}, nil, engine.Entry{Found: true, Record: rec}},
		"signed out": {[]any{"runs", "3" + string(runs), "out", "1"}, nil, engine.Entry{Found: true, Record: rec, SignedOut: true}},
		"ended":      {[]any{"gone", `{"r":"run"}`}, nil, engine.Entry{Found: true, Tombstone: &engine.Tombstone{}}},
		"damaged":    {[]any{"runs", "3{"}, nil, engine.Entry{}},
		"swapped": {nil, func(key engine.Key) error {
			_, won, err := s.Swap(ctx, engine.Swap{Key: key, From: 3, Record: next})
			// What was JSON is CBOR from now on.
			value := s.client.Get(ctx, s.recordKey(key)).Val()
			return unless(won && strings.HasSuffix(value, string(mustEncode(next))), err)
		}, engine.Entry{Found: true, Record: next, Account: account, Session: session}},
		"a lost swap": {nil, func(key engine.Key) error {
			newer, won, err := s.Swap(ctx, engine.Swap{Key: key, From: 2, Record: engine.Record{Version: 3}})
			return unless(!won && cmp.Equal(newer, entry), err)
		}, entry},
		"an older snapshot": {nil, func(key engine.Key) error {
			return s.Refresh(ctx, key, state.Snapshot{Revision: 3}.Encode(), 3)
		}, entry},
		"a newer snapshot": {nil, func(key engine.Key) error {
			return s.Refresh(ctx, key, state.Snapshot{Revision: 5}.Encode(), 5)
		}, engine.Entry{Found: true, Record: rec, Account: state.Snapshot{Revision: 5}.Encode(), Session: session}},
		"a sign-out": {nil, func(key engine.Key) error { return s.SignOut(ctx, key) },
			engine.Entry{Found: true, Record: rec, Account: account, Session: session, SignedOut: true}},
		"a ticket": {nil, func(key engine.Key) error { _, err := s.Touch(ctx, key, session, "seen", time.Second); return err },
			engine.Entry{Found: true, Record: rec, Account: account, Session: "seen"}},
		"an end": {nil, func(key engine.Key) error { return s.End(ctx, key, engine.Tombstone{Run: "r"}) },
			engine.Entry{Found: true, Tombstone: &engine.Tombstone{Run: "r"}}},
		"restored": {nil, func(key engine.Key) error {
			stored, err := s.Restore(ctx, key, engine.Entry{Record: next}, time.Hour)
			return unless(!stored, err)
		}, entry},
	} {
		n++
		key := engine.KeyOf(fmt.Appendf(nil, "%d", n))
		if c.fields == nil {
			c.fields = []any{"runs", "3" + string(runs), "acct", account, "arev", 4, "sess", session}
		}
		s.client.HSet(ctx, s.recordKey(key), c.fields...)
		s.client.PExpire(ctx, s.recordKey(key), time.Minute)
		if c.do != nil {
			if err := c.do(key); err != nil {
				t.Errorf("%s: %v", name, err)
			}
		}
		for range 2 {
			got, _, err := s.Load(ctx, key, nil, time.Now())
			if d := cmp.Diff(c.want, got); err != nil || d != "" {
				t.Errorf("%s: %v\n%s", name, err, d)
			}
		}
		if kind, left := s.client.Type(ctx, s.recordKey(key)).Val(), s.client.PTTL(ctx, s.recordKey(key)).Val(); kind != "string" || left <= 0 || left > time.Minute+s.slack {
			t.Errorf("%s: it is a %s and lives for %v", name, kind, left)
		}
	}
}

func mustEncode(r engine.Record) []byte {
	b, err := r.Encode()
	if err != nil {
		panic(err)
	}
	return b
}

func unless(ok bool, err error) error {
	if err == nil && !ok {
		return fmt.Errorf("it does something else")
	}
	return err
}
