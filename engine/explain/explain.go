package explain

import (
	"slices"
	"strings"
	"time"

	"stagedoor/engine"
)

// Run is a run as it was kept, see [engine.Run]. Times are UTC.
type Run struct {
	ID string
	// Account is the one the run is about, "" for none.
	Account engine.AccountID
	Flow    engine.FlowID
	// Fingerprint is that of the graph the run walked.
	Fingerprint string
	// Client is browser, app or rest.
	Client string
	// Node is where the run stands or has ended, As what it shows itself as while it
	// pretends.
	Node, As engine.NodeID
	// Over says how it came to its end, empty while it waits.
	Over  Over
	Trail engine.Trail
	// Wrong counts the wrong tries at each node; Why is why the last submission was refused.
	Wrong map[engine.NodeID]int
	Why   string
	// Started, Updated and Deadline are the times of its start, of its last turn, and of
	// when it stops waiting, zero where it does not.
	Started, Updated, Deadline time.Time
}

// Over says how a run came to its end.
type Over string

// How a run comes to its end.
const (
	// Reached: it reached an end of its graph.
	Reached Over = "end"
	// Spent: the tries at its stage were used up.
	Spent Over = "spent"
	// Withdrawn: the account changed meanwhile, so that the run might not go on.
	Withdrawn Over = "withdrawn"
	// Refused: what would have begun it was refused.
	Refused Over = "refused"
)

// Explanation says of a run why each stage was asked or passed over, and where it is now.
type Explanation struct {
	Run     string           `json:"run"`
	Account engine.AccountID `json:"account,omitempty"`
	Flow    engine.FlowID    `json:"flow"`
	Title   string           `json:"title,omitempty"`
	Client  string           `json:"client"`
	// Fingerprint is that of the graph the run walked. Older is set where the flow has
	// another one by now, or is gone: then what is said of stages may be of another time.
	Fingerprint string    `json:"print"`
	Older       bool      `json:"older_graph"`
	Started     time.Time `json:"started"`
	Updated     time.Time `json:"updated"`
	Deadline    time.Time `json:"deadline,omitzero"`
	Steps       []Step    `json:"steps"`
	// Now says where the run is.
	Now struct {
		// State is waiting, expired, ended, spent, withdrawn or refused.
		State string        `json:"state"`
		Node  engine.NodeID `json:"node"`
		// Text is a clause: no capital, no full stop.
		Text string `json:"text"`
		// Wants are the fields a submission carries, while the run waits.
		Wants []struct {
			Name     string `json:"name"`
			Required bool   `json:"required,omitempty"`
			Help     string `json:"help,omitempty"`
		} `json:"wants,omitempty"`
		// Exits are how the run can go on from there, with what they prove, while it waits.
		Exits []struct {
			Exit   engine.Exit    `json:"exit"`
			Proves []engine.Proof `json:"proves,omitempty"`
		} `json:"exits,omitempty"`
		// Wrong is how many wrong tries there were, Tries how many there may be, 0 for any
		// number.
		Wrong int `json:"wrong,omitempty"`
		Tries int `json:"tries,omitempty"`
		// Why is why the last submission was refused, where the stage said so.
		Why string `json:"why,omitempty"`
	} `json:"now"`
	// Rules are what the end demands that the run has reached, or that it is on its way to.
	Rules []struct {
		Proof engine.Proof `json:"proof"`
		// How is proved, waived or open, By the edge that proved or waived it.
		How string `json:"how"`
		By  string `json:"by,omitempty"`
	} `json:"rules,omitempty"`
	// at is where the run stands, also while it shows itself as another stage.
	at engine.NodeID
}

// Step is one stage the run has left.
type Step struct {
	Node engine.NodeID `json:"node"`
	// Kind is asks or decides, empty for a stage that the present graph does not have.
	Kind string      `json:"kind,omitempty"`
	Exit engine.Exit `json:"exit"`
	// Reason is the code the decision gave, Evidence what follows its equals sign: the
	// value that decided.
	Reason   engine.Reason `json:"reason,omitempty"`
	Evidence string        `json:"evidence,omitempty"`
	// Text is a clause: no capital, no full stop.
	Text   string         `json:"text"`
	Proves []engine.Proof `json:"proves,omitempty"`
	// Asks is the stage that is asked because of this, PassedOver those that are not.
	Asks       engine.NodeID   `json:"asks,omitempty"`
	PassedOver []engine.NodeID `json:"passed_over,omitempty"`
	// Wrong is how many wrong tries there were.
	Wrong int `json:"wrong,omitempty"`
}

// Explain explains a run by the flows as they are now.
func Explain(flows *engine.Flows, r Run, now time.Time) Explanation {
	x := Explanation{
		Run: r.ID, Account: r.Account, Flow: r.Flow, Client: r.Client, Fingerprint: r.Fingerprint, Older: true,
		Started: r.Started, Updated: r.Updated, Deadline: r.Deadline, Steps: []Step{}, at: r.Node,
	}
	var g engine.Graph
	if f := flows.Flow(r.Flow); f != nil {
		g = f.Graph
		x.Title, x.Older = g.Title, f.Fingerprint != r.Fingerprint
	}
	for _, m := range r.Trail {
		x.Steps = append(x.Steps, stepOf(g, m, r.Wrong[m.Node], x.Older))
	}
	x.locate(g, r, now)
	if !x.Older {
		x.judge(g, r)
	}
	return x
}

// stepOf explains one entry of the trail. Where edges led in an older graph is not known any more.
func stepOf(g engine.Graph, m engine.TrailEntry, wrong int, older bool) Step {
	node, known := g.Nodes[m.Node]
	_, evidence, _ := strings.Cut(string(m.Reason), "=")
	s := Step{Node: m.Node, Exit: m.Exit, Reason: m.Reason, Evidence: evidence, Text: because(node.Stage, m), Wrong: wrong}
	if !known {
		return s
	}
	s.Kind, s.Proves = node.Stage.Kind.String(), node.Stage.Exits[m.Exit].Proves
	if older || node.Stage.Kind != engine.Decides {
		return s
	}
	to := node.Next[m.Exit]
	for _, other := range node.Next {
		switch {
		case g.Nodes[other].Stage.Kind != engine.Asks:
		case other == to:
			s.Asks = to
		case !slices.Contains(s.PassedOver, other):
			s.PassedOver = append(s.PassedOver, other)
		}
	}
	slices.Sort(s.PassedOver)
	return s
}

// because puts into words why a stage was left: in those of its declaration, or in
// general ones.
func because(s engine.Stage, m engine.TrailEntry) string {
	code, value, _ := strings.Cut(string(m.Reason), "=")
	for _, key := range []engine.Reason{m.Reason, engine.Reason(code), engine.Reason(m.Exit)} {
		if text := s.Because[key]; key != "" && text != "" {
			return strings.ReplaceAll(text, "{value}", value)
		}
	}
	switch {
	case m.Reason == "held":
		return "another run has begun this one, which waits for its answer by itself"
	case s.Exits[m.Exit].Pretends != "":
		return "nobody it could be about was found, and nobody is to notice: the run goes on without an account, and leads nowhere"
	case m.Reason != "" && s.Title != "":
		return "the answer to \"" + s.Title + "\" was " + string(m.Exit) + ", because of " + string(m.Reason)
	case m.Reason != "":
		return "because of " + string(m.Reason)
	case s.Kind == engine.Asks:
		return "\"" + s.Title + "\" was answered, and accepted"
	case s.Kind == engine.Decides:
		return "the answer to \"" + s.Title + "\" was " + string(m.Exit)
	}
	return "no reason was kept"
}

// judge says how the run meets what its end demands: the end it has reached, or else the
// one of its graph that grants a session.
func (x *Explanation) judge(g engine.Graph, r Run) {
	end := g.Nodes[r.Node]
	if r.Over == "" {
		for _, n := range g.Nodes {
			if n.Stage.Grants || !end.Stage.Grants && n.Stage.Kind == engine.Ends && len(n.Rules) > 0 {
				end = n
			}
		}
	}
	for _, rule := range end.Rules {
		one := grow(&x.Rules)
		one.Proof = rule.Proof
		one.How, one.By = met(g, rule, r.Trail)
	}
}

// met says how a trail meets a rule: proved, waived or open, and by which edge.
func met(g engine.Graph, rule engine.Rule, trail engine.Trail) (how, by string) {
	how = "open"
	for _, m := range trail {
		edge := engine.Edge{Node: m.Node, Exit: m.Exit}
		if slices.Contains(g.Nodes[m.Node].Stage.Exits[m.Exit].Proves, rule.Proof) {
			return "proved", edge.String()
		}
		if how == "open" && slices.Contains(rule.WaivedBy, edge) {
			how, by = "waived", edge.String()
		}
	}
	return how, by
}

// grow adds an empty element to a list and returns it, to be filled in.
func grow[T any](list *[]T) *T {
	var empty T
	*list = append(*list, empty)
	return &(*list)[len(*list)-1]
}
