package draw

import (
	"slices"
	"strings"
	"unicode/utf8"

	"stagedoor/engine"
)

// row is a line of a label: exits that mean the same.
type row struct {
	// exits are as they are shown, leaves as the graph has them.
	exits  []string
	leaves []engine.Exit
	badges []badge
	dead   bool
}

// text is the row's exits.
func (r row) text() string { return strings.Join(r.exits, ", ") }

// plain is the row with its badges as text, for formats without badges.
func (r row) plain() string {
	out := r.text()
	if len(r.badges) > 0 {
		out += " (" + says(r.badges) + ")"
	}
	return out
}

// says are badges as text: "proves first, password; needs code".
func says(badges []badge) string {
	var b strings.Builder
	for i, one := range badges {
		switch {
		case i > 0 && one.kind == badges[i-1].kind:
			b.WriteString(", " + one.of)
			continue
		case i > 0:
			b.WriteString("; ")
		}
		b.WriteString(string(one.kind) + " " + one.of)
	}
	return b.String()
}

// badge is something an exit or an end has to do with a proof, or with another exit.
type badge struct {
	kind badgeKind
	of   string
}

// text is what stands in the badge.
func (b badge) text() string {
	switch b.kind {
	case needs, waives, pretends:
		return string(b.kind) + " " + b.of
	}
	return b.of
}

// badgeKind is what is said of the proof.
type badgeKind string

// The kinds of badge.
const (
	proves   badgeKind = "proves"
	needs    badgeKind = "needs"
	waives   badgeKind = "waives"
	pretends badgeKind = "pretends"
	// demands is a rule of an end, broken one that does not hold.
	demands badgeKind = "demands"
	broken  badgeKind = "demands in vain"
)

// rowLength is how many characters of exits stand in one row, where there are several.
const rowLength = 24

// addRow adds exits to a label, to the row of those that mean the same where there is one
// with room.
func addRow(rows []row, r row) []row {
	for i := range rows {
		if rows[i].dead == r.dead && slices.Equal(rows[i].badges, r.badges) && utf8.RuneCountInString(rows[i].text()+", "+r.text()) <= rowLength {
			rows[i].exits = append(rows[i].exits, r.exits...)
			rows[i].leaves = append(rows[i].leaves, r.leaves...)
			return rows
		}
	}
	return append(rows, r)
}

// badgesOf are what an exit means.
func badgesOf(s engine.ExitSpec, waived []engine.Proof) []badge {
	var out []badge
	if s.Binds {
		out = append(out, badge{proves, string(engine.Subject)})
	}
	for _, p := range s.Proves {
		if b := (badge{proves, shown(string(p))}); !slices.Contains(out, b) {
			out = append(out, b)
		}
	}
	for _, p := range s.Needs {
		out = append(out, badge{needs, shown(string(p))})
	}
	if s.Distinct {
		out = append(out, badge{needs, "something else"})
	}
	for _, p := range waived {
		out = append(out, badge{waives, shown(string(p))})
	}
	if s.Pretends != "" {
		out = append(out, badge{pretends, shown(string(s.Pretends))})
	}
	return out
}

// shown makes names visible: an empty one, and characters that no picture shows.
func shown(s string) string {
	if strings.TrimSpace(s) == "" {
		return `""`
	}
	return strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f || r == 0xfffe || r == 0xffff {
			return ' '
		}
		return r
	}, strings.ToValidUTF8(s, "\ufffd"))
}

// wrap breaks a text between words into as few lines as it takes, and those into lines of
// much the same length.
func wrap(text string) []string {
	const most = 32
	out := fill(text, most)
	for width := most - 1; width > 0; width-- {
		narrower := fill(text, width)
		if len(narrower) > len(out) {
			break
		}
		out = narrower
	}
	return out
}

// fill breaks a text between words into lines of so many characters, where words allow.
func fill(text string, most int) []string {
	var out []string
	for _, word := range strings.Fields(text) {
		if last := len(out) - 1; last >= 0 && utf8.RuneCountInString(out[last]+" "+word) <= most {
			out[last] += " " + word
		} else {
			out = append(out, word)
		}
	}
	return out
}
