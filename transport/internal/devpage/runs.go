package devpage

import (
	"encoding/json"
	"net/http"
	"time"

	"stagedoor/transport/internal/headless"
	"stagedoor/transport/internal/wire"
)

// pageRuns is how many runs the development page shows.
const pageRuns = 8

// runView is a run on the development page.
type runView struct {
	Run     string    `json:"run"`
	Flow    string    `json:"flow"`
	State   string    `json:"state"`
	Node    string    `json:"node"`
	Updated time.Time `json:"updated"`
	// Text is the whole explanation.
	Text string `json:"text"`
	// Story says that it was recorded and can be saved.
	Story bool `json:"story"`
}

// runs answers the latest runs of anybody, each explained. The page asks every few
// seconds, so it is not logged.
func (p *Page) runs(w http.ResponseWriter, r *http.Request) {
	wire.Quiet(w)
	out := []runView{}
	if p.Latest != nil {
		list, err := p.Latest(r.Context(), pageRuns)
		if err != nil {
			headless.WriteProblem(w, r, wire.Unavailable(0, err))
			return
		}
		for _, e := range list {
			out = append(out, runView{
				Run: e.Run, Flow: string(e.Flow), State: e.Now.State, Node: string(e.Now.Node), Updated: e.Updated, Text: e.String(),
				Story: p.Recorded(e.Run),
			})
		}
	}
	wire.SetAPIHeaders(w.Header())
	w.Header().Set("Content-Type", "application/json")
	// The client is gone if this fails; nobody is left to tell.
	_ = json.NewEncoder(w).Encode(map[string]any{"runs": out})
}
