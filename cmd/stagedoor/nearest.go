package main

import (
	"cmp"
	"slices"
	"strings"
)

// nearest returns the names that are close to one that does not exist, the closest first,
// at most three: those that take few changes of a letter, or that begin with it.
func nearest(name string, names []string) []string {
	type candidate struct {
		name string
		far  int
	}
	var near []candidate
	for _, n := range names {
		far := distance(name, n)
		if len(name) >= 4 && (strings.Contains(n, name) || strings.Contains(name, n)) {
			far = min(far, 1)
		}
		if far <= max(2, len(name)/3) {
			near = append(near, candidate{n, far})
		}
	}
	slices.SortFunc(near, func(a, b candidate) int { return cmp.Or(a.far-b.far, cmp.Compare(a.name, b.name)) })
	var out []string
	for _, c := range near {
		if len(out) < 3 && !slices.Contains(out, c.name) {
			out = append(out, c.name)
		}
	}
	return out
}

// distance is the edit distance of two names: how many letters must be put in, taken out
// or replaced.
func distance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			change := diagonal
			if a[i] != b[j] {
				change++
			}
			diagonal = row[j+1]
			row[j+1] = min(change, row[j]+1, diagonal+1)
		}
	}
	return row[len(b)]
}
