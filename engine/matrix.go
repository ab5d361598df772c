package engine

import (
	"cmp"
	"fmt"
	"slices"
)

// Matrix tells for every way to a session, and every kind of account and client, which
// stages ask and where the run ends. It is made by the deciders themselves.
type Matrix struct {
	Ways []Way `json:"ways"`
}

// Way is one way in: a flow that can grant a session, entered by an exit of its start.
type Way struct {
	Flow  FlowID `json:"flow"`
	Title string `json:"title"`
	// Start is the node the flow starts at and the exit it is left by.
	Start Edge `json:"start"`
	// Sole is set where no other exit of the start leads to a session.
	Sole bool `json:"sole"`
	// Via names what the flow is entered through, see [Flows.Matrix].
	Via []string `json:"via,omitempty"`
	// Rows are the outcomes, those with the least to do first.
	Rows []matrixRow `json:"rows"`
	// Excluded are combinations of facts that cannot be, each with the reason.
	Excluded []exclusion `json:"excluded,omitempty"`

	space  *space
	leaves []leaf
}

// matrixRow is one outcome of a way, and all to whom it happens.
type matrixRow struct {
	// For describes to whom it happens, each element one group of accounts and clients.
	// No element, or an empty one, is everybody.
	For []string `json:"for"`
	Result
	// Cases are the trails that come to this outcome.
	Cases []trailed `json:"cases"`
}

// Result is what a run comes to.
type Result struct {
	// Asked are the stages that ask, in order, without the start.
	Asked []askedStage `json:"asked"`
	// End is where the run ends; for one that stays, the stage it does not leave.
	End NodeID `json:"end"`
	// Grants is set where the end grants a session.
	Grants bool `json:"grants"`
	// Stays says why the run does not leave the stage it stands at; it is empty for one
	// that comes to an end.
	Stays string `json:"stays,omitempty"`
}

// askedStage is a stage that asks, and the exit by which it is left.
type askedStage struct {
	Node  NodeID  `json:"node"`
	Stage StageID `json:"stage"`
	// Wire is its id on the wire while it is pending.
	Wire  string `json:"wire"`
	Title string `json:"title"`
	Exit  Exit   `json:"exit"`
	// Bars is set where it can hold somebody up: it proves something, or demands a field.
	Bars bool `json:"bars"`
	// shows is what leaving it shows: what the exit proves, and the address or number that
	// is verified by it.
	shows []Proof
}

// trailed is one combination of facts with the decisions taken on it.
type trailed struct {
	// Facts are those a decision looked at, by name, as words.
	Facts map[string]string `json:"facts"`
	// Decisions are the exits deciders chose and why.
	Decisions []TrailEntry `json:"decisions"`
}

// exclusion is a combination of facts that is left out.
type exclusion struct {
	Facts map[string]string `json:"facts"`
	Why   string            `json:"why"`
}

// Matrix walks every flow that can grant a session from each exit of its start, over all
// values of the facts that its deciders look at. Exits that pretend are no ways in. It
// fails where a decider picks an exit that cannot be taken: a fault of its own.
//
// settings, where not nil, returns the facts of a flow that are settings, and the names of
// those that are fixed; what no setting permits is fixed too, as the trust of a browser
// where none is kept. The matrix goes through all other settings. via, where not nil, names
// what a flow is entered through, such as third parties.
func (fs *Flows) Matrix(settings func(FlowID) (Facts, []string), via func(FlowID) []string) (Matrix, error) {
	return fs.matrix(survey{settings, via})
}

// survey is what a matrix is made under.
type survey struct {
	settings func(FlowID) (Facts, []string)
	via      func(FlowID) []string
}

func (fs *Flows) matrix(s survey) (Matrix, error) {
	m := Matrix{Ways: []Way{}}
	for _, f := range fs.All() {
		starts := f.waysIn()
		for _, exit := range starts {
			w := Way{
				Flow: f.Graph.Flow, Title: f.Graph.Title, Sole: len(starts) == 1,
				Start: Edge{Node: f.Graph.Start, Exit: exit},
			}
			if s.via != nil {
				w.Via = s.via(f.Graph.Flow)
			}
			if err := w.explore(f, s); err != nil {
				return Matrix{}, err
			}
			m.Ways = append(m.Ways, w)
		}
	}
	return m, nil
}

// waysIn lists the exits of the start that can lead to a session.
func (f *Flow) waysIn() []Exit {
	c := newChecker(f.Graph)
	granting := func(id NodeID) bool { return f.Graph.Nodes[id].Stage.Grants }
	var out []Exit
	for _, a := range c.arcs[f.Graph.Start] {
		if _, _, ok := c.way(a.to, all, granting); ok && a.shows.Pretends == "" {
			out = append(out, a.Exit)
		}
	}
	return out
}

// explore fills in the rows.
func (w *Way) explore(f *Flow, s survey) error {
	sc := &scout{flow: f, space: &space{index: make(map[string]int)}, seen: make(map[string]bool)}
	if err := sc.explore(w.Start.Exit, s); err != nil {
		return fmt.Errorf("%s from %s: %w", w.Flow, w.Start, err)
	}
	w.space, w.leaves, w.Excluded = sc.space, sc.leaves, sc.excluded
	w.Rows = w.rows()
	return nil
}

// rows puts together what comes to one outcome.
func (w *Way) rows() []matrixRow {
	var rows []matrixRow
	var groups [][]region
	for _, l := range w.leaves {
		i := slices.IndexFunc(rows, func(r matrixRow) bool { return r.same(l.Result) })
		if i < 0 {
			rows, groups = append(rows, matrixRow{Result: l.Result, For: []string{}}), append(groups, nil)
			i = len(rows) - 1
		}
		groups[i] = append(groups[i], l.region)
		rows[i].Cases = append(rows[i].Cases, trailed{Facts: w.space.facts(l.region), Decisions: l.decisions})
	}
	for i := range rows {
		var others []region
		for j := range groups {
			if j != i {
				others = append(others, groups[j]...)
			}
		}
		for _, r := range cover(w.space.full(), groups[i], others) {
			rows[i].For = append(rows[i].For, w.space.words(r))
		}
		slices.Sort(rows[i].For)
	}
	slices.SortStableFunc(rows, func(a, b matrixRow) int {
		return cmp.Or(b.rank()-a.rank(), len(a.Asked)-len(b.Asked), cmp.Compare(a.path(), b.path()))
	})
	return rows
}

// rank orders ends: sessions, other ends, stages that are not left.
func (o Result) rank() int {
	switch {
	case o.Grants:
		return 2
	case o.Stays == "":
		return 1
	}
	return 0
}

// same reports whether two runs are asked the same and end alike.
func (o Result) same(p Result) bool { return o.Grants == p.Grants && o.path() == p.path() }
