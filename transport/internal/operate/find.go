package operate

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"stagedoor/state"
)

// ErrNobody says that there is no such account.
var ErrNobody = errors.New("no account has this id, address, number or username")

// find looks an account up by whatever names it: its id, an address, a number or its
// username.
func find(ctx context.Context, accounts state.Accounts, who string) (*state.Account, error) {
	keys := []state.Key{{Kind: state.KeyUsername, Value: who}}
	switch {
	case strings.Contains(who, "@"):
		keys = []state.Key{{Kind: state.KeyEmail, Value: strings.ToLower(who)}, keys[0]}
	case strings.HasPrefix(who, "+"):
		keys = []state.Key{{Kind: state.KeyPhone, Value: who}, keys[0]}
	default:
		if _, err := strconv.ParseInt(who, 10, 64); err == nil {
			keys = []state.Key{{Kind: "id", Value: who}, keys[0]}
		}
	}
	for _, key := range keys {
		account, err := accounts.Find(ctx, key)
		if err == nil || !errors.Is(err, state.ErrNotFound) {
			return account, err
		}
	}
	return nil, fmt.Errorf("%q: %w", who, ErrNobody)
}
