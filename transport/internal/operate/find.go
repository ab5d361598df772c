package operate

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"stagedoor/state"
)

// ErrNobody says that there is no such account.
var ErrNobody = errors.New("no account has this id, address, number or username")

// find looks an account up by whatever names it: its id, an address, a number or its
// username. What looks like an address or a number is one, before it is an id that a program
// brought; and a person cannot call himself by the id of somebody else.
func find(ctx context.Context, accounts state.Accounts, who string) (*state.Account, error) {
	var keys []state.Key
	switch {
	case strings.Contains(who, "@"):
		keys = []state.Key{{Kind: state.KeyEmail, Value: strings.ToLower(who)}}
	case strings.HasPrefix(who, "+"):
		keys = []state.Key{{Kind: state.KeyPhone, Value: who}}
	}
	if _, err := state.ParseAccountID(who); err == nil {
		keys = append(keys, state.Key{Kind: "id", Value: who})
	}
	keys = append(keys, state.Key{Kind: state.KeyUsername, Value: who})
	for _, key := range keys {
		account, err := accounts.Find(ctx, key)
		if err == nil || !errors.Is(err, state.ErrNotFound) {
			return account, err
		}
	}
	return nil, fmt.Errorf("%q: %w", who, ErrNobody)
}
