package main

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"stagedoor/engine"
	"stagedoor/transport/config"
	"stagedoor/transport/server"
)

// checkedPlace is what --json prints of one id.
type checkedPlace struct {
	// Flows are the flow of that id, and those in which it can be pending.
	Flows []engine.Report `json:"flows"`
	// Waits are what is proved from where a run waits under the id.
	Waits []checkedPart `json:"waits"`
}

// checkedPart is the part of some flows from where a run waits.
type checkedPart struct {
	In     []engine.FlowID `json:"in"`
	Report engine.Report   `json:"report"`
}

// place checks what an id stands for: the flow that is called so, and those in which a run
// waits under it, there on from that stage.
func (f checkFlags) place(c *cobra.Command, cfg config.Config, id string) error {
	p, err := lookup(cfg, id, c.ErrOrStderr())
	if err != nil {
		return err
	}
	x, err := server.Check(p.cfg, server.Options{})
	if err != nil {
		return err
	}
	out := checkedPlace{Flows: []engine.Report{}, Waits: []checkedPart{}}
	faults := 0
	for _, r := range x.Flows {
		if slices.Contains(p.flows(), r.Flow) {
			out.Flows = append(out.Flows, r)
			faults += len(r.Faults)
		}
	}
	for _, part := range p.parts {
		out.Waits = append(out.Waits, checkedPart{In: part.PartOf, Report: engine.Check(part)})
	}
	if f.asJSON {
		err = writeJSON(c.OutOrStdout(), out)
	} else {
		_, err = io.WriteString(c.OutOrStdout(), out.text(p.flow, f.verbose))
	}
	if err == nil && faults > 0 {
		return fmt.Errorf("%d faults: a server does not start on these flows", faults)
	}
	return err
}

// text tells it for people: of the flow itself all there is to say, of those in which it
// waits a line each, and all of what follows there.
func (p checkedPlace) text(self *engine.Graph, verbose bool) string {
	var b strings.Builder
	b.WriteString(reportsText(p.Flows, func(r engine.Report) bool { return verbose || self != nil && r.Flow == self.Flow }))
	for _, w := range p.Waits {
		fmt.Fprintf(&b, "\nfrom where it waits in %s\n%s", joinIDs(w.In), w.Report)
	}
	return strings.TrimPrefix(b.String(), "\n")
}
