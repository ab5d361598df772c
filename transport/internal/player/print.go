package player

import (
	"fmt"
	"io"
	"strings"
)

// Printer writes results for a person to read. Nothing it writes differs from one time to
// the next where the stories and the server are the same.
type Printer struct {
	Out io.Writer
	// Quiet writes one line for each play, with what departs below it; Verbose writes the
	// exits that runs took and the answers besides.
	Quiet, Verbose bool
	// Color marks what departs for a terminal.
	Color bool
}

// The colours of a terminal (ECMA-48, SGR).
const (
	red    = "31"
	green  = "32"
	yellow = "33"
	bold   = "1"
	dim    = "2"
)

func (p Printer) paint(color, text string) string {
	if !p.Color || text == "" {
		return text
	}
	return "\x1b[" + color + "m" + text + "\x1b[0m"
}

func (p Printer) line(format string, args ...any) {
	fmt.Fprintln(p.Out, strings.TrimRight(fmt.Sprintf(format, args...), " "))
}

// Print writes one result.
func (p Printer) Print(r Result) {
	if p.Quiet {
		p.line("%s %s", p.verdict(r), p.tail(r))
		p.remarks(r)
		if faults, at := r.departs(); len(faults) > 0 {
			p.line("     %s", at)
			p.faults(faults)
		}
		return
	}
	p.line("%s  %s", p.paint(bold, r.Play.Name()), p.paint(dim, "profile "+r.Play.Story.Profile))
	p.line("  %s", r.Play.Story.Proves)
	width := 0
	for _, m := range r.Steps {
		width = max(width, min(len(m.Label), widest))
	}
	for _, m := range r.Steps {
		p.moment(m, width)
	}
	p.faults(r.Faults)
	p.remarks(r)
	p.line("%s %s\n", p.verdict(r), p.tail(r))
}

// widest is how wide the column of steps may get.
const widest = 56

// moment writes one step and what came of it.
func (p Printer) moment(m StepResult, width int) {
	waits := ""
	for _, t := range m.Turns {
		waits += p.paint(dim, "  | "+t.place())
	}
	p.line("  %5s  %-*s  %s%s", m.Path, width, m.Label, m.Summary, waits)
	if m.Note != "" {
		p.line("         %s", p.paint(dim, m.Note))
	}
	if p.Verbose {
		for _, t := range m.Turns {
			if len(t.Marks) > 0 {
				p.line("         %s: %s", t.Flow, strings.Join(t.Marks, " "))
			}
		}
		if m.Body != nil {
			p.line("         %s", p.paint(dim, written(m.Body)))
		}
	}
	p.faults(m.Faults)
}

// place says where a turn left its run.
func (t Turn) place() string {
	switch {
	case t.End != "":
		return t.Flow + " -> " + t.End
	case t.Refused:
		return t.Flow + " refused"
	case t.Stage != "":
		return t.Flow + " at " + t.Stage
	}
	return t.Flow
}

// verdict is what a play came to.
func (p Printer) verdict(r Result) string {
	switch {
	case r.Skipped != "":
		return p.paint(yellow, "skip")
	case r.Passed:
		return p.paint(green, "ok  ")
	}
	return p.paint(red, "FAIL")
}

func (p Printer) tail(r Result) string {
	if r.Skipped != "" {
		return r.Play.Name() + ": " + r.Skipped
	}
	return r.Play.Name()
}

// departs is where a play departs first.
func (r Result) departs() ([]Difference, string) {
	if n := len(r.Steps); n > 0 && len(r.Steps[n-1].Faults) > 0 {
		m := r.Steps[n-1]
		return m.Faults, fmt.Sprintf("%s:%d: step %s, %s", r.Play.Story.File, m.Line, m.Path, m.Label)
	}
	return r.Faults, r.Play.Story.File
}

func (p Printer) faults(list []Difference) {
	for _, d := range list {
		if d.Text != "" {
			p.line("       %s %s", p.paint(red, "!"), p.paint(red, d.String()))
			continue
		}
		p.line("       %s %s", p.paint(red, "!"), d.Where)
		p.line("           want %s", p.paint(green, d.Want))
		p.line("           got  %s", p.paint(red, d.Got))
	}
}

func (p Printer) remarks(r Result) {
	for _, text := range r.Remarks {
		p.line("       %s", p.paint(yellow, "note: "+text))
	}
}
