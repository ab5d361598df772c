package providers

import (
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"stagedoor/transport/internal/suite"
)

var update = flag.Bool("update", false, "write down what was walked, and the table of the README, anew")

// record is the file that the walks write; the README's table is made of it.
const record = projects + "/walked.json"

// walked is what was walked, and how it went.
type walked struct {
	// Date is when the record was made, Versions those of the programs.
	Date     string            `json:"date"`
	Versions map[string]string `json:"versions"`
	Rows     []walkedRow       `json:"rows"`
}

// walkedRow is a provider in one configuration.
type walkedRow struct {
	Program string `json:"program"`
	Name    string `json:"name"`
	// Cells are how it went, in the order of the examples: "yes", or why there is none of it.
	Cells []string `json:"cells"`
}

// of are the cells of a row.
func (w walked) of(r row) []string {
	for _, row := range w.Rows {
		if row.Program == r.servedBy() && row.Name == r.name {
			return row.Cells
		}
	}
	return nil
}

// versions reads which versions are pinned.
func versions(t *testing.T) map[string]string {
	t.Helper()
	out := map[string]string{}
	for program, pin := range map[string]struct{ file, line string }{
		oidcProvider: {"node/package.json", `"oidc-provider": "([0-9.]+)"`},
		dex:          {"dex/go.mod", `github.com/dexidp/dex \S+ // (v[0-9.]+)`},
	} {
		text, err := os.ReadFile(projects + "/" + pin.file)
		if err != nil {
			t.Fatal(err)
		}
		m := regexp.MustCompile(pin.line).FindSubmatch(text)
		if m == nil {
			t.Fatalf("%s pins no version of %s", pin.file, program)
		}
		out[program] = strings.TrimPrefix(string(m[1]), "v")
	}
	return out
}

// kept is the record as it stands.
func kept(t *testing.T) (w walked) {
	t.Helper()
	text, err := os.ReadFile(record)
	if err == nil {
		err = json.Unmarshal(text, &w)
	}
	if err != nil && !*update {
		t.Fatal(err)
	}
	return w
}

// held compares what was walked with the record, or writes it.
func (w walked) held(t *testing.T) {
	t.Helper()
	before := kept(t)
	w.Date = before.Date
	now, _ := json.MarshalIndent(w, "", "  ")
	then, _ := json.MarshalIndent(before, "", "  ")
	if string(now) == string(then) {
		return
	}
	if !*update || slices.ContainsFunc(w.Rows, func(row walkedRow) bool { return row.Cells == nil }) {
		t.Fatalf("walked was\n%s\nand the record says\n%s\nwrite it anew with -update", now, then)
	}
	w.Date = time.Now().UTC().Format(time.DateOnly)
	now, _ = json.MarshalIndent(w, "", "  ")
	if err := os.WriteFile(record, append(now, '\n'), 0o644); err != nil {
		t.Fatal(err)
	}
}

// table is the record as the README has it.
func (w walked) table() string {
	var b strings.Builder
	b.WriteString("| provider |")
	for _, e := range examples() {
		b.WriteString(" " + e.name + " |")
	}
	b.WriteString("\n|---|" + strings.Repeat("---|", len(examples())) + "\n")
	var notes []string
	for _, row := range w.Rows {
		fmt.Fprintf(&b, "| %s %s: %s |", row.Program, w.Versions[row.Program], row.Name)
		for _, cell := range row.Cells {
			if cell != "yes" {
				if !slices.Contains(notes, cell) {
					notes = append(notes, cell)
				}
				cell = fmt.Sprintf("– (%d)", slices.Index(notes, cell)+1)
			}
			b.WriteString(" " + cell + " |")
		}
		b.WriteString("\n")
	}
	fmt.Fprintf(&b, "\nWalked on %s, in both contracts; each cell is a test.", w.Date)
	for i, note := range notes {
		fmt.Fprintf(&b, " (%d) %s.", i+1, note)
	}
	b.WriteString("\n\n| | what clients see |\n|---|---|\n")
	for _, e := range examples() {
		fmt.Fprintf(&b, "| %s | %s |\n", e.name, e.seen)
	}
	b.WriteString("\nNot done, or not configured: nobody is signed in, and the log says why.\n\n| provider | in the log |\n|---|---|\n")
	for _, x := range tooMuch() {
		fmt.Fprintf(&b, "| %s | `%s` |\n", x.name, x.says)
	}
	return b.String()
}

// TestReadmeProviders holds the README's table to the record, and the record to what is walked
// today and to the versions that are pinned.
func TestReadmeProviders(t *testing.T) {
	const begin, end = "<!-- providers: STAGEDOOR_REQUIRE=providers go test ./transport/internal/suite/providers -update -->\n", "<!-- end of the providers -->\n"
	w := kept(t)
	for program, version := range versions(t) {
		if w.Versions[program] != version {
			t.Errorf("%s was walked with in version %s, and %s is pinned", program, w.Versions[program], version)
		}
	}
	if !slices.EqualFunc(w.Rows, rows(), func(w walkedRow, r row) bool {
		return w.Program == r.servedBy() && w.Name == r.name && len(w.Cells) == len(examples())
	}) {
		t.Error("other configurations were walked with than there are")
	}
	suite.HoldReadme(t, root+"/README.md", begin, end, w.table(), *update)
}
