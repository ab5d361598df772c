package state

import (
	"encoding/binary"
	"encoding/json"
	"fmt"
	"strconv"
)

// MaxAccountID is how many characters the id of an account may have at most.
const MaxAccountID = 64

// AccountID names an account; "" is nobody. The server draws integers, random, positive and
// below 2^53, so that they survive JSON in a browser; a program may bring its own, see
// [ParseAccountID]. As JSON it is a number where it is one, a canonical integer within
// ±2^53, 0 for nobody, and else a string.
type AccountID string

// integer returns the number that the id is, where it is a canonical one within ±2^53.
func (id AccountID) integer() (int64, bool) {
	n, err := strconv.ParseInt(string(id), 10, 64)
	return n, err == nil && withinBrowsers(n) && strconv.FormatInt(n, 10) == string(id)
}

func withinBrowsers(n int64) bool { return n >= -1<<53 && n <= 1<<53 }

// MarshalJSON writes the id as a number where it is one.
func (id AccountID) MarshalJSON() ([]byte, error) {
	if number, is := id.Number(); is {
		return []byte(number), nil
	}
	return json.Marshal(string(id))
}

// Number returns the id as a number of JSON, where it is one there.
func (id AccountID) Number() (string, bool) {
	if id == "" {
		return "0", true
	}
	_, is := id.integer()
	return string(id), is
}

// UnmarshalJSON reads a whole number or a string.
func (id *AccountID) UnmarshalJSON(b []byte) error {
	if len(b) > 0 && b[0] == '"' {
		return json.Unmarshal(b, (*string)(id))
	}
	switch n, err := strconv.ParseInt(string(b), 10, 64); {
	case string(b) == "null":
	case err != nil:
		return fmt.Errorf("%.40q is no id of an account", b)
	case n == 0:
		*id = ""
	default:
		*id = AccountID(b)
	}
	return nil
}

// Bytes returns the id where bytes are wanted: in user handles, trust cookies and keys of
// letters. A number is 8 bytes, the highest first, 0 for nobody, and any other id its text. No two are
// alike: a text of 8 bytes would be a number beyond 2^53.
func (id AccountID) Bytes() []byte {
	n, is := id.integer()
	if is || id == "" {
		return binary.BigEndian.AppendUint64(nil, uint64(n))
	}
	return []byte(id)
}

// AccountIDOf is the inverse of [AccountID.Bytes]. What is no id is nobody.
func AccountIDOf(b []byte) AccountID {
	text := string(b)
	if len(b) == 8 {
		if n := int64(binary.BigEndian.Uint64(b)); withinBrowsers(n) {
			text = strconv.FormatInt(n, 10)
		}
	}
	id, _ := ParseAccountID(text)
	return id
}

// ParseAccountID returns the text as an id that an account may be given: 1 to
// [MaxAccountID] characters of printable ASCII without spaces, so that it stands in a URL, a
// log line and a user handle (WebAuthn Level 3, section 5.4.3: at most 64 bytes). "0" names
// nobody.
func ParseAccountID(text string) (AccountID, error) {
	fault := func(what string) (AccountID, error) {
		return "", fmt.Errorf("account id %.80q: %s; give 1 to %d characters of printable ASCII without spaces", text, what, MaxAccountID)
	}
	switch {
	case text == "":
		return fault("it is empty")
	case text == "0":
		return fault("it names nobody")
	case len(text) > MaxAccountID:
		return fault("it is too long")
	}
	for i := range len(text) {
		if text[i] <= ' ' || text[i] > '~' {
			return fault("it has a character that ids do not have")
		}
	}
	return AccountID(text), nil
}
