package accounts

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"runtime"
	"strings"
	"sync"
	"testing"

	"golang.org/x/crypto/argon2"
	"pgregory.net/rapid"
)

// smallHashes is a configuration whose hashes cost microseconds.
var smallHashes = HashConfig{MemoryKiB: 16, Time: 1, Threads: 1}

func newHasher(t testing.TB, config HashConfig) *Hasher {
	t.Helper()
	h, err := NewHasher(config)
	if err != nil {
		t.Fatal(err)
	}
	return h
}

// work is one argon2id computation: what it cost, and over how long a password.
type work struct {
	memory, time uint32
	threads      uint8
	keyLen       uint32
	saltLen      int
}

// countWork records every computation of h and carries it out.
func countWork(h *Hasher) func() []work {
	var mu sync.Mutex
	var done []work
	h.derive = func(password, salt []byte, time, memory uint32, threads uint8, keyLen uint32) []byte {
		mu.Lock()
		done = append(done, work{memory: memory, time: time, threads: threads, keyLen: keyLen, saltLen: len(salt)})
		mu.Unlock()
		return argon2.IDKey(password, salt, time, memory, threads, keyLen)
	}
	return func() []work {
		mu.Lock()
		defer mu.Unlock()
		got := done
		done = nil
		return got
	}
}

func TestHashDefaults(t *testing.T) {
	h := newHasher(t, HashConfig{Rand: bytes.NewReader([]byte("0123456789abcdef"))})
	encoded, err := h.Hash(t.Context(), "pä\x00ss😀")
	if err != nil {
		t.Fatal(err)
	}
	// Computed with the reference implementation of argon2.
	want := "$argon2id$v=19$m=19456,t=2,p=1$MDEyMzQ1Njc4OWFiY2RlZg$VF4kVAdFkMM/cUhHAXMIBYb/I7khy6fTUx1KSuB0cTs"
	if encoded != want {
		t.Errorf("Hash = %s\nwant   %s", encoded, want)
	}
	for password, want := range map[string]Match{"pä\x00ss😀": {OK: true}, "pä": {}, "": {}} {
		if got, err := h.Verify(t.Context(), encoded, password); got != want || err != nil {
			t.Errorf("Verify(%q) = %+v, %v; want %+v", password, got, err, want)
		}
	}
	slots := max(1, runtime.GOMAXPROCS(0)-1)
	if got := cap(h.slots.running); got != slots {
		t.Errorf("%d slots, want %d", got, slots)
	}
	if got := cap(h.slots.places); got != slots+32*slots {
		t.Errorf("%d places, want %d", got, slots+32*slots)
	}
}

// Every stored value that cannot match, and every password that is too long, costs
// exactly one hash of the configured cost, as the right and the wrong password do.
func TestVerifyCostsTheSameForAll(t *testing.T) {
	h := newHasher(t, HashConfig{MemoryKiB: 64, Time: 3, Threads: 2})
	known, err := h.Hash(t.Context(), "right")
	if err != nil {
		t.Fatal(err)
	}
	spent := countWork(h)
	want := work{memory: 64, time: 3, threads: 2, keyLen: 32, saltLen: 16}
	long := strings.Repeat("p", MaxPasswordBytes+1)

	for _, test := range []struct {
		name, encoded, password string
		ok                      bool
	}{
		{"right password", known, "right", true},
		{"wrong password", known, "wrong", false},
		{"no account", "", "right", false},
		{"no account, no password", "", "", false},
		{"unusable", "!", "right", false},
		{"unusable as Django marks it", "!Wm9zXmCbyXdcqkMZZvQ8Qf5UlDVHy5w6yd0ZyqMD", "right", false},
		{"cut short", known[:len(known)-2], "right", false},
		{"one more field", known + "$x", "right", false},
		{"another version", strings.Replace(known, "v=19", "v=16", 1), "right", false},
		{"argon2i", strings.Replace(known, "argon2id", "argon2i", 1), "right", false},
		{"plain text", "right", "right", false},
		{"unknown algorithm", "md5$salt$0cc175b9c0f1b6a831c399e269772661", "a", false},
		{"memory bomb", "$argon2id$v=19$m=4294967295,t=1,p=1$MDEyMzQ1Njc4OWFiY2RlZg$VF4kVAdFkMM/cUhHAXMIBYb/I7khy6fTUx1KSuB0cTs", "x", false},
		{"endless bcrypt", "$2b$31$dOKLjSDb0Ro0VKkaGlqGEuPaFcbcdE7Vdm8vLYMS1bp/bW0xoqaPi", "x", false},
		{"endless pbkdf2", "pbkdf2_sha256$4294967295$seasalt$mQnueSakb748zqBAC1tmWVZsZbi2zPGZarEzTGdfmso=", "x", false},
		{"scrypt memory bomb", "scrypt$1073741824$seasalt$8$1$" + scryptKey, "x", false},
		{"too long a password", known, long, false},
		{"too long a password for no account", "", long, false},
		{"too long a password for bcrypt", "$2b$04$dOKLjSDb0Ro0VKkaGlqGEuPaFcbcdE7Vdm8vLYMS1bp/bW0xoqaPi", long, false},
		{"megabyte", strings.Repeat("$", 1<<20), "x", false},
	} {
		got, err := h.Verify(t.Context(), test.encoded, test.password)
		if err != nil || got != (Match{OK: test.ok}) {
			t.Errorf("%s: Verify = %+v, %v; want OK %v", test.name, got, err, test.ok)
		}
		if did := spent(); len(did) != 1 || did[0] != want {
			t.Errorf("%s: did %+v, want once %+v", test.name, did, want)
		}
	}
}

// A key of zeros is what the decoy holds; a derivation that gives zeros must not
// turn "no account" into a match.
func TestDecoyNeverMatches(t *testing.T) {
	h := newHasher(t, smallHashes)
	h.derive = func(_, _ []byte, _, _ uint32, _ uint8, keyLen uint32) []byte { return make([]byte, keyLen) }
	if got, err := h.Verify(t.Context(), "", "anything"); got != (Match{}) || err != nil {
		t.Errorf("Verify = %+v, %v; want no match", got, err)
	}
}

func TestVerifySaysWhatIsStale(t *testing.T) {
	config := HashConfig{MemoryKiB: 32, Time: 2, Threads: 2}
	h := newHasher(t, config)
	ownHash := func(change func(*HashConfig)) string {
		other := config
		change(&other)
		encoded, err := newHasher(t, other).Hash(t.Context(), "secret")
		if err != nil {
			t.Fatal(err)
		}
		return encoded
	}
	shaped := func(saltLen, keyLen int) string {
		hash := argon2Hash{cost: h.cost, salt: make([]byte, saltLen)}
		hash.key = h.key(hash, keyLen, "secret")
		return hash.String()
	}
	for _, test := range []struct {
		name, encoded string
		stale         bool
	}{
		{"ours", ownHash(func(*HashConfig) {}), false},
		{"other slots", ownHash(func(c *HashConfig) { c.Slots, c.Queue = 3, 9 }), false},
		{"less memory", ownHash(func(c *HashConfig) { c.MemoryKiB = 16 }), true},
		{"more memory", ownHash(func(c *HashConfig) { c.MemoryKiB = 64 }), true},
		{"fewer passes", ownHash(func(c *HashConfig) { c.Time = 1 }), true},
		{"other lanes", ownHash(func(c *HashConfig) { c.Threads = 1 }), true},
		{"shorter salt", shaped(8, 32), true},
		{"shorter key", shaped(16, 16), true},
		{"longer key", shaped(16, 64), true},
	} {
		if got, err := h.Verify(t.Context(), test.encoded, "secret"); err != nil || got != (Match{OK: true, Stale: test.stale}) {
			t.Errorf("%s: Verify = %+v, %v; want a match, stale %v", test.name, got, err, test.stale)
		}
		if got, err := h.Verify(t.Context(), test.encoded, "wrong"); err != nil || got != (Match{}) {
			t.Errorf("%s: Verify of a wrong password = %+v, %v; want the zero Match", test.name, got, err)
		}
	}
}

func TestHashRefuses(t *testing.T) {
	h := newHasher(t, smallHashes)
	spent := countWork(h)
	if _, err := h.Hash(t.Context(), strings.Repeat("é", MaxPasswordBytes/2)+"x"); !errors.Is(err, ErrPasswordTooLong) {
		t.Errorf("Hash of %d bytes = %v, want ErrPasswordTooLong", MaxPasswordBytes+1, err)
	}
	canceled, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := h.Hash(canceled, "x"); !errors.Is(err, context.Canceled) {
		t.Errorf("Hash with a canceled context = %v", err)
	}
	if _, err := h.Verify(canceled, "", "x"); !errors.Is(err, context.Canceled) {
		t.Errorf("Verify with a canceled context = %v", err)
	}
	h.rand = io.LimitReader(neverEnding('s'), argon2SaltBytes-1)
	if encoded, err := h.Hash(t.Context(), "x"); !errors.Is(err, io.ErrUnexpectedEOF) || encoded != "" {
		t.Errorf("Hash with too little entropy = %q, %v", encoded, err)
	}
	if did := spent(); did != nil {
		t.Errorf("refused passwords were hashed: %+v", did)
	}
	if len(h.slots.places) != 0 || len(h.slots.running) != 0 {
		t.Errorf("%d places and %d slots were not given back", len(h.slots.places), len(h.slots.running))
	}
	h.rand = neverEnding('s')
	if _, err := h.Hash(t.Context(), strings.Repeat("x", MaxPasswordBytes)); err != nil {
		t.Errorf("Hash of exactly %d bytes: %v", MaxPasswordBytes, err)
	}
}

// neverEnding is a reader of one byte, over and over.
type neverEnding byte

func (b neverEnding) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = byte(b)
	}
	return len(p), nil
}

func TestNewHasherNamesEveryFault(t *testing.T) {
	for _, test := range []struct {
		config HashConfig
		want   []string
	}{
		{HashConfig{MemoryKiB: 7}, []string{"memory of 7 KiB", "which is 8"}},
		{HashConfig{MemoryKiB: 31, Threads: 4}, []string{"memory of 31 KiB", "which is 32"}},
		{HashConfig{MemoryKiB: maxHashMemoryKiB + 1}, []string{"memory of 262145 KiB, use at most 262144"}},
		{HashConfig{Time: 1 << 31}, []string{"memory times passes"}},
		{HashConfig{Threads: 17}, []string{"threads of 17, use 1 to 16"}},
		{HashConfig{Slots: -1}, []string{"slots of -1"}},
		{HashConfig{Queue: -1}, []string{"queue of -1"}},
		{HashConfig{Slots: 1 << 40, Queue: 1 << 40}, []string{"slots of", "queue of"}},
		{HashConfig{MemoryKiB: 1, Threads: 255, Slots: -5, Queue: -6}, []string{"memory of 1 KiB", "threads of 255", "slots of -5", "queue of -6"}},
	} {
		h, err := NewHasher(test.config)
		if err == nil || h != nil {
			t.Errorf("NewHasher(%+v) = %v, %v; want an error", test.config, h, err)
			continue
		}
		for _, want := range test.want {
			if !strings.Contains(err.Error(), want) {
				t.Errorf("NewHasher(%+v) says\n%v\nwithout %q", test.config, err, want)
			}
		}
	}
	// A bad number of slots is not also blamed on the queue that follows from it.
	if _, err := NewHasher(HashConfig{Slots: -1}); err == nil || strings.Contains(err.Error(), "queue") {
		t.Errorf("NewHasher with -1 slots says %v", err)
	}
}

// What is hashed verifies, whatever its bytes; anything else does not.
func TestHashVerifyRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		config := HashConfig{Threads: rapid.Uint8Range(1, 4).Draw(t, "threads"), Time: rapid.Uint32Range(1, 3).Draw(t, "time")}
		config.MemoryKiB = 8*uint32(config.Threads) + rapid.Uint32Range(0, 40).Draw(t, "memory")
		h, err := NewHasher(config)
		if err != nil {
			t.Fatal(err)
		}
		password := string(rapid.SliceOfN(rapid.Byte(), 0, 200).Draw(t, "password"))
		other := string(rapid.SliceOfN(rapid.Byte(), 0, 200).Draw(t, "other"))
		encoded, err := h.Hash(context.Background(), password)
		if err != nil {
			t.Fatal(err)
		}
		if got, err := h.Verify(context.Background(), encoded, password); got != (Match{OK: true}) || err != nil {
			t.Fatalf("Verify = %+v, %v; want a fresh match", got, err)
		}
		if got, err := h.Verify(context.Background(), encoded, other); got.OK != (other == password) || err != nil {
			t.Fatalf("Verify of %q against the hash of %q = %+v, %v", other, password, got, err)
		}
		again, err := h.Hash(context.Background(), password)
		if err != nil || again == encoded {
			t.Fatalf("the same password twice gave %q twice (%v): the salt is not fresh", encoded, err)
		}
	})
}

func BenchmarkVerify(b *testing.B) {
	for _, config := range []HashConfig{smallHashes, {}} {
		h := newHasher(b, config)
		encoded, err := h.Hash(b.Context(), "secret")
		if err != nil {
			b.Fatal(err)
		}
		b.Run(fmt.Sprintf("m=%d", h.cost.memory), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if got, err := h.Verify(b.Context(), encoded, "secret"); !got.OK || err != nil {
					b.Fatal(got, err)
				}
			}
		})
	}
}
