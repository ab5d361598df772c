package engine

import (
	"cmp"
	"maps"
	"slices"
	"time"
)

// FlowID names a flow: the wire's id where the wire has one (login, signup, ...).
type FlowID string

// NodeID names a place in a graph; StageID what stands there.
type (
	NodeID  string
	StageID string
)

// Exit names a way out of a stage. Every branch is an exit, hence an edge, hence visible.
type Exit string

// OK is the exit of a stage that has one way to succeed.
const OK Exit = "ok"

// Spent is the exit of a pretending stage whose attempts are used up.
const Spent Exit = "spent"

// Again is what a verdict says that is no exit: the run stays where it is.
const Again Exit = ""

// Proof is something a run has shown of its subject (or that is known of it by
// walking the graph). Outside packages may name their own.
type Proof string

// The proofs of the shipped flows.
const (
	// Subject: the run knows whom it is about.
	Subject Proof = "subject"
	// Active: the account may sign in.
	Active Proof = "active"
	// First: a first factor; Second: a second one.
	First  Proof = "first"
	Second Proof = "second"
	// Code, Phone, Email: a code reached its reader; the number or address is theirs.
	Code  Proof = "code"
	Phone Proof = "phone"
	Email Proof = "email"
	// Assertion: a WebAuthn credential signed the challenge.
	Assertion Proof = "assertion"
	// Password: the account's password was given.
	Password Proof = "password"
	// Asked: the client itself asked for the code it entered.
	Asked Proof = "asked"
	// Reset: a key or code of a password reset was given.
	Reset Proof = "reset"
	// Provider: a third party vouches for the person.
	Provider Proof = "provider"
)

// Reason is the code of why a decision chose its exit, with an optional value after an
// equals sign: "mandatory", "trusted=code". It is stored; prose is made from it later.
type Reason string

// Kind tells what a stage does with a run that arrives.
type Kind uint8

// The kinds of stage.
const (
	// Asks: the run waits there for the client.
	Asks Kind = iota + 1
	// Decides: the run leaves at once by an exit that a Decider picks from Facts.
	Decides
	// Ends: the run is over.
	Ends
)

// String returns asks, decides or ends.
func (k Kind) String() string {
	switch k {
	case Asks:
		return "asks"
	case Decides:
		return "decides"
	case Ends:
		return "ends"
	}
	return "unknown"
}

// ExitSpec declares what it means to leave a stage by an exit.
type ExitSpec struct {
	// Proves lists what the run has shown once it has left by this exit.
	Proves []Proof
	// Needs lists proofs without which the engine refuses the exit, whatever the
	// behaviour behind the stage says.
	Needs []Proof
	// Binds is set where the verdict must bring the subject. A subject is bound once.
	Binds bool
	// Distinct is set where what the exit proves must not rest on what the run has shown
	// already: the engine refuses the exit where the verdict shows the same thing again.
	Distinct bool `json:"Apart,omitempty"`
	// Renews starts the run's time anew: what came before was not the client's delay.
	Renews bool
	// Moves, if not empty, is the slot the run lives in from here on.
	Moves Slot
	// Pretends names the exit a run without a subject imitates when it leaves by this
	// one: it will show itself as the first asking stage behind that exit.
	Pretends Exit
}

// Exits declares the exits of a stage.
type Exits map[Exit]ExitSpec

// Stage declares a place where a run asks, decides or ends. It is data; its behaviour
// is bound by its ID when graphs are compiled.
type Stage struct {
	// ID is unique in a set of graphs: the same id is the same stage. Stages of outside
	// packages carry their owner's name: "acme.terms".
	ID   StageID
	Kind Kind
	// Title says in a few words what happens there.
	Title string
	// Exits are all ways out; an end has none.
	Exits Exits
	// Wire is the id an asking stage has on the wire while it is pending; empty for the
	// first stage of a graph, which is reached by starting the flow.
	Wire string
	// Fields are what a submission carries.
	Fields []Field
	// Actions are moves that never leave the stage: resend, change, options.
	Actions []Action
	// Slot, where not empty, keeps what the stage waits for outside the run, so that it
	// outlives a run that is replaced.
	Slot Slot
	// Uses, where not empty, is a slot the stage reads besides: what was begun by an action
	// and is finished by a submission. A submission that leaves the stage consumes it.
	Uses Slot
	// Tries is how many wrong submissions end the run; 0 is no limit of its own.
	Tries int
	// Lifetime limits how long a run may wait there; 0 leaves it to the run's deadline.
	Lifetime time.Duration
	// Reads names the fields of Facts that the decider looks at.
	Reads []string
	// Because says in words why a run leaves, for explanations of a trail: by the reason the
	// decider gives, by its code (what stands before the equals sign), or by the exit.
	// {value} stands for what follows the equals sign. It may be left out.
	Because map[Reason]string
	// Grants marks the end that makes a session; Rules are then demanded.
	Grants bool
	// Begins, of an end, is a flow that goes on from there: a run of it waits at its start,
	// in its own slot and without a subject, with what the last verdict leaves for it.
	Begins FlowID
	// Pretending marks the stage where runs without a subject stand.
	Pretending bool
}

// Action is a named move that does not leave its stage.
type Action struct {
	Name   string
	Fields []Field
	// Max is how often it may be used at one stay; 0 is no limit.
	Max int
}

// Next says where exits lead.
type Next map[Exit]NodeID

// Edge names an edge by where it begins.
type Edge struct {
	Node NodeID
	Exit Exit
}

// String returns node.exit.
func (e Edge) String() string { return string(e.Node) + "." + string(e.Exit) }

// Rule is something an end demands of every run that reaches it: the proof, or one of
// the edges that waive it.
type Rule struct {
	Proof    Proof
	WaivedBy []Edge
}

// Node places a stage in a graph.
type Node struct {
	Stage Stage
	Next  Next
	// Rules are what an end demands.
	Rules []Rule
}

// Nodes are the nodes of a graph by id.
type Nodes map[NodeID]Node

// With returns the nodes together with more; of two with one id the latter counts.
func (n Nodes) With(more Nodes) Nodes {
	out := maps.Clone(n)
	if out == nil {
		out = make(Nodes, len(more))
	}
	maps.Copy(out, more)
	return out
}

// Offer says to whom a flow is listed as something that can be started.
type Offer uint8

// To which clients a flow is offered.
const (
	// NotOffered: the flow is started by other means (a link, an endpoint of its own).
	NotOffered Offer = iota
	// Anonymous: to clients that are not signed in.
	Anonymous
	// SignedIn: to clients that are signed in and must prove it again.
	SignedIn
	// ByKey: to nobody. The holder of the key that a message brought starts it, signed in or
	// not.
	ByKey
)

// Graph declares a flow.
type Graph struct {
	Flow FlowID
	// Title says in a few words what the flow is for.
	Title string
	Offer Offer
	// Start is where a run begins: an asking stage.
	Start NodeID
	Nodes Nodes
	// Slot is where a run that waits is kept; "" for a flow of one turn, of which
	// nothing is stored.
	Slot Slot
	// Lifetime is how long a run may take, from its start.
	Lifetime time.Duration
	// OfSession is set where the subject is the signed-in account from the start.
	OfSession bool
	// PartOf is set for a part of other graphs, see [Parts]: the flows it is a part of.
	// Given is what a run may have shown before it comes to Start. Neither counts in the
	// fingerprint.
	PartOf []FlowID
	Given  []Proof
}

// Clone returns a copy of the graph whose nodes and edges can be changed.
func (g Graph) Clone() Graph {
	c := g
	c.Nodes = make(Nodes, len(g.Nodes))
	for id, n := range g.Nodes {
		n.Next = maps.Clone(n.Next)
		n.Rules = slices.Clone(n.Rules)
		c.Nodes[id] = n
	}
	return c
}

// sorted returns the keys of a map in order, so that whatever is printed or hashed does
// not depend on the order of a map.
func sorted[M ~map[K]V, K cmp.Ordered, V any](m M) []K {
	return slices.Sorted(maps.Keys(m))
}
