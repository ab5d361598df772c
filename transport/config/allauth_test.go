package config

import (
	"bytes"
	"flag"
	"fmt"
	"os"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "write the README's table of settings")

// TestCounterparts: every setting of django-allauth is a key here, or it is said why not.
func TestCounterparts(t *testing.T) {
	var seen []string
	for _, c := range counterparts() {
		if slices.Contains(seen, c.setting) {
			t.Errorf("%s is listed twice", c.setting)
		}
		seen = append(seen, c.setting)
		if !isKey(c.key) && c.why == "" {
			t.Errorf("%s: %s is no key, and nobody is told why", c.setting, c.key)
		}
		if strings.ContainsAny(c.why, "|`\n") || c.fallback == "" {
			t.Errorf("%s: %q, %q does not fit into a table", c.setting, c.fallback, c.why)
		}
		if said := notHere(c.setting); said != "" && isKey(c.key) || said != c.why && !isKey(c.key) {
			t.Errorf("%s as it is called there: told %q, a key here: %v", c.setting, said, isKey(c.key))
		}
	}
	if len(seen) < 140 {
		t.Errorf("%d settings", len(seen))
	}
}

// TestEveryNameOfAllauthIsKnown writes each setting as people would, one at a time: it is read,
// or its fault says why not.
func TestEveryNameOfAllauthIsKnown(t *testing.T) {
	for _, c := range counterparts() {
		keys := map[string]any{}
		put(keys, strings.Split(c.key, "."), envText{Name: "X", Text: "x"})
		var d decoder
		prune(reflect.TypeFor[Config](), "", keys, &d.faults)
		switch {
		case isKey(c.key) && len(d.faults) > 0:
			t.Errorf("%s: %v", c.setting, d.faults)
		case !isKey(c.key) && (len(d.faults) != 1 || d.faults[0].Hint != c.why):
			t.Errorf("%s: %v, want %s", c.setting, d.faults, c.why)
		}
	}
}

// TestAdviceNamesKeys checks that keys named in hints exist.
func TestAdviceNamesKeys(t *testing.T) {
	named := 0
	for _, c := range counterparts() {
		for _, name := range namedKey.FindAllString(c.why, -1) {
			if name[0] == '[' || !strings.Contains(name, ".") {
				continue
			}
			named++
			if !isKey(name) {
				t.Errorf("the advice for %s names %q, which is no key", c.setting, name)
			}
		}
	}
	if named < 20 {
		t.Errorf("%d keys are named", named)
	}
}

// TestReadmeSettings holds the README's table of settings against the code.
func TestReadmeSettings(t *testing.T) {
	const file, begin, end = "../../README.md", "<!-- settings of django-allauth: go test ./transport/config -run ReadmeSettings -update -->\n", "<!-- end of the settings -->\n"
	readme, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	before, rest, ok := bytes.Cut(readme, []byte(begin))
	is, after, closed := bytes.Cut(rest, []byte(end))
	if !ok || !closed {
		t.Fatalf("the README has no place for the table, between %q and %q", begin, end)
	}
	want := settingsTable()
	if string(is) == want {
		return
	}
	if !*update {
		t.Fatal("the README's table of settings is not of the code; write it with -update")
	}
	whole := slices.Concat(before, []byte(begin), []byte(want), []byte(end), after)
	if err := os.WriteFile(file, whole, 0o644); err != nil {
		t.Fatal(err)
	}
}

// settingsTable is the table of settings in Markdown.
func settingsTable() string {
	var b strings.Builder
	b.WriteString("| django-allauth | default there | here | default here |\n|---|---|---|---|\n")
	now := plainKeys(Default(), Secret.String)
	for _, c := range counterparts() {
		key, fallback := "–", prose(c.why)
		switch {
		case isKey(c.key):
			key, fallback = "`"+c.key+"`", defaultOf(now, c.key)
			if c.why != "" {
				fallback += "; " + prose(c.why)
			}
		}
		fmt.Fprintf(&b, "| `%s` | %s | %s | %s |\n", c.setting, code(c.fallback), key, fallback)
	}
	return b.String()
}

// namedKey is a key, or what begins like one, in a text.
var namedKey = regexp.MustCompile(`\b(?:account|socialaccount|mfa|headless|usersessions|session|mail)\.[a-z][a-z_.0-9]*[a-z]|\b[a-z]+_[a-z_]+\b|\[["a-z].*\]`)

// prose prints advice, with what a file would have as code.
func prose(text string) string { return namedKey.ReplaceAllString(text, "`$0`") }

// code prints a default of django-allauth: one that names another setting is prose.
func code(text string) string {
	if before, setting, ok := strings.Cut(text, "as "); ok && before == "" {
		return "as `" + setting + "`"
	}
	return "`" + text + "`"
}

// defaultOf is a default as a file would have it, and of a section its keys.
func defaultOf(now map[string]any, key string) string {
	if v, leaf := now[key]; leaf {
		text := inFile(v)
		if v == nil {
			text = "left out"
		}
		if text == "empty" || text == "left out" {
			return text
		}
		return "`" + text + "`"
	}
	var keys []string
	for full := range now {
		if name, ok := strings.CutPrefix(full, key+"."); ok {
			keys = append(keys, name)
		}
	}
	slices.Sort(keys)
	return "keys: `" + strings.Join(keys, "`, `") + "`"
}
