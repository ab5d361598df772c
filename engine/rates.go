package engine

import (
	"strconv"
	"time"
)

// Rate is one rate limit: at most Max uses in any window Per long, counted by client
// address, by the block of addresses it is in, by account, by what the request is about, or all
// together.
type Rate struct {
	Max int
	Per time.Duration
	// By is ip, block, user, key or all.
	By string
}

// Rates are the limits of a server by action.
type Rates map[string][]Rate

// Counted names whom a use is counted for.
type Counted struct {
	// IP is the client's address, Block the addresses that whoever has it is likely to have, too
	// ("192.0.2.0/24"), User the account ("" for none), Key what the request is about, hashed: it
	// must not be readable in the store.
	IP    string
	Block string
	User  AccountID
	Key   string
}

// Takes returns the uses an action takes. A limit by account or key that the request
// does not have is left out.
func (r Rates) Takes(action string, c Counted) []Take {
	var out []Take
	for i, rate := range r[action] {
		who := ""
		switch rate.By {
		case "ip":
			who = c.IP
		case "block":
			who = c.Block
		case "all":
			who = "all"
		case "user":
			who = string(c.User)
		case "key":
			who = c.Key
		}
		if who == "" {
			continue
		}
		out = append(out, Take{Key: "rl:" + action + ":" + strconv.Itoa(i) + ":" + rate.By + ":" + who, Max: rate.Max, Per: rate.Per, By: rate.By})
	}
	return out
}

// Refunds gives back what takes have used up: every use of those limits for which all
// reports true, of others the one that was taken. A nil all is for none.
func Refunds(takes []Take, all func(Take) bool) []Refund {
	var out []Refund
	for _, t := range takes {
		out = append(out, Refund{Take: t, All: all != nil && all(t)})
	}
	return out
}
