package player

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
)

// Difference is one place where a play departs from its story.
type Difference struct {
	// Where is what was compared: status, body.data.flows, cookies; empty for what could
	// not be played at all.
	Where string `json:"where,omitempty"`
	// Want and Got are what was meant and what came, as they are shown; Text is what is
	// said where there are no two values.
	Want string `json:"want,omitempty"`
	Got  string `json:"got,omitempty"`
	Text string `json:"text,omitempty"`
}

// String says it on one line.
func (d Difference) String() string {
	switch {
	case d.Text == "":
		return fmt.Sprintf("%s: want %s, got %s", d.Where, d.Want, d.Got)
	case d.Where == "":
		return d.Text
	}
	return d.Where + ": " + d.Text
}

// failure is a difference that says what could not be done.
func failure(err error) Difference { return Difference{Text: err.Error()} }

// longest is how many bytes of a value are shown.
const longest = 400

// shown is a value as a difference shows it.
func shown(v any) string {
	s := written(v)
	if len(s) > longest {
		s = s[:longest] + "..."
	}
	return s
}

// mismatch is a difference between two values.
func mismatch(where string, want, got any) Difference {
	return Difference{Where: where, Want: shown(want), Got: shown(got)}
}

// compareRecorded holds what came against a recording.
func compareRecorded(want, got recordedStep) []Difference {
	if want.Step != got.Step {
		return []Difference{{Text: fmt.Sprintf("the recording has %q here; the story was changed since", want.Step)}}
	}
	var out []Difference
	if want.Status != got.Status {
		out = append(out, Difference{Where: "status", Want: strconv.Itoa(want.Status), Got: strconv.Itoa(got.Status) + errorsIn(got.Body)})
	}
	if !slices.Equal(want.Statuses, got.Statuses) {
		out = append(out, mismatch("statuses", want.Statuses, got.Statuses))
	}
	out = append(out, compareLocation(want.Location, got.Location)...)
	if !want.NonJSON { // of any other answer the contract is the status
		out = append(out, compare("body", want.Body, got.Body)...)
	}
	for _, list := range []struct {
		where     string
		want, got []string
	}{
		{"cookies", want.Cookies, got.Cookies}, {"headers", want.Headers, got.Headers}, {"mail", want.Mail, got.Mail}, {"sms", want.SMS, got.SMS},
	} {
		if !slices.Equal(list.want, list.got) {
			out = append(out, mismatch(list.where, orNone(list.want), orNone(list.got)))
		}
	}
	return out
}

func orNone(list []string) []string {
	if list == nil {
		return []string{}
	}
	return list
}

// errorsIn says which errors an answer names, to show beside its status.
func errorsIn(body any) string {
	if fields, ok := body.(map[string]any); ok && fields["errors"] != nil {
		return " with errors " + shown(fields["errors"])
	}
	return ""
}

// compareLocation holds a redirect against another: it may carry more in its query.
func compareLocation(want, got *location) []Difference {
	switch {
	case want == nil && got == nil:
		return nil
	case want == nil:
		return []Difference{{Where: "location", Text: "unexpected " + shown(got)}}
	case got == nil:
		return []Difference{{Where: "location", Text: "missing, want " + shown(want)}}
	case want.To != got.To:
		return []Difference{mismatch("location", want, got)}
	}
	var out []Difference
	for _, part := range want.Query {
		if !slices.Contains(got.Query, part) {
			out = append(out, Difference{Where: "location.query", Text: fmt.Sprintf("%s is missing in %s", part, shown(got))})
		}
	}
	return out
}

// compare lists where a value of JSON's shape differs from another.
func compare(where string, want, got any) []Difference {
	switch w := want.(type) {
	case map[string]any:
		if g, ok := got.(map[string]any); ok {
			return compareObjects(where, w, g)
		}
	case []any:
		if g, ok := got.([]any); ok {
			return compareLists(where, w, g)
		}
	default:
		if want == got {
			return nil
		}
	}
	return []Difference{mismatch(where, want, got)}
}

func compareObjects(where string, want, got map[string]any) []Difference {
	var out []Difference
	names := maps.Clone(want)
	maps.Copy(names, got)
	for _, name := range sorted(names) {
		at := where + "." + name
		w, wanted := want[name]
		g, came := got[name]
		switch {
		case !came:
			out = append(out, Difference{Where: at, Text: "missing, want " + shown(w)})
		case !wanted:
			out = append(out, Difference{Where: at, Text: "unexpected " + shown(g)})
		case name == "is_authenticated" && no(w) && no(g):
		default:
			out = append(out, compare(at, w, g)...)
		}
	}
	return out
}

// no reports whether a flag says no: false and null are the same.
func no(v any) bool { return v == nil || v == false }

// compareLists compares lists that have been sorted where their order says nothing. Short
// ones are shown whole: what is missing shows better so.
func compareLists(where string, want, got []any) []Difference {
	if len(want) != len(got) {
		return []Difference{mismatch(where, want, got)}
	}
	var out []Difference
	for i := range want {
		out = append(out, compare(where+"."+itoa(i), want[i], got[i])...)
	}
	if len(out) > 0 && len(written(want)) < longest {
		return []Difference{mismatch(where, want, got)}
	}
	return out
}

func itoa(i int) string { return strconv.Itoa(i) }

// sorted are the keys of a map in order.
func sorted[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }

func contains(list []string, s string) bool { return slices.Contains(list, s) }

// words joins a list for a person to read.
func listed(list []string) string {
	if len(list) == 0 {
		return "none"
	}
	return strings.Join(list, ", ")
}
