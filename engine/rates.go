package engine

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// Rate is one rate limit: at most Max uses in any window Per long, counted by client
// address, by account, or by what the request is about.
type Rate struct {
	Max int
	Per time.Duration
	// By is ip, user or key.
	By string
}

// Rates are the limits of a server by action.
type Rates map[string][]Rate

// ParseRates reads limits as django-allauth writes them: "5/m/ip,10/300s/key".
func ParseRates(s string) ([]Rate, error) {
	var out []Rate
	for part := range strings.SplitSeq(s, ",") {
		fields := strings.Split(strings.TrimSpace(part), "/")
		if len(fields) == 2 {
			fields = append(fields, "ip")
		}
		if len(fields) != 3 {
			return nil, fmt.Errorf("rate %q is not amount/period/by, such as 5/m/ip", part)
		}
		n, err := strconv.Atoi(fields[0])
		if err != nil || n < 1 {
			return nil, fmt.Errorf("rate %q: %q is not a positive number", part, fields[0])
		}
		per, err := parsePeriod(fields[1])
		if err != nil {
			return nil, fmt.Errorf("rate %q: %w", part, err)
		}
		if by := fields[2]; by != "ip" && by != "user" && by != "key" {
			return nil, fmt.Errorf("rate %q: counted by %q; it can be ip, user or key", part, by)
		}
		out = append(out, Rate{Max: n, Per: per, By: fields[2]})
	}
	return out, nil
}

func parsePeriod(s string) (time.Duration, error) {
	units := map[byte]time.Duration{'s': time.Second, 'm': time.Minute, 'h': time.Hour, 'd': 24 * time.Hour}
	if s == "" || units[s[len(s)-1]] == 0 {
		return 0, fmt.Errorf("period %q must end in s, m, h or d", s)
	}
	n := 1
	if digits := s[:len(s)-1]; digits != "" {
		var err error
		if n, err = strconv.Atoi(digits); err != nil || n < 1 || n > 1e6 {
			return 0, fmt.Errorf("period %q is not a positive number of a unit", s)
		}
	}
	return time.Duration(n) * units[s[len(s)-1]], nil
}

// Counted names whom a use is counted for.
type Counted struct {
	// IP is the client's address, User the account (0 for none), Key what the request is
	// about, hashed: it must not be readable in the store.
	IP   string
	User int64
	Key  string
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
		case "user":
			if c.User != 0 {
				who = strconv.FormatInt(c.User, 10)
			}
		case "key":
			who = c.Key
		}
		if who == "" {
			continue
		}
		out = append(out, Take{Key: "rl:" + action + ":" + strconv.Itoa(i) + ":" + rate.By + ":" + who, Max: rate.Max, Per: rate.Per})
	}
	return out
}
