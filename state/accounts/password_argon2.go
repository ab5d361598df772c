package accounts

import (
	"crypto/subtle"
	"encoding/base64"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"golang.org/x/crypto/argon2"
)

// What Hash writes: the sizes RFC 9106 section 4 recommends.
const (
	argon2SaltBytes = 16
	argon2KeyBytes  = 32
)

// What a hash may cost. These bounds hold for stored hashes and for the
// configuration alike, so that whatever Hash writes Verify reads, and a planted
// row can neither take all memory nor hold a slot for more than some seconds.
const (
	maxHashMemoryKiB = 256 << 10 // 256 MiB
	maxHashWorkKiB   = 4 << 20   // memory times passes: 4 GiB, about 3 s
	maxHashThreads   = 16
	maxEncodedBytes  = 512
)

// argon2Func is argon2.IDKey; tests count the work by putting another in its place.
type argon2Func func(password, salt []byte, time, memory uint32, threads uint8, keyLen uint32) []byte

// argon2Cost is what one hash costs: memory in KiB, passes over it, lanes.
type argon2Cost struct {
	memory  uint32
	time    uint32
	threads uint8
}

// valid says what RFC 9106 section 3.1 or our own bounds have against the cost.
func (c argon2Cost) valid() error {
	var faults []error
	fault := func(format string, args ...any) { faults = append(faults, fmt.Errorf(format, args...)) }
	if c.threads < 1 || c.threads > maxHashThreads {
		fault("threads of %d, use 1 to %d", c.threads, maxHashThreads)
	}
	if c.time < 1 {
		fault("time of %d passes, use at least 1", c.time)
	}
	if least := 8 * max(1, uint32(c.threads)); c.memory < least {
		fault("memory of %d KiB, use at least 8 KiB for each thread, which is %d", c.memory, least)
	}
	if c.memory > maxHashMemoryKiB {
		fault("memory of %d KiB, use at most %d", c.memory, maxHashMemoryKiB)
	}
	if work := uint64(c.memory) * uint64(c.time); work > maxHashWorkKiB {
		fault("memory times passes of %d KiB, use at most %d", work, maxHashWorkKiB)
	}
	return errors.Join(faults...)
}

// argon2Hash is one argon2id hash: its cost, its salt and the key derived.
type argon2Hash struct {
	cost argon2Cost
	salt []byte
	key  []byte
}

// freshFor says whether Hash would make a hash of this very shape today.
func (h argon2Hash) freshFor(cost argon2Cost) bool {
	return h.cost == cost && len(h.salt) == argon2SaltBytes && len(h.key) == argon2KeyBytes
}

// String is the hash in the PHC string format, base64 without padding.
func (h argon2Hash) String() string {
	return fmt.Sprintf("$argon2id$v=%d$m=%d,t=%d,p=%d$%s$%s", argon2.Version,
		h.cost.memory, h.cost.time, h.cost.threads,
		base64.RawStdEncoding.EncodeToString(h.salt), base64.RawStdEncoding.EncodeToString(h.key))
}

// parseArgon2id reads what String writes and nothing else: parameters in that
// order, plain decimals, strict base64, a cost within bounds, a salt of 8 to 64
// bytes and a key of 16 to 64.
func parseArgon2id(encoded string) (argon2Hash, error) {
	fields, err := hashFields(encoded, 6)
	if err != nil {
		return argon2Hash{}, err
	}
	if fields[0] != "" || fields[1] != "argon2id" || fields[2] != "v="+strconv.Itoa(argon2.Version) {
		return argon2Hash{}, errors.New("not argon2id, version 19")
	}
	cost, err := parseArgon2Cost(fields[3])
	if err != nil {
		return argon2Hash{}, err
	}
	salt, err := decodeBase64(base64.RawStdEncoding, fields[4], 8, 64)
	if err != nil {
		return argon2Hash{}, fmt.Errorf("salt: %w", err)
	}
	key, err := decodeBase64(base64.RawStdEncoding, fields[5], 16, 64)
	if err != nil {
		return argon2Hash{}, fmt.Errorf("key: %w", err)
	}
	return argon2Hash{cost: cost, salt: salt, key: key}, nil
}

// parseArgon2Cost reads "m=19456,t=2,p=1".
func parseArgon2Cost(text string) (argon2Cost, error) {
	var values [3]uint32
	params := strings.Split(text, ",")
	if len(params) != len(values) {
		return argon2Cost{}, fmt.Errorf("parameters %q, want m, t and p", text)
	}
	for i, prefix := range []string{"m=", "t=", "p="} {
		digits, ok := strings.CutPrefix(params[i], prefix)
		if !ok {
			return argon2Cost{}, fmt.Errorf("parameters %q, want m, t and p in this order", text)
		}
		value, err := parseDecimal(digits)
		if err != nil {
			return argon2Cost{}, err
		}
		values[i] = value
	}
	if values[2] > maxHashThreads {
		return argon2Cost{}, fmt.Errorf("threads of %d, at most %d", values[2], maxHashThreads)
	}
	cost := argon2Cost{memory: values[0], time: values[1], threads: uint8(values[2])}
	return cost, cost.valid()
}

// hashFields splits a stored hash at "$" into exactly n fields.
func hashFields(encoded string, n int) ([]string, error) {
	if len(encoded) > maxEncodedBytes {
		return nil, fmt.Errorf("stored hash of %d bytes, at most %d", len(encoded), maxEncodedBytes)
	}
	fields := strings.Split(encoded, "$")
	if len(fields) != n {
		return nil, fmt.Errorf("stored hash of %d fields, want %d", len(fields), n)
	}
	return fields, nil
}

// parseDecimal reads a number as strconv prints it: no sign, no leading zero.
func parseDecimal(digits string) (uint32, error) {
	n, err := strconv.ParseUint(digits, 10, 32)
	if err != nil {
		return 0, err
	}
	if strconv.FormatUint(n, 10) != digits {
		return 0, fmt.Errorf("number %q is not plain", digits)
	}
	return uint32(n), nil
}

// decodeBase64 decodes strictly: no newlines, which Go's decoder would skip, and
// no stray bits, so that each value has one spelling.
func decodeBase64(encoding *base64.Encoding, text string, least, most int) ([]byte, error) {
	if strings.ContainsAny(text, "\r\n") {
		return nil, errors.New("base64 with a line break")
	}
	data, err := encoding.Strict().DecodeString(text)
	if err != nil {
		return nil, err
	}
	if len(data) < least || len(data) > most {
		return nil, fmt.Errorf("%d bytes, want %d to %d", len(data), least, most)
	}
	return data, nil
}

func constantTimeEqual(a, b []byte) bool { return subtle.ConstantTimeCompare(a, b) == 1 }
