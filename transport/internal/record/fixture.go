package record

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"
)

// Profile is the profile of the stories that are recorded: the defaults, for a server in
// a test, over which a story lays what its own server had otherwise.
const Profile = "recorded"

// Summary is a story in a list.
type Summary struct {
	// ID names it in this process.
	ID      string    `json:"id"`
	Started time.Time `json:"started"`
	Updated time.Time `json:"updated"`
	// Client is browser, app or rest, Steps how many requests there are, Flows what ran,
	// with what came of each: "login: session".
	Client string   `json:"client"`
	Steps  int      `json:"steps"`
	Flows  []string `json:"flows"`
	// Runs are the ids of its runs.
	Runs []string `json:"runs"`
}

// List lists the stories in which a run moved, the latest first, without those of which
// nothing could be played again.
func (r *Recorder) List() []Summary {
	r.mu.Lock()
	defer r.mu.Unlock()
	out := []Summary{}
	for _, st := range slices.Backward(r.stories) {
		trails := st.trails()
		if cut, _ := st.cut(); len(trails) == 0 || len(cut.exchanges) == 0 {
			continue
		}
		s := Summary{ID: st.id, Started: st.started, Updated: st.updated, Client: st.kind, Steps: len(st.exchanges)}
		for _, t := range trails {
			s.Flows = append(s.Flows, t.flow+": "+cmp.Or(t.end, "waits"))
			s.Runs = append(s.Runs, t.run)
		}
		out = append(out, s)
	}
	return out
}

// Fixture returns the file of a story: by its id, or by that of one of its runs. ok is
// false where there is none, or nothing of it could be played again.
func (r *Recorder) Fixture(id string) (text []byte, ok bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, st := range slices.Backward(r.stories) {
		if st.id == id || slices.ContainsFunc(st.trails(), func(t turn) bool { return t.run == id }) {
			text = r.file(st)
			return text, text != nil
		}
	}
	return nil, false
}

// Save writes every story in which a run moved since the last call into a folder,
// recorded-STARTED-ID.yaml. It must not be called twice at once.
func (r *Recorder) Save(dir string) error {
	list := r.List()
	if len(list) == 0 {
		return nil
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return fmt.Errorf("keep recorded stories: %w", err)
	}
	for _, s := range list {
		if r.saved[s.ID] == s.mark() {
			continue
		}
		text, ok := r.Fixture(s.ID)
		if !ok {
			continue
		}
		name := fmt.Sprintf("recorded-%s-%s.yaml", s.Started.UTC().Format("20060102T150405"), s.ID)
		if err := replace(filepath.Join(dir, name), text); err != nil {
			return fmt.Errorf("keep recorded stories: %w", err)
		}
		r.saved[s.ID] = s.mark()
	}
	return nil
}

// mark changes when a story goes on.
func (s Summary) mark() string {
	return s.Updated.UTC().Format(time.RFC3339Nano) + "/" + strconv.Itoa(s.Steps)
}

// replace writes a file of its owner alone, so that nobody ever reads a part of it.
func replace(name string, text []byte) error {
	draft := name + ".part"
	if err := os.WriteFile(draft, text, 0o600); err != nil {
		return errors.Join(err, os.Remove(draft))
	}
	return os.Rename(draft, name)
}

// trails puts the turns of a story together, one for each run, in the order of their
// first turns.
func (s *story) trails() []turn {
	var out []turn
	for _, e := range s.exchanges {
		for _, t := range e.turns {
			if t.refused {
				continue
			}
			i := slices.IndexFunc(out, func(x turn) bool { return x.run == t.run && x.flow == t.flow })
			if i < 0 {
				i = len(out)
				out = append(out, turn{run: t.run, flow: t.flow, print: t.print})
			}
			out[i].marks, out[i].end = append(out[i].marks, t.marks...), t.end
		}
	}
	return out
}

// file writes a story, nil for one of which nothing is left.
func (r *Recorder) file(st *story) []byte {
	st, left := st.cut()
	if len(st.exchanges) == 0 {
		return nil
	}
	trails := st.trails()
	var says []string
	prints := make(map[string]any)
	for _, t := range trails {
		says = append(says, t.flow+" ends at "+t.end)
		if t.end == "" {
			says[len(says)-1] = t.flow + " waits"
		}
		prints[t.flow] = t.print
	}
	b := newBuilder(st, r.TOTPDigits)
	steps := b.steps()
	var config any
	if len(r.Settings) > 0 {
		config = r.Settings
	}
	doc := object{
		{"proves", "Recorded with the client " + st.kind + ": " + strings.Join(says, ", ") + "."},
		{"profile", Profile}, {"config", config}, {"clients", []any{st.kind}}, {"binds", st.binders()}, {"given", b.accounts()},
		{"prints", prints}, {"steps", steps}, {"trail", trailsIn(trails)},
	}
	var out bytes.Buffer
	for _, e := range doc {
		switch list, isList := e.value.([]any); {
		case e.value == nil || isList && len(list) == 0:
		case isList && (e.key == "steps" || e.key == "trail"):
			fmt.Fprintf(&out, "%s:\n", e.key)
			for _, one := range list {
				fmt.Fprintf(&out, "  - %s\n", inline(one))
			}
		default:
			fmt.Fprintf(&out, "%s: %s\n", e.key, inline(e.value))
		}
		if e.key == "proves" {
			for _, left := range left {
				fmt.Fprintf(&out, "# left out: %s\n", left)
			}
		}
	}
	return out.Bytes()
}

func trailsIn(trails []turn) []any {
	var out []any
	for _, t := range trails {
		one := object{{"flow", t.flow}, {"marks", texts(t.marks)}}
		if t.end != "" {
			one = append(one, entry{"end", t.end})
		}
		out = append(out, one)
	}
	return out
}

// object is a mapping whose keys stand in an order.
type object []entry

type entry struct {
	key   string
	value any
}

// inline writes a value on one line of YAML.
func inline(v any) string {
	text, err := yaml.Marshal(node(v))
	if err != nil {
		// Nothing that a node is made of can fail.
		return "null"
	}
	return strings.TrimSuffix(string(text), "\n")
}

// node makes YAML of a value, in flow style.
func node(v any) *yaml.Node {
	n := &yaml.Node{Style: yaml.FlowStyle}
	switch v := v.(type) {
	case object:
		n.Kind = yaml.MappingNode
		for _, e := range v {
			n.Content = append(n.Content, node(e.key), node(e.value))
		}
	case map[string]any:
		n.Kind = yaml.MappingNode
		for _, key := range sorted(v) {
			n.Content = append(n.Content, node(key), node(v[key]))
		}
	case []any:
		n.Kind = yaml.SequenceNode
		for _, one := range v {
			n.Content = append(n.Content, node(one))
		}
	default:
		if err := n.Encode(v); err != nil {
			return &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!null", Value: "null"}
		}
		if strings.Contains(n.Value, "{{") {
			n.Style = yaml.DoubleQuotedStyle
		}
	}
	return n
}

func texts(list []string) []any {
	out := make([]any, len(list))
	for i, s := range list {
		out[i] = s
	}
	return out
}

func sorted[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }
