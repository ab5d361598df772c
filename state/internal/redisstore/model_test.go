package redisstore

import (
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"

	"stagedoor/engine"
	"stagedoor/state"
)

// model is what the store should hold: the stupid way of saying it.
type model struct {
	entries map[engine.Key]engine.Entry
	// revisions are of the snapshots.
	revisions map[engine.Key]int64
}

func (m *model) account(key engine.Key, account string, revision int64) {
	e := m.entries[key]
	if was, ok := m.revisions[key]; len(account) > 0 && (!ok || was <= revision) {
		e.Account = account
		m.entries[key], m.revisions[key] = e, revision
	}
}

func (m *model) end(key engine.Key, stone engine.Tombstone) {
	delete(m.revisions, key)
	m.entries[key] = engine.Entry{Found: true, Tombstone: &stone}
}

// live reports whether there is a record.
func (m *model) live(key engine.Key) bool {
	e := m.entries[key]
	return e.Found && e.Tombstone == nil
}

// swap says what a swap does.
func (m *model) swap(sw engine.Swap) (engine.Entry, bool) {
	was := m.entries[sw.Key]
	if sw.Key != "" && ((sw.From == 0 && was.Found) || (sw.From != 0 && (!m.live(sw.Key) || was.Record.Version != sw.From))) {
		return was, false
	}
	switch {
	case sw.Move != nil:
		if sw.Key != "" {
			m.end(sw.Key, sw.Tombstone)
		}
		if !m.entries[sw.Move.Key].Found {
			m.entries[sw.Move.Key] = engine.Entry{Found: true, Record: sw.Move.Record, Session: sw.Move.Session}
			m.account(sw.Move.Key, sw.Move.Account, state.RevisionOf(sw.Move.Account))
		}
	case sw.Drop:
		m.end(sw.Key, sw.Tombstone)
	default:
		was.Found, was.Record = true, sw.Record
		m.entries[sw.Key] = was
		m.account(sw.Key, sw.Account, state.RevisionOf(sw.Account))
	}
	return engine.Entry{}, true
}

// drawer draws arguments.
type drawer struct {
	*rapid.T
	keys []engine.Key
}

func (d *drawer) key() engine.Key { return rapid.SampledFrom(d.keys).Draw(d.T, "key") }

// fresh returns a key nobody uses: a sign-in's is random.
func (d *drawer) fresh() engine.Key {
	key := engine.Key(fmt.Sprintf("%s-%d", d.keys[0], len(d.keys)))
	d.keys = append(d.keys, key)
	return key
}

func (d *drawer) record(version uint64) engine.Record {
	return named(version, fmt.Sprint(rapid.IntRange(0, 9).Draw(d.T, "name")))
}

func (d *drawer) account() string {
	n := rapid.IntRange(-1, 9).Draw(d.T, "revision")
	if n < 0 {
		return ""
	}
	return state.Snapshot{Revision: int64(n)}.Encode()
}

func (d *drawer) stone() engine.Tombstone {
	return engine.Tombstone{Run: fmt.Sprint(rapid.IntRange(0, 9).Draw(d.T, "run")), Next: d.key()}
}

func (d *drawer) swap(m *model) engine.Swap {
	key := d.key()
	sw := engine.Swap{Key: key, From: m.entries[key].Record.Version, TTL: time.Hour, Tombstone: d.stone()}
	if rapid.IntRange(0, 3).Draw(d.T, "stale") == 0 {
		sw.From = rapid.Uint64Range(0, 5).Draw(d.T, "from")
	}
	sw.Record, sw.Account = d.record(sw.From+1), d.account()
	switch rapid.IntRange(0, 5).Draw(d.T, "how") {
	case 0:
		sw.Drop = true
	case 1:
		sw.Tombstone.Next = d.fresh()
		sw.Move = &engine.Move{Key: sw.Tombstone.Next, Record: d.record(1), Account: d.account(), Session: "s", TTL: time.Hour}
		if rapid.Bool().Draw(d.T, "from nothing") {
			sw.Key, sw.From = "", 0
		}
	}
	return sw
}

// Any sequence of operations does what the model says, entry by entry.
func TestAgainstModel(t *testing.T) {
	t.Parallel()
	s := startEmbedded(t, Config{Timeout: 5 * time.Second})
	var n int
	rapid.Check(t, func(rt *rapid.T) {
		n++
		d := &drawer{T: rt, keys: []engine.Key{engine.Key(fmt.Sprint(n, "a")), engine.Key(fmt.Sprint(n, "b"))}}
		m := &model{entries: map[engine.Key]engine.Entry{}, revisions: map[engine.Key]int64{}}
		ok := func(err error) {
			if err != nil {
				rt.Fatal(err)
			}
		}
		same := func(what string, got, want any) {
			if diff := cmp.Diff(want, got, cmpopts.EquateEmpty()); diff != "" {
				rt.Fatalf("%s (-model +store):\n%s", what, diff)
			}
		}
		ctx := rt.Context()
		rt.Repeat(map[string]func(*rapid.T){
			"swap": func(*rapid.T) {
				sw := d.swap(m)
				e, won, err := s.Swap(ctx, sw)
				ok(err)
				newer, wins := m.swap(sw)
				same("won", won, wins)
				same("newer", e, newer)
			},
			"restore": func(*rapid.T) {
				key := d.key()
				e := engine.Entry{Record: d.record(1), Account: d.account(), Session: "r", SignedOut: rapid.Bool().Draw(rt, "out")}
				stored, err := s.Restore(ctx, key, e, time.Hour)
				ok(err)
				same("stored", stored, !m.entries[key].Found)
				if stored {
					m.entries[key] = engine.Entry{Found: true, Record: e.Record, Session: e.Session, SignedOut: e.SignedOut}
					m.account(key, e.Account, state.RevisionOf(e.Account))
				}
			},
			"end": func(*rapid.T) {
				key, stone := d.key(), d.stone()
				ok(s.End(ctx, key, stone))
				m.end(key, stone)
			},
			"sign out": func(*rapid.T) {
				key := d.key()
				ok(s.SignOut(ctx, key))
				if e := m.entries[key]; m.live(key) {
					e.SignedOut = true
					m.entries[key] = e
				}
			},
			"refresh": func(*rapid.T) {
				key, account := d.key(), d.account()
				ok(s.Refresh(ctx, key, account, state.RevisionOf(account)))
				if was, has := m.revisions[key]; m.live(key) && (!has || was < state.RevisionOf(account)) {
					e := m.entries[key]
					e.Account = account
					m.entries[key], m.revisions[key] = e, state.RevisionOf(account)
				}
			},
			"touch": func(rt *rapid.T) {
				key := d.key()
				from, to := rapid.SampledFrom([]string{"", "t", "u"}).Draw(rt, "from"), rapid.SampledFrom([]string{"t", "u"}).Draw(rt, "to")
				e := m.entries[key]
				won, err := s.Touch(ctx, key, from, to, time.Hour)
				ok(err)
				if will := m.live(key) && (e.Session == from || e.Session == to); won != will {
					rt.Fatalf("%q takes the place of %q over %q: %t", to, from, e.Session, won)
				} else if will {
					e.Session = to
					m.entries[key] = e
				}
			},
			"": func(*rapid.T) {
				for _, key := range d.keys {
					e, _, err := s.Load(ctx, key, nil, time.Now())
					ok(err)
					same(string(key), e, m.entries[key])
				}
			},
		})
	})
}
