package engine

import (
	"fmt"
	"io"
	"strings"
)

// String prints the report: the graph's size, each rule and its proof or the way around
// it, what is dead, and the faults.
func (r Report) String() string {
	var b strings.Builder
	state := "ok"
	if !r.OK() {
		state = "refused"
	}
	fmt.Fprintf(&b, "%s: %d stages, %d edges, print %s: %s\n", quoteEmpty(string(r.Flow)), r.Stages, r.Edges, r.Print, state)
	for _, e := range r.Ends {
		b.WriteString("  " + string(e.Node))
		if e.Grants {
			b.WriteString(", grants a session")
		}
		b.WriteString("\n")
		r.writeRules(&b, e.Node)
	}
	if len(r.Dead) > 0 {
		fmt.Fprintf(&b, "  no run takes %s: nothing before shows what is needed\n", bundled(r.Dead))
	}
	for _, f := range r.Faults {
		b.WriteString("  fault: " + f.Error() + "\n")
	}
	return b.String()
}

// writeRules prints the rules of one end.
func (r Report) writeRules(b *strings.Builder, end NodeID) {
	var width int
	for _, rule := range r.Rules {
		if rule.End == end {
			width = max(width, len(rule.Proof))
		}
	}
	for _, rule := range r.Rules {
		if rule.End != end {
			continue
		}
		holds := "holds"
		if !rule.Holds {
			holds = "FAILS"
		}
		by := shownBy(rule.ProvedBy, rule.WaivedBy)
		if rule.Before {
			by = metBefore(rule.ProvedBy, rule.WaivedBy)
		}
		fmt.Fprintf(b, "    %s  %-*s  %s\n", holds, width, rule.Proof, by)
		if !rule.Holds {
			fmt.Fprintf(b, "           but %s\n", printPath(rule.Path, end))
		}
	}
}

// WriteTo prints the report to w.
func (r Report) WriteTo(w io.Writer) (int64, error) {
	n, err := io.WriteString(w, r.String())
	return int64(n), err
}
