package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"stagedoor/engine"
	"stagedoor/engine/draw"
	"stagedoor/transport/config"
	"stagedoor/transport/server"
)

// graphFlags are the flags of graph.
type graphFlags struct {
	file, format, out, in string
	dark, narrow          bool
}

func graphCommand() *cobra.Command {
	var f graphFlags
	c := &cobra.Command{
		Use:   "graph [FLOW or PENDING ID]",
		Short: "Draw a flow, what follows a pending stage, or all flows",
		Long: `Draw a flow, what follows a pending stage, or all flows.

The id of a stage that waits on the wire, such as mfa_authenticate, draws the part of
the graph from there on. Flows that go on alike are drawn once; a picture printed or
in one file is of those that are most, or of the flow that --in names.

A table is for reading here; svg and png are pictures; dot is for Graphviz, and
mermaid for Markdown. Of all flows at once only tables are printed: pictures need
a folder, where each flow has a file of its name. Nothing is started or opened.`,
		Example: `  stagedoor graph login
  stagedoor graph login --out login.svg
  stagedoor graph verify_phone --in change_phone
  stagedoor graph --format svg --out pictures/`,
		Args: cobra.MaximumNArgs(1),
		RunE: func(c *cobra.Command, args []string) error { return f.run(c, args) },
	}
	c.Flags().StringVar(&f.file, "config", "", "the configuration whose flows are drawn; the development one if left out")
	c.Flags().StringVar(&f.format, "format", string(draw.Table), "table, dot, mermaid, svg or png; if left out, what the name after --out ends in")
	c.Flags().StringVar(&f.out, "out", "", "the file to write, or the folder; printed if left out")
	c.Flags().StringVar(&f.in, "in", "", "of a pending stage: the flow that is drawn from there on")
	c.Flags().BoolVar(&f.dark, "dark", false, "draw a png on a dark ground; an svg follows its reader")
	c.Flags().BoolVar(&f.narrow, "narrow", false, "draw an svg or png for telephones: 360 pixels wide, stages below one another")
	return c
}

// run does what the flags ask for.
func (f graphFlags) run(c *cobra.Command, args []string) error {
	format, err := f.chosen(c.Flags().Changed("format"))
	if err != nil {
		return err
	}
	if c.Flags().Changed("out") && f.out == "" {
		return errors.New("--out names no file; leave it out to print")
	}
	if f.dark && format != draw.PNGFile {
		return fmt.Errorf("--dark is for png, not for %s", format)
	}
	if f.narrow && format != draw.PNGFile && format != draw.SVGFile {
		return fmt.Errorf("--narrow is for svg and png, not for %s", format)
	}
	cfg := config.Dev()
	if f.file != "" {
		if cfg, err = config.LoadWithoutSecrets(f.file, os.Environ()); err != nil {
			return err
		}
	}
	if len(args) == 0 {
		if f.in != "" {
			return errors.New("--in is about a pending stage; name it")
		}
		graphs, err := server.Graphs(cfg, server.Options{})
		if err != nil {
			return err
		}
		return f.all(c.OutOrStdout(), format, graphs)
	}
	p, err := lookup(cfg, args[0], c.ErrOrStderr())
	if err != nil {
		return err
	}
	graphs, err := f.chosenOf(args[0], p)
	if err != nil {
		return err
	}
	return f.place(c, format, graphs)
}

// chosenOf are the drawings of a place that --in lets through.
func (f graphFlags) chosenOf(id string, p place) ([]engine.Graph, error) {
	if f.in == "" {
		return p.drawings(), nil
	}
	for _, part := range p.parts {
		if slices.Contains(part.PartOf, engine.FlowID(f.in)) {
			return []engine.Graph{part}, nil
		}
	}
	return nil, fmt.Errorf("--in: nothing waits as %s in a flow %q; it does in %s", id, f.in, joinIDs(p.flows()))
}

// place draws what an id stands for: every drawing as a table or into a folder, the first
// one as a picture that is printed or is one file.
func (f graphFlags) place(c *cobra.Command, format draw.Format, graphs []engine.Graph) error {
	if f.out != "" && f.folder() {
		for i, g := range graphs {
			name := string(g.Flow)
			if i > 0 {
				name += "." + string(g.PartOf[0])
			}
			if err := f.save(filepath.Join(f.out, name+format.Extension()), format, g); err != nil {
				return err
			}
		}
		return nil
	}
	if f.out == "" && format == draw.Table {
		return tables(c.OutOrStdout(), graphs)
	}
	var more []engine.FlowID
	for _, g := range graphs[1:] {
		more = append(more, g.PartOf...)
	}
	if len(more) > 0 {
		if _, err := fmt.Fprintf(c.ErrOrStderr(), "%s also waits in %s: see --in, or give a folder with --out\n", graphs[0].Flow, joinIDs(more)); err != nil {
			return err
		}
	}
	return f.one(c.OutOrStdout(), format, graphs[0])
}

// tables prints tables below one another.
func tables(w io.Writer, graphs []engine.Graph) error {
	for i, g := range graphs {
		if i > 0 {
			if _, err := io.WriteString(w, "\n"); err != nil {
				return err
			}
		}
		if err := draw.Write(w, draw.Table, g, draw.Options{}); err != nil {
			return err
		}
	}
	return nil
}

// joinIDs lists flows.
func joinIDs(flows []engine.FlowID) string {
	names := make([]string, len(flows))
	for i, id := range flows {
		names[i] = string(id)
	}
	return strings.Join(names, ", ")
}

// chosen is the format: the one that was asked for, else the one of the file's name.
func (f graphFlags) chosen(asked bool) (draw.Format, error) {
	if !asked {
		for _, format := range draw.Formats() {
			if strings.EqualFold(filepath.Ext(f.out), format.Extension()) {
				return format, nil
			}
		}
	}
	format, err := draw.ParseFormat(f.format)
	if err != nil {
		return "", fmt.Errorf("--format: %w", err)
	}
	return format, nil
}

// named lists flows.
func named(graphs []engine.Graph) string {
	names := make([]string, len(graphs))
	for i, g := range graphs {
		names[i] = string(g.Flow)
	}
	slices.Sort(names)
	return strings.Join(names, ", ")
}

// all draws every flow: into a folder, or as tables below one another.
func (f graphFlags) all(w io.Writer, format draw.Format, graphs []engine.Graph) error {
	switch {
	case f.out != "":
		if info, err := os.Stat(f.out); err == nil && !info.IsDir() || !f.folder() && filepath.Ext(f.out) != "" {
			return fmt.Errorf("%s is one file, and there are %d flows; name one of them, or give a folder", f.out, len(graphs))
		}
		for _, g := range graphs {
			if err := f.save(filepath.Join(f.out, string(g.Flow)+format.Extension()), format, g); err != nil {
				return err
			}
		}
		_, err := fmt.Fprintf(w, "%d flows are in %s\n", len(graphs), f.out)
		return err
	case format != draw.Table:
		return fmt.Errorf("%s is of one flow, and there are %d; name one of %s, or give a folder with --out", format, len(graphs), named(graphs))
	}
	return tables(w, graphs)
}

// one draws one graph: into a file, or as it is.
func (f graphFlags) one(w io.Writer, format draw.Format, g engine.Graph) error {
	if f.out == "" {
		if out, ok := w.(*os.File); ok && format == draw.PNGFile && terminal(out) {
			return errors.New("png is nothing to read in a terminal; give a file with --out")
		}
		return draw.Write(w, format, g, f.options())
	}
	return f.save(f.out, format, g)
}

// options are how a graph is drawn.
func (f graphFlags) options() draw.Options { return draw.Options{Dark: f.dark, Narrow: f.narrow} }

// folder reports whether what is to be written is a folder: it is one, or is written as
// one.
func (f graphFlags) folder() bool {
	info, err := os.Stat(f.out)
	return err == nil && info.IsDir() || strings.HasSuffix(f.out, "/") || strings.HasSuffix(f.out, string(filepath.Separator))
}

// save writes one file, once its picture is made whole, and makes the folder it is in.
func (f graphFlags) save(file string, format draw.Format, g engine.Graph) error {
	var b bytes.Buffer
	if err := draw.Write(&b, format, g, f.options()); err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		return err
	}
	return os.WriteFile(file, b.Bytes(), 0o644)
}

// terminal reports whether a file is one.
func terminal(f *os.File) bool {
	info, err := f.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0
}
