package outages

import (
	"context"
	"fmt"
	"net/http"
	"sync"
	"testing"
	"time"

	"stagedoor/state"
	"stagedoor/state/stores"
	"stagedoor/transport/config"
	"stagedoor/transport/internal/suite"
	"stagedoor/transport/server"
)

// errDead is what a server that was killed is told by everything: nothing reaches it, and
// nothing that it asks for is done.
var errDead = fmt.Errorf("%w: this server was killed", state.ErrUnavailable)

// grave kills a server at a point of its work: before or after one of the calls to its stores
// that a request makes, of which there is no moment between. What the server does afterwards,
// in the background too, does not happen.
type grave struct {
	mu sync.Mutex
	// left is how many points are passed before it dies, -1 where it lives on.
	left   int
	dead   bool
	points []string
}

// dig has the server die at point n of the next request.
func (g *grave) dig(n int) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.left, g.dead, g.points = n, false, nil
}

// rise is the server started again; it reports whether it had died, and where.
func (g *grave) rise() (died bool, where string) {
	g.mu.Lock()
	defer g.mu.Unlock()
	died = g.dead
	if len(g.points) > 0 {
		where = g.points[len(g.points)-1]
	}
	g.left, g.dead = -1, false
	return died, where
}

// pass comes to a point of a request. It fails where the server is dead, or dies.
func (g *grave) pass(ctx context.Context, where string) error {
	g.mu.Lock()
	defer g.mu.Unlock()
	switch {
	case g.dead:
		return errDead
	case g.left < 0 || ctx.Value(http.ServerContextKey) == nil:
		return nil
	}
	g.points = append(g.points, where)
	if g.left == 0 {
		g.dead = true
		return errDead
	}
	g.left--
	return nil
}

// around is a call with a point before it and one behind it.
func around[T any](g *grave, ctx context.Context, what string, call func() (T, error)) (T, error) {
	var none T
	if err := g.pass(ctx, "before "+what); err != nil {
		return none, err
	}
	got, err := call()
	if dead := g.pass(ctx, "after "+what); dead != nil {
		return none, dead
	}
	return got, err
}

func around0(g *grave, ctx context.Context, what string, call func() error) error {
	_, err := around(g, ctx, what, func() (struct{}, error) { return struct{}{}, call() })
	return err
}

// mortalStores are the stores of a server that can be killed.
type mortalStores struct {
	*stores.SQL
	g *grave
}

func (m mortalStores) Commit(ctx context.Context, b state.Batch) (state.Receipt, error) {
	return around(m.g, ctx, "commit", func() (state.Receipt, error) { return m.SQL.Commit(ctx, b) })
}

func (m mortalStores) Release(ctx context.Context, run string, version uint64, now time.Time) error {
	return around0(m.g, ctx, "release", func() error { return m.SQL.Release(ctx, run, version, now) })
}

func (m mortalStores) Abandon(ctx context.Context, run string, version uint64) error {
	return around0(m.g, ctx, "abandon", func() error { return m.SQL.Abandon(ctx, run, version) })
}

func (m mortalStores) Account(ctx context.Context, id state.AccountID) (*state.Account, error) {
	return around(m.g, ctx, "account", func() (*state.Account, error) { return m.SQL.Account(ctx, id) })
}

func (m mortalStores) Find(ctx context.Context, key state.Key) (*state.Account, error) {
	return around(m.g, ctx, "find", func() (*state.Account, error) { return m.SQL.Find(ctx, key) })
}

func (m mortalStores) Named(ctx context.Context, key state.Key) (state.Named, error) {
	return around(m.g, ctx, "named", func() (state.Named, error) { return m.SQL.Named(ctx, key) })
}

// victim is a server on the stores of another lab, with its clock and mail, and its grave.
func victim(t *testing.T, l *suite.Lab, change ...suite.SetUp) (*suite.Lab, *grave) {
	t.Helper()
	g := &grave{left: -1}
	v := suite.NewLab(t, append(change, func(c *config.Config, o *server.Options) {
		c.DataDir, c.Redis.URL = l.Config.DataDir, l.Config.Redis.URL
		o.Now, o.Mail = l.Clock.Read, l.Mails
		o.Stores = func(ctx context.Context, keys *state.Keyring) (server.Stores, error) {
			db, err := stores.OpenSQL(ctx, stores.SQLConfig{URL: "sqlite:" + c.DataDir + "/stagedoor.sqlite3", Seal: keys})
			if err != nil {
				return server.Stores{}, err
			}
			m := mortalStores{db, g}
			return server.Stores{Accounts: m, Sessions: m, Ledger: m, Outbox: m, Changes: m, Refreshes: m, Trails: m, Upkeep: m}, nil
		}
	})...)
	v.Gate.Watch(func(ctx context.Context, name string) error { return g.pass(ctx, "before "+name) },
		func(ctx context.Context, name string) error { return g.pass(ctx, "after "+name) })
	v.Clock, v.Mails = l.Clock, l.Mails
	return v, g
}
