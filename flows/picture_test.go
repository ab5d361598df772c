package flows_test

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"html"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"stagedoor/engine"
	"stagedoor/engine/draw"
)

// narrow is the folder of pictures for telephones, in that of the tables.
const narrow = "narrow"

// picture draws a graph as SVG.
func picture(t *testing.T, g engine.Graph, o draw.Options) string {
	t.Helper()
	var b bytes.Buffer
	if err := draw.SVG(&b, g, o); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// TestPictures holds every shipped graph against its pictures in testdata/graphs, and the
// page that shows them all against what it would be now.
func TestPictures(t *testing.T) {
	t.Parallel()
	graphs := shipped()
	for _, name := range sortedNames(graphs) {
		keep(t, filepath.Join(tables, name+".svg"), picture(t, graphs[name], draw.Options{}))
		keep(t, filepath.Join(tables, narrow, name+".svg"), picture(t, graphs[name], draw.Options{Narrow: true}))
	}
	stale(t, tables, ".svg", graphs)
	stale(t, filepath.Join(tables, narrow), ".svg", graphs)
	keep(t, filepath.Join(tables, "README.md"), gallery(t, graphs))
}

// gallery is the page that shows all pictures.
func gallery(t *testing.T, graphs map[string]engine.Graph) string {
	t.Helper()
	var list, shows strings.Builder
	for _, name := range sortedNames(graphs) {
		g := graphs[name]
		ends := "grants nothing"
		if grants(g) {
			ends = "leads to a session"
		}
		fmt.Fprintf(&list, "| [%s](#%s) | %s | %d | %s | [table](%s.txt) |\n", name, strings.ReplaceAll(name, ".", ""), g.Title, len(g.Nodes), ends, name)
		fmt.Fprintf(&shows, "\n## %s\n\n%s\n", name, responsive("", name, name+": "+g.Title))
	}
	return `# The shipped flows

Every flow as a picture and as a table. Of a flow that is not the same where mails carry links and where they carry codes there are both.
` + "`go test ./flows -update`" + ` draws this folder anew and a test tells when it is stale; ` + "`stagedoor graph`" + ` draws the flows of your own configuration.

| flow | | stages | | |
|---|---|---|---|---|
` + list.String() + shows.String()
}

// responsive is what Markdown has for a picture that is narrow on telephones.
func responsive(folder, name, says string) string {
	return fmt.Sprintf(`<picture><source media="(max-width: 700px)" srcset="%[1]s%[2]s/%[3]s.svg"><img alt="%[4]s" src="%[1]s%[3]s.svg"></picture>`, folder, narrow, name, html.EscapeString(says))
}

// TestPicturesAreComplete: every picture is well-formed, shows every node by its id and
// title and every exit by its name, and says what each exit proves.
func TestPicturesAreComplete(t *testing.T) {
	t.Parallel()
	for name, g := range shipped() {
		complete(t, name, g, picture(t, g, draw.Options{}))
		svg := picture(t, g, draw.Options{Narrow: true})
		complete(t, name+", narrow", g, svg)
		// What is left of a telephone's 390 pixels beside a page's margins.
		if size := regexp.MustCompile(`width="(\d+)"`).FindStringSubmatch(svg); size[1] != "360" {
			t.Errorf("%s: the narrow picture is %s wide", name, size[1])
		}
	}
}

// complete looks at one picture.
func complete(t *testing.T, name string, g engine.Graph, svg string) {
	t.Helper()
	texts := textsOf(t, svg)
	for id, n := range g.Nodes {
		if !strings.Contains(texts, "\n"+string(id)+"\n") {
			t.Errorf("%s: node %s is not drawn", name, id)
		}
		for word := range strings.FieldsSeq(n.Stage.Title) {
			if !strings.Contains(texts, word) {
				t.Errorf("%s: node %s has the title %q, and %q is not drawn", name, id, n.Stage.Title, word)
			}
		}
		for exit, shows := range n.Stage.Exits {
			if !regexp.MustCompile(`(?m)(^|, )` + regexp.QuoteMeta(string(exit)) + `(,|$)`).MatchString(texts) {
				t.Errorf("%s: exit %s of %s is not drawn", name, exit, id)
			}
			for _, p := range shows.Proves {
				if !strings.Contains(texts, "\n"+string(p)+"\n") {
					t.Errorf("%s: %s.%s proves %s, which is not drawn", name, id, exit, p)
				}
			}
		}
	}
	if !strings.Contains(texts, g.Fingerprint()) {
		t.Errorf("%s: the print is not drawn", name)
	}
}

// textsOf are the texts of an SVG, each between line breaks.
func textsOf(t *testing.T, svg string) string {
	t.Helper()
	var out strings.Builder
	d := xml.NewDecoder(strings.NewReader(svg))
	inside := false
	for {
		token, err := d.Token()
		if errors.Is(err, io.EOF) {
			return out.String()
		}
		if err != nil {
			t.Fatal(err)
		}
		switch token := token.(type) {
		case xml.StartElement:
			inside = token.Name.Local == "text"
		case xml.EndElement:
			inside = false
		case xml.CharData:
			if inside {
				out.WriteString("\n" + string(token) + "\n")
			}
		}
	}
}

// TestPicturesOfTheDocuments: the pages that show pictures name files that are there, and
// each picture as it is on telephones, too.
func TestPicturesOfTheDocuments(t *testing.T) {
	for _, page := range []string{"README.md", "ARCHITECTURE.md"} {
		text, err := os.ReadFile(filepath.Join("..", page))
		if err != nil {
			t.Fatal(err)
		}
		shown := regexp.MustCompile(`testdata/graphs/[\w./]+\.svg`).FindAllString(string(text), -1)
		if len(shown) == 0 {
			t.Errorf("%s shows no flow", page)
		}
		for _, file := range shown {
			if folder, name := filepath.Split(file); filepath.Base(folder) != narrow && !slices.Contains(shown, folder+narrow+"/"+name) {
				t.Errorf("%s shows %s, and cannot be read on a telephone", page, file)
			}
			if _, err := os.Stat(filepath.Join("..", file)); err != nil {
				t.Errorf("%s: %v", page, err)
			}
		}
	}
}
