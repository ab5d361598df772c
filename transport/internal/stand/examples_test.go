package stand_test

import (
	"bytes"
	"cmp"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/url"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"stagedoor/transport/internal/openapi"
	"stagedoor/transport/internal/player"
)

var update = flag.Bool("update", false, "record the examples of documents anew")

// The files of the examples, one of each contract.
const (
	headlessExamples = "../headless/openapi_examples.json"
	plainExamples    = "../rest/openapi_examples.json"
)

// exchange is one request of a story, and its answer.
type exchange struct {
	client, key, status string
	story               string
	step                int
	request, answer     json.RawMessage
}

// listener keeps what stories say to servers, and are answered.
type listener struct {
	mu  sync.Mutex
	all []exchange
}

// tap is a play's way to its server.
type tap struct {
	to    http.RoundTripper
	play  player.Play
	step  atomic.Int64
	heard *listener
}

// RoundTrip carries a request, and keeps it with its answer.
func (t *tap) RoundTrip(req *http.Request) (*http.Response, error) {
	var sent []byte
	if req.GetBody != nil {
		body, err := req.GetBody()
		if err != nil {
			return nil, err
		}
		if sent, err = io.ReadAll(body); err != nil {
			return nil, err
		}
	}
	got, err := t.to.RoundTrip(req)
	if err != nil {
		return nil, err
	}
	answer, err := io.ReadAll(got.Body)
	if err != nil {
		return nil, err
	}
	got.Body = io.NopCloser(bytes.NewReader(answer))
	t.heard.note(t.play, int(t.step.Add(1)), req, sent, got.StatusCode, answer)
	return got, nil
}

// note keeps an exchange, if it is one of the contracts.
func (l *listener) note(p player.Play, step int, req *http.Request, sent []byte, status int, answer []byte) {
	client, route := routeOf(req.URL.Path)
	if route == "" {
		return
	}
	one := exchange{
		client: client, key: req.Method + " " + route, status: strconv.Itoa(status), story: p.Story.Name + " " + p.Client, step: step,
		request: object(sent, req.Header.Get("Content-Type")), answer: tidy(answer),
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.all = append(l.all, one)
	if general, is := generalRoute(route); is {
		one.key = req.Method + " " + general
		l.all = append(l.all, one)
	}
}

// routeOf is the route of a path below its contract, and the kind of client; "" is none.
func routeOf(path string) (client, route string) {
	for _, client := range []string{"browser", "app"} {
		if _, below, is := strings.Cut(path, "/"+client+"/v1/"); is {
			return client, "/" + below
		}
	}
	below, is := strings.CutPrefix(path, "/auth/")
	if !is {
		return "", ""
	}
	route = "/" + strings.TrimSuffix(below, "/")
	return "", regexp.MustCompile(`^/providers/[^/]+/`).ReplaceAllString(route, "/providers/:id/")
}

// generalRoute is the general route of stages that a path belongs to.
func generalRoute(route string) (string, bool) {
	before, stage, is := strings.Cut(route, "/stages/")
	if !is {
		return "", false
	}
	if strings.Contains(stage, "/") {
		return before + "/stages/:stage/:action", true
	}
	return before + "/stages/:stage", true
}

// object is a body that was sent, if it is an object: of JSON, or of a form.
func object(sent []byte, kind string) json.RawMessage {
	if strings.HasPrefix(kind, "application/x-www-form-urlencoded") {
		form, err := url.ParseQuery(string(sent))
		if err != nil {
			return nil
		}
		one := make(map[string]string)
		for name := range form {
			one[name] = form.Get(name)
		}
		sent, _ = json.Marshal(one)
	}
	if body := bytes.TrimSpace(sent); len(body) < 3 || body[0] != '{' {
		return nil
	}
	return tidy(sent)
}

// What is different at each run, or too long to read.
var (
	signed = regexp.MustCompile(`eyJ[\w-]+\.[\w-]+\.[\w-]+`)
	image  = regexp.MustCompile(`data:image/png;base64,[\w+/=]+`)
	agent  = regexp.MustCompile(`conform/\w+`)
	made   = regexp.MustCompile(`\b[a-z][a-z0-9]{10}\b@example\.org|"(?:display|username)":"[a-z][a-z0-9]{10}"`)
	local  = regexp.MustCompile(`[a-z][a-z0-9]{10}`)
)

// tidy is a body without what is different at each run, nil if it is no JSON.
func tidy(body []byte) json.RawMessage {
	text := signed.ReplaceAll(body, []byte("eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiI3In0.c2lnbmF0dXJl"))
	text = image.ReplaceAll(text, []byte("data:image/png;base64,iVBORw0KGgo="))
	text = agent.ReplaceAll(text, []byte("Mozilla/5.0 (X11; Linux x86_64)"))
	names, people := map[string]string{}, []string{"ada", "bea", "cleo", "dora", "elsa", "finn"}
	text = made.ReplaceAllFunc(text, func(one []byte) []byte {
		return local.ReplaceAllFunc(one, func(name []byte) []byte {
			if names[string(name)] == "" {
				names[string(name)] = people[len(names)%len(people)]
			}
			return []byte(names[string(name)])
		})
	})
	var out bytes.Buffer
	if json.Compact(&out, text) != nil {
		return nil
	}
	return out.Bytes()
}

// shape is what tells a body from others: its members and their types, ids and codes.
func shape(body json.RawMessage) string {
	var v any
	if json.Unmarshal(body, &v) != nil {
		return ""
	}
	return shapeOf("", v)
}

func shapeOf(name string, v any) string {
	switch x := v.(type) {
	case map[string]any:
		var b strings.Builder
		for _, member := range slices.Sorted(maps.Keys(x)) {
			fmt.Fprintf(&b, "%s:%s,", member, shapeOf(member, x[member]))
		}
		return "{" + b.String() + "}"
	case []any:
		seen := []string{}
		for _, one := range x {
			if s := shapeOf(name, one); !slices.Contains(seen, s) {
				seen = append(seen, s)
			}
		}
		slices.Sort(seen)
		return "[" + strings.Join(seen, "|") + "]"
	case string:
		if name == "id" || name == "code" || name == "codes" || name == "flow" || name == "method" || name == "type" {
			return x
		}
	}
	return fmt.Sprintf("%T", v)
}

// mostShapes is how many examples are kept of the answers with a status, and of requests.
func mostShapes(status string) int {
	if status == "200" || status == "401" {
		return 3
	}
	return 2
}

// met are the shapes of what was answered and sent, by client, operation and status.
func (l *listener) met() map[string]bool {
	out := make(map[string]bool)
	for _, x := range l.all {
		out[x.client+x.key+x.status+shape(x.answer)], out[x.client+x.key+shape(x.request)] = true, true
	}
	return out
}

// bodiesOf are the exchanges of a file, one body each.
func bodiesOf(before map[string]openapi.Recorded) (out []exchange) {
	for client, all := range before {
		for key, x := range all {
			for status, list := range x.Answers {
				for _, body := range list {
					out = append(out, exchange{client: client, key: key, status: status, answer: body})
				}
			}
			for _, body := range x.Requests {
				out = append(out, exchange{client: client, key: key, request: body})
			}
		}
	}
	return out
}

// examples are the first of each shape that stories have met, in the order of their names.
// Those that are there already stay, if they are met in that shape still.
func (l *listener) examples(before map[string]openapi.Recorded) map[string]openapi.Recorded {
	slices.SortFunc(l.all, func(x, y exchange) int {
		return cmp.Or(cmp.Compare(x.story, y.story), cmp.Compare(x.step, y.step), cmp.Compare(x.key, y.key))
	})
	met, out := l.met(), make(map[string]openapi.Recorded)
	add := func(s exchange) {
		if out[s.client] == nil {
			out[s.client] = make(openapi.Recorded)
		}
		x := out[s.client][s.key]
		if x.Answers == nil {
			x.Answers = make(map[string][]json.RawMessage)
		}
		if s.answer != nil && met[s.client+s.key+s.status+shape(s.answer)] {
			x.Answers[s.status] = with(x.Answers[s.status], s.answer, mostShapes(s.status))
		}
		if s.request != nil && met[s.client+s.key+shape(s.request)] {
			x.Requests = with(x.Requests, s.request, 2)
		}
		out[s.client][s.key] = x
	}
	for _, s := range append(bodiesOf(before), l.all...) {
		if bad := s.status != "" && s.status[0] != '2' && s.status != "302"; bad {
			s.request = nil
		}
		if !s.telling() {
			s.answer = nil
		}
		if s.answer != nil || s.request != nil {
			add(s)
		}
	}
	return out
}

// telling reports whether an answer says more than the same status says everywhere.
func (x exchange) telling() bool {
	switch x.status {
	case "404":
		return string(x.answer) == `{"status":404}` || bytes.Contains(x.answer, []byte("totp_url"))
	case "200", "202", "302", "400", "401", "410":
		return true
	}
	return false
}

// with adds a body to those of other shapes, if there is room.
func with(list []json.RawMessage, body json.RawMessage, most int) []json.RawMessage {
	if len(list) >= most || slices.ContainsFunc(list, func(one json.RawMessage) bool { return shape(one) == shape(body) }) {
		return list
	}
	return append(list, body)
}

// TestExamples holds the examples of documents against what servers answer to stories: each
// is an answer that was given, and is given in that shape still.
func TestExamples(t *testing.T) {
	if raced {
		t.Skip("it looks at what all stories meet; without -race it does")
	}
	heard := firstReplay(t).atlas.heard
	met := heard.met()
	for file, clients := range map[string][]string{headlessExamples: {"browser", "app"}, plainExamples: {""}} {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		var before map[string]openapi.Recorded
		if err := json.Unmarshal(text, &before); err != nil {
			t.Fatal(err)
		}
		if *update {
			all := heard.examples(before)
			maps.DeleteFunc(all, func(client string, _ openapi.Recorded) bool { return !slices.Contains(clients, client) })
			if text, err = inLines(all); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(file, text, 0o644); err != nil {
				t.Fatal(err)
			}
			continue
		}
		for _, x := range bodiesOf(before) {
			if x.answer != nil && !met[x.client+x.key+x.status+shape(x.answer)] || x.request != nil && !met[x.client+x.key+shape(x.request)] {
				t.Errorf("%s: %s %s: no story meets %s%s any more; go test ./transport/internal/stand -run Examples -update records what they meet",
					file, x.client, x.key, x.status, x.answer)
			}
		}
	}
}

// inLines is JSON with a line for each operation.
func inLines(all map[string]openapi.Recorded) ([]byte, error) {
	var out bytes.Buffer
	out.WriteByte('{')
	for i, client := range slices.Sorted(maps.Keys(all)) {
		fmt.Fprintf(&out, "%s%q: {", strings.Repeat(",", min(i, 1)), client)
		for j, key := range slices.Sorted(maps.Keys(all[client])) {
			text, err := json.Marshal(all[client][key])
			if err != nil {
				return nil, err
			}
			fmt.Fprintf(&out, "%s\n%q: %s", strings.Repeat(",", min(j, 1)), key, text)
		}
		out.WriteString("\n}")
	}
	out.WriteString("}\n")
	return out.Bytes(), nil
}
