package replay

import (
	"io"
	"strings"

	"stagedoor/transport/internal/player"
)

// Result is what a play came to.
type Result struct {
	Play Play
	// Passed says that all was as it must be, Skipped why it was not played.
	Passed  bool
	Skipped string

	result player.Result
}

// String is the whole story: every step with what came of it, and where it departs.
func (r Result) String() string {
	var text strings.Builder
	Printer{Out: &text}.Print(r)
	return text.String()
}

// Printer writes results for a person to read. What it writes is the same each time where
// the stories and the server are the same.
type Printer struct {
	Out io.Writer
	// Quiet writes one line for each play, with what departs below it; Verbose writes the
	// exits that runs took and the answers besides.
	Quiet, Verbose bool
	// Color marks what departs for a terminal.
	Color bool
}

// Print writes one result.
func (p Printer) Print(r Result) { player.Printer(p).Print(r.result) }

// WriteJSON writes results for programs, the same each time where the stories and the
// server are the same.
func WriteJSON(w io.Writer, results []Result) error {
	return player.WriteJSON(w, inner(results))
}

// Summary counts results on one line, "3 passed, 1 failed", and says how many failed.
func Summary(results []Result) (line string, failed int) {
	var t player.Tally
	for _, r := range inner(results) {
		t.Add(r)
	}
	return t.String(), t.Failed
}

func inner(results []Result) []player.Result {
	out := make([]player.Result, len(results))
	for i, r := range results {
		out[i] = r.result
	}
	return out
}
