package config

import (
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strconv"
	"strings"
)

// Setting is a key with two values. Secrets are only told apart.
type Setting struct {
	Key string `json:"key"`
	Was any    `json:"was"`
	Is  any    `json:"is"`
}

// Differences lists the keys in which two configurations differ, sorted.
func Differences(was, is Config) []Setting {
	old, now := plainKeys(was, Secret.Reveal), plainKeys(is, Secret.Reveal)
	oldShown, nowShown := plainKeys(was, Secret.String), plainKeys(is, Secret.String)
	all := maps.Clone(old)
	maps.Copy(all, now)
	out := []Setting{}
	for _, key := range slices.Sorted(maps.Keys(all)) {
		if !reflect.DeepEqual(old[key], now[key]) {
			out = append(out, Setting{Key: key, Was: oldShown[key], Is: nowShown[key]})
		}
	}
	return out
}

// plainKeys is a configuration as one map from full keys to plain values, with secrets
// as text makes them. An entry of a list of sections is called by its id.
func plainKeys(c Config, text func(Secret) string) map[string]any {
	out := make(map[string]any)
	var walk func(path string, value any)
	walk = func(path string, value any) {
		switch v := value.(type) {
		case map[string]any:
			for key, below := range v {
				walk(strings.TrimPrefix(path+"."+key, "."), below)
			}
		case []any:
			if len(v) == 0 || !isSection(v[0]) {
				out[path] = v
				return
			}
			for i, below := range v {
				walk(path+"."+entryName(below, i), below)
			}
		default:
			out[path] = v
		}
	}
	walk("", encode(reflect.ValueOf(&c).Elem(), text))
	return out
}

func isSection(v any) bool {
	_, ok := v.(map[string]any)
	return ok
}

// entryName is what an entry of a list is called: its id, or its kind, or its place.
func entryName(entry any, place int) string {
	keys := entry.(map[string]any)
	for _, key := range []string{"id", "provider"} {
		if name, ok := keys[key].(string); ok && name != "" {
			return name
		}
	}
	return fmt.Sprint(place)
}

// String says what a key was and is.
func (s Setting) String() string {
	return fmt.Sprintf("%s: %s -> %s", s.Key, inFile(s.Was), inFile(s.Is))
}

// inFile prints a value as a file would have it.
func inFile(v any) string {
	switch v := v.(type) {
	case nil:
		return "not there"
	case float64:
		return strconv.FormatFloat(v, 'f', -1, 64)
	case string:
		if v == "" {
			return "empty"
		}
	case []any:
		each := make([]string, len(v))
		for i, x := range v {
			each[i] = fmt.Sprint(x)
		}
		return "[" + strings.Join(each, ", ") + "]"
	}
	return fmt.Sprint(v)
}
