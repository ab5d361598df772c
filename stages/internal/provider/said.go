package provider

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// maxSaid is how many characters of what a provider says of an error are repeated.
const maxSaid = 200

var (
	// codeForm is an error code of OAuth 2.0; anything else is not repeated.
	codeForm = regexp.MustCompile(`^[a-z][a-z0-9_]{0,63}$`)
	// addressed is what may be somebody's address, queried the part of a URL that may have
	// anything in it.
	addressed = regexp.MustCompile(`\S+@\S+`)
	queried   = regexp.MustCompile(`[?#]\S+`)
	// lengthy is what may be a code, a token or a secret, where lettered does not take it for a word.
	lengthy  = regexp.MustCompile(`[A-Za-z0-9_~+/=-]{12,}`)
	lettered = regexp.MustCompile(`^([a-z_/-]+|[A-Z]?[a-z]+|[A-Z_-]+|[A-Za-z]{1,16})$`)
)

func errorCode(code string) string {
	if codeForm.MatchString(code) {
		return code
	}
	return "an error without a code"
}

// inWords is what a provider says of an error in its own words, for who runs the server: its code and
// its description in quotes, in which what may be a secret or an address is left out.
func inWords(code, description string) string {
	out := errorCode(code)
	if text := cleaned(description); text != "" {
		out += " " + strconv.Quote(text)
	}
	return out
}

// cleaned is a text that somebody else wrote as one short line that holds nothing secret.
func cleaned(text string) string {
	if len(text) > 16*maxSaid {
		text = text[:16*maxSaid]
	}
	text = strings.Map(func(r rune) rune {
		if unicode.IsSpace(r) {
			return ' '
		}
		if !unicode.IsPrint(r) || r == utf8.RuneError {
			return -1
		}
		return r
	}, text)
	text = addressed.ReplaceAllString(text, "(address)")
	text = queried.ReplaceAllString(text, "?(...)")
	text = lengthy.ReplaceAllStringFunc(text, func(word string) string {
		if lettered.MatchString(word) {
			return word
		}
		return "(...)"
	})
	text = strings.Join(strings.Fields(text), " ")
	if r := []rune(text); len(r) > maxSaid {
		text = string(r[:maxSaid]) + "..."
	}
	return text
}

// saidIn is what an answer that is no success says of its error, to stand behind a status; "" where
// it says nothing that can be read.
func saidIn(body []byte) string {
	o, err := parse(body)
	if err != nil {
		return ""
	}
	code, description := o.text("error"), o.text("error_description")
	if description == "" {
		description = o.text("message")
	}
	if inner := o.text("error.message"); description == "" {
		description = inner
	}
	if code == "" && description == "" {
		return ""
	}
	return fmt.Sprintf(": %s", inWords(code, description))
}
