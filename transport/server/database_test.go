package server_test

import (
	"context"
	"errors"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"

	"stagedoor/state"
	"stagedoor/state/stores"
	"stagedoor/transport/config"
	"stagedoor/transport/internal/suite"
	"stagedoor/transport/server"
)

// counted is a store of accounts of the program's own, in front of another.
type counted struct {
	state.Accounts
	reads atomic.Int64
}

// Find counts.
func (c *counted) Find(ctx context.Context, key state.Key) (*state.Account, error) {
	c.reads.Add(1)
	return c.Accounts.Find(ctx, key)
}

// TestOwnStores runs a server on stores that the program hands it, without what may be
// left out.
func TestOwnStores(t *testing.T) {
	book := new(counted)
	var db *stores.SQL
	l := suite.NewLab(t, suite.Dev, func(c *config.Config, o *server.Options) {
		c.Trails.KeepDays = 0
		file := filepath.Join(t.TempDir(), "own.sqlite3")
		o.Stores = func(ctx context.Context, keys *state.Keyring) (server.Stores, error) {
			var err error
			db, err = stores.OpenSQL(ctx, stores.SQLConfig{URL: "sqlite:" + file, Seal: keys})
			book.Accounts = db
			return server.Stores{Accounts: book, Sessions: db, Ledger: db, Outbox: db, Changes: db}, err
		}
	})
	t.Cleanup(func() { _ = db.Close() })
	s := l.Insider("ada@example.com")
	s.Do("GET", "/user/", nil).Is(200)
	if book.reads.Load() == 0 {
		t.Error("nobody asked the program's store")
	}
	if err := l.WaitIdle(t.Context()); err != nil {
		t.Error(err)
	}
	if l.Explainer() != nil {
		t.Error("trails are explained that nobody keeps")
	}
	if n, err := l.Database().Sweep(t.Context(), l.Clock.Read()); n != 0 || err != nil {
		t.Errorf("swept %d, %v", n, err)
	}
	if err := l.Database().Ping(t.Context()); err != nil {
		t.Error(err)
	}
}

// TestStoresThatLack says what is missing, together, and closes what is there.
func TestStoresThatLack(t *testing.T) {
	c := suite.LabConfig(t.TempDir(), "127.0.0.1:0")
	suite.Dev(&c, &server.Options{})
	suite.JWT(&c, nil)
	if err := c.Validate(); err != nil {
		t.Fatal(err)
	}
	c.Trails.KeepDays = 1
	closed := &closing{}
	_, err := server.Open(t.Context(), c, server.Options{Mail: suite.NewMails(), Stores: func(context.Context, *state.Keyring) (server.Stores, error) {
		return server.Stores{Upkeep: closed}, nil
	}})
	if err == nil {
		t.Fatal("the server starts")
	}
	for _, want := range []string{
		"the program's stores have no Accounts\n", "no Sessions\n", "no Ledger\n", "no Outbox\n", "no Changes\n",
		"no Refreshes; headless.token_strategy jwt needs it\n", "no Trails; set trails.keep_days to 0 to do without",
	} {
		if !strings.Contains(err.Error()+"\n", want) {
			t.Errorf("nothing says %q:\n%v", want, err)
		}
	}
	if !closed.closed {
		t.Error("the stores are left open")
	}
	broken := errors.New("out of order")
	_, err = server.Open(t.Context(), c, server.Options{Mail: suite.NewMails(), Stores: func(context.Context, *state.Keyring) (server.Stores, error) { return server.Stores{}, broken }})
	if !errors.Is(err, broken) {
		t.Errorf("got %v", err)
	}
}

// closing is upkeep that notes that it was closed.
type closing struct {
	server.NoUpkeep
	closed bool
}

// Close notes it.
func (c *closing) Close() error {
	c.closed = true
	return nil
}
