package server

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
)

// Rate allows Amount uses in any Period seconds, counted for each Per: ip,
// user, or key (what the request is about, such as an address).
type Rate struct {
	Amount int
	Period Seconds
	Per    string
}

// String is the rate in the notation of the file, such as 5/60s/ip.
func (r Rate) String() string {
	return fmt.Sprintf("%d/%ss/%s", r.Amount, strconv.FormatFloat(float64(r.Period), 'f', -1, 64), r.Per)
}

// RateLimits are the rate limits that differ from the defaults. Off switches
// all of them off; an action with an empty list has none.
type RateLimits struct {
	Off   bool
	Rates map[string][]Rate
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
	next := RateLimits{Rates: map[string][]Rate{}}
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

func printRates(rates []Rate) string {
	parts := make([]string, len(rates))
	for i, rate := range rates {
		parts[i] = rate.String()
	}
	return strings.Join(parts, ",")
}

// readRates reads the rates of one action: none, false or empty is no limit.
func readRates(raw any) ([]Rate, error) {
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
// being 1 when left out; per is ip when left out. An empty text is no limit.
func ParseRates(text string) ([]Rate, error) {
	if strings.TrimSpace(text) == "" {
		return nil, nil
	}
	var rates []Rate
	for part := range strings.SplitSeq(text, ",") {
		rate, err := parseRate(strings.TrimSpace(part))
		if err != nil {
			return nil, err
		}
		rates = append(rates, rate)
	}
	return rates, nil
}

func parseRate(text string) (Rate, error) {
	parts := strings.Split(text, "/")
	if len(parts) == 2 {
		parts = append(parts, "ip")
	}
	if len(parts) != 3 {
		return Rate{}, errors.New("not amount/period/per")
	}
	amount, err := strconv.Atoi(parts[0])
	if err != nil || amount < 1 {
		return Rate{}, errors.New("the amount is no whole number above 0")
	}
	period, err := parsePeriod(parts[1])
	if err != nil {
		return Rate{}, errors.New("the period is no time such as 300s, 5m, 1h or d")
	}
	if !slices.Contains([]string{"ip", "user", "key"}, parts[2]) {
		return Rate{}, errors.New("counted neither by ip, user nor key")
	}
	return Rate{Amount: amount, Period: period, Per: parts[2]}, nil
}

// parsePeriod reads 300s, 5m, m, 1.5h, d.
func parsePeriod(text string) (Seconds, error) {
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
	return Seconds(seconds), nil
}

// limitedAction is something that can be limited: by what it can be counted,
// and how much of it is allowed when nobody says otherwise.
type limitedAction struct {
	name  string
	per   []string
	rates []Rate
}

// limitedActions are the actions with a limit and django-allauth's defaults for
// them. A limit by user needs somebody signed in, one by key an address or a
// number the request is about.
func limitedActions() []limitedAction {
	ip, user, key := []string{"ip"}, []string{"ip", "user"}, []string{"ip", "key"}
	perIP := func(amount int) []Rate { return []Rate{{amount, 60, "ip"}} }
	perUser := func(amount int) []Rate { return []Rate{{amount, 60, "user"}} }
	return []limitedAction{
		{"change_password", user, perUser(5)},
		{"change_phone", user, perUser(1)},
		{"confirm_email", key, []Rate{{1, 180, "key"}}},
		{"login", ip, perIP(30)},
		{"login_failed", key, []Rate{{10, 60, "ip"}, {5, 300, "key"}}},
		{"manage_email", user, perUser(10)},
		{"reauthenticate", user, perUser(10)},
		{"request_login_code", key, []Rate{{20, 60, "ip"}, {3, 60, "key"}}},
		{"reset_password", key, []Rate{{20, 60, "ip"}, {5, 60, "key"}}},
		{"reset_password_from_key", ip, perIP(20)},
		{"signup", ip, perIP(20)},
		{"verify_phone", key, []Rate{{1, 30, "key"}, {3, 60, "ip"}}},
	}
}
