package accounts

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"runtime"
	"slices"

	"golang.org/x/crypto/argon2"
)

// MaxPasswordBytes is the longest password there is, in bytes. A longer one is
// refused by Hash and matches nothing in Verify.
const MaxPasswordBytes = 4096

// ErrPasswordTooLong is Hash's answer to a password of more than MaxPasswordBytes.
var ErrPasswordTooLong = fmt.Errorf("password is longer than %d bytes", MaxPasswordBytes)

// HashConfig says what one password hash costs and how many may run at once.
// The zero value of each field is its default.
type HashConfig struct {
	MemoryKiB uint32 // memory of one hash in KiB, RFC 9106's m; 19456 (19 MiB)
	Time      uint32 // passes over the memory, RFC 9106's t; 2
	Threads   uint8  // lanes, each a goroutine of its own, RFC 9106's p; 1

	// Slots is how many hashes may run at the same time. The default leaves one
	// core free, max(1, GOMAXPROCS-1): hashing on every core makes all other
	// requests wait for the length of a hash.
	Slots int

	// Queue is how many more may wait for a slot. The default, 32 for each slot,
	// is what drains in about a second at the default cost: people wait that long
	// at a login form, and later ones would rather be asked to come back.
	Queue int

	// Rand gives the salts and must be safe for concurrent use; crypto/rand.Reader.
	Rand io.Reader
}

func (c HashConfig) withDefaults() HashConfig {
	if c.MemoryKiB == 0 {
		c.MemoryKiB = 19 * 1024
	}
	if c.Time == 0 {
		c.Time = 2
	}
	if c.Threads == 0 {
		c.Threads = 1
	}
	if c.Slots == 0 {
		c.Slots = max(1, runtime.GOMAXPROCS(0)-1)
	}
	if c.Queue == 0 {
		c.Queue = 32 * max(1, c.Slots)
	}
	if c.Rand == nil {
		c.Rand = rand.Reader
	}
	return c
}

// Hasher makes and verifies password hashes, a few at a time. It is safe for
// concurrent use and keeps no password. However a keyboard writes a password down, it is one
// password (see [spelling]); NUL or invalid UTF-8 are bytes like any other.
type Hasher struct {
	cost   argon2Cost
	decoy  argon2Hash
	slots  *hashSlots
	rand   io.Reader
	derive argon2Func
}

// NewHasher checks the configuration and returns its Hasher. The error names
// every bad value at once.
func NewHasher(config HashConfig) (*Hasher, error) {
	c := config.withDefaults()
	cost := argon2Cost{memory: c.MemoryKiB, time: c.Time, threads: c.Threads}
	err := errors.Join(
		cost.valid(),
		countValid("slots", c.Slots, maxHashSlots),
		countValid("queue", c.Queue, maxHashQueue),
	)
	if err != nil {
		return nil, fmt.Errorf("password hashing: %w", err)
	}
	return &Hasher{
		cost:   cost,
		decoy:  argon2Hash{cost: cost, salt: make([]byte, argon2SaltBytes), key: make([]byte, argon2KeyBytes)},
		slots:  newHashSlots(c.Slots, c.Queue, drainTime(cost, c.Slots, c.Queue)),
		rand:   c.Rand,
		derive: argon2.IDKey,
	}, nil
}

// Hash returns the argon2id hash of password as a PHC string,
// "$argon2id$v=19$m=19456,t=2,p=1$salt$key", with a fresh salt.
//
// It fails with ErrPasswordTooLong, with ErrBusy when too many wait already, and
// with the context's error when that ends before a slot is free. A hash that has
// begun is finished.
func (h *Hasher) Hash(ctx context.Context, password string) (string, error) {
	if len(password) > MaxPasswordBytes {
		return "", ErrPasswordTooLong
	}
	if err := h.slots.enter(ctx); err != nil {
		return "", fmt.Errorf("hash a password: %w", err)
	}
	defer h.slots.leave()

	salt := make([]byte, argon2SaltBytes)
	if _, err := io.ReadFull(h.rand, salt); err != nil {
		return "", fmt.Errorf("hash a password: read a salt: %w", err)
	}
	hash := argon2Hash{cost: h.cost, salt: salt}
	hash.key = h.key(hash, argon2KeyBytes, spelling(password))
	return hash.String(), nil
}

// Match is what Verify found.
type Match struct {
	OK    bool // the password is the one that was hashed
	Stale bool // OK, and the stored value should be replaced by a new Hash of this password
}

// Verify compares a password with a stored hash: one of ours, or one of Django's
// argon2, pbkdf2_sha256, pbkdf2_sha1, bcrypt_sha256, bcrypt and scrypt, or a plain bcrypt. A
// match is Stale unless it was made by Hash with this very configuration. Of another system's
// every spelling of the password is tried, since that one hashed what was typed.
//
// A stored value that is empty, marked unusable, malformed or beyond the bounds,
// and a password of more than MaxPasswordBytes, match nothing and cost as much as
// a hash of ours: verify "" where there is no account, and the clock does not
// tell which accounts exist. Accounts whose hash is of another cost do differ,
// until their first sign-in replaces it.
//
// Its errors are Hash's: ErrBusy and the context's; there is no match then.
func (h *Hasher) Verify(ctx context.Context, encoded, password string) (Match, error) {
	if len(password) > MaxPasswordBytes {
		encoded, password = "", password[:MaxPasswordBytes]
	}
	if err := h.slots.enter(ctx); err != nil {
		return Match{}, fmt.Errorf("verify a password: %w", err)
	}
	defer h.slots.leave()

	if own, err := parseArgon2id(encoded); err == nil {
		return h.verifyOwn(own, password), nil
	}
	if foreign, err := h.parseForeign(encoded); err == nil {
		ok := slices.ContainsFunc(spellings(password), foreign)
		return Match{OK: ok, Stale: ok}, nil
	}
	h.verifyOwn(h.decoy, password)
	return Match{}, nil
}

// verifyOwn compares a password with a hash of ours. Releases before passwords had one spelling
// hashed what was typed: such a hash still matches that, and is Stale.
func (h *Hasher) verifyOwn(own argon2Hash, password string) Match {
	spelt := spelling(password)
	if h.equal(own, spelt) {
		return Match{OK: true, Stale: !own.freshFor(h.cost)}
	}
	ok := spelt != password && h.equal(own, password)
	return Match{OK: ok, Stale: ok}
}

// equal recomputes a hash from the password and compares in constant time.
func (h *Hasher) equal(hash argon2Hash, password string) bool {
	return constantTimeEqual(hash.key, h.key(hash, len(hash.key), password))
}

func (h *Hasher) key(hash argon2Hash, size int, password string) []byte {
	c := hash.cost
	return h.derive([]byte(password), hash.salt, c.time, c.memory, c.threads, uint32(size))
}
