package player

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
)

// recordedStep is what one step came to when it was recorded, as it is written to a file:
// values that differ from time to time stand there as their types, values that the story
// made up as the templates they came from.
type recordedStep struct {
	Step     string    `json:"step"`
	Status   int       `json:"status,omitempty"`
	Statuses []int     `json:"statuses,omitempty"`
	Allow    []int     `json:"allow,omitempty"`
	Body     any       `json:"body,omitempty"`
	NonJSON  bool      `json:"nonjson,omitempty"`
	Cookies  []string  `json:"cookies,omitempty"`
	Location *location `json:"location,omitempty"`
	Headers  []string  `json:"headers,omitempty"`
	Mail     []string  `json:"mail,omitempty"`
	SMS      []string  `json:"sms,omitempty"`
}

// location is where an answer redirects to: a path of the server, provider for "idp", or
// a whole address; and what its query holds, values only where they mean something.
type location struct {
	To    string   `json:"to"`
	Query []string `json:"query,omitempty"`
}

// parseRecording reads what stands below the marker: for each client one line of JSON for
// each step that answers. first is the line the text begins on.
func parseRecording(text []byte, first int) (map[string][]recordedStep, error) {
	out := map[string][]recordedStep{}
	client, n := "", first-1
	for line := range bytes.Lines(text) {
		n++
		entry := strings.TrimSpace(string(line))
		switch {
		case entry == "", entry == "expect:", strings.HasPrefix(entry, "#"):
		case strings.HasPrefix(entry, "- ") && client != "":
			var r recordedStep
			if err := decodeNumbers([]byte(entry[2:]), &r); err != nil {
				return nil, &fault{n, "the recording of a step cannot be read: " + err.Error()}
			}
			out[client] = append(out[client], r)
		case strings.HasSuffix(entry, ":"):
			client = strings.TrimSuffix(entry, ":")
			out[client] = []recordedStep{}
		default:
			return nil, &fault{n, fmt.Sprintf("%.40q is no line of a recording", entry)}
		}
	}
	return out, nil
}

// decodeNumbers decodes JSON with numbers as they were written.
func decodeNumbers(text []byte, into any) error {
	dec := json.NewDecoder(bytes.NewReader(text))
	dec.UseNumber()
	return dec.Decode(into)
}
