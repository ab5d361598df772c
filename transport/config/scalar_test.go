package config

import (
	"math"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// env is a value as the environment says it.
func env(text string) envText { return envText{Name: "STAGEDOOR_X", Text: text} }

func TestToBool(t *testing.T) {
	for raw, want := range map[any]bool{
		true: true, false: false, env("true"): true, env(" TRUE "): true, env("1"): true, env("yes"): true, env("on"): true,
		env("false"): false, env("0"): false, env("No"): false, env("off"): false,
	} {
		if got, err := toBool(raw); err != nil || got != want {
			t.Errorf("%v: %v, %v", raw, got, err)
		}
	}
	for _, raw := range []any{1, 0, "true", nil, env(""), env("2"), []any{true}} {
		if got, err := toBool(raw); err == nil {
			t.Errorf("%#v is read as %v", raw, got)
		}
	}
}

func TestToInt(t *testing.T) {
	for raw, want := range map[any]int64{
		3: 3, int64(-4): -4, 5.0: 5, env("6"): 6, env(" -7 "): -7, int64(math.MaxInt64): math.MaxInt64,
	} {
		if got, err := toInt(raw); err != nil || got != want {
			t.Errorf("%v: %v, %v", raw, got, err)
		}
	}
	for _, raw := range []any{1.5, 1e300, math.NaN(), math.Inf(1), uint64(math.MaxUint64), "3", true, nil, env(""), env("1.5"), env("99999999999999999999")} {
		if got, err := toInt(raw); err == nil {
			t.Errorf("%#v is read as %v", raw, got)
		}
	}
}

func TestToFloat(t *testing.T) {
	for raw, want := range map[any]float64{
		3: 3, int64(4): 4, uint64(math.MaxUint64): math.MaxUint64, 0.5: 0.5, env("0.5"): 0.5, env(" 1e-3 "): 0.001,
	} {
		if got, err := toFloat(raw); err != nil || got != want {
			t.Errorf("%v: %v, %v", raw, got, err)
		}
	}
	for _, raw := range []any{math.NaN(), math.Inf(-1), "3", true, nil, env(""), env("15m"), env("inf"), env("1e999")} {
		if got, err := toFloat(raw); err == nil {
			t.Errorf("%#v is read as %v", raw, got)
		}
	}
}

func TestToText(t *testing.T) {
	for raw, want := range map[any]string{"": "", " a ": " a ", env("b=c"): "b=c"} {
		if got, err := toText(raw); err != nil || got != want {
			t.Errorf("%v: %q, %v", raw, got, err)
		}
	}
	for _, tc := range []struct {
		raw  any
		hint string
	}{
		{1, "in quotes"}, {int64(1), "in quotes"}, {uint64(1), "in quotes"}, {1.5, "in quotes"}, {true, "in quotes"}, {time.Time{}, "in quotes"},
		{nil, "one value"}, {[]any{"a"}, "one value"}, {map[string]any{}, "one value"},
	} {
		if got, err := toText(tc.raw); err == nil || !strings.Contains(err.Error(), tc.hint) {
			t.Errorf("%#v: %q, %v", tc.raw, got, err)
		}
	}
}

func TestToList(t *testing.T) {
	for _, tc := range []struct {
		raw  any
		want []string
	}{
		{[]any{}, []string{}},
		{[]any{"a", "b,c"}, []string{"a", "b,c"}},
		{env(""), []string{}},
		{env("a"), []string{"a"}},
		{env(" a, b ,,c,"), []string{"a", "b", "c"}},
	} {
		got, err := toList(tc.raw)
		if err != nil {
			t.Errorf("%v: %v", tc.raw, err)
		}
		if diff := cmp.Diff(tc.want, got); diff != "" {
			t.Errorf("%v: %s", tc.raw, diff)
		}
	}
	for _, raw := range []any{"a,b", nil, 3, []any{"a", 3}, []any{nil}, map[string]any{"a": "b"}} {
		if got, err := toList(raw); err == nil {
			t.Errorf("%#v is read as %v", raw, got)
		}
	}
}
