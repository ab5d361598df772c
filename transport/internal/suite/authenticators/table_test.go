package authenticators

import (
	"bytes"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
)

var update = flag.Bool("update", false, "write the table of the README anew")

// result is what came of a family.
type result struct {
	ran  bool
	rows map[string]row
}

// row is what came of all variants that share one.
type row struct {
	variants, cells []string
}

// with is the row with what came of another variant, which must be the same.
func (r row) with(t *testing.T, v variant, cells []string) row {
	t.Helper()
	if r.cells != nil && !slices.Equal(r.cells, cells) {
		t.Errorf("%s comes to %q, others of its row to %q", v.name, cells, r.cells)
	}
	r.cells = cells
	if v.name != "" && !slices.Contains(r.variants, v.name) {
		r.variants = append(r.variants, v.name)
	}
	return r
}

// lines are the rows of a family as the README has them.
func (f family) lines(r result) string {
	var out strings.Builder
	done := map[string]bool{}
	for _, v := range f.variants {
		if done[v.row] {
			continue
		}
		done[v.row] = true
		name := v.row
		if of := r.rows[v.row].variants; len(of) > 0 {
			name += " (" + strings.Join(of, ", ") + ")"
		}
		fmt.Fprintf(&out, "| %s %s | %s | %s |\n", f.name, f.version, name, strings.Join(r.rows[v.row].cells, " | "))
	}
	return out.String()
}

// vectors are the rows of the specification's test vectors: what a golden file says, which the
// package of passkeys is held to.
func vectors(t *testing.T) string {
	t.Helper()
	raw, err := os.ReadFile(root + "/stages/internal/passkey/testdata/w3c.golden")
	if err != nil {
		t.Fatal(err)
	}
	var order []string
	names := map[string][]string{}
	for line := range strings.Lines(string(raw)) {
		name, came, _ := strings.Cut(strings.TrimSpace(line), ": ")
		if came == "registered, verified" {
			came = yes
		}
		if names[came] == nil {
			order = append(order, came)
		}
		names[came] = append(names[came], name)
	}
	var out strings.Builder
	for _, came := range order {
		fmt.Fprintf(&out, "| WebAuthn 3, section 16 (30 July 2026) | %s | %s%s |\n", strings.Join(names[came], ", "), came, strings.Repeat(" | "+never, len(steps())-1))
	}
	return out.String()
}

// The table's place in the README.
const (
	mark    = "<!-- authenticators: STAGEDOOR_REQUIRE=authenticators go test ./transport/internal/suite/authenticators -update -->\n"
	endMark = "<!-- end of the authenticators -->\n"
)

// holdReadme holds the README's table to what came of the families that were walked with. The day
// it was written and the version of the browser may be others.
func holdReadme(t *testing.T, results []result) {
	t.Helper()
	file := filepath.Join(root, "README.md")
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	before, rest, ok := strings.Cut(string(text), mark)
	have, after, ended := strings.Cut(rest, endMark)
	if !ok || !ended {
		t.Fatal("the README has no table of authenticators between its marks")
	}
	if *update {
		if t.Failed() {
			t.Fatal("what fails is not written down")
		}
		table := fmt.Sprintf("Walked on %s.\n\n%s", time.Now().UTC().Format("2 January 2006"), head())
		for i, f := range families() {
			if !results[i].ran {
				t.Fatalf("%s was not walked with: STAGEDOOR_REQUIRE=authenticators has it", f.name)
			}
			table += f.lines(results[i])
		}
		if err := os.WriteFile(file, []byte(before+mark+table+vectors(t)+endMark+after), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	for i, f := range families() {
		if results[i].ran && !t.Failed() {
			same(t, have, f.lines(results[i]))
		}
	}
	same(t, have, head())
	same(t, have, vectors(t))
}

// same fails the test where the README has other lines.
func same(t *testing.T, have, want string) {
	t.Helper()
	version := regexp.MustCompile(`Chromium [0-9.]+`)
	have, want = version.ReplaceAllString(have, "Chromium"), version.ReplaceAllString(want, "Chromium")
	if !strings.Contains(have, want) {
		t.Errorf("the README's table of authenticators lacks\n%s\nwrite it anew with -update", want)
	}
}

// head is the table's.
func head() string {
	out := "| client | authenticator |"
	for _, s := range steps() {
		out += " " + s.name + " |"
	}
	return out + "\n|" + strings.Repeat("---|", len(steps())+2) + "\n"
}

// pinned is what follows a text in a file that pins versions.
func pinned(file, text string) string {
	raw, err := os.ReadFile(filepath.Join(projects, file))
	if err != nil {
		return err.Error()
	}
	_, rest, _ := bytes.Cut(raw, []byte(text))
	return string(regexp.MustCompile(`^[0-9.]+`).Find(rest))
}

// chromiumVersion is that of the browser here, if there is one.
func chromiumVersion() string {
	raw, _ := exec.Command("chromium", "--version").Output()
	return string(regexp.MustCompile(`[0-9]+(\.[0-9]+)+`).Find(raw))
}
