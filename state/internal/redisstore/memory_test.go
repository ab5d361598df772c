package redisstore_test

import (
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
	"golang.org/x/sync/errgroup"

	"stagedoor/engine"
	"stagedoor/state/internal/redisstore"
	"stagedoor/state/statetest"
)

// pending is the record of a login that waits for its second factor.
func pending(version uint64) engine.Record {
	const ms = 1_800_000_000_000
	return engine.Record{
		Version: version,
		Last:    engine.Last{From: version - 1, Digest: make([]byte, 16)},
		Runs: []engine.Run{{
			Slot: engine.SlotLogin, ID: "dG9rZW4gb2YgYSBydW4gMQ", Flow: "login", Fingerprint: "01234567",
			Node: "mfa_authenticate", Subject: "9007199254740991", Epoch: 3, Started: ms, Deadline: ms + 900_000, Tries: 1,
			Hint: "someone@example.com", Data: []byte(`{"t":["recovery_codes","totp"]}`),
			Trail: engine.Trail{
				{Node: "password_form", Exit: "ok"}, {Node: "account_due", Exit: "active", Reason: "account=active"},
				{Node: "code_due", Exit: "not_required", Reason: "setting=off"}, {Node: "phone_due", Exit: "off", Reason: "setting=off"},
				{Node: "email_due", Exit: "verified", Reason: "email=verified"}, {Node: "factor_due", Exit: "due", Reason: "factor=present"},
			},
		}},
		Owner: "9007199254740991", Methods: []engine.Method{{Method: "password", At: ms, Email: "someone@example.com"}},
	}
}

func TestPendingRecordIsSmall(t *testing.T) {
	rec := pending(3)
	b, err := rec.Encode()
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("%d bytes encoded", len(b))
	if len(b) > 600 {
		t.Errorf("%d bytes encoded, want 600 at most:\n%s", len(b), b)
	}
	url := statetest.StartRedis(t)
	s, client := open(t, redisstore.Config{URL: url}), raw(t, url)
	rec.Version = 1
	if _, won, err := s.Swap(t.Context(), engine.Swap{Key: newKey(), Record: rec, TTL: time.Minute}); err != nil || !won {
		t.Fatalf("won %v, %v", won, err)
	}
	name, err := client.RandomKey(t.Context()).Result()
	if err != nil {
		t.Fatal(err)
	}
	used, err := client.MemoryUsage(t.Context(), name).Result()
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("%d bytes of memory", used)
	if used > 800 {
		t.Errorf("%d bytes of memory, want 800 at most", used)
	}
}

// A hundred thousand pending logins take 80 MiB at most, all that Redis keeps about them
// included; a tenth of them is asked to take a tenth.
func TestPendingRecordsTogether(t *testing.T) {
	const records, most = 10_000, 80 << 20 / 10
	url := statetest.StartRedis(t)
	s, client := open(t, redisstore.Config{URL: url}), raw(t, url)
	fill(t, s, 500) // so that the buffers of connections are there before
	before := usedMemory(t, client)
	fill(t, s, records)
	took := usedMemory(t, client) - before
	t.Logf("%d bytes each", took/records)
	if took > most {
		t.Errorf("%d records take %d bytes, want %d at most", records, took, most)
	}
}

// fill stores pending logins.
func fill(t *testing.T, s *redisstore.Store, n int) {
	t.Helper()
	g, ctx := errgroup.WithContext(t.Context())
	g.SetLimit(8)
	for range n {
		g.Go(func() error {
			_, _, err := s.Swap(ctx, engine.Swap{Key: newKey(), Record: pending(1), TTL: time.Hour})
			return err
		})
	}
	if err := g.Wait(); err != nil {
		t.Fatal(err)
	}
}

func usedMemory(t *testing.T, client *redis.Client) int {
	t.Helper()
	info, err := client.Info(t.Context(), "memory").Result()
	if err != nil {
		t.Fatal(err)
	}
	_, after, _ := strings.Cut(info, "used_memory:")
	value, _, _ := strings.Cut(after, "\r\n")
	n, err := strconv.Atoi(value)
	if err != nil {
		t.Fatal(err)
	}
	return n
}
