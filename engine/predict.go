package engine

// Case is one way in which a handler leaves its stage by an exit, as far as a graph does
// not show it: for whom it is possible, and what is true afterwards.
type Case struct {
	// Name tells cases of one exit apart that are a choice of the client: "by mail". It is
	// empty where there is nothing to choose.
	Name string
	// Reads names the fields of Facts that If looks at.
	Reads []string
	// If reports for whom the case is; nil is for everybody. It must be pure.
	If func(Facts) bool
	// Sets names the fields of Facts that are known once the stage is left, and Then has
	// their values: a code that was right verifies the address it went to.
	Sets []string
	Then Facts
	// Stays, if not empty, says why the handler does not leave by the exit in this case:
	// "answered like a wrong password". Cannot says why there is no such case at all.
	Stays  string
	Cannot string
}

// Predictor is a Handler that says in which cases it leaves by an exit, for matrices
// (see [Flows.Matrix]). Where no case is for somebody, the handler does not leave by the
// exit. One that is no Predictor is taken to leave by any exit, for any account.
//
// Nothing needs to be foretold that follows from a proof: Email makes the address
// verified, Phone the number.
type Predictor interface {
	Predict(flow FlowID, at Edge) []Case
}

// cases are what is known of how a node is left by an exit.
func (f *Flow) cases(id NodeID, exit Exit) []Case {
	teller, ok := f.handler(id).(Predictor)
	if !ok {
		return []Case{{}}
	}
	return teller.Predict(f.Graph.Flow, Edge{Node: id, Exit: exit})
}
