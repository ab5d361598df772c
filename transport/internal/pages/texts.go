package pages

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
)

// textLine is a line of the table in app/texts.js.
var textLine = regexp.MustCompile(`(?m)^  '?([a-z_.]+)'?: '(.*)',$`)

// readTexts reads the words of the app by their keys.
func readTexts() (map[string]string, error) {
	file, err := files.ReadFile("app/texts.js")
	if err != nil {
		return nil, err
	}
	texts := make(map[string]string)
	for _, m := range textLine.FindAllSubmatch(file, -1) {
		texts[string(m[1])] = string(m[2])
	}
	if len(texts) == 0 {
		return nil, fmt.Errorf("app/texts.js has no texts")
	}
	return texts, nil
}

// TextKeys are the keys of texts that can be replaced, sorted. Others stand for what stages of
// a program's own are called: step.ID.title, step.ID.about, step.ID.ACTION and field.NAME.
func TextKeys() ([]string, error) {
	texts, err := readTexts()
	if err != nil {
		return nil, err
	}
	return slices.Sorted(maps.Keys(texts)), nil
}
