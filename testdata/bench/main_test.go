package main

import (
	"encoding/json"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
)

// figure is what a cell of figures may hold, a dash where there is none.
var figure = regexp.MustCompile(`^(–|\d+(\.\d+)?( \[\d+(\.\d+)?-\d+(\.\d+)?\]( times)?| of \d+(\.\d+)?( µs)?| B| MiB|( / \d+){3})?)$`)

// TestReadme: the README has the tables as they are printed, row by row, with figures in them.
func TestReadme(t *testing.T) {
	text, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, table := range tables() {
		_, rest, ok := strings.Cut(string(text), "\n"+table.markdown())
		if !ok {
			t.Errorf("the README has no table with the head\n%s", table.markdown())
			continue
		}
		lines := strings.Split(rest, "\n")
		for i, r := range table.rows {
			cells := strings.Split(strings.Trim(lines[i], "| "), " | ")
			// An empty cell at the end is trimmed away.
			if len(cells) == len(table.head)-1 && r.wanted == "" {
				cells = append(cells, "")
			}
			if len(cells) != len(table.head) || cells[0] != r.what || cells[1] != r.of || cells[len(cells)-1] != r.wanted {
				t.Errorf("row %s of the README is\n%s\nand not | %s | %s | ... | %s |", r.key, lines[i], r.what, r.of, r.wanted)
				continue
			}
			for _, cell := range cells[2 : len(cells)-1] {
				if !figure.MatchString(cell) {
					t.Errorf("row %s of the README has %q where a figure belongs", r.key, cell)
				}
			}
		}
		if end := lines[len(table.rows)]; strings.HasPrefix(end, "|") {
			t.Errorf("the README has a row that nobody measures: %s", end)
		}
	}
	// What is printed is what the README is held against, the row that has no figure included.
	for _, cell := range []string{"0.93 [0.91-0.95]", "15.2 of 13.9", "83 [80-91]", "40 / 59 / 143 / 57", "41.3 MiB", "558 B", "1.04 [1.00-1.10] times", "160 of 154 µs", "–"} {
		if !figure.MatchString(cell) {
			t.Errorf("%q is no figure", cell)
		}
	}
}

// TestReplaced puts figures into a text where their row is, and nowhere else.
func TestReplaced(t *testing.T) {
	r := row{key: "config", what: "`GET config`", of: "hello", wanted: "≤ 1.15"}
	f := figures{cells: []string{"1.00 [0.99-1.01]", "–"}}
	const text = "x\n| `GET config` | hello | 1 | 2 | ≤ 2 |\n| `GET config` | other | 1 | 2 | |\ny\n"
	got, err := replaced(text, r, f)
	if want := "x\n| `GET config` | hello | 1.00 [0.99-1.01] | – | ≤ 1.15 |\n| `GET config` | other | 1 | 2 | |\ny\n"; err != nil || got != want {
		t.Errorf("%v\n%s", err, got)
	}
	for _, text := range []string{"", text + text} {
		if got, err := replaced(text, r, f); err == nil {
			t.Errorf("%q becomes %q", text, got)
		}
	}
}

// TestRows: every row has a name of its own, and is found by it.
func TestRows(t *testing.T) {
	var names []string
	for _, table := range tables() {
		for _, r := range table.rows {
			names = append(names, r.key)
			chosen, err := choose(tables(), []string{r.key}, nil, false)
			if err != nil || len(chosen) != 1 || len(chosen[0].rows) != 1 || chosen[0].rows[0].key != r.key {
				t.Errorf("%s: %v, %v", r.key, chosen, err)
			}
			if !slices.Contains(table.head, "wanted") && !slices.Contains(table.head, "wanted of CPU") {
				t.Errorf("the table of %s has no goals", r.key)
			}
		}
	}
	slices.Sort(names)
	if len(slices.Compact(slices.Clone(names))) != len(names) {
		t.Errorf("two rows have one name: %s", names)
	}
	if _, err := choose(tables(), []string{"config", "confog"}, nil, false); err == nil || !strings.Contains(err.Error(), "there are config, anonymous") {
		t.Errorf("%v", err)
	}
	all, err := choose(tables(), nil, nil, false)
	if err != nil || len(all) != 2 {
		t.Errorf("without peers there are %d tables, %v", len(all), err)
	}
	only, err := choose(tables(), nil, []peer{{name: "kratos"}}, true)
	if err != nil || len(only) != 1 || len(only[0].rows) != 3 {
		t.Errorf("with a peer alone: %v, %v", only, err)
	}
}

// TestReadPeer reads what names a server of others.
func TestReadPeer(t *testing.T) {
	p, err := readPeer("allauth=http://127.0.0.1:8101,pid=12+13,mount=/auth,hash=1.5ms")
	if err != nil || p.name != "allauth" || p.target.Base.String() != "http://127.0.0.1:8101" || p.target.Mount != "/auth" || !slices.Equal(p.pids, []int{12, 13}) || p.hash != 1500*time.Microsecond {
		t.Errorf("%+v, %v", p, err)
	}
	for _, arg := range []string{"", "allauth", "allauth=http://x", "other=http://127.0.0.1:1,pid=1", "kratos=http://127.0.0.1:1,pid=x", "hanko=http://h,pid=1,colour=red", "hanko=http://h,pid=1,hash=x"} {
		if p, err := readPeer(arg); err == nil {
			t.Errorf("%q is %+v", arg, p)
		}
	}
}

// TestReading finds the counts in what other programs print.
func TestReading(t *testing.T) {
	const said = "goos: linux\nBenchmarkSession/config-2   \t    2000\t  7012 ns/op\t  9000 B/op\t      40 allocs/op\nBenchmarkStep \t 2000\t 1 ns/op\t 6100 B/op\t 57 allocs/op\nBenchmarkStepLast-2 \t 2000\t 1 ns/op\t 1 B/op\t 49 allocs/op\n"
	for name, want := range map[string]int{"BenchmarkSession/config": 40, "BenchmarkStep": 57, "BenchmarkStepLast": 49} {
		if got, err := allocsPerOp(said, name); err != nil || got != want {
			t.Errorf("%s: %d, %v", name, got, err)
		}
	}
	if _, err := allocsPerOp(said, "BenchmarkNone"); err == nil {
		t.Error("a benchmark that did not run has allocations")
	}
	if n, err := heapAlloc("heap profile: 1\n# Sys = 2\n# HeapAlloc = 12345\n# HeapSys = 3\n"); err != nil || n != 12345 {
		t.Errorf("%d, %v", n, err)
	}
	if _, err := heapAlloc("heap profile"); err == nil {
		t.Error("a profile without a size has one")
	}
}

// TestBareAnswers: the answer of the bare handlers is as long as the README says of it.
func TestBareAnswers(t *testing.T) {
	text, err := json.Marshal(newSmallAnswer())
	if err != nil || len(text) != 142 {
		t.Errorf("%d bytes, %v: %s", len(text), err, text)
	}
	record, err := encodeRun(1, newReferenceRun())
	if err != nil || len(record) < 450 || len(record) > 700 {
		t.Errorf("a record of the reference has %d bytes, %v", len(record), err)
	}
}
