package redisstore_test

import (
	"fmt"
	"runtime"
	"testing"
	"time"

	"stagedoor/engine"
	"stagedoor/state/internal/redisstore"
	"stagedoor/state/statetest"
)

// each runs a benchmark on the embedded server and on a real one.
func each(b *testing.B, bench func(b *testing.B, s *redisstore.Store)) {
	b.Run("embedded", func(b *testing.B) { bench(b, embedded(b)) })
	b.Run("redis", func(b *testing.B) { bench(b, open(b, redisstore.Config{URL: statetest.StartRedis(b)})) })
}

// signedIn stores the record of a session.
func signedIn(b *testing.B, s *redisstore.Store) engine.Key {
	b.Helper()
	key := newKey()
	rec := engine.Record{Version: 1, Methods: []engine.Method{{Method: "password", At: 1, Email: "someone@example.com"}}}
	e := engine.Entry{Record: rec, Account: `{"id":9007199254740991,"rev":7,"em":"someone@example.com","pw":true}`, Session: `{"id":9007199254740991,"acc":9007199254740991}`}
	if stored, err := s.Restore(b.Context(), key, e, time.Hour); err != nil || !stored {
		b.Fatalf("stored %v, %v", stored, err)
	}
	return key
}

// BenchmarkBareGet is the least a read can cost: one GET of as many bytes.
func BenchmarkBareGet(b *testing.B) {
	client := raw(b, statetest.StartRedis(b))
	if err := client.Set(b.Context(), "k", make([]byte, 400), 0).Err(); err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		if err := client.Get(b.Context(), "k").Err(); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkLoad(b *testing.B) {
	each(b, func(b *testing.B, s *redisstore.Store) {
		key, now := signedIn(b, s), time.Now()
		b.ReportAllocs()
		for b.Loop() {
			if e, _, err := s.Load(b.Context(), key, nil, now); err != nil || !e.Found {
				b.Fatalf("%+v, %v", e, err)
			}
		}
	})
}

// BenchmarkLoadAtOnce reads sixteen records at a time, each by itself and together with others.
func BenchmarkLoadAtOnce(b *testing.B) {
	url := statetest.StartRedis(b)
	for name, together := range map[string]bool{"alone": false, "together": true} {
		b.Run(name, func(b *testing.B) {
			s := open(b, redisstore.Config{URL: url, AutoPipeline: together})
			key, now := signedIn(b, s), time.Now()
			b.ReportAllocs()
			b.SetParallelism(16 / runtime.GOMAXPROCS(0))
			b.RunParallel(func(pb *testing.PB) {
				for pb.Next() {
					if e, _, err := s.Load(b.Context(), key, nil, now); err != nil || !e.Found {
						b.Errorf("%+v, %v", e, err)
						return
					}
				}
			})
		})
	}
}

func BenchmarkLoadWithLimits(b *testing.B) {
	each(b, func(b *testing.B, s *redisstore.Store) {
		key, now := signedIn(b, s), time.Now()
		take := []engine.Take{{Key: "login:ip", Max: 30, Per: time.Millisecond}, {Key: "login:account", Max: 5, Per: time.Millisecond}}
		b.ReportAllocs()
		for b.Loop() {
			now = now.Add(time.Millisecond)
			if _, refusal, err := s.Load(b.Context(), key, take, now); err != nil || refusal != nil {
				b.Fatalf("refusal %+v, %v", refusal, err)
			}
		}
	})
}

func BenchmarkSwap(b *testing.B) {
	each(b, func(b *testing.B, s *redisstore.Store) {
		key := newKey()
		b.ReportAllocs()
		for v := uint64(0); b.Loop(); v++ {
			_, won, err := s.Swap(b.Context(), engine.Swap{Key: key, From: v, Record: pending(v + 1), TTL: time.Hour})
			if err != nil || !won {
				b.Fatalf("won %v, %v", won, err)
			}
		}
	})
}

func BenchmarkMove(b *testing.B) {
	each(b, func(b *testing.B, s *redisstore.Store) {
		b.ReportAllocs()
		for i := 0; b.Loop(); i++ {
			run, to := fmt.Sprint(i), newKey()
			_, won, err := s.Swap(b.Context(), engine.Swap{
				Key: newKey(), Tombstone: engine.Tombstone{Run: run, Next: to},
				Move: &engine.Move{Key: to, Record: engine.Record{Version: 1}, Account: `{"rev":1}`, TTL: time.Minute},
			})
			if err != nil || !won {
				b.Fatalf("won %v, %v", won, err)
			}
		}
	})
}
