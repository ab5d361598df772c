package draw_test

import (
	"os/exec"
	"regexp"
	"slices"
	"strings"
	"testing"
	"text/scanner"

	"stagedoor/engine"
	"stagedoor/engine/draw"
)

// edgesOf are the edges of a graph as "from exit to", sorted.
func edgesOf(g engine.Graph) []string {
	var out []string
	for id, n := range g.Nodes {
		for exit, to := range n.Next {
			out = append(out, string(id)+" "+string(exit)+" "+string(to))
		}
	}
	slices.Sort(out)
	return out
}

// labelled takes a row of a label apart: its exits, without what they mean.
func labelled(label string) []string {
	exits, _, _ := strings.Cut(label, " (")
	return strings.Split(exits, ", ")
}

// TestDot reads the graph back out of what is written for Graphviz: every word is a
// token of the language, and the edges are those of the graph.
func TestDot(t *testing.T) {
	text := drawn(t, draw.DotFile, hostile(), draw.Options{})
	var got []string
	for line := range strings.SplitSeq(text, "\n") {
		tokens := dotTokens(t, line)
		// from -> to [ label = ...
		if len(tokens) > 6 && tokens[1] == "->" {
			for _, exit := range labelled(tokens[6]) {
				got = append(got, tokens[0]+" "+exit+" "+tokens[2])
			}
		}
	}
	slices.Sort(got)
	if want := edgesOf(hostile()); !slices.Equal(got, want) {
		t.Errorf("got %q, want %q in\n%s", got, want, text)
	}
	if n := strings.Count(text, "style=dashed"); n != 1 {
		t.Errorf("%d edges are dashed in\n%s", n, text)
	}
	dot, err := exec.LookPath("dot")
	if err != nil {
		return
	}
	c := exec.Command(dot, "-Tsvg")
	c.Stdin = strings.NewReader(text)
	if out, err := c.CombinedOutput(); err != nil {
		t.Errorf("dot: %v\n%s", err, out)
	}
}

// dotTokens takes a line of DOT apart; strings are unquoted.
func dotTokens(t *testing.T, line string) []string {
	t.Helper()
	var s scanner.Scanner
	s.Init(strings.NewReader(line))
	s.Mode = scanner.ScanIdents | scanner.ScanInts
	s.Error = func(_ *scanner.Scanner, msg string) { t.Errorf("%s in %s", msg, line) }
	var out []string
	for r := s.Scan(); r != scanner.EOF; r = s.Scan() {
		switch {
		case r == '"':
			var b strings.Builder
			for r = s.Next(); r != '"'; r = s.Next() {
				if r == scanner.EOF {
					t.Errorf("a string does not end in %s", line)
					return out
				}
				if r == '\\' {
					r = s.Next()
				}
				b.WriteRune(r)
			}
			out = append(out, b.String())
		case r == '-' && s.Peek() == '>':
			s.Next()
			out = append(out, "->")
		default:
			out = append(out, s.TokenText())
		}
	}
	return out
}

var (
	mermaidNode = regexp.MustCompile(`^  (n\d+)(\(|\(\[|\{\{|\[\[|\[)"([^"]*)"(\)|\]\)|\}\}|\]\]|\]):::(\w+)$`)
	mermaidEdge = regexp.MustCompile(`^  (n\d+) -->\|"([^"]*)"\| (n\d+)$`)
	mermaidMore = regexp.MustCompile(`^  (classDef \w+ [\w:#,. -]+|linkStyle [\d,]+ [\w:,. -]+|style n\d+ [\w:#,-]+)$`)
	entity      = regexp.MustCompile(`#(\d+);`)
)

// fromEntities undoes Mermaid's entities.
func fromEntities(s string) string {
	return entity.ReplaceAllStringFunc(s, func(e string) string {
		var r rune
		for _, digit := range e[1 : len(e)-1] {
			r = 10*r + digit - '0'
		}
		return string(r)
	})
}

// TestMermaid reads the graph back out of what is written for Mermaid: every line is of
// a known form, and the edges are those of the graph.
func TestMermaid(t *testing.T) {
	text := drawn(t, draw.MermaidFile, hostile(), draw.Options{At: "due"})
	head, body, ok := strings.Cut(text, "\n---\nflowchart TD\n")
	if !ok || !strings.HasPrefix(head, "---\ntitle: \"acme\\\"‹b›+: an ‹script›") || strings.Count(head, "\n") != 1 {
		t.Errorf("it begins with %q", head)
	}
	names := make(map[string]string)
	var got []string
	for line := range strings.SplitSeq(strings.TrimSuffix(body, "\n"), "\n") {
		if m := mermaidNode.FindStringSubmatch(line); m != nil {
			name, _, _ := strings.Cut(m[3], "<br>")
			names[m[1]] = fromEntities(name)
			if left := strings.ReplaceAll(m[3], "<br>", ""); strings.ContainsAny(left, "<>`") {
				t.Errorf("%q is not text alone", left)
			}
		} else if m := mermaidEdge.FindStringSubmatch(line); m != nil {
			for _, exit := range labelled(fromEntities(m[2])) {
				got = append(got, names[m[1]]+" "+exit+" "+names[m[3]])
			}
		} else if !mermaidMore.MatchString(line) {
			t.Errorf("what is %q?", line)
		}
	}
	slices.Sort(got)
	if want := edgesOf(hostile()); !slices.Equal(got, want) {
		t.Errorf("got %q, want %q in\n%s", got, want, text)
	}
}

// TestShapes: what asks, decides, ends and grants is told apart in text formats, too.
func TestShapes(t *testing.T) {
	dot, mermaid := drawn(t, draw.DotFile, hostile(), draw.Options{}), drawn(t, draw.MermaidFile, hostile(), draw.Options{})
	for _, c := range []struct{ text, want string }{
		{dot, `"terms" [label="terms", shape=box, style="filled,rounded"`},
		{dot, `"due" [label="due\nund jetzt, мир, 世界?", shape=hexagon`},
		{dot, `"session" [label="session\ndemands subject, terms;\ndemands in vain second", shape=ellipse, peripheries=2`},
		{dot, `"done" [label="done", shape=ellipse, fill`},
		{mermaid, `("terms"):::asks`},
		{mermaid, `{{"due<br>und jetzt, мир, 世界?"}}:::decides`},
		{mermaid, `(["done"]):::ends`},
		{mermaid, `[["session<br>`},
	} {
		if !strings.Contains(c.text, c.want) {
			t.Errorf("%s is not in\n%s", c.want, c.text)
		}
	}
}
