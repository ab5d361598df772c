package engine

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"time"
)

// MaxTurns is how often one submission is decided before the client is asked to come
// again: each time somebody else has changed the record meanwhile.
const MaxTurns = 4

// ErrContended says that the record kept changing while the turn was decided.
var ErrContended = errors.New("the record kept changing; try again")

// Config is what an Engine is made of.
type Config struct {
	Flows  *Flows
	Store  Store
	Ledger Ledger
	Loader Loader
	// Mint derives the id of the session token of a run, 16 bytes: the same for the same
	// run, and unpredictable without the server's key.
	Mint func(run string) []byte
	// Idle is how long the record of an anonymous client lives after its last write.
	Idle time.Duration
	// Observe, if not nil, is told of every turn once it is over, in the turn's own
	// goroutine and before its answer goes out: it must be quick, and must not panic.
	Observe func(context.Context, TurnEvent)
}

// Engine does turns. It is safe for concurrent use.
type Engine struct {
	Config
	owners map[StageID]ownerOf
}

// ownerOf is the flow in whose slot a stage keeps what it waits for, the node there
// that stands for the stage, and the exit of the flow's start that leads to it.
type ownerOf struct {
	flow *Flow
	node NodeID
	exit Exit
}

// New returns an engine. It fails where something is missing, or where a stage keeps
// things in a slot that no flow owns.
func New(c Config) (*Engine, error) {
	if c.Flows == nil || c.Store == nil || c.Ledger == nil || c.Loader == nil || c.Mint == nil {
		return nil, errors.New("engine: flows, store, ledger, loader and mint are all needed")
	}
	if c.Idle <= 0 {
		c.Idle = time.Hour
	}
	e := &Engine{Config: c, owners: make(map[StageID]ownerOf)}
	var errs []error
	for _, f := range c.Flows.All() {
		for _, id := range sorted(f.Graph.Nodes) {
			stage := f.Graph.Nodes[id].Stage
			if stage.Slot == "" || stage.Slot == f.Graph.Slot {
				continue
			}
			if o, ok := findOwner(c.Flows, stage); ok && stage.Lifetime > 0 {
				e.owners[stage.ID] = o
				continue
			}
			errs = append(errs, fmt.Errorf("engine: %s.%s waits in slot %s, and no flow of that slot starts with it, or it has no lifetime", f.Graph.Flow, id, stage.Slot))
		}
	}
	return e, errors.Join(errs...)
}

func findOwner(flows *Flows, stage Stage) (ownerOf, bool) {
	for _, f := range flows.All() {
		if f.Graph.Slot != stage.Slot {
			continue
		}
		start := f.Graph.Nodes[f.Graph.Start]
		for _, exit := range sorted(start.Next) {
			if to := start.Next[exit]; f.Graph.Nodes[to].Stage.ID == stage.ID {
				return ownerOf{flow: f, node: to, exit: exit}, true
			}
		}
	}
	return ownerOf{}, false
}

func (e *Engine) owner(stage Stage) (*Flow, NodeID, Exit) {
	o := e.owners[stage.ID]
	return o.flow, o.node, o.exit
}

// KeyOf returns the key of the record of the client whose token has the id.
func KeyOf(tokenID []byte) Key {
	sum := sha256.Sum256(tokenID)
	var text [2 * sha256.Size]byte
	hex.Encode(text[:], sum[:])
	return Key(text[:])
}

// place is where a submission goes: the run it is for, the node it is judged at, and
// what waits in that node's own slot.
type place struct {
	flow *Flow
	run  *Run
	node NodeID
	held *Run
}

// stage returns the stage the client sees the run at.
func (p *place) stage() Stage { return p.flow.Graph.Nodes[p.node].Stage }

// Waiting returns the run that waits at the stage with the wire id, or nil. A client
// that is signed in has only the runs of its session.
func (e *Engine) Waiting(en Entry, c Client, wire string, now time.Time) *Run {
	if p := e.locate(en, c, wire, now); p != nil {
		return p.run
	}
	return nil
}

// locate finds the run that waits at the stage with the wire id and can be answered.
func (e *Engine) locate(en Entry, c Client, wire string, now time.Time) *place {
	p := e.shown(en, c, wire, now)
	if p == nil || p.run.expired(now) {
		return nil
	}
	stage := p.stage()
	if stage.Slot == "" || stage.Slot == p.run.Slot {
		return p
	}
	p.held = en.Record.Run(stage.Slot, now)
	if p.held == nil || p.held.Subject != p.run.Subject {
		return nil
	}
	return p
}

// shown finds the run that a client sees at the stage with the wire id. What it waits
// for may be over: the client learns that when it comes back to it, see absent.
func (e *Engine) shown(en Entry, c Client, wire string, now time.Time) *place {
	for i := range en.Record.Runs {
		p := e.stand(&en.Record.Runs[i], now)
		if p != nil && p.stage().Wire == wire && p.flow.Graph.OfSession == (c.Account != 0) {
			return p
		}
	}
	return nil
}

// stand returns the place of a run, or nil for one whose time is over or whose graph has
// changed meanwhile.
func (e *Engine) stand(run *Run, now time.Time) *place {
	f := e.Flows.Flow(run.Flow)
	if f == nil || f.Fingerprint != run.Fingerprint || run.Deadline <= now.UnixMilli() {
		return nil
	}
	p := &place{flow: f, run: run, node: run.Node}
	if run.As != "" {
		p.node = run.As
	}
	if p.stage().Kind != Asks {
		return nil
	}
	return p
}

// absent answers a submission to a stage at which nothing can be answered. A run that
// only seems to wait there, because its code is too old, is forgotten.
func (e *Engine) absent(ctx context.Context, a *attempt, wire string) (Answer, error) {
	ans := Answer{Outcome: NotWaiting, Entry: a.Entry, Key: a.Key}
	p := e.shown(a.Entry, a.Client, wire, a.Now)
	if p == nil {
		return ans, nil
	}
	a.place = *p
	rec := a.Entry.Record.Clone()
	rec.Drop(p.run.Slot)
	if slot := p.stage().Slot; slot != "" {
		rec.Drop(slot)
	}
	ans, _, _, err := e.swap(ctx, a, ans, Swap{Record: rec})
	ans.Outcome = NotWaiting
	return ans, err
}

// Pending describes a stage that waits for the client.
type Pending struct {
	Flow  FlowID
	Stage StageID
	Wire  string
	// Fields and Actions are the stage's.
	Fields  []Field
	Actions []Action
	// Details is what the stage says of itself, such as types.
	Details map[string]any
	// Run is the run that waits.
	Run *Run
}

// Pending lists what waits for the client, the login run first. A signed-in client is
// shown the runs of its session only.
func (e *Engine) Pending(en Entry, c Client, now time.Time) []Pending {
	var out []Pending
	for i := range en.Record.Runs {
		run := &en.Record.Runs[i]
		p := e.stand(run, now)
		if p == nil || p.flow.Graph.OfSession != (c.Account != 0) {
			continue
		}
		stage := p.stage()
		one := Pending{Flow: run.Flow, Stage: stage.ID, Wire: stage.Wire, Fields: stage.Fields, Actions: stage.Actions, Run: run}
		if d, ok := p.flow.handler(p.node).(Describer); ok {
			one.Details = d.Describe(*run)
		}
		if run.Slot == SlotLogin {
			out = append([]Pending{one}, out...)
			continue
		}
		out = append(out, one)
	}
	return out
}

// ttl is how long a record lives after a write.
func (e *Engine) ttl(en Entry, r Receipt) time.Duration {
	if r.TTL > 0 {
		return r.TTL
	}
	if len(en.Session) > 0 {
		return 0
	}
	return e.Idle
}

// facts loads what a step looks at.
func (e *Engine) world(ctx context.Context, f *Flow, t Turn, subject int64, hint string, v Verdict, writes []Write) (world, error) {
	q := FactQuery{
		Flow: f.Graph.Flow, Subject: subject, Hint: hint, Found: v.Found, Writes: writes,
		Client: t.Client, Signup: v.Signup, Now: t.Now,
	}
	w := world{client: t.Client, now: t.Now, seed: t.Seed}
	var err error
	if w.facts, w.person, err = e.Loader.Facts(ctx, q); err != nil {
		return world{}, err
	}
	q.Person = w.person
	for id, d := range f.deciders {
		loader, ok := d.(FactLoader)
		if !ok {
			continue
		}
		value, err := loader.LoadFact(ctx, q)
		if err != nil {
			return world{}, fmt.Errorf("%s: fact of %s: %w", f.Graph.Flow, id, err)
		}
		if w.own == nil {
			w.own = make(map[NodeID]string)
		}
		w.own[id] = value
	}
	return w, nil
}

// Bytes returns the SHA-256 that the key spells.
func (k Key) Bytes() ([]byte, error) { return hex.DecodeString(string(k)) }
