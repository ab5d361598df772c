package sqlstore

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/stdlib"
)

const (
	// roomAgain is when a pool that had to shrink tries again to grow.
	roomAgain = 15 * time.Second
	// roomWait is how long the first connection waits for one to be free at the server.
	roomWait = 8 * time.Second
)

// connector makes connections to PostgreSQL: guarded against panics of the driver, without
// prepared statements where a pooler loses them, and no more than the server gives.
type connector struct {
	inner driver.Connector
	log   *slog.Logger
	// plain says that statements must not be prepared: see pooler.
	plain atomic.Bool
	// live is how many connections there are.
	live atomic.Int64

	// mu guards what follows: the pool, how many connections it may have, and whether it has
	// been made smaller for a while.
	mu      sync.Mutex
	db      *sql.DB
	most    int
	shrunk  bool
	growing *time.Timer
}

// openPool makes a pool of at most so many connections.
func openPool(config pgx.ConnConfig, most int, log *slog.Logger) *connector {
	c := &connector{log: log, most: most}
	c.inner = stdlib.GetConnector(config, stdlib.OptionBeforeConnect(func(_ context.Context, config *pgx.ConnConfig) error {
		if c.plain.Load() {
			prepareNothing(config)
		}
		return nil
	}))
	c.db = sql.OpenDB(c)
	c.db.SetMaxOpenConns(most)
	c.db.SetMaxIdleConns(most)
	c.db.SetConnMaxIdleTime(5 * time.Minute)
	return c
}

// prepareNothing has a connection send each statement with its values, in one round trip and
// without a name that would have to be known later.
func prepareNothing(config *pgx.ConnConfig) {
	config.DefaultQueryExecMode = pgx.QueryExecModeExec
	config.StatementCacheCapacity, config.DescriptionCacheCapacity = 0, 0
}

// Driver is the driver behind it.
func (c *connector) Driver() driver.Driver { return c.inner.Driver() }

// Connect makes a connection. Where the server gives no more of them, the pool becomes as
// small as what there is, and whoever wanted one waits for one that comes back; where there
// is none at all, it waits here.
func (c *connector) Connect(ctx context.Context) (conn driver.Conn, err error) {
	defer func() {
		if p := recover(); p != nil {
			conn, err = nil, panicked(c.log, p)
		}
	}()
	for begun := time.Now(); ; {
		plain := c.plain.Load()
		made, err := c.inner.Connect(ctx)
		if err == nil {
			c.live.Add(1)
			return &guardedConn{inner: made.(*stdlib.Conn), pool: c, plain: plain}, nil
		}
		switch {
		case !tooMany(err):
			return nil, err
		case c.shrink():
			return nil, driver.ErrBadConn // database/sql asks its pool again
		case time.Since(begun) > roomWait:
			return nil, fmt.Errorf("the server gives no connection to this role: %w", err)
		}
		select {
		case <-ctx.Done():
			return nil, errors.Join(err, ctx.Err())
		case <-time.After(100 * time.Millisecond):
		}
	}
}

// outdated says whether a connection prepares statements and must not.
func (c *connector) outdated(conn *guardedConn) bool { return c.plain.Load() && !conn.plain }

// tooMany says whether the server, or a pooler before it, refused one more connection.
func tooMany(err error) bool {
	var e *pgconn.PgError
	return errors.As(err, &e) && (e.Code == tooManyConnections || strings.Contains(e.Message, "no more connections allowed"))
}

// shrink makes the pool as small as what there is, for a while. It is false where there is
// nothing.
func (c *connector) shrink() bool {
	live := int(c.live.Load())
	if live == 0 {
		return false
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.db == nil {
		return false
	}
	c.db.SetMaxOpenConns(live)
	if !c.shrunk {
		c.shrunk = true
		c.log.Warn("the database gives this role no more connections: requests wait for those there are",
			slog.Int("connections", live), slog.Int("max_connections", c.most),
			slog.String("hint", "set database.max_connections to what the role may have, divided by the servers"))
	}
	if c.growing != nil {
		c.growing.Stop()
	}
	c.growing = time.AfterFunc(roomAgain, c.grow)
	return true
}

// grow lets the pool have what it was given at first, and keep it: as it shrank, the bound of
// what is idle went down with the other one.
func (c *connector) grow() {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.db != nil {
		c.db.SetMaxOpenConns(c.most)
		c.db.SetMaxIdleConns(c.most)
	}
}

// Close ends what the connector does by itself; database/sql calls it at the pool's end.
func (c *connector) Close() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.db = nil
	if c.growing != nil {
		c.growing.Stop()
	}
	return nil
}
