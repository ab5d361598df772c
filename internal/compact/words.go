package compact

import "slices"

// Words are texts that are written as their number. A list may grow at its end and must not
// change otherwise: what is stored was written with it.
type Words struct {
	list    []string
	numbers map[string]uint64
}

// NewWords returns the list; a text that stands in it twice has its first number.
func NewWords(list ...string) *Words {
	w := &Words{list: list, numbers: make(map[string]uint64, len(list))}
	for i, text := range list {
		if _, twice := w.numbers[text]; !twice {
			w.numbers[text] = uint64(i)
		}
	}
	return w
}

// Has reports whether the text is one of them.
func (w *Words) Has(text string) bool {
	_, ok := w.number(text)
	return ok
}

func (w *Words) number(text string) (uint64, bool) {
	n, ok := w.numbers[text]
	return n, ok
}

// List returns a copy of the words, by their numbers.
func (w *Words) List() []string { return slices.Clone(w.list) }
