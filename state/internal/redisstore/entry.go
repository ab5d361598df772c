package redisstore

import (
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"strconv"

	"stagedoor/engine"
)

// fields are what is read of a hash, in the order in which scripts answer them too.
var fields = [...]string{"runs", "acct", "sess", "out", "gone"}

// errDamaged says that what is stored under a key is no entry.
var errDamaged = errors.New("damaged")

// recordKey returns the Redis key of a record. An engine.Key is the hex of 32 bytes,
// which base64url says in 43 characters; any other is kept apart and taken as it is.
func (s *Store) recordKey(k engine.Key) string {
	var sum [32]byte
	if len(k) == hex.EncodedLen(len(sum)) {
		if _, err := hex.Decode(sum[:], []byte(k)); err == nil {
			return s.prefix + base64.RawURLEncoding.EncodeToString(sum[:])
		}
	}
	return s.prefix + "k:" + string(k)
}

// encodeRuns returns the value of the field runs: the version, then the record.
func encodeRuns(r *engine.Record) (string, error) {
	b, err := r.Encode()
	if err != nil {
		return "", fmt.Errorf("encode record: %w", err)
	}
	return strconv.FormatUint(r.Version, 10) + string(b), nil
}

// decodeRuns reads what encodeRuns wrote.
func decodeRuns(s string) (engine.Record, error) {
	digits := 0
	for digits < len(s) && s[digits] >= '0' && s[digits] <= '9' {
		digits++
	}
	r, err := engine.DecodeRecord(s[digits:])
	if err != nil {
		return engine.Record{}, err
	}
	if r.Version == 0 || strconv.FormatUint(r.Version, 10) != s[:digits] {
		return engine.Record{}, fmt.Errorf("%w: its version is %d and %q", engine.ErrRecord, r.Version, s[:digits])
	}
	return r, nil
}

// decodeEntry reads the fields of a hash, nil or a string each. No field at all is an
// entry that is not found. A fault is errDamaged, and then no entry.
func decodeEntry(values []any) (engine.Entry, error) {
	if len(values) != len(fields) {
		return engine.Entry{}, fmt.Errorf("%w: %d fields", errDamaged, len(values))
	}
	var text [len(fields)]string
	found := false
	for i, v := range values {
		if v == nil {
			continue
		}
		s, ok := v.(string)
		if !ok {
			return engine.Entry{}, fmt.Errorf("%w: %s is a %T", errDamaged, fields[i], v)
		}
		text[i], found = s, true
	}
	if !found {
		return engine.Entry{}, nil
	}
	if values[4] != nil {
		stone := engine.DecodeTombstone(text[4])
		return engine.Entry{Found: true, Tombstone: &stone}, nil
	}
	r, err := decodeRuns(text[0])
	if err != nil {
		return engine.Entry{}, fmt.Errorf("%w: %w", errDamaged, err)
	}
	e := engine.Entry{Found: true, Record: r, SignedOut: values[3] != nil}
	e.Account, e.Session = text[1], text[2]
	return e, nil
}
