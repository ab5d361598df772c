package config

import (
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"
)

// What stands in the file arrives with the type YAML gave it, and must be the
// right one; what stands in the environment is text and is read.

func toBool(raw any) (bool, error) {
	bad := Fault{Problem: "must be true or false", Hint: "without quotes"}
	switch v := raw.(type) {
	case bool:
		return v, nil
	case envText:
		switch strings.ToLower(strings.TrimSpace(v.Text)) {
		case "true", "yes", "on", "1":
			return true, nil
		case "false", "no", "off", "0":
			return false, nil
		}
	}
	return false, bad
}

func toInt(raw any) (int64, error) {
	bad := Fault{Problem: "must be a whole number", Hint: "without quotes or a unit"}
	switch v := raw.(type) {
	case int:
		return int64(v), nil
	case int64:
		return v, nil
	case float64:
		if v == math.Trunc(v) && math.Abs(v) < 1<<53 {
			return int64(v), nil
		}
	case envText:
		if n, err := strconv.ParseInt(strings.TrimSpace(v.Text), 10, 64); err == nil {
			return n, nil
		}
	}
	return 0, bad
}

func toFloat(raw any) (float64, error) {
	bad := Fault{Problem: "must be a number", Hint: "without quotes or a unit, fractions are welcome"}
	n := math.NaN()
	switch v := raw.(type) {
	case int:
		n = float64(v)
	case int64:
		n = float64(v)
	case uint64:
		n = float64(v)
	case float64:
		n = v
	case envText:
		if parsed, err := strconv.ParseFloat(strings.TrimSpace(v.Text), 64); err == nil {
			n = parsed
		}
	}
	if math.IsNaN(n) || math.IsInf(n, 0) {
		return 0, bad
	}
	return n, nil
}

func toText(raw any) (string, error) {
	switch v := raw.(type) {
	case string:
		return v, nil
	case envText:
		return v.Text, nil
	case bool, int, int64, uint64, float64, time.Time:
		return "", Fault{Problem: notText, Hint: "put it in quotes"}
	default:
		return "", Fault{Problem: "must be text", Hint: "one value, no list and no section"}
	}
}

// toList reads a list of texts; in the environment it has commas between, and
// an empty text is the empty list.
func toList(raw any) ([]string, error) {
	switch v := raw.(type) {
	case []any:
		list := make([]string, len(v))
		for i, item := range v {
			text, err := toText(item)
			if err != nil {
				return nil, Fault{Problem: "must be a list of texts", Hint: "put each in quotes"}
			}
			list[i] = text
		}
		return list, nil
	case envText:
		list := []string{}
		for item := range strings.SplitSeq(v.Text, ",") {
			if item = strings.TrimSpace(item); item != "" {
				list = append(list, item)
			}
		}
		return list, nil
	default:
		return nil, Fault{Problem: "must be a list", Hint: "write [a, b], or a,b in the environment"}
	}
}

func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }
