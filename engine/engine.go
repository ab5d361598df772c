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

// Bytes returns the SHA-256 that the key spells.
func (k Key) Bytes() ([]byte, error) { return hex.DecodeString(string(k)) }
