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
	file, format, out string
	dark              bool
}

func graphCommand() *cobra.Command {
	var f graphFlags
	c := &cobra.Command{
		Use:   "graph [FLOW]",
		Short: "Draw a flow, or all of them",
		Long: `Draw a flow, or all of them.

A table is for reading here; svg and png are pictures; dot is for Graphviz, and
mermaid for Markdown. Of all flows at once only tables are printed: pictures need
a folder, where each flow has a file of its name. Nothing is started or opened.`,
		Example: `  stagedoor graph login
  stagedoor graph login --out login.svg
  stagedoor graph --format svg --out pictures/`,
		Args: cobra.MaximumNArgs(1),
		RunE: func(c *cobra.Command, args []string) error { return f.run(c, args) },
	}
	c.Flags().StringVar(&f.file, "config", "", "the configuration whose flows are drawn; the development one if left out")
	c.Flags().StringVar(&f.format, "format", string(draw.Table), "table, dot, mermaid, svg or png; if left out, what the name after --out ends in")
	c.Flags().StringVar(&f.out, "out", "", "the file to write, or the folder; printed if left out")
	c.Flags().BoolVar(&f.dark, "dark", false, "draw a png on a dark ground; an svg follows its reader")
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
	cfg := config.Dev()
	if f.file != "" {
		if cfg, err = config.Load(f.file, os.Environ()); err != nil {
			return err
		}
	}
	graphs, err := server.Graphs(cfg, server.Options{})
	if err != nil {
		return err
	}
	if len(args) == 0 {
		return f.all(c.OutOrStdout(), format, graphs)
	}
	i := slices.IndexFunc(graphs, func(g engine.Graph) bool { return string(g.Flow) == args[0] })
	if i < 0 {
		return fmt.Errorf("there is no flow %q under this configuration; flows are %s", args[0], named(graphs))
	}
	return f.one(c.OutOrStdout(), format, graphs[i])
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
	for i, g := range graphs {
		if i > 0 {
			if _, err := io.WriteString(w, "\n"); err != nil {
				return err
			}
		}
		if err := draw.Write(w, format, g, draw.Options{}); err != nil {
			return err
		}
	}
	return nil
}

// one draws one flow: into a file, into a folder, or as it is.
func (f graphFlags) one(w io.Writer, format draw.Format, g engine.Graph) error {
	if f.out == "" {
		if out, ok := w.(*os.File); ok && format == draw.PNGFile && terminal(out) {
			return errors.New("png is nothing to read in a terminal; give a file with --out")
		}
		return draw.Write(w, format, g, draw.Options{Dark: f.dark})
	}
	file := f.out
	if f.folder() {
		file = filepath.Join(f.out, string(g.Flow)+format.Extension())
	}
	return f.save(file, format, g)
}

// folder reports whether what is to be written is a folder: it is one, or is written as
// one.
func (f graphFlags) folder() bool {
	info, err := os.Stat(f.out)
	return err == nil && info.IsDir() || strings.HasSuffix(f.out, "/") || strings.HasSuffix(f.out, string(filepath.Separator))
}

// save writes one file, once its picture is made whole, and makes the folder it is in.
func (f graphFlags) save(file string, format draw.Format, g engine.Graph) error {
	var b bytes.Buffer
	if err := draw.Write(&b, format, g, draw.Options{Dark: f.dark}); err != nil {
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
