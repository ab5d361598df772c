package redisstore

import (
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"stagedoor/engine"
)

// errDamaged says that what is stored under a key is no entry.
var errDamaged = errors.New("damaged")

// recordKey returns the Redis key of a record. An engine.Key is the hex of 32 bytes,
// which base64url says in 43 characters; any other is kept apart and taken as it is.
func (s *Store) recordKey(k engine.Key) string {
	var sum [32]byte
	var text [64]byte
	if len(k) == len(text) {
		copy(text[:], k)
		if _, err := hex.Decode(sum[:], text[:]); err == nil {
			var room [96]byte
			return string(base64.RawURLEncoding.AppendEncode(append(room[:0], s.prefix...), sum[:]))
		}
	}
	return s.prefix + "k:" + string(k)
}

// decodeEntry reads the value of a key: nothing is an entry that is not found. A fault is
// errDamaged, and then no entry.
func decodeEntry(value string) (engine.Entry, error) {
	if value == "" {
		return engine.Entry{}, nil
	}
	h, rest, ok := readHead(value)
	switch {
	case !ok:
		return engine.Entry{}, fmt.Errorf("%w: its head", errDamaged)
	case h.version == 0:
		stone := engine.DecodeTombstone(rest)
		return engine.Entry{Found: true, Tombstone: &stone}, nil
	}
	e := engine.Entry{
		Found: true, Session: rest[:h.session], Account: rest[h.session : h.session+h.account], SignedOut: h.signedOut,
	}
	var err error
	if e.Record, err = engine.DecodeRecord(rest[h.session+h.account:]); err != nil {
		return engine.Entry{}, fmt.Errorf("%w: %w", errDamaged, err)
	}
	if e.Record.Version != h.version {
		return engine.Entry{}, fmt.Errorf("%w: its version is %d and %d", errDamaged, e.Record.Version, h.version)
	}
	return e, nil
}

// head is what stands in front of a value.
type head struct {
	// version is that of the record, 0 for a tombstone.
	version uint64
	// session and account are how many bytes of each come next.
	session, account int
	signedOut        bool
}

// readHead reads the head of a value, and returns what is behind it.
func readHead(value string) (h head, rest string, ok bool) {
	text, rest, ok := strings.Cut(value, ";")
	if !ok {
		return head{}, "", false
	}
	if h.version, text, ok = number(text); !ok {
		return head{}, "", false
	}
	var session, account uint64
	if text, ok = strings.CutPrefix(text, "S"); ok {
		session, text, _ = number(text)
	}
	if text, ok = strings.CutPrefix(text, "A"); ok {
		account, text, _ = number(text)
	}
	if text, ok = strings.CutPrefix(text, "R"); ok {
		_, text, _ = number(text)
	}
	text, h.signedOut = strings.CutPrefix(text, "O")
	placed := strings.HasPrefix(text, "K") || text == ""
	if all := uint64(len(rest)); !placed || session > all || account > all-session {
		return head{}, "", false
	}
	h.session, h.account = int(session), int(account)
	return h, rest, true
}

// number reads the digits at the beginning of a text, and returns what is behind them.
func number(text string) (n uint64, rest string, ok bool) {
	end := 0
	for end < len(text) && text[end] >= '0' && text[end] <= '9' {
		end++
	}
	n, err := strconv.ParseUint(text[:end], 10, 64)
	return n, text[end:], err == nil && (text[0] != '0' || end == 1)
}
