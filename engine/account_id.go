package engine

import (
	"encoding/json"
	"fmt"
	"strconv"
)

// AccountID names an account; "" is nobody. The engine compares ids and reads nothing out
// of them. As JSON it is a number where it is one, a canonical integer within ±2^53, 0 for
// nobody, and else a string. It is what state.AccountID is, which the engine does not know.
type AccountID string

// Account derives the id of a new account: a number, see [Seed.ID].
func (s Seed) Account() AccountID { return AccountID(strconv.FormatInt(s.ID("account"), 10)) }

// number returns the number that the id is, where it is a canonical one above 0.
func (id AccountID) number() (uint64, bool) {
	if id == "" || id[0] == '0' || len(id) > 19 {
		return 0, false
	}
	var n uint64
	for i := range len(id) {
		if id[i] < '0' || id[i] > '9' {
			return 0, false
		}
		n = n*10 + uint64(id[i]-'0')
	}
	return n, true
}

// MarshalJSON writes the id as a number where it is one.
func (id AccountID) MarshalJSON() ([]byte, error) {
	if id == "" {
		return []byte("0"), nil
	}
	if n, err := strconv.ParseInt(string(id), 10, 64); err == nil && n >= -1<<53 && n <= 1<<53 && strconv.FormatInt(n, 10) == string(id) {
		return []byte(id), nil
	}
	return json.Marshal(string(id))
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
