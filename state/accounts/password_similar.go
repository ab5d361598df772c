package accounts

import (
	"strings"
	"unicode"
)

// maxSimilarity is the share of common characters from which on a password counts
// as similar to what it is for.
const maxSimilarity = 0.7

// tooSimilar compares the password with each of the texts and with the words it is
// made of, so that of "jo.smith@example.org" neither the whole nor "smith" will do.
// Case counts for nothing.
func tooSimilar(password string, about []string) bool {
	given := []rune(strings.ToLower(password))
	for _, text := range about {
		value := strings.ToLower(text)
		if value == "" {
			continue
		}
		for _, part := range append(strings.FieldsFunc(value, notInWord), value) {
			known := []rune(part)
			if !tooUneven(len(given), len(known)) && similarity(given, known) >= maxSimilarity {
				return true
			}
		}
	}
	return false
}

// notInWord says where a text is split: words are letters, numbers and "_".
func notInWord(r rune) bool {
	return !unicode.IsLetter(r) && !unicode.IsNumber(r) && r != '_'
}

// tooUneven says that a value is so much shorter than the password that it need
// not be compared. For ordinary lengths it only saves work: ten times shorter can
// never be 0.7 similar.
func tooUneven(password, value int) bool {
	return password >= 10*value && float64(value) < maxSimilarity/2*float64(password)
}

// similarity is twice the number of characters that two texts have in common, as
// multisets and in whatever order, divided by the sum of their lengths: 0 to 1.
// It is an upper bound of Ratcliff and Obershelp's measure, and the one that the
// contract's password rule is defined by. Two empty texts are the same.
func similarity(a, b []rune) float64 {
	if len(a)+len(b) == 0 {
		return 1
	}
	left := make(map[rune]int, len(b))
	for _, r := range b {
		left[r]++
	}
	common := 0
	for _, r := range a {
		if left[r] > 0 {
			left[r]--
			common++
		}
	}
	return 2 * float64(common) / float64(len(a)+len(b))
}
