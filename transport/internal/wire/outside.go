package wire

import (
	"strings"

	"stagedoor/engine"
)

// FieldView describes a field of a stage to a client, so that it can make a form for a
// stage that it was not written for.
type FieldView struct {
	Name     string           `json:"name"`
	Type     engine.FieldType `json:"type"`
	Required bool             `json:"required,omitempty"`
	// MinLength and MaxLength are in characters; 0 is no limit of its own.
	MinLength int    `json:"min_length,omitempty"`
	MaxLength int    `json:"max_length,omitempty"`
	Help      string `json:"help,omitempty"`
}

// ActionView describes an action of a stage.
type ActionView struct {
	Name   string      `json:"name"`
	Fields []FieldView `json:"fields,omitempty"`
}

// ViewFields describes fields; it is empty, not nil, where there are none.
func ViewFields(fields []engine.Field) []FieldView {
	out := make([]FieldView, len(fields))
	for i, f := range fields {
		out[i] = FieldView{Name: f.Name, Type: f.Type, Required: f.Required, MinLength: f.MinLength, MaxLength: f.MaxLength, Help: f.Help}
	}
	return out
}

// ViewActions describes actions; it is nil where there are none.
func ViewActions(actions []engine.Action) []ActionView {
	var out []ActionView
	for _, a := range actions {
		out = append(out, ActionView{Name: a.Name, Fields: ViewFields(a.Fields)})
	}
	return out
}

// Outside reports whether a stage, a flow or a wire id is of an outside package: it
// carries its owner's name (see [engine.Extension]).
func Outside(id string) bool { return strings.Contains(id, ".") }

// General reports whether a flow is started by the general route: one of an outside
// package, and one that a key starts. No other has a route of its own.
func General(f *engine.Flow) bool {
	return f != nil && (Outside(string(f.Graph.Flow)) || f.Graph.Offer == engine.ByKey)
}

// GeneralFlow returns the flow that has the id and that a client may start by the general
// route: a flow of the session if it is signed in, one that a key starts in any case, any
// other if it is not signed in. It returns nil where there is none.
func GeneralFlow(flows *engine.Flows, id string, signedIn bool) *engine.Flow {
	f := flows.Flow(engine.FlowID(id))
	switch {
	case !General(f), f.Graph.OfSession && !signedIn, signedIn && !f.Graph.OfSession && f.Graph.Offer != engine.ByKey:
		return nil
	}
	return f
}

// Ended reports whether a turn has reached an end of a flow of the general route that
// grants nothing. Its answer is then what the stage replied, signed in or not.
func Ended(flows *engine.Flows, ans engine.Answer) bool {
	return ans.Outcome == engine.Finished && ans.End != "" && General(flows.Flow(ans.Flow))
}
