package sqlstore

import (
	"fmt"
	"sync/atomic"
	"testing"

	"stagedoor/state"
)

// onBothBench runs a benchmark on both databases with one account that has what a
// careful person has: two addresses, TOTP and recovery codes.
func onBothBench(b *testing.B, run func(b *testing.B, s *Store)) {
	for name, open := range map[string]func(testing.TB) *Store{"sqlite": openSQLite, "postgres": openPostgres} {
		b.Run(name, func(b *testing.B) {
			s := open(b)
			signUp(b, s, "1", "x@example.org")
			mustCommit(b, s, state.Batch{Account: "1", Writes: []state.Write{
				state.AddEmail{Address: "y@example.org"},
				state.AddAuthenticator{Authenticator: state.Authenticator{ID: 1, Type: state.TOTP, Secret: make([]byte, 48), CreatedAt: noon()}},
				state.AddAuthenticator{Authenticator: state.Authenticator{ID: 2, Type: state.RecoveryCodes, Secret: make([]byte, 48), CreatedAt: noon()}},
			}})
			b.ReportAllocs()
			b.ResetTimer()
			run(b, s)
		})
	}
}

// BenchmarkLoadAccount loads an account by its id.
func BenchmarkLoadAccount(b *testing.B) {
	onBothBench(b, func(b *testing.B, s *Store) {
		for b.Loop() {
			if _, err := s.Account(b.Context(), "1"); err != nil {
				b.Fatal(err)
			}
		}
	})
}

// BenchmarkFindByEmail loads an account by an address.
func BenchmarkFindByEmail(b *testing.B) {
	onBothBench(b, func(b *testing.B, s *Store) {
		for b.Loop() {
			if _, err := s.Find(b.Context(), state.Key{Kind: "email", Value: "x@example.org"}); err != nil {
				b.Fatal(err)
			}
		}
	})
}

// BenchmarkLogin commits what a sign-in stores: the time of it and a session.
func BenchmarkLogin(b *testing.B) {
	onBothBench(b, func(b *testing.B, s *Store) {
		for n := int64(100); b.Loop(); n++ {
			mustCommit(b, s, login("1", n))
		}
	})
}

// BenchmarkLogins commits sign-ins of different accounts from eight goroutines.
func BenchmarkLogins(b *testing.B) {
	onBothBench(b, func(b *testing.B, s *Store) {
		for i := range int64(8) {
			signUp(b, s, numbered(10+i), fmt.Sprintf("%d@example.org", i))
		}
		var next, account atomic.Int64
		b.SetParallelism(4)
		b.ResetTimer()
		b.RunParallel(func(pb *testing.PB) {
			id := 10 + account.Add(1)%8
			for pb.Next() {
				if _, err := s.Commit(b.Context(), login(numbered(id), 100+next.Add(1))); err != nil {
					b.Error(err)
				}
			}
		})
	})
}

// BenchmarkTouch notes that a session was seen.
func BenchmarkTouch(b *testing.B) {
	onBothBench(b, func(b *testing.B, s *Store) {
		mustCommit(b, s, login("1", 100))
		for b.Loop() {
			if _, err := s.Touch(b.Context(), 100, state.Seen{At: noon()}); err != nil {
				b.Fatal(err)
			}
		}
	})
}
