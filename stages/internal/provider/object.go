package provider

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"net/url"
	"regexp"
	"strconv"
	"strings"
)

// object is a JSON object that somebody else wrote: numbers as they were spelt, names
// exact (encoding/json would take SUB for sub).
type object map[string]any

// errNoObject says that something is no JSON object, or not only one.
var errNoObject = errors.New("no JSON object")

// decode reads JSON of any shape, with nothing behind it.
func decode(data []byte) (any, error) {
	d := json.NewDecoder(bytes.NewReader(data))
	d.UseNumber()
	var v any
	if d.Decode(&v) != nil {
		return nil, errNoObject
	}
	if _, err := d.Token(); err != io.EOF {
		return nil, errNoObject
	}
	return v, nil
}

// parse reads exactly one JSON object.
func parse(data []byte) (object, error) {
	v, err := decode(data)
	m, ok := v.(map[string]any)
	if err != nil || !ok {
		return nil, errNoObject
	}
	return m, nil
}

// at finds a value by its path: names and indices joined by dots. A name that has dots
// itself is found first. It is nil where there is none, and for the path "".
func (o object) at(path string) any {
	if path == "" {
		return nil
	}
	if v, ok := o[path]; ok {
		return v
	}
	var v any = map[string]any(o)
	for _, step := range strings.Split(path, ".") {
		switch t := v.(type) {
		case map[string]any:
			v = t[step]
		case []any:
			i, err := strconv.Atoi(step)
			if err != nil || i < 0 || i >= len(t) {
				return nil
			}
			v = t[i]
		default:
			return nil
		}
	}
	return v
}

// under is the object at a path; the path "" is the object itself.
func (o object) under(path string) (object, bool) {
	if path == "" {
		return o, true
	}
	m, ok := o.at(path).(map[string]any)
	return m, ok
}

// text is the string at a path, or "".
func (o object) text(path string) string {
	s, _ := o.at(path).(string)
	return s
}

// filled is the string at a path. Where the path has braces, it is a URL, in which they
// stand for the text or number at the path they have in them: it is "" where one of those is
// missing.
func (o object) filled(path string) string {
	if !strings.Contains(path, "{") {
		return o.text(path)
	}
	whole := true
	out := inBraces.ReplaceAllStringFunc(path, func(name string) string {
		word := o.word(name[1 : len(name)-1])
		whole = whole && word != ""
		if strings.Contains(word, "..") {
			return url.PathEscape(word)
		}
		// Yandex has a slash within.
		return strings.ReplaceAll(url.PathEscape(word), "%2F", "/")
	})
	if !whole {
		return ""
	}
	return out
}

// inBraces is a path in braces.
var inBraces = regexp.MustCompile(`\{[^{}]+\}`)

// word is the string or the number at a path, as it is spelt.
func (o object) word(path string) string {
	if n, ok := o.at(path).(json.Number); ok {
		return n.String()
	}
	return o.text(path)
}

// seconds is the time at a path, in whole seconds since 1970, or 0.
func (o object) seconds(path string) int64 {
	n, ok := o.at(path).(json.Number)
	if !ok {
		return 0
	}
	f, err := n.Float64()
	if err != nil || f < 0 || f > 1<<53 {
		return 0
	}
	return int64(f)
}

// truth tells whether a value means yes. Providers differ in how they spell it.
type truth func(any) bool

// yes is the boolean true.
func yes(v any) bool {
	b, ok := v.(bool)
	return ok && b
}

// yesText is true, or "true" as text, in whatever case: Python says "True".
func yesText(v any) bool {
	text, ok := v.(string)
	return yes(v) || ok && strings.EqualFold(text, "true")
}

// yesAny is yes however it is spelt: a boolean, a text, a number.
func yesAny(v any) bool { return yesText(v) || yesOne(v) || v == "1" }

// said is any text: there is something, and that says it.
func said(v any) bool {
	text, _ := v.(string)
	return strings.TrimSpace(text) != ""
}

// yesOne is true, or the number 1.
func yesOne(v any) bool { return yes(v) || v == json.Number("1") }

// yesForm is what a ticked box sends.
func yesForm(v any) bool { return yesText(v) || v == "on" || v == "1" }

// all tells whether every path says yes. No path says no.
func (o object) all(paths []string, says truth) bool {
	if says == nil {
		says = yes
	}
	for _, path := range paths {
		if !says(o.at(path)) {
			return false
		}
	}
	return len(paths) > 0
}
