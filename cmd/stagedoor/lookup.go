package main

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"stagedoor/engine"
	"stagedoor/transport/config"
	"stagedoor/transport/server"
)

// place is what an id of the wire stands for: a flow, or the parts of flows that begin
// where a run waits under it, or both.
type place struct {
	cfg    config.Config
	graphs []engine.Graph
	flow   *engine.Graph
	// parts are the most shared first, without one that is the flow itself.
	parts []engine.Graph
}

// drawings are the graphs of the place, the flow first.
func (p place) drawings() []engine.Graph {
	if p.flow == nil {
		return p.parts
	}
	return append([]engine.Graph{*p.flow}, p.parts...)
}

// flows are those that the id names or waits in.
func (p place) flows() []engine.FlowID {
	var out []engine.FlowID
	for _, g := range p.drawings() {
		out = append(out, g.Flow)
		if len(g.PartOf) > 0 {
			out = append(out[:len(out)-1], g.PartOf...)
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// errUnknown says that an id is that of no flow and of nothing that waits.
var errUnknown = errors.New("no flow or pending id")

// lookup finds what an id stands for under a configuration. One that is switched off there
// is shown as it is where it is on, which notes tells.
func lookup(c config.Config, id string, notes io.Writer) (place, error) {
	first, err := placeIn(c, id)
	if err == nil || !errors.Is(err, errUnknown) {
		return first, err
	}
	for _, other := range []config.Config{config.Dev(), everything()} {
		p, otherErr := placeIn(other, id)
		if otherErr == nil {
			_, err := fmt.Fprintf(notes, "%s is off under this configuration; it is shown as it is where it is on\n", id)
			return p, err
		}
	}
	return first, err
}

// placeIn finds what an id stands for under this configuration.
func placeIn(c config.Config, id string) (place, error) {
	graphs, err := server.Graphs(c, server.Options{})
	if err != nil {
		return place{}, err
	}
	p := place{cfg: c, graphs: graphs}
	if i := slices.IndexFunc(graphs, func(g engine.Graph) bool { return string(g.Flow) == id }); i >= 0 {
		p.flow = &graphs[i]
	}
	for _, part := range engine.Parts(graphs, id) {
		if p.flow == nil || part.Start != p.flow.Start || !slices.Equal(part.PartOf, []engine.FlowID{p.flow.Flow}) {
			p.parts = append(p.parts, part)
		}
	}
	if len(p.drawings()) == 0 {
		return p, p.unknown(id)
	}
	return p, nil
}

// unknown names what is nearest to an id that stands for nothing, or else all there is.
func (p place) unknown(id string) error {
	names := p.names()
	hint := "there are " + strings.Join(names, ", ")
	if near := nearest(id, names); len(near) > 0 {
		hint = "did you mean " + strings.Join(near, ", ") + "?"
	}
	return fmt.Errorf("there is %w %q under this configuration; %s", errUnknown, id, hint)
}

// names are all flows and all ids that can be pending, sorted.
func (p place) names() []string {
	var names []string
	for _, g := range p.graphs {
		names = append(names, string(g.Flow))
		for _, n := range g.Nodes {
			if n.Stage.Wire != "" {
				names = append(names, n.Stage.Wire)
			}
		}
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// everything is the development configuration with every flow of the contract switched on.
func everything() config.Config {
	c := config.Dev()
	c.Account.EmailVerification = "mandatory"
	c.Account.EmailVerificationByCodeEnabled = true
	c.Account.LoginByCodeEnabled = true
	c.Account.PasswordResetByCodeEnabled = true
	c.MFA.PasskeyLoginEnabled = true
	c.MFA.PasskeySignupEnabled = true
	return c
}
