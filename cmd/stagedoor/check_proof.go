package main

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"text/tabwriter"

	"stagedoor/engine"
	"stagedoor/transport/config"
	"stagedoor/transport/server"
)

// judge prints an examination and fails where there is a fault: a line for each flow that
// holds, all there is to say of one that does not.
func (f checkFlags) judge(w io.Writer, c config.Config, x engine.Examination) error {
	cases, broken := server.CheckRules()
	var err error
	if f.asJSON {
		rules := accountRules{Cases: cases}
		if broken != nil {
			rules.Fault = broken.Error()
		}
		err = writeJSON(w, examined{x, rules, c.Advice(), c.BoundNotes(), c.ProviderNotes(), c.AbsentSecrets()})
	} else {
		_, err = io.WriteString(w, proofText(x, warningsText(c)+rulesText(cases, broken), f.verbose))
	}
	switch n := x.Count(); {
	case err != nil:
		return err
	case n > 0:
		return fmt.Errorf("%d faults: a server does not start on these flows", n)
	}
	return broken
}

// examined is what --json prints.
type examined struct {
	engine.Examination
	AccountRules accountRules `json:"account_rules"`
	// Advice is what front ends will stumble over.
	Advice []config.Advice `json:"advice"`
	// BoundSessions is what weakens sessions that are bound to a device.
	BoundSessions []string `json:"bound_sessions"`
	// Providers is what should be known of providers.
	Providers []string `json:"providers"`
	// AbsentSecrets are keys that nobody has looked at, since their values are not here.
	AbsentSecrets []string `json:"absent_secrets"`
}

// warningsText is what is no fault and should be known, empty where there is nothing.
func warningsText(c config.Config) string {
	var b strings.Builder
	for i, advice := range c.Advice() {
		if i == 0 {
			b.WriteString("front ends\n")
		}
		fmt.Fprintf(&b, "  warning: %s\n", advice)
	}
	for i, note := range c.BoundNotes() {
		if i == 0 {
			b.WriteString("bound sessions\n")
		}
		fmt.Fprintf(&b, "  warning: %s\n", strings.TrimPrefix(note, "bound sessions: "))
	}
	for i, note := range c.ProviderNotes() {
		if i == 0 {
			b.WriteString("providers\n")
		}
		fmt.Fprintf(&b, "  warning: %s\n", note)
	}
	if absent := c.AbsentSecrets(); len(absent) > 0 {
		fmt.Fprintf(&b, "secrets\n  not here, and not looked at: %s\n", strings.Join(absent, ", "))
	}
	if b.Len() > 0 {
		b.WriteString("\n")
	}
	return b.String()
}

// accountRules is on how many cases the rules of accounts stand, and which is broken.
type accountRules struct {
	Cases int    `json:"cases"`
	Fault string `json:"fault,omitempty"`
}

// rulesText says in a line whether the rules of accounts hold.
func rulesText(cases int, broken error) string {
	if broken != nil {
		return "account rules: FAILS " + broken.Error()
	}
	return fmt.Sprintf("account rules hold in %d cases: what nobody is known to stand behind outlives no first proof of a contact and no recovery", cases)
}

// reportsText is a line for each flow that holds, and below them all there is to say of those
// that do not, and of those that are wanted whole.
func reportsText(flows []engine.Report, whole func(engine.Report) bool) string {
	var b strings.Builder
	var long []engine.Report
	lines := tabwriter.NewWriter(&b, 0, 0, 2, ' ', 0)
	for _, r := range flows {
		if !r.OK() || whole(r) {
			long = append(long, r)
			continue
		}
		fmt.Fprintf(lines, "%s\t%d stages\t%d edges\t%s\tholds\n", r.Flow, r.Stages, r.Edges, demands(r))
	}
	_ = lines.Flush()
	for _, r := range long {
		fmt.Fprintf(&b, "\n%s", r)
	}
	return b.String()
}

// proofText is the examination for people.
func proofText(x engine.Examination, rules string, verbose bool) string {
	var b strings.Builder
	b.WriteString(reportsText(x.Flows, func(engine.Report) bool { return verbose }))
	for _, fault := range x.Faults {
		fmt.Fprintf(&b, "\nfault: %s\n", fault)
	}
	if verbose {
		b.WriteString(decisionsText(x) + pendingText(x))
	}
	b.WriteString("\n" + rules + "\n" + summary(x) + "\n")
	return strings.TrimPrefix(b.String(), "\n")
}

// demands counts the rules of a flow: those of a session apart, for they are what counts.
func demands(r engine.Report) string {
	grants := make(map[engine.NodeID]bool)
	for _, e := range r.Ends {
		grants[e.Node] = e.Grants
	}
	session := 0
	for _, rule := range r.Rules {
		if grants[rule.End] {
			session++
		}
	}
	switch {
	case session > 0:
		return fmt.Sprintf("%d rules before a session", session)
	case len(r.Rules) == 1:
		return "no session, 1 rule"
	case len(r.Rules) > 1:
		return fmt.Sprintf("no session, %d rules", len(r.Rules))
	}
	return "no session"
}

// decisionsText lists the decisions with how many combinations of facts lead where.
func decisionsText(x engine.Examination) string {
	var b strings.Builder
	b.WriteString("\ndecisions, over all values of the facts they read\n")
	lines := tabwriter.NewWriter(&b, 0, 0, 2, ' ', 0)
	for _, d := range x.Decisions {
		var exits []string
		for exit, n := range d.ByExit {
			exits = append(exits, fmt.Sprintf("%s %d", exit, n))
		}
		slices.Sort(exits)
		fmt.Fprintf(lines, "  %s\t%d\t%s\treads %s\n", d.Stage, d.Valuations, strings.Join(exits, ", "), strings.Join(d.Reads, ", "))
	}
	_ = lines.Flush()
	return b.String()
}

// pendingText lists what can be pending on the wire.
func pendingText(x engine.Examination) string {
	var b strings.Builder
	b.WriteString("\npending on the wire, and in which flows\n")
	lines := tabwriter.NewWriter(&b, 0, 0, 2, ' ', 0)
	for _, p := range x.Pending {
		flows := make([]string, len(p.Flows))
		for i, id := range p.Flows {
			flows[i] = string(id)
		}
		fmt.Fprintf(lines, "  %s\t%s\n", p.Wire, strings.Join(flows, ", "))
	}
	_ = lines.Flush()
	return b.String()
}

// summary says on how much the proof stands.
func summary(x engine.Examination) string {
	var held, granting, valuations int
	for _, r := range x.Flows {
		if r.OK() {
			held++
		}
		if r.Grants() {
			granting++
		}
	}
	for _, d := range x.Decisions {
		valuations += d.Valuations
	}
	return fmt.Sprintf("%d of %d flows hold, %d lead to a session; %d decisions, %d combinations of facts",
		held, len(x.Flows), granting, len(x.Decisions), valuations)
}
