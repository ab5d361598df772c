// Package stores opens the stores that come with this module: accounts in SQLite or
// PostgreSQL, records and rate limits in Redis. It is for programs that put a server together;
// transport/server does it by its configuration. A program that keeps accounts elsewhere
// implements the contracts of package state, and holds them to package statetest.
package stores

import (
	"context"

	"stagedoor/state/internal/redisstore"
	"stagedoor/state/internal/sqlstore"
)

// SQL keeps accounts, sessions, messages and trails in one database. It implements the
// contracts of package state: Accounts, Ledger, Sessions, Outbox, Changes, Refreshes, Trails
// and ProviderSessions. It is safe for use by many goroutines, and several processes may share the
// database.
type SQL = sqlstore.Store

// SQLConfig says where the database is. Its URL is postgres://user:password@host/database,
// or sqlite:PATH, or the path of an SQLite file, which is made if it is missing; its Seal,
// such as a [stagedoor/state.Keyring], seals the messages that wait to be sent. The rest
// may stay empty: a source of randomness, a logger, the number of connections, what pooler
// stands before the server, whether and as whom tables are changed, and for how long events
// and trails are kept.
type SQLConfig = sqlstore.Config

// OpenSQL connects to the database and brings its tables up to date. Several processes may
// open the same one at once: one of them does the work.
func OpenSQL(ctx context.Context, c SQLConfig) (*SQL, error) { return sqlstore.Open(ctx, c) }

// Migration is a step that brings the tables of a database up to date.
type Migration = sqlstore.Migration

// BehindError says that a database lacks migrations, and that this process may not apply them.
type BehindError = sqlstore.BehindError

// ErrOtherSecret says that servers have used a database with another secret key.
var ErrOtherSecret = sqlstore.ErrOtherSecret

// MigrateSQL brings the tables of a database up to date, as [OpenSQL] does where it may, and
// returns what it applied. Of the configuration count URL, MigrateURL, MigrateWait and Logger.
func MigrateSQL(ctx context.Context, c SQLConfig) ([]Migration, error) {
	return sqlstore.Migrate(ctx, c)
}

// SQLMigrations returns all migrations there are, and says which the database has.
func SQLMigrations(ctx context.Context, c SQLConfig) ([]Migration, error) {
	return sqlstore.Migrations(ctx, c)
}

// Redis keeps records of clients and their rate limits. It implements
// [stagedoor/engine.Store] and is safe for concurrent use.
type Redis = redisstore.Store

// RedisConfig says where Redis is: its URL is redis://[user:password@]host[:6379][/db],
// rediss://... for the same over TLS, or unix:///path/of/socket[?db=n], and several hosts,
// separated by commas, are the nodes of a Cluster, or the Sentinels if Master is set. The
// rest may stay empty: the prefix of keys, time limits, the size of the pool, hooks, the
// clock, and callbacks for damaged records and for a full memory.
type RedisConfig = redisstore.Config

// OpenRedis connects to Redis, looks whether it answers and teaches it its scripts. The
// errors are a fault of the configuration, or [stagedoor/engine.ErrUnavailable].
func OpenRedis(ctx context.Context, c RedisConfig) (*Redis, error) { return redisstore.Open(ctx, c) }

// EmbedRedis runs a small Redis inside this process, which ends with it. It needs no URL.
func EmbedRedis(ctx context.Context, c RedisConfig) (*Redis, error) {
	return redisstore.Embedded(ctx, c)
}

// LogRedis has the Redis client of this process log what it cannot return to a caller, such as
// connections that it could not make. It is for a program's start.
func LogRedis(log func(ctx context.Context, text string)) { redisstore.SetLog(log) }

// RoundTrips counts the round trips to Redis, as one of a [RedisConfig]'s hooks.
type RoundTrips = redisstore.RoundTrips
