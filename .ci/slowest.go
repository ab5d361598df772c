// Slowest reads what go test -json says and prints what failed, with its output, a line for
// each package, and at the end the packages and the tests that took longest. It fails
// where anything failed.
//
//	go test -json ./... | go run .ci/slowest.go
package main

import (
	"bufio"
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"os"
	"slices"
	"strings"
)

// event is a line of go test -json (go doc test2json).
type event struct {
	Action, Package, Test, Output, ImportPath string
	// Elapsed is in seconds.
	Elapsed float64
}

// took is how long something took.
type took struct {
	name    string
	seconds float64
}

func main() {
	ok, err := report(os.Stdin, os.Stdout)
	if err != nil {
		fmt.Fprintln(os.Stderr, "slowest:", err)
	}
	if err != nil || !ok {
		os.Exit(1)
	}
}

// report reads events to the end, and reports whether everything passed.
func report(in io.Reader, out io.Writer) (ok bool, err error) {
	ok = true
	var packages, tests []took
	said := map[string][]string{} // the output of what is under way
	lines := bufio.NewScanner(in)
	lines.Buffer(nil, 64<<20)
	for lines.Scan() {
		var e event
		if json.Unmarshal(lines.Bytes(), &e) != nil {
			fmt.Fprintln(out, lines.Text()) // the go command speaks in its own words
			continue
		}
		name := e.Package + " " + e.Test
		switch e.Action {
		case "output":
			said[name] = append(said[name], e.Output)
		case "build-output":
			fmt.Fprint(out, e.Output)
		case "build-fail":
			ok = false
		case "pass", "skip", "fail":
			if e.Action == "fail" {
				ok = false
				tell(out, said, name)
			}
			delete(said, name)
			if e.Test != "" {
				tests = append(tests, took{name, e.Elapsed})
				continue
			}
			if e.Action == "fail" {
				// A binary that died did not end its tests.
				for _, test := range slices.Sorted(maps.Keys(said)) {
					if strings.HasPrefix(test, e.Package+" ") {
						tell(out, said, test)
						delete(said, test)
					}
				}
			}
			packages = append(packages, took{e.Package, e.Elapsed})
			fmt.Fprintf(out, "%-4s %-50s %6.1f s\n", e.Action, e.Package, e.Elapsed)
		}
	}
	slowest(out, "the slowest packages", packages, 10)
	slowest(out, "the slowest tests", tests, 20)
	return ok, lines.Err()
}

// tell prints the output of a test, or of a package outside its tests.
func tell(out io.Writer, said map[string][]string, name string) {
	for _, line := range said[name] {
		if !strings.HasPrefix(line, "=== ") {
			fmt.Fprint(out, line)
		}
	}
}

// slowest prints those of a list that took longest, as many as most at most.
func slowest(out io.Writer, what string, list []took, most int) {
	slices.SortStableFunc(list, func(a, b took) int { return cmp.Compare(b.seconds, a.seconds) })
	fmt.Fprintf(out, "\n%s:\n", what)
	for _, one := range list[:min(most, len(list))] {
		fmt.Fprintf(out, "%8.1f s  %s\n", one.seconds, one.name)
	}
}
