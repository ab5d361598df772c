package accounts

import (
	"bytes"
	"crypto/pbkdf2"
	"crypto/sha1"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"regexp"
	"strings"

	"golang.org/x/crypto/bcrypt"
	"golang.org/x/crypto/scrypt"
)

// What a foreign hash may cost, for the same reasons and up to the same few
// seconds as our own.
const (
	maxPBKDF2Iterations = 10_000_000
	maxBcryptCost       = 15
	maxScryptBlock      = 32      // r
	maxScryptParallel   = 16      // p
	maxScryptWork       = 8 << 20 // N*r*p, in blocks of 128 bytes
	scryptKeyBytes      = 64      // what Django derives
)

// foreignHash compares a password with a hash that another system stored, in
// constant time.
type foreignHash func(password string) bool

// parseForeign reads the formats of Django's password hashers, whose first field
// names the algorithm, and plain bcrypt.
func (h *Hasher) parseForeign(encoded string) (foreignHash, error) {
	algorithm, rest, _ := strings.Cut(encoded, "$")
	switch algorithm {
	case "":
		return parseBcrypt(encoded, plainBytes)
	case "argon2":
		hash, err := parseArgon2id("$" + rest)
		if err != nil {
			return nil, err
		}
		return func(password string) bool { return h.equal(hash, password) }, nil
	case "bcrypt":
		return parseBcrypt(rest, plainBytes)
	case "bcrypt_sha256":
		return parseBcrypt(rest, hexSHA256)
	case "pbkdf2_sha256":
		return parsePBKDF2(encoded, sha256.New, sha256.Size)
	case "pbkdf2_sha1":
		return parsePBKDF2(encoded, sha1.New, sha1.Size)
	case "scrypt":
		return parseScrypt(encoded)
	}
	return nil, errors.New("stored hash of an unknown algorithm")
}

// parsePBKDF2 reads "pbkdf2_sha256$iterations$salt$key", or the same of SHA-1. The salt is
// used as it is spelt; the key is base64 of as many bytes as the digest has. HMAC does not need
// what SHA-1 has lost: its hashes are as good as their iterations (RFC 8018, appendix B.1).
func parsePBKDF2(encoded string, digest func() hash.Hash, size int) (foreignHash, error) {
	fields, err := hashFields(encoded, 4)
	if err != nil {
		return nil, err
	}
	iterations, err := parseDecimal(fields[1])
	if err != nil {
		return nil, err
	}
	if iterations < 1 || iterations > maxPBKDF2Iterations {
		return nil, fmt.Errorf("%d iterations, want 1 to %d", iterations, maxPBKDF2Iterations)
	}
	want, err := decodeBase64(base64.StdEncoding, fields[3], size, size)
	if err != nil {
		return nil, err
	}
	return func(password string) bool {
		key, err := pbkdf2.Key(digest, password, []byte(fields[2]), int(iterations), len(want))
		return err == nil && constantTimeEqual(want, key)
	}, nil
}

// parseScrypt reads "scrypt$N$salt$r$p$key": the salt comes second and is used as
// it is spelt; the key is base64 of 64 bytes. N, r and p are those of RFC 7914.
func parseScrypt(encoded string) (foreignHash, error) {
	fields, err := hashFields(encoded, 6)
	if err != nil {
		return nil, err
	}
	n, nErr := parseDecimal(fields[1])
	r, rErr := parseDecimal(fields[3])
	p, pErr := parseDecimal(fields[4])
	if err := errors.Join(nErr, rErr, pErr); err != nil {
		return nil, err
	}
	if err := scryptValid(uint64(n), uint64(r), uint64(p)); err != nil {
		return nil, err
	}
	want, err := decodeBase64(base64.StdEncoding, fields[5], scryptKeyBytes, scryptKeyBytes)
	if err != nil {
		return nil, err
	}
	return func(password string) bool {
		key, err := scrypt.Key([]byte(password), []byte(fields[2]), int(n), int(r), int(p), len(want))
		return err == nil && constantTimeEqual(want, key)
	}, nil
}

func scryptValid(n, r, p uint64) error {
	switch {
	case n < 2 || n&(n-1) != 0:
		return fmt.Errorf("scrypt N of %d, want a power of two above 1", n)
	case r < 1 || r > maxScryptBlock || p < 1 || p > maxScryptParallel:
		return fmt.Errorf("scrypt r of %d and p of %d, want 1 to %d and 1 to %d", r, p, maxScryptBlock, maxScryptParallel)
	case n*r > maxHashMemoryKiB*1024/128:
		return fmt.Errorf("scrypt N*r of %d, at most %d", n*r, maxHashMemoryKiB*1024/128)
	case n*r*p > maxScryptWork:
		return fmt.Errorf("scrypt N*r*p of %d, at most %d", n*r*p, maxScryptWork)
	}
	return nil
}

// bcryptShape is a bcrypt hash: version, cost, 22 characters of salt, 31 of key.
// Version 2x, whose keys are those of a broken implementation, is left out.
var bcryptShape = regexp.MustCompile(`^\$2[aby]\$[0-9]{2}\$[./A-Za-z0-9]{53}$`)

// parseBcrypt reads a plain bcrypt hash; prepare makes its key of the password.
func parseBcrypt(encoded string, prepare func(string) []byte) (foreignHash, error) {
	if !bcryptShape.MatchString(encoded) {
		return nil, errors.New("stored hash is no bcrypt hash")
	}
	cost, err := bcrypt.Cost([]byte(encoded))
	if err != nil {
		return nil, err
	}
	if cost < bcrypt.MinCost || cost > maxBcryptCost {
		return nil, fmt.Errorf("bcrypt cost of %d, want %d to %d", cost, bcrypt.MinCost, maxBcryptCost)
	}
	return func(password string) bool {
		key := prepare(password)
		err := bcrypt.CompareHashAndPassword([]byte(encoded), key)
		// bcrypt ends its key with NUL and repeats it: "a" and "a\x00a" are one to it.
		return err == nil && !bytes.Contains(key, []byte{0})
	}, nil
}

// plainBytes is the key of plain bcrypt, which looks at the first 72 bytes only.
func plainBytes(password string) []byte { return []byte(password) }

// hexSHA256 is the key of Django's bcrypt_sha256: the digest of the password in
// lower-case hexadecimal, so that every byte of a long password counts.
func hexSHA256(password string) []byte {
	sum := sha256.Sum256([]byte(password))
	return []byte(hex.EncodeToString(sum[:]))
}
