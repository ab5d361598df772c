package compact

import "slices"

// Words are texts that are written as their number. A list may grow at its end and must not
// change otherwise: what is stored was written with it.
type Words struct {
	list    []string
	numbers map[string]uint64
}

// NewWords returns the list. All of it is read, and of it the first so many words are written
// as numbers, so that servers of the release before can read what this one writes. A text that
// stands in it twice has its first number.
func NewWords(written int, list ...string) *Words {
	w := &Words{list: list, numbers: make(map[string]uint64, written)}
	for i, text := range list[:written] {
		if _, twice := w.numbers[text]; !twice {
			w.numbers[text] = uint64(i)
		}
	}
	return w
}

// Has reports whether the text is one of them, written as a number or not.
func (w *Words) Has(text string) bool { return slices.Contains(w.list, text) }

func (w *Words) number(text string) (uint64, bool) {
	n, ok := w.numbers[text]
	return n, ok
}

// List returns a copy of the words, by their numbers.
func (w *Words) List() []string { return slices.Clone(w.list) }
