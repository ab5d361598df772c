package server

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/url"
	"path/filepath"
	"strconv"
	"strings"

	"stagedoor/engine"
	"stagedoor/state"
	"stagedoor/state/stores"
	"stagedoor/transport/config"
)

// LogRedis has the Redis client of this process write what it says of itself, such as
// connections it could not make, to a log. It is for a program's start.
func LogRedis(log *slog.Logger) {
	stores.LogRedis(func(ctx context.Context, text string) {
		log.WarnContext(ctx, "redis client", slog.String("says", text))
	})
}

// openDatabase opens the database the configuration names: an SQLite file in the data
// directory where it names none.
func openDatabase(ctx context.Context, c config.Config, keys *state.Keyring, log *slog.Logger) (*stores.SQL, error) {
	db, err := stores.OpenSQL(ctx, sqlConfig(c, keys, log))
	if behind, ok := errors.AsType[*stores.BehindError](err); ok {
		return nil, fmt.Errorf("%w; run stagedoor migrate up with this configuration, or set database.migrate to true", behind)
	}
	return db, err
}

// sqlConfig turns the settings into the store's.
func sqlConfig(c config.Config, keys *state.Keyring, log *slog.Logger) stores.SQLConfig {
	url := c.Database.URL.Reveal()
	if url == "" {
		url = "sqlite:" + sqliteFile(c)
	}
	keep := c.Trails.KeepDays.Duration()
	if keep == 0 {
		keep = -1
	}
	return stores.SQLConfig{
		URL: url, Seal: keys, Logger: log, MaxConns: c.Database.MaxConnections, TrailsKeep: keep,
		Pooler: c.Database.Pooler, NoMigrate: !c.Database.Migrate, MigrateURL: c.Database.MigrateURL.Reveal(),
	}
}

// sqliteFile is where an embedded database is.
func sqliteFile(c config.Config) string { return filepath.Join(c.DataDir, "stagedoor.sqlite3") }

// openRecords opens the store of records: one inside this process where the
// configuration names none.
func openRecords(ctx context.Context, c config.Config, o Options) (*stores.Redis, error) {
	rc, embedded := redisConfig(c.Redis)
	rc.Now, rc.Hooks = o.Now, o.RedisHooks
	rc.Damaged = func(_ engine.Key, err error) {
		o.Log.Error("a stored record is damaged", slog.String("error", err.Error()))
	}
	rc.MaxBytes = int64(c.Redis.EmbeddedMegabytes) << 20
	rc.Full = func(held int64) {
		o.Log.Warn("the embedded redis is full: nothing new is begun by clients without a session",
			slog.Int64("bytes", held), slog.String("hint", "raise redis.embedded_megabytes, or give redis.url"))
	}
	if embedded {
		return stores.EmbedRedis(ctx, rc)
	}
	store, err := stores.OpenRedis(ctx, rc)
	if err != nil {
		return nil, fmt.Errorf("redis: %w", err)
	}
	return store, nil
}

// redisConfig turns the settings into the store's, and reports whether none are given.
func redisConfig(r config.Redis) (stores.RedisConfig, bool) {
	c := stores.RedisConfig{Prefix: r.KeyPrefix, Master: r.SentinelMaster, SentinelPassword: r.SentinelPassword.Reveal(), AutoPipeline: r.AutoPipeline}
	scheme := "redis://"
	if r.TLS {
		scheme = "rediss://"
	}
	auth := ""
	if r.Username != "" || r.Password != "" {
		auth = url.UserPassword(r.Username, r.Password.Reveal()).String() + "@"
	}
	switch {
	case r.URL != "":
		c.URL = r.URL.Reveal()
	case len(r.SentinelAddresses) > 0:
		c.URL = scheme + auth + strings.Join(r.SentinelAddresses, ",") + "/" + strconv.Itoa(r.DB)
	case len(r.ClusterAddresses) > 0:
		c.URL, c.Cluster = scheme+auth+strings.Join(r.ClusterAddresses, ","), true
	default:
		return c, true
	}
	return c, false
}
