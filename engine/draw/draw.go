package draw

import (
	"bytes"
	"fmt"
	"io"
	"slices"
	"strings"

	"stagedoor/engine"
)

// Format names what a graph can be written as.
type Format string

// The formats. Table is [engine.Graph.Table]; it has no options.
const (
	Table       Format = "table"
	DotFile     Format = "dot"
	MermaidFile Format = "mermaid"
	SVGFile     Format = "svg"
	PNGFile     Format = "png"
)

// Formats lists all formats.
func Formats() []Format { return []Format{Table, DotFile, MermaidFile, SVGFile, PNGFile} }

// ParseFormat returns the format of that name. The error lists those there are.
func ParseFormat(name string) (Format, error) {
	f := Format(name)
	if !slices.Contains(Formats(), f) {
		names := make([]string, len(Formats()))
		for i, known := range Formats() {
			names[i] = string(known)
		}
		return "", fmt.Errorf("there is no format %q; formats are %s", name, strings.Join(names, ", "))
	}
	return f, nil
}

// Extension is how names of files of the format end: ".svg".
func (f Format) Extension() string {
	switch f {
	case Table:
		return ".txt"
	case MermaidFile:
		return ".mmd"
	}
	return "." + string(f)
}

// Options change how a graph is drawn.
type Options struct {
	// At, where not empty, is the node a run stands at: it is set off from the others.
	// With a Path it may be left empty for where the last edge leads.
	At engine.NodeID
	// Path is what a run took, in order. Its edges are drawn through and its nodes
	// numbered; the rest of the picture steps back. Edges that the graph does not have,
	// such as those of an older one, are passed over.
	Path []engine.Edge
	// Notes are what an SVG says of nodes besides, on hover and to screen readers, such as
	// why a run left there as it did. Lines end in "\n".
	Notes map[engine.NodeID]string
	// Bare leaves the style sheet out of an SVG, for a page that has it inline and whose
	// policy forbids inline styles: the page links to [Stylesheet] as a file.
	Bare bool
	// Narrow draws an SVG or PNG for telephones and side bars: 360 pixels wide, or little
	// more, with the stages below one another and longer ways beside them.
	Narrow bool
	// Dark draws a PNG on a dark ground. An SVG follows its reader's choice by itself.
	Dark bool
}

// Write draws the graph in a format. Its errors are those of w and of unknown formats.
func Write(w io.Writer, f Format, g engine.Graph, o Options) error {
	switch f {
	case Table:
		_, err := io.WriteString(w, g.Table())
		return err
	case DotFile:
		return Dot(w, g, o)
	case MermaidFile:
		return Mermaid(w, g, o)
	case SVGFile:
		return SVG(w, g, o)
	case PNGFile:
		return PNG(w, g, o)
	}
	_, err := ParseFormat(string(f))
	return err
}

// SVG draws the graph as an SVG document without scripts, in pixels, readable on light and
// dark ground (prefers-color-scheme). Its errors are those of w.
//
// Every node is a group with data-node, its id, that can be focused and says by its title
// what the node is. Every line is a group with data-edge, the edges that lead along it
// as node:exit, with spaces between. Nothing has an id, and every class begins with
// "draw", so that a page can have several pictures inline.
func SVG(w io.Writer, g engine.Graph, o Options) error {
	var b bytes.Buffer
	writeSVG(&b, newScene(g, o), o.Bare)
	_, err := w.Write(b.Bytes())
	return err
}

// PNG draws the graph as an image with two pixels to each of the SVG's. Its errors are
// those of w.
func PNG(w io.Writer, g engine.Graph, o Options) error {
	return writePNG(w, newScene(g, o), o.Dark)
}
