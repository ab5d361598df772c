package config

import (
	"errors"
	"fmt"
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"stagedoor/engine"
)

// RateLimits are the rate limits that differ from the defaults. Off switches
// all of them off; an action with an empty list has none.
type RateLimits struct {
	Off   bool
	Rates engine.Rates
}

func (l *RateLimits) set(raw any) error {
	if on, err := toBool(raw); err == nil {
		*l = RateLimits{Off: !on}
		return nil
	}
	table, ok := raw.(map[string]any)
	if !ok {
		return Fault{Problem: "must be true, false or limits by action", Hint: "such as login: 30/m/ip"}
	}
	next := RateLimits{Rates: engine.Rates{}}
	var wrong []error
	for _, action := range sortedKeys(table) {
		rates, err := readRates(table[action])
		if err != nil {
			wrong = append(wrong, Fault{Problem: err.Error(), Key: "." + action, Got: show(table[action]),
				Hint: "write 5/m/ip, 10/300s/key, or both with a comma between"})
		}
		next.Rates[action] = rates
	}
	if wrong == nil {
		*l = next
	}
	return errors.Join(wrong...)
}

func (l *RateLimits) plain() any {
	if len(l.Rates) == 0 {
		return !l.Off
	}
	table := map[string]any{}
	for action, rates := range l.Rates {
		table[action] = printRates(rates)
	}
	return table
}

func printRates(rates []engine.Rate) string {
	parts := make([]string, len(rates))
	for i, rate := range rates {
		parts[i] = printRate(rate)
	}
	return strings.Join(parts, ",")
}

// printRate is a rate in the notation of the file, such as 5/60s/ip.
func printRate(r engine.Rate) string {
	return fmt.Sprintf("%d/%ss/%s", r.Max, strconv.FormatFloat(r.Per.Seconds(), 'f', -1, 64), r.By)
}

// readRates reads the rates of one action: none, false or empty is no limit.
func readRates(raw any) ([]engine.Rate, error) {
	if raw == nil {
		return nil, nil
	}
	if on, err := toBool(raw); err == nil && !on {
		return nil, nil
	}
	text, err := toText(raw)
	if err != nil {
		return nil, errors.New("not a rate")
	}
	return ParseRates(text)
}

// ParseRates reads rates in django-allauth's notation, amount/period/per with
// commas between: the period is a number and one of s, m, h, d, the number
// being 1 when left out; per is ip when left out. Of ours are the pers block, a /24 of IPv4 or a
// /48 of IPv6, and all, everybody together. An empty text is no limit.
func ParseRates(text string) ([]engine.Rate, error) {
	if strings.TrimSpace(text) == "" {
		return nil, nil
	}
	var rates []engine.Rate
	for part := range strings.SplitSeq(text, ",") {
		rate, err := parseRate(strings.TrimSpace(part))
		if err != nil {
			return nil, err
		}
		rates = append(rates, rate)
	}
	return rates, nil
}

func parseRate(text string) (engine.Rate, error) {
	parts := strings.Split(text, "/")
	if len(parts) == 2 {
		parts = append(parts, "ip")
	}
	if len(parts) != 3 {
		return engine.Rate{}, errors.New("not amount/period/per")
	}
	amount, err := strconv.Atoi(parts[0])
	if err != nil || amount < 1 {
		return engine.Rate{}, errors.New("the amount is no whole number above 0")
	}
	period, err := parsePeriod(parts[1])
	if err != nil {
		return engine.Rate{}, errors.New("the period is no time such as 300s, 5m, 1h or d")
	}
	if !slices.Contains([]string{"ip", "block", "user", "key", "all"}, parts[2]) {
		return engine.Rate{}, errors.New("counted neither by ip, block, user, key nor all")
	}
	return engine.Rate{Max: amount, Per: period, By: parts[2]}, nil
}

// parsePeriod reads 300s, 5m, m, 1.5h, d, to the millisecond.
func parsePeriod(text string) (time.Duration, error) {
	units := map[string]float64{"s": 1, "m": 60, "h": 3600, "d": 86400}
	if text == "" {
		return 0, strconv.ErrSyntax
	}
	number, unit := text[:len(text)-1], text[len(text)-1:]
	seconds, known := units[unit]
	if !known {
		return 0, strconv.ErrSyntax
	}
	if number != "" {
		n, err := strconv.ParseFloat(number, 64)
		if err != nil || math.IsNaN(n) {
			return 0, strconv.ErrSyntax
		}
		seconds *= n
	}
	if seconds < 0.001 || seconds > float64(maxAge) {
		return 0, strconv.ErrRange
	}
	return time.Duration(math.Round(seconds*1000)) * time.Millisecond, nil
}

// limitedAction is something that can be limited: by what it can be counted,
// and how much of it is allowed when nobody says otherwise.
type limitedAction struct {
	name  string
	by    []string
	rates []engine.Rate
}

// limitedActions are the actions with a limit and django-allauth's defaults for
// them. Three are ours: anonymous counts whatever may leave a record of a client that nobody
// knows, confirm_email_address the mails that verify an address by the client that has them sent,
// and sms the text messages with a code by their number, the block of addresses that their client
// is in, and all together: somebody who is paid for each has a server send as many as it will. These
// are besides the limit of the action itself. A limit by user needs somebody signed in, one
// by key an address or a number the request is about; confirm_email counts for each account
// that has the address.
func limitedActions() []limitedAction {
	const day = 24 * time.Hour
	ip, user, key := []string{"ip"}, []string{"ip", "user"}, []string{"ip", "key"}
	limit := func(most int, per time.Duration, by string) engine.Rate {
		return engine.Rate{Max: most, Per: per, By: by}
	}
	perIP := func(most int) []engine.Rate { return []engine.Rate{limit(most, time.Minute, "ip")} }
	perUser := func(most int) []engine.Rate { return []engine.Rate{limit(most, time.Minute, "user")} }
	both := func(a, b engine.Rate) []engine.Rate { return []engine.Rate{a, b} }
	return []limitedAction{
		{"anonymous", ip, both(limit(60, time.Minute, "ip"), limit(1800, time.Hour, "ip"))},
		{"change_password", user, perUser(5)},
		{"change_phone", user, perUser(1)},
		{"confirm_email", key, []engine.Rate{limit(1, 3*time.Minute, "key")}},
		{"confirm_email_address", key, []engine.Rate{limit(20, time.Hour, "key")}},
		{"login", ip, perIP(30)},
		{"login_failed", key, both(limit(10, time.Minute, "ip"), limit(5, 5*time.Minute, "key"))},
		{"manage_email", user, perUser(10)},
		{"reauthenticate", user, perUser(10)},
		{"request_login_code", key, both(limit(20, time.Minute, "ip"), limit(3, time.Minute, "key"))},
		{"reset_password", key, both(limit(20, time.Minute, "ip"), limit(5, time.Minute, "key"))},
		{"reset_password_from_key", ip, perIP(20)},
		{"signup", ip, perIP(20)},
		{"sms", []string{"key", "block", "all"}, []engine.Rate{limit(10, day, "key"), limit(100, day, "block"), limit(2000, day, "all")}},
		{"verify_phone", key, both(limit(1, 30*time.Second, "key"), limit(3, time.Minute, "ip"))},
	}
}

// passkeyActions are the actions that mfa.rate_limits is about. Nobody's secret can be guessed
// there, so that only the client's address counts.
func passkeyActions() []limitedAction {
	return []limitedAction{{"webauthn_login", []string{"ip"}, []engine.Rate{{Max: 10, Per: time.Minute, By: "ip"}}}}
}

// Rates are the limits in force, by action: those overridden, and for all others
// django-allauth's defaults. An action without a limit is not among them.
func (a Account) Rates() engine.Rates {
	rates := engine.Rates{}
	for _, action := range limitedActions() {
		rates[action.name] = action.rates
	}
	if a.EmailVerificationByCodeEnabled {
		rates["confirm_email"] = []engine.Rate{{Max: 1, Per: 10 * time.Second, By: "key"}}
	}
	return a.RateLimits.over(rates)
}

// Rates are the limits in force of passkeys, by action. Those of accounts are apart:
// switching off the one leaves the other on.
func (m MFA) Rates() engine.Rates {
	rates := engine.Rates{}
	for _, action := range passkeyActions() {
		rates[action.name] = action.rates
	}
	return m.RateLimits.over(rates)
}

// over lays the limits that differ over the defaults. It changes them.
func (l RateLimits) over(defaults engine.Rates) engine.Rates {
	if l.Off {
		return engine.Rates{}
	}
	maps.Copy(defaults, l.Rates)
	maps.DeleteFunc(defaults, func(_ string, limits []engine.Rate) bool { return len(limits) == 0 })
	return defaults
}

// rateLimits checks that limits are of actions there are, counted by what
// these can be counted by.
func (k *checker) rateLimits() {
	k.limitsOf("account.rate_limits.", k.c.Account.RateLimits.Rates, limitedActions())
	k.limitsOf("mfa.rate_limits.", k.c.MFA.RateLimits.Rates, passkeyActions())
}

// limitsOf checks the limits of one section, whose keys begin with the prefix.
func (k *checker) limitsOf(prefix string, rates engine.Rates, actions []limitedAction) {
	var names []string
	byName := map[string]limitedAction{}
	for _, action := range actions {
		names = append(names, action.name)
		byName[action.name] = action
	}
	for _, name := range sortedKeys(rates) {
		key := prefix + name
		action, known := byName[name]
		if !known {
			hint := "actions are " + strings.Join(names, ", ")
			if near := nearest(name, names); near != "" {
				hint = "did you mean " + near
			}
			k.wrong(key, "unknown action", nil, hint)
			continue
		}
		for _, rate := range rates[name] {
			if !slices.Contains(action.by, rate.By) {
				k.wrong(key, "cannot be counted by "+rate.By, printRate(rate), "this action is counted by "+strings.Join(action.by, " or "))
			}
			if rate.Max < 1 || rate.Per <= 0 {
				k.wrong(key, "not a limit", printRate(rate), "write 5/m/ip, or leave it empty for no limit")
			}
		}
	}
}
