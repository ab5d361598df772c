package stages

import (
	"context"
	"encoding/base64"
	"encoding/binary"
	"strings"
	"time"

	"stagedoor/engine"
	"stagedoor/state"
)

// What a key of a letter is for. A key for one is good for no other.
const (
	verifies = "email key"
	disowns  = "disown key"
)

// keyPrefix starts every key of a letter, so that the form can change one day.
const keyPrefix = "1."

// letterKeyEnd is what stands in a key behind the account: a time, a mark, and a MAC.
const letterKeyEnd = 8 + 1 + 16

// newLetterKey makes a key that a letter carries: the account, the time in milliseconds, a
// mark, and a MAC over all of it, what it is for, the address and the account's epoch: what
// ends everything that began before ends letters, too. Only the key to disown an account
// outlives that: the person who made the account must not void it. Nothing of it is stored.
func (e *Env) newLetterKey(use string, a *state.Account, address string, mark bool, now time.Time) string {
	b := a.ID.Bytes()
	b = binary.BigEndian.AppendUint64(b, uint64(now.UnixMilli()))
	b = append(b, 0)
	if mark {
		b[len(b)-1] = 1
	}
	b = append(b, e.Keys.MAC(use, letterParts(use, b, address, a.Epoch)...)[:16]...)
	return keyPrefix + base64.RawURLEncoding.EncodeToString(b)
}

// letterParts are what the MAC of a key covers.
func letterParts(use string, head []byte, address string, epoch int64) [][]byte {
	if use == disowns {
		epoch = 0
	}
	return [][]byte{head, []byte(address), binary.BigEndian.AppendUint64(nil, uint64(epoch))}
}

// letterKey is what a good key of a letter stands for.
type letterKey struct {
	account *state.Account
	// email is the address of the account that the letter went to.
	email *state.Email
	mark  bool
}

// openLetterKey returns what the key stands for, or nil: for a key that is forged, for
// another use, too old, or whose address is gone.
func (e *Env) openLetterKey(ctx context.Context, use, key string, now time.Time) (*letterKey, error) {
	body, ok := strings.CutPrefix(key, keyPrefix)
	raw, err := base64.RawURLEncoding.DecodeString(body)
	if !ok || err != nil || len(raw) <= letterKeyEnd {
		return nil, nil
	}
	id, end := raw[:len(raw)-letterKeyEnd], raw[len(raw)-letterKeyEnd:]
	at := int64(binary.BigEndian.Uint64(end))
	if age := now.UnixMilli() - at; age < 0 || age > e.KeyLifetime.Milliseconds() {
		return nil, nil
	}
	account, err := e.account(ctx, engine.AccountID(state.AccountIDOf(id)))
	if account == nil || err != nil {
		return nil, err
	}
	head, mac := raw[:len(raw)-16], raw[len(raw)-16:]
	for i := range account.Emails {
		if e.Keys.Matches(mac, use, letterParts(use, head, account.Emails[i].Address, account.Epoch)...) {
			return &letterKey{account: account, email: &account.Emails[i], mark: head[len(head)-1] == 1}, nil
		}
	}
	return nil, nil
}
