// Package inspector is the live picture of a server's flows: which runs there were, where each
// stands in the drawn graph and why it came there, and what another configuration would ask. A
// development server shows it beside the app, a server in production to who has the operators'
// token. Who may see it is for those to judge that put it under a path: nothing here asks.
package inspector

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strings"
	"time"

	"stagedoor/engine"
	"stagedoor/engine/draw"
	"stagedoor/engine/explain"
	"stagedoor/transport/internal/asset"
	"stagedoor/transport/internal/headless"
	"stagedoor/transport/internal/wire"
)

const (
	// latest is how many runs are listed.
	latest = 12
	// maxText is the most bytes of a configuration that is compared with the running one.
	maxText = 64 << 10
)

// Config is what an inspector shows. All of it is needed but Latest and Run, which are nil where
// no trails are kept.
type Config struct {
	Flows *engine.Flows
	// Latest explains the latest runs of anybody, Run one run; found is false where no trail
	// of it is kept.
	Latest func(ctx context.Context, limit int) ([]explain.Explanation, error)
	Run    func(ctx context.Context, id string) (x explain.Explanation, found bool, err error)
	// Recorded reports whether a story of a run was recorded.
	Recorded func(run string) bool
	// Diff lays a YAML text over the running configuration and says what changes. Its errors are
	// to be shown, one line each, and tell no secret.
	Diff func(text []byte) (Comparison, error)
}

// Comparison is what a change of configuration changes.
type Comparison struct {
	// Changes are of what is asked, Settings the keys that differ.
	Changes  []engine.Change `json:"changes"`
	Settings any             `json:"settings"`
	// Text is what the command prints.
	Text string `json:"text"`
}

// Inspector answers what its page asks.
type Inspector struct {
	Config
	// comparing lets one comparison be made at a time: each proves all flows anew.
	comparing chan struct{}
	assets    Assets
}

// New makes an inspector.
func New(c Config) *Inspector {
	assets := NewAssets(files)
	assets["draw.css"] = asset.New("draw.css", []byte(draw.Stylesheet()))
	return &Inspector{Config: c, comparing: make(chan struct{}, 1), assets: assets}
}

// Routes puts what the page asks under a base path, which ends with a slash: all but a single run,
// which operators could always ask for.
func (i *Inspector) Routes(base string, handle func(pattern string, h http.HandlerFunc)) {
	handle("GET "+base+"runs.json", i.list)
	handle("GET "+base+"graph/{file}", i.picture)
	handle("POST "+base+"diff", i.compare)
}

// runView is a run in the list.
type runView struct {
	Run     string    `json:"run"`
	Flow    string    `json:"flow"`
	Title   string    `json:"title"`
	Client  string    `json:"client"`
	State   string    `json:"state"`
	Node    string    `json:"node"`
	Updated time.Time `json:"updated"`
	// Text is the whole explanation.
	Text string `json:"text"`
	// Story says that it was recorded and can be saved.
	Story bool `json:"story"`
}

// flowView is a flow that can be drawn.
type flowView struct {
	ID    engine.FlowID `json:"id"`
	Title string        `json:"title"`
}

// list answers the latest runs of anybody, each explained, and all flows. The page asks every
// few seconds, so it is not logged.
func (i *Inspector) list(w http.ResponseWriter, r *http.Request) {
	wire.Quiet(w)
	answer := struct {
		Runs  []runView  `json:"runs"`
		Flows []flowView `json:"flows"`
		// Trails is false where none are kept, so that there are no runs to show.
		Trails bool `json:"trails"`
	}{[]runView{}, []flowView{}, i.Latest != nil}
	for _, f := range i.Flows.All() {
		answer.Flows = append(answer.Flows, flowView{f.Graph.Flow, f.Graph.Title})
	}
	if i.Latest != nil {
		list, err := i.Latest(r.Context(), latest)
		if err != nil {
			headless.WriteProblem(w, r, wire.Unavailable(0, err))
			return
		}
		for _, e := range list {
			answer.Runs = append(answer.Runs, runView{
				Run: e.Run, Flow: string(e.Flow), Title: e.Title, Client: e.Client, State: e.Now.State, Node: string(e.Now.Node),
				Updated: e.Updated, Text: e.String(), Story: i.Recorded(e.Run),
			})
		}
	}
	writeJSON(w, http.StatusOK, answer)
}

// runTold is the explanation of a run, with each step in a sentence.
type runTold struct {
	explain.Explanation
	Says []string `json:"says"`
}

// Told is what the page is answered about a run.
func Told(x explain.Explanation) any {
	out := runTold{x, make([]string, len(x.Steps))}
	for n, step := range x.Steps {
		out.Says[n] = step.String()
	}
	return out
}

// One answers the explanation of the run of that id in the path.
func (i *Inspector) One(w http.ResponseWriter, r *http.Request) {
	wire.Quiet(w)
	if x, ok := i.find(w, r, r.PathValue("id")); ok {
		writeJSON(w, http.StatusOK, Told(x))
	}
}

// find looks a run up, and answers where there is none.
func (i *Inspector) find(w http.ResponseWriter, r *http.Request, id string) (explain.Explanation, bool) {
	if i.Run == nil {
		headless.WriteProblem(w, r, wire.NotFound())
		return explain.Explanation{}, false
	}
	x, found, err := i.Run(r.Context(), id)
	switch {
	case err != nil:
		headless.WriteProblem(w, r, wire.Unavailable(0, err))
	case !found:
		headless.WriteProblem(w, r, wire.NotFound())
	}
	return x, found && err == nil
}

// picture answers a flow as SVG, drawn when it is asked for. With ?wire= the node that is
// pending under that id is set off; with ?run= the node where that run stands, and the way that
// it took, with the reasons. With ?bare it leaves its style to draw.css, for a page that has it inline; with ?narrow it is drawn for a side bar.
func (i *Inspector) picture(w http.ResponseWriter, r *http.Request) {
	id, isSVG := strings.CutSuffix(r.PathValue("file"), draw.SVGFile.Extension())
	flow := i.Flows.Flow(engine.FlowID(id))
	if flow == nil || !isSVG {
		headless.WriteProblem(w, r, wire.NotFound())
		return
	}
	wire.Quiet(w)
	var o draw.Options
	q := r.URL.Query()
	if pending := q.Get("wire"); pending != "" {
		var ok bool
		if o.At, ok = flow.ByWire(pending); !ok {
			headless.WriteProblem(w, r, wire.NotFound())
			return
		}
	}
	if run := q.Get("run"); run != "" {
		x, ok := i.find(w, r, run)
		if !ok {
			return
		}
		o = taken(x)
	}
	o.Bare, o.Narrow = q.Has("bare"), q.Has("narrow")
	var b bytes.Buffer
	// A buffer takes everything.
	_ = draw.SVG(&b, flow.Graph, o)
	w.Header().Set("Content-Type", "image/svg+xml")
	w.Header().Set("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'")
	w.Header().Set("Cache-Control", "no-cache")
	_, _ = w.Write(b.Bytes())
}

// taken is how the way of a run is drawn. A run of an older graph may have been anywhere.
func taken(x explain.Explanation) draw.Options {
	if x.Older {
		return draw.Options{}
	}
	var o draw.Options
	o.At, o.Path, o.Notes = x.Way()
	return o
}

// compare answers what a configuration that is laid over the running one would change.
func (i *Inspector) compare(w http.ResponseWriter, r *http.Request) {
	text, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxText))
	if err != nil {
		headless.WriteProblem(w, r, wire.TooLarge(err))
		return
	}
	select {
	case i.comparing <- struct{}{}:
		defer func() { <-i.comparing }()
	default:
		headless.WriteProblem(w, r, wire.Unavailable(time.Second, errors.New("another comparison is being made")))
		return
	}
	d, err := i.Diff(text)
	if err != nil {
		writeJSON(w, http.StatusOK, map[string][]string{"faults": strings.Split(err.Error(), "\n")})
		return
	}
	writeJSON(w, http.StatusOK, d)
}

// writeJSON answers what nothing on the way may keep.
func writeJSON(w http.ResponseWriter, status int, body any) {
	wire.SetAPIHeaders(w.Header())
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	// The client is gone if this fails; nobody is left to tell.
	_ = json.NewEncoder(w).Encode(body)
}
