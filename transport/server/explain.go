package server

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"strconv"
	"strings"
	"time"

	"stagedoor/engine"
	"stagedoor/engine/explain"
	"stagedoor/state"
	"stagedoor/state/sqlstore"
	"stagedoor/transport/config"
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
func OpenExplainer(ctx context.Context, c config.Config, o Options) (*Explainer, error) {
	o.setDefaults()
	if c.Trails.KeepDays == 0 {
		return nil, ErrNoTrails
	}
	keys, err := throwawayKeys()
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
	database, err := existingDatabase(ctx, c, keys, o.Log)
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
	account, err := find(ctx, x.accounts, who)
	if err != nil {
		return nil, err
	}
	return x.latest(ctx, account.ID, limit)
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

// throwawayKeys are for who opens a database and neither reads what is sealed there nor
// signs anything.
func throwawayKeys() (*state.Keyring, error) {
	var secret [state.MinSecret]byte
	if _, err := io.ReadFull(rand.Reader, secret[:]); err != nil {
		return nil, err
	}
	return state.NewKeyring(rand.Reader, secret[:])
}

// existingDatabase opens the database, and makes none where there is none.
func existingDatabase(ctx context.Context, c config.Config, keys *state.Keyring, log *slog.Logger) (*sqlstore.Store, error) {
	if c.Database.URL == "" {
		if _, err := os.Stat(sqliteFile(c)); err != nil {
			return nil, fmt.Errorf("no database at %s; a server makes it when it starts, and --config names its configuration", sqliteFile(c))
		}
	}
	return openDatabase(ctx, c, keys, log)
}

// find looks an account up by whatever names it: its id, an address, a number or its
// username.
func find(ctx context.Context, accounts state.Accounts, who string) (*state.Account, error) {
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
		account, err := accounts.Find(ctx, key)
		if err == nil || !errors.Is(err, state.ErrNotFound) {
			return account, err
		}
	}
	return nil, fmt.Errorf("%q: %w", who, ErrNobody)
}

func (x *Explainer) explain(t state.Trail) (explain.Explanation, error) {
	r := explain.Run{
		ID: t.Run, Account: t.Account, Flow: engine.FlowID(t.Flow), Fingerprint: t.Print, Client: t.Client,
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
