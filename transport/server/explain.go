package server

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"
	"time"

	"stagedoor/engine"
	"stagedoor/engine/explain"
	"stagedoor/state"
)

// What an [Explainer] says besides errors of the database.
var (
	// ErrNoTrails says that the configuration keeps no trails.
	ErrNoTrails = errors.New("no trails are kept: trails.keep_days is 0")
	// ErrNoRun says that no trail of such a run is kept.
	ErrNoRun = errors.New("no trail is kept of this run")
	// ErrNobody says that there is no such account.
	ErrNobody = errors.New("no account has this id, address, number or username")
)

// Explainer tells why runs went where they went: from the trails in a database, by the
// flows of a configuration.
type Explainer struct {
	flows    *engine.Flows
	trails   state.Trails
	accounts state.Accounts
	now      func() time.Time
	// settle stores what waits to be kept, nil where nothing does.
	settle func(context.Context)
	close  func() error
}

// OpenExplainer opens the database that a configuration names, to explain what servers
// have kept in it. It makes no database where there is none. Of the options Log, Now,
// Extend and Change count. Close ends it.
func OpenExplainer(ctx context.Context, c Config, o Options) (*Explainer, error) {
	o.setDefaults()
	if c.Trails.KeepDays == 0 {
		return nil, ErrNoTrails
	}
	if c.Database.URL == "" {
		if _, err := os.Stat(c.sqliteFile()); err != nil {
			return nil, fmt.Errorf("no database at %s; a server makes it when it starts, and --config names its configuration", c.sqliteFile())
		}
	}
	// Nothing sealed is read, and nothing is signed: a key of its own will do.
	var throwaway [minSecret]byte
	if _, err := io.ReadFull(rand.Reader, throwaway[:]); err != nil {
		return nil, err
	}
	keys, err := state.NewKeyring(o.Rand, throwaway[:])
	if err != nil {
		return nil, err
	}
	s := &Server{config: c, options: o}
	env, err := s.env(keys)
	if err != nil {
		return nil, err
	}
	flows, err := s.compile(env)
	if err != nil {
		return nil, err
	}
	database, err := c.openDatabase(ctx, keys, o.Log)
	if err != nil {
		return nil, err
	}
	return &Explainer{flows: flows, trails: database, accounts: database, now: o.Now, close: database.Close}, nil
}

// Explainer explains what this server has kept. It is nil where it keeps no trails.
func (s *Server) Explainer() *Explainer {
	if s.keeper == nil {
		return nil
	}
	return &Explainer{flows: s.flows, trails: s.database, accounts: s.database, now: s.options.Now, settle: s.keeper.flush}
}

// Close closes what OpenExplainer opened.
func (x *Explainer) Close() error {
	if x.close == nil {
		return nil
	}
	return x.close()
}

// Run explains one run, or fails with [ErrNoRun].
func (x *Explainer) Run(ctx context.Context, id string) (explain.Explanation, error) {
	x.settled(ctx)
	t, err := x.trails.Trail(ctx, id)
	if errors.Is(err, state.ErrNotFound) {
		return explain.Explanation{}, fmt.Errorf("run %q: %w", id, ErrNoRun)
	}
	if err != nil {
		return explain.Explanation{}, err
	}
	return x.explain(t)
}

// User explains at most limit runs of an account, the latest first. The account is named
// by its id, an address, a number (+ and digits) or its username. It fails with
// [ErrNobody] where there is none; an account without runs has none to explain.
func (x *Explainer) User(ctx context.Context, who string, limit int) ([]explain.Explanation, error) {
	account, err := x.find(ctx, who)
	if err != nil {
		return nil, err
	}
	return x.latest(ctx, account, limit)
}

// Latest explains at most limit runs of anybody, the latest first.
func (x *Explainer) Latest(ctx context.Context, limit int) ([]explain.Explanation, error) {
	return x.latest(ctx, 0, limit)
}

func (x *Explainer) latest(ctx context.Context, account int64, limit int) ([]explain.Explanation, error) {
	x.settled(ctx)
	list, err := x.trails.TrailsOf(ctx, account, limit)
	if err != nil {
		return nil, err
	}
	out := make([]explain.Explanation, 0, len(list))
	for _, t := range list {
		one, err := x.explain(t)
		if err != nil {
			return nil, err
		}
		out = append(out, one)
	}
	return out, nil
}

func (x *Explainer) settled(ctx context.Context) {
	if x.settle != nil {
		x.settle(ctx)
	}
}

// find looks an account up by whatever names it.
func (x *Explainer) find(ctx context.Context, who string) (int64, error) {
	keys := []state.Key{{Kind: "username", Value: who}}
	switch {
	case strings.Contains(who, "@"):
		keys = []state.Key{{Kind: "email", Value: strings.ToLower(who)}, keys[0]}
	case strings.HasPrefix(who, "+"):
		keys = []state.Key{{Kind: "phone", Value: who}, keys[0]}
	default:
		if _, err := strconv.ParseInt(who, 10, 64); err == nil {
			keys = []state.Key{{Kind: "id", Value: who}, keys[0]}
		}
	}
	for _, key := range keys {
		account, err := x.accounts.Find(ctx, key)
		if err == nil {
			return account.ID, nil
		}
		if !errors.Is(err, state.ErrNotFound) {
			return 0, err
		}
	}
	return 0, fmt.Errorf("%q: %w", who, ErrNobody)
}

func (x *Explainer) explain(t state.Trail) (explain.Explanation, error) {
	r := explain.Run{
		ID: t.Run, Account: t.Account, Flow: engine.FlowID(t.Flow), Print: t.Print, Client: t.Client,
		Node: engine.NodeID(t.Node), As: engine.NodeID(t.As), Over: explain.Over(t.Over),
		Wrong: make(map[engine.NodeID]int, len(t.Wrong)), Started: t.Started, Updated: t.Updated, Deadline: t.Deadline,
	}
	if err := r.Trail.UnmarshalText([]byte(t.Marks)); err != nil {
		return explain.Explanation{}, fmt.Errorf("run %q: %w", t.Run, err)
	}
	for node, wrong := range t.Wrong {
		r.Wrong[engine.NodeID(node)] = wrong
	}
	return explain.Explain(x.flows, r, x.now()), nil
}
