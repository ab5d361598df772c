package player

import (
	"fmt"
	"slices"
	"strings"
)

// addTurns adds turns to what is known of their runs.
func (p *play) addTurns(s *Step, turns []Turn) {
	for _, t := range turns {
		if t.Refused {
			continue
		}
		i := slices.IndexFunc(p.trails, func(r runTrail) bool { return r.run == t.Run && r.Flow == t.Flow })
		if i < 0 {
			i = len(p.trails)
			p.trails = append(p.trails, runTrail{run: t.Run, Trail: Trail{Flow: t.Flow, As: s.As, Marks: []string{}}})
		}
		p.trails[i].Marks = append(p.trails[i].Marks, t.Marks...)
		p.trails[i].End = t.End
	}
}

// sameMark reports whether a run took the exit that a story names; the reason is compared
// where the story names one.
func sameMark(want, got string) bool {
	return want == got || !strings.Contains(want, ":") && strings.HasPrefix(got, want+":")
}

// compareTurns holds the exits taken in one step against those the story names.
func (p *play) compareTurns(s *Step, turns []Turn) []Difference {
	if p.world.Turns == nil {
		return nil
	}
	got := []string{}
	for _, t := range turns {
		got = append(got, t.Marks...)
	}
	if slices.EqualFunc(s.Trail, got, sameMark) {
		return nil
	}
	return []Difference{{Where: "trail", Want: strings.Join(s.Trail, " "), Got: strings.Join(got, " ")}}
}

// compareTrails holds what the runs went through against what the story says.
func (p *play) compareTrails() []Difference {
	if p.story.Trail == nil {
		return nil
	}
	if p.world.Turns == nil {
		p.remarks = append(p.remarks, "trails are not told by a server behind an address, and were not compared")
		return nil
	}
	var out []Difference
	for i := range max(len(p.story.Trail), len(p.trails)) {
		where := fmt.Sprintf("trail %d", i+1)
		switch {
		case i >= len(p.trails):
			out = append(out, Difference{Where: where, Text: "missing, want a run of " + p.story.Trail[i].Flow})
		case i >= len(p.story.Trail):
			out = append(out, Difference{Where: where, Text: "unexpected: " + p.trails[i].String()})
		default:
			want, got := p.story.Trail[i], p.trails[i].Trail
			if want.As == "" {
				got.As = ""
			}
			if want.Flow != got.Flow || want.As != got.As || want.End != got.End || !slices.EqualFunc(want.Marks, got.Marks, sameMark) {
				out = append(out, Difference{Where: where, Want: want.String(), Got: got.String()})
			}
		}
	}
	return out
}

// String is the trail on one line.
func (t Trail) String() string {
	out := t.Flow
	if t.As != "" {
		out += " as " + t.As
	}
	out += ": " + strings.Join(t.Marks, " ")
	if t.End != "" {
		return out + " -> " + t.End
	}
	return out + " (waits)"
}

// comparePrints remarks on flows that are not those the story was recorded under.
func (p *play) comparePrints() {
	if p.world.Prints == nil {
		return
	}
	for _, flow := range sorted(p.story.Prints) {
		was, is := p.story.Prints[flow], p.world.Prints[flow]
		switch {
		case is == "":
			p.remarks = append(p.remarks, fmt.Sprintf("recorded under an older graph: there is no flow %s any more", flow))
		case was != is:
			p.remarks = append(p.remarks, fmt.Sprintf("recorded under an older graph: %s was %s and is %s now", flow, was, is))
		}
	}
}
