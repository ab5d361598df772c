package engine

import (
	"cmp"
	"fmt"
	"math/bits"
	"reflect"
	"slices"
	"strings"
)

// factWord says in words which values a fact has: of Email, bit 0 and 1 are "no verified
// address".
func factWord(name string, t reflect.Type, values uint64) string {
	words := map[string]map[uint64]string{
		"Active": {1: "disabled", 2: "active account"},
		"Email": {
			1: "no address", 2: "unverified address", 4: "verified address",
			3: "no verified address", 5: "no unverified address", 6: "with an address",
		},
		"Phone": {
			1: "no number", 2: "unverified number", 4: "verified number",
			3: "no verified number", 5: "no unverified number", 6: "with a number",
		},
		"SecondFactor": {1: "no second factor", 2: "second factor"},
		"TrustsCode":   {1: "not trusted for codes", 2: "trusted for codes"},
		"TrustsSecond": {1: "not trusted", 2: "trusted browser"},
		"Browser":      {1: "app", 2: "browser"},
		"Binds":        {1: "binds no sessions", 2: "binds its sessions"},
		"Bound":        {1: "no key of its device", 2: "key of its device"},
		"Signup":       {1: "account there before", 2: "new account"},
	}
	if word := words[name][values]; word != "" {
		return word
	}
	var each []string
	for i := range bits.Len64(values) {
		switch {
		case values>>i&1 == 0:
		case t.Kind() == reflect.Bool:
			each = append(each, []string{"not " + name, name}[i])
		default:
			each = append(each, name+" "+[]string{"off", "optional", "mandatory"}[i])
		}
	}
	return strings.Join(each, " or ")
}

// says orders what is said of somebody: the account first, then the client.
func says(fact string) int {
	order := []string{"Active", "Signup", "SecondFactor", "Email", "Phone", "TrustsSecond", "TrustsCode", "Browser", "Binds", "Bound"}
	if i := slices.Index(order, fact); i >= 0 {
		return i
	}
	return len(order)
}

// words describes a region, what it leaves open unsaid: "second factor, trusted browser".
// Everybody is the empty text.
func (s *space) words(r region) string {
	type said struct {
		rank int
		text string
	}
	var parts []said
	full := s.full()
	for i, v := range s.vars {
		mask := r.at(i, full)
		switch {
		case mask == full[i]:
		case v.fact != "":
			f, _ := reflect.TypeFor[Facts]().FieldByName(v.fact)
			parts = append(parts, said{says(v.fact), factWord(v.fact, f.Type, mask)})
		default:
			parts = append(parts, said{says(""), v.key + ": " + v.some(mask)})
		}
	}
	slices.SortStableFunc(parts, func(a, b said) int { return cmp.Compare(a.rank, b.rank) })
	out := make([]string, len(parts))
	for i, p := range parts {
		out[i] = p.text
	}
	return strings.Join(shorter(out), ", ")
}

// shorter leaves out what goes without saying: that an account is active, and that what
// is trusted or not is a browser.
func shorter(parts []string) []string {
	if len(parts) > 1 && parts[0] == "active account" {
		parts = parts[1:]
	}
	i := slices.Index(parts, "browser")
	trust := slices.IndexFunc(parts, func(s string) bool { return strings.Contains(s, "trusted") })
	switch {
	case i < 0 || trust < 0:
		return parts
	case parts[trust] == "not trusted":
		parts[trust] = "untrusted browser"
	case parts[trust] != "trusted browser":
		parts[trust] = "browser " + parts[trust]
	}
	return slices.Delete(parts, i, i+1)
}

// some lists values by name.
func (v variable) some(mask uint64) string {
	var out []string
	for i, x := range v.values {
		if mask>>i&1 == 1 {
			out = append(out, x)
		}
	}
	return strings.Join(out, " or ")
}

// Name is the way in as a person calls it: the flow, the exit of the start where there
// are several, and what the flow is entered through.
func (w Way) Name() string {
	name := string(w.Flow)
	if !w.Sole {
		name += " (" + string(w.Start.Exit) + ")"
	}
	if len(w.Via) > 0 {
		name += " by " + strings.Join(w.Via, ", ")
	}
	return name
}

// path prints an outcome: "verify_email, mfa_authenticate -> session".
func (o Result) path() string {
	var asked []string
	for _, a := range o.Asked {
		asked = append(asked, a.name())
	}
	if o.Stays == "" {
		asked = append(asked, string(o.End))
	} else {
		asked = append(asked, "stays at "+string(o.End)+": "+o.Stays)
	}
	return strings.Join(asked, " -> ")
}

// name is the stage, and how it is left where that is not plain.
func (a askedStage) name() string {
	if a.Exit != OK {
		return string(a.Node) + " (" + string(a.Exit) + ")"
	}
	return string(a.Node)
}

// String prints the matrix for people: ways with the same outcomes together, a line for
// each group of accounts and clients, with the stages that ask and the end.
func (m Matrix) String() string { return m.text(Way.body) }

// Verbose prints the matrix with the decisions behind each line, and what is left out.
func (m Matrix) Verbose() string { return m.text(Way.fullBody) }

// text prints ways under the same body together.
func (m Matrix) text(print func(Way) string) string {
	var heads [][]string
	var bodies []string
	for _, w := range m.Ways {
		body := print(w)
		i := slices.Index(bodies, body)
		if i < 0 {
			heads, bodies = append(heads, nil), append(bodies, body)
			i = len(bodies) - 1
		}
		heads[i] = append(heads[i], w.Name()+": "+w.Title)
	}
	var b strings.Builder
	for i := range bodies {
		if i > 0 {
			b.WriteString("\n")
		}
		b.WriteString(strings.Join(heads[i], "\n") + "\n" + bodies[i])
	}
	b.WriteString(m.legend())
	return b.String()
}

// legend says what the stages ask for that are named.
func (m Matrix) legend() string {
	titles := make(map[string]string)
	var width int
	for _, w := range m.Ways {
		for _, r := range w.Rows {
			for _, a := range r.Asked {
				titles[string(a.Node)] = a.Title
				width = max(width, len(a.Node))
			}
		}
	}
	var b strings.Builder
	for i, name := range sorted(titles) {
		if i == 0 {
			b.WriteString("\nstages that ask\n")
		}
		fmt.Fprintf(&b, "    %-*s  %s\n", width, name, titles[name])
	}
	return b.String()
}

// body prints the rows of a way.
func (w Way) body() string {
	var width int
	for _, r := range w.Rows {
		for _, who := range r.For {
			width = max(width, len(everybody(who)))
		}
	}
	var b strings.Builder
	for _, r := range w.Rows {
		for _, who := range r.For {
			fmt.Fprintf(&b, "    %-*s  %s\n", width, everybody(who), r.path())
		}
	}
	return b.String()
}

// fullBody prints the rows of a way with the decisions behind them, and what is left out.
func (w Way) fullBody() string {
	var b strings.Builder
	for _, r := range w.Rows {
		for _, who := range r.For {
			b.WriteString("    " + everybody(who) + "\n")
		}
		b.WriteString("      " + r.path() + "\n")
		for _, line := range r.decisions() {
			b.WriteString("        " + line + "\n")
		}
	}
	count := make(map[string]int)
	for _, x := range w.Excluded {
		count[x.Why]++
	}
	for _, why := range sorted(count) {
		fmt.Fprintf(&b, "    left out, %d times: %s\n", count[why], why)
	}
	return b.String()
}

// decisions lists what each decider says on the way to a row, whatever it says of
// anybody on one line.
func (r matrixRow) decisions() []string {
	var nodes []NodeID
	said := make(map[NodeID][]string)
	for _, c := range r.Cases {
		for _, d := range c.Decisions {
			text := string(d.Exit)
			if d.Reason != "" {
				text += " (" + string(d.Reason) + ")"
			}
			if said[d.Node] == nil {
				nodes = append(nodes, d.Node)
			}
			if !slices.Contains(said[d.Node], text) {
				said[d.Node] = append(said[d.Node], text)
			}
		}
	}
	out := make([]string, len(nodes))
	for i, n := range nodes {
		out[i] = string(n) + ": " + strings.Join(said[n], ", ")
	}
	return out
}

// everybody names those that nothing describes.
func everybody(who string) string {
	if who == "" {
		return "everybody"
	}
	return who
}
