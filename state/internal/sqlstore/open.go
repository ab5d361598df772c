package sqlstore

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"stagedoor/state"
)

// Sealer encrypts and authenticates messages before they are stored: they hold codes.
type Sealer interface {
	// Seal returns the plain bytes sealed, bound to the context.
	Seal(plain, context []byte) ([]byte, error)
	// Open returns what was sealed, or an error if the context is another one or a byte
	// has changed.
	Open(sealed, context []byte) ([]byte, error)
}

// Config says where the database is. Only URL and Seal are required.
type Config struct {
	// URL is postgres://user:password@host/database, or sqlite:PATH, or the path of an
	// SQLite file. The file is made if it is missing, and the folder it is in.
	URL string
	// Seal seals the messages of the outbox.
	Seal Sealer
	// Rand spreads the waits between tries of a transaction; crypto/rand by default.
	Rand io.Reader
	// Logger gets what cannot be returned to a caller; nothing is logged by default.
	Logger *slog.Logger
	// MaxConns bounds the connections to PostgreSQL; 0 means 16. Where the server gives fewer,
	// what wants one waits for one of those. SQLite has one writer and as many readers as
	// it has use for.
	MaxConns int
	// Pooler is what stands before PostgreSQL: [PoolerAuto], which finds out and is meant by
	// "", [PoolerSession] or [PoolerTransaction].
	Pooler string
	// NoMigrate has Open refuse a database that lacks migrations, with a [*BehindError],
	// instead of applying them.
	NoMigrate bool
	// MigrateURL, if not empty, is where tables are changed instead: as another role, or past
	// a pooler. MigrateWait is how long to wait for another process that changes
	// them; 0 means 2 minutes.
	MigrateURL  string
	MigrateWait time.Duration
	// AuditKeep is how long events are kept; 0 means 90 days.
	AuditKeep time.Duration
	// TrailsKeep is how long the trail of a run is kept after its last turn; 0 means 30
	// days, less than 0 that none is kept.
	TrailsKeep time.Duration
	// Ran, if not nil, is called before every statement, with the context it runs
	// for; what begins and ends a transaction is none. It is called while somebody waits,
	// and by many goroutines.
	Ran func(ctx context.Context, query string)
}

// Store keeps accounts, sessions, messages and events in one database. It is safe for
// use by many goroutines, and several processes may share the database.
type Store struct {
	// read and write are the same handle for PostgreSQL.
	read, write *handle
	dialect     *dialect
	seal        Sealer
	log         *slog.Logger
	auditKeep   time.Duration
	trailsKeep  time.Duration
	ran         func(ctx context.Context, query string)
	// pool makes connections to PostgreSQL; nil for SQLite.
	pool *connector
	// ahead is how far the database's clock is ahead of this process's: see SetAhead.
	ahead atomic.Int64

	mu     sync.Mutex // guards random, which may not be safe for several users
	random io.Reader
}

var (
	_ state.Accounts = (*Store)(nil)
	_ state.Ledger   = (*Store)(nil)
	_ state.Sessions = (*Store)(nil)
	_ state.Outbox   = (*Store)(nil)
	_ state.Changes  = (*Store)(nil)
)

// Open connects to the database and brings its tables up to date. It is safe to open
// the same database from several processes at once: one of them does the work.
func Open(ctx context.Context, c Config) (*Store, error) {
	if c.Seal == nil {
		return nil, errors.New("open database: no sealer: messages hold codes and are stored sealed only")
	}
	s := &Store{seal: c.Seal, log: c.Logger, random: c.Rand, auditKeep: c.AuditKeep, trailsKeep: c.TrailsKeep, ran: c.Ran}
	if s.log == nil {
		s.log = slog.New(slog.DiscardHandler)
	}
	if s.random == nil {
		s.random = rand.Reader
	}
	if s.auditKeep <= 0 {
		s.auditKeep = 90 * 24 * time.Hour
	}
	if s.trailsKeep == 0 {
		s.trailsKeep = 30 * 24 * time.Hour
	}
	if err := s.connect(ctx, c); err != nil {
		return nil, err
	}
	if err := s.bringUp(ctx, c); err != nil {
		return nil, errors.Join(fmt.Errorf("open database: %w", err), s.Close())
	}
	return s, nil
}

// connect makes the handles for the kind of database that the URL names.
func (s *Store) connect(ctx context.Context, c Config) error {
	scheme, rest, found := strings.Cut(c.URL, ":")
	switch {
	case c.URL == "":
		return errors.New("open database: the URL is empty: give a postgres:// URL or the path of an SQLite file")
	case found && (scheme == "postgres" || scheme == "postgresql"):
		return s.connectPostgres(ctx, c)
	case found && scheme == "sqlite":
		return s.connectSQLite(ctx, strings.TrimPrefix(rest, "//"))
	case strings.Contains(c.URL, "://"):
		return fmt.Errorf("open database: unknown kind %q: give a postgres:// URL or the path of an SQLite file", scheme)
	}
	return s.connectSQLite(ctx, c.URL)
}

// Close ends all connections. What was acknowledged is on disk already.
func (s *Store) Close() error {
	err := s.write.close()
	if s.read != s.write {
		err = errors.Join(s.read.close(), err)
	}
	return err
}

// Ping asks the database for a sign of life.
func (s *Store) Ping(ctx context.Context) error {
	rows, err := s.read.query(ctx, sqlPing)
	if err != nil {
		return fmt.Errorf("ping database: %w", err)
	}
	for rows.Next() { // a driver may run the query no sooner
	}
	if err := errors.Join(rows.Err(), rows.Close()); err != nil {
		return fmt.Errorf("ping database: %w", err)
	}
	return nil
}

const sqlPing = `SELECT 1 FROM accounts LIMIT 1`
