package accounts

import (
	_ "embed"
	"strings"
)

// commonPasswords are the passwords that guessing programs try first: the ones
// people are known to choose most, and what they make of names, words, teams,
// brands, keyboard rows and counting with the usual endings ("1", "123", a year, "!").
//
// Each stands on a line of its own, in lower case, in the order of its bytes. The
// text is searched where it lies: nothing is loaded at start, nothing is kept on
// the heap.
//
//go:embed common_passwords.txt
var commonPasswords string

// isCommon says whether the password is on the list, whatever its case and the
// space around it.
func isCommon(password string) bool {
	return inSortedLines(commonPasswords, strings.TrimSpace(strings.ToLower(password)))
}

// inSortedLines finds a line by binary search. The text is lines in ascending
// order, each ended by a newline.
func inSortedLines(text, line string) bool {
	for text != "" {
		middle := len(text) / 2
		start := strings.LastIndexByte(text[:middle], '\n') + 1
		end := start + strings.IndexByte(text[start:], '\n')
		switch strings.Compare(line, text[start:end]) {
		case 0:
			return true
		case -1:
			text = text[:start]
		default:
			text = text[end+1:]
		}
	}
	return false
}
