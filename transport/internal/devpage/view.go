package devpage

import (
	"cmp"
	"slices"
	"strings"

	"stagedoor/engine"
	"stagedoor/transport/internal/wire"
)

// pageView is what the page shows and what its script works with.
type pageView struct {
	Version string
	Origin  string
	Notes   []noteView
	Flows   []flowView
	Script  scriptView
}

// noteView is a line of [config.Config.Notes], taken apart.
type noteView struct {
	About string `json:"about"`
	Says  string `json:"says"`
	Hint  string `json:"hint,omitempty"`
}

func viewNotes(notes []string) []noteView {
	out := make([]noteView, 0, len(notes))
	for _, note := range notes {
		about, says, _ := strings.Cut(note, ": ")
		says, hint, _ := strings.Cut(says, "; ")
		out = append(out, noteView{About: about, Says: says, Hint: hint})
	}
	return out
}

// flowView is a flow with its picture.
type flowView struct {
	ID      engine.FlowID
	Title   string
	Caption string
	Lines   []lineView
}

// lineView is a line of a picture. Wire is the id that the node it is about has on the
// wire while it is pending.
type lineView struct{ Text, Wire string }

// scriptView is the data of the page's script: with it a form can be made for whatever
// is pending.
type scriptView struct {
	// API is where the browser client's contract begins.
	API string `json:"api"`
	// Starts are the first stages of flows by flow, Stages those that wait by wire id.
	Starts map[engine.FlowID]stageView `json:"starts"`
	Stages map[string]stageView        `json:"stages"`
}

type stageView struct {
	Title   string            `json:"title"`
	Fields  []wire.FieldView  `json:"fields"`
	Actions []wire.ActionView `json:"actions,omitempty"`
}

// view describes the server.
func (c Config) view() pageView {
	v := pageView{Version: c.Version, Origin: c.Origin, Script: scriptView{
		API:    c.API,
		Starts: make(map[engine.FlowID]stageView), Stages: make(map[string]stageView),
	}}
	v.Notes = viewNotes(c.Notes)
	all := c.Flows.All()
	// What can be started comes first, for strangers before members.
	slices.SortStableFunc(all, func(a, b *engine.Flow) int { return cmp.Compare(rank(a.Graph.Offer), rank(b.Graph.Offer)) })
	for _, f := range all {
		v.Flows = append(v.Flows, viewFlow(f.Graph))
		v.Script.Starts[f.Graph.Flow] = viewStage(f.Graph.Title, f.Graph.Nodes[f.Graph.Start].Stage)
	}
	for _, stage := range c.Flows.Stages() {
		if stage.Wire != "" {
			v.Script.Stages[stage.Wire] = viewStage(stage.Title, stage)
		}
	}
	return v
}

func rank(o engine.Offer) int {
	return slices.Index([]engine.Offer{engine.Anonymous, engine.SignedIn, engine.ByKey, engine.NotOffered}, o)
}

// viewFlow takes the picture of a graph apart: its first line is the caption.
func viewFlow(g engine.Graph) flowView {
	caption, table, _ := strings.Cut(g.Table(), "\n\n")
	_, caption, _ = strings.Cut(caption, ": ")
	v := flowView{ID: g.Flow, Title: g.Title, Caption: caption}
	for line := range strings.SplitSeq(strings.TrimRight(table, "\n"), "\n") {
		node, _, _ := strings.Cut(line, " (")
		v.Lines = append(v.Lines, lineView{Text: line, Wire: g.Nodes[engine.NodeID(node)].Stage.Wire})
	}
	return v
}

func viewStage(title string, s engine.Stage) stageView {
	return stageView{Title: title, Fields: wire.ViewFields(s.Fields), Actions: wire.ViewActions(s.Actions)}
}
