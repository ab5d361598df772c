package stand_test

import (
	"bytes"
	"testing"
	"time"

	"stagedoor/transport/internal/player"
	"stagedoor/transport/internal/stand"
)

// flows is where the fixtures are.
const flows = "../../../testdata/flows"

// TestFlows replays every fixture, and then all of them once more: what is printed is the
// same to the byte. Under the race detector, which looks for other things, once is enough.
func TestFlows(t *testing.T) {
	stories, err := player.LoadPaths(flows)
	if err != nil {
		t.Fatal(err)
	}
	plays := player.Plays(stories)
	play := func() string {
		began := time.Now()
		var text bytes.Buffer
		printer := player.Printer{Out: &text, Verbose: true}
		player.RunAll(t.Context(), plays, stand.New(stand.Config{}), 2, func(r player.Result) {
			printer.Print(r)
			if !r.Passed {
				var story bytes.Buffer
				player.Printer{Out: &story}.Print(r)
				t.Errorf("%s", story.String())
			}
		})
		t.Logf("%d plays of %d stories in %v", len(plays), len(stories), time.Since(began).Round(time.Millisecond))
		return text.String()
	}
	once := play()
	if raced {
		return
	}
	if twice := play(); once != twice {
		t.Errorf("two plays of the same stories differ at byte %d", firstDifference(once, twice))
	}
}

func firstDifference(a, b string) int {
	for i := range min(len(a), len(b)) {
		if a[i] != b[i] {
			return i
		}
	}
	return min(len(a), len(b))
}
