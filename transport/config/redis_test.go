package config

import (
	"strings"
	"testing"
)

func TestFaultsOfState(t *testing.T) {
	checkFaults(t, []faultCase{
		{func(c *Config) { c.Database.URL = "mysql://app:hunter2@db/app" },
			`database.url: not a URL that begins with postgres://; empty is an SQLite file in data_dir`},
		{func(c *Config) { c.Database.URL = "postgres:///app" }, `database.url: has no host; empty is an SQLite file in data_dir`},
		{func(c *Config) { c.Database.URL = "postgres://app:hunter2@db:%zz/app" },
			`database.url: not a URL that begins with postgres://; empty is an SQLite file in data_dir`},
		{func(c *Config) { c.Database.MaxConnections = -1 },
			`database.max_connections: out of range (got -1); from 0 to 10000 connections, 0 being 16`},
		{func(c *Config) { c.Database.Pooler = "pgcat" }, `database.pooler: not one of auto, session, transaction (got "pgcat"); the first is the usual choice`},
		{func(c *Config) { c.Database.MigrateURL = "db.example.com" }, `database.migrate_url: not a URL that begins with postgres://; empty is database.url`},
		{func(c *Config) { c.Database.URL, c.Database.MigrateURL = "", "postgres://app@db/app" },
			`database.migrate_url: leads elsewhere than database.url, which is an SQLite file; leave it out, or set database.url`},
		{func(c *Config) { c.Redis.URL = "localhost:6379" }, `redis.url: not a URL that begins with redis://; empty is an embedded one`},
		{func(c *Config) { c.Redis.URL = "unix://run/redis.sock" }, `redis.url: has no path of a socket; such as unix:///run/redis/redis.sock, with ?db=1 for another database than 0`},
		{func(c *Config) { c.Redis.URL = "redis://" }, `redis.url: has no host; empty is an embedded one`},
		{func(c *Config) { c.Redis.ClusterAddresses = []string{"a:1"} },
			`redis: configured twice; keep one of redis.url, redis.sentinel_addresses, redis.cluster_addresses`},
		{func(c *Config) { c.Redis.URL, c.Redis.ClusterAddresses, c.Redis.DB = "", []string{"node"}, 2 },
			"redis.cluster_addresses: not host:port (got \"node\"); such as redis-1.example.com:6379\nredis.db: a cluster has one database (got 2); leave it out"},
		{func(c *Config) {
			c.Redis.URL, c.Redis.SentinelAddresses, c.Redis.SentinelMaster = "", []string{":26379"}, "main"
		},
			`redis.sentinel_addresses: not host:port (got ":26379"); such as redis-1.example.com:6379`},
		{func(c *Config) { c.Redis.SentinelMaster = "main" },
			`redis.sentinel_master: needs redis.sentinel_addresses, and they need it (got "main"); the name of the master the sentinels watch`},
		{func(c *Config) { c.Redis.Password = "hunter2" },
			`redis: username, password, db and tls are for sentinels and clusters; write them in redis.url: rediss://user:password@host:6379/0`},
		{func(c *Config) { c.Redis.URL, c.Redis.ClusterAddresses, c.Redis.DB = "", []string{"a:1"}, -1 },
			"redis.db: out of range (got -1); from 0 to 1048576\nredis.db: a cluster has one database (got -1); leave it out"},
		{func(c *Config) { c.Redis.URL, c.Redis.AutoPipeline = "", true },
			`redis.auto_pipeline: needs a Redis (got true); leave it out, or give redis.url; the embedded one is in this process`},
		{func(c *Config) { c.Redis.KeyPrefix = "{a}" }, `redis.key_prefix: has braces or space (got "{a}"); braces would put every key on one node of a cluster`},
	})
}

// TestUnescapedPasswords: characters of a password that end it in a URL are told from other
// faults, and what has none of them is no fault.
func TestUnescapedPasswords(t *testing.T) {
	const hint = "has a character in its user or password that ends them; in a URL % is %25, / is %2F, ? is %3F, # is %23, @ is %40 and : is %3A there"
	for _, password := range []string{"50%", "a%zb", "a/b", "a?b", "a#b", "12/34", "12?34", "12#34", "%", "a/b?c#d%"} {
		checkFaults(t, []faultCase{
			{func(c *Config) {
				c.Database.URL = Secret("postgres://app:" + password + "@db.example.com/app?sslmode=disable")
			}, "database.url: " + hint},
			{func(c *Config) { c.Redis.URL = Secret("rediss://app:" + password + "@redis.example.com:6379/0") }, "redis.url: " + hint},
		})
	}
	for _, text := range []string{
		"postgres://app:50%25@db.example.com/app", "postgres://app:a%2Fb%3F@db.example.com/app", "postgres://app:a@b@db.example.com/app",
		"postgres://db.example.com/app?user=app@server", "postgres://app:x@one:5432,two:5433/app?target_session_attrs=read-write", "postgres:///app?host=/run/postgresql",
	} {
		c := sound()
		if c.Database.URL = Secret(text); c.Validate() != nil {
			t.Errorf("%s: %v", text, c.Validate())
		}
	}
	c := sound()
	for _, text := range []string{"unix:///run/redis/redis.sock", "unix://app:secret@/run/redis.sock?db=2"} {
		if c.Redis.URL = Secret(text); c.Validate() != nil {
			t.Errorf("%s: %v", text, c.Validate())
		}
	}
}

// TestInClear: a database elsewhere whose URL has no sslmode is told of, and no other.
func TestInClear(t *testing.T) {
	for text, told := range map[string]bool{
		"postgres://app@db.example.com/app": true, "postgres://app@10.0.0.7:5432/app": true, "postgres:///app?host=db.example.com": true, "postgres://a,b/app": true,
		"postgres://app@db.example.com/app?sslmode=disable": false, "postgres://app@db.example.com/app?sslmode=verify-full": false,
		"postgres://app@localhost/app": false, "postgres://app@127.0.0.1/app": false, "postgres://app@[::1]/app": false, "postgres:///app?host=/run/postgresql": false,
	} {
		c := sound()
		c.Database.URL = Secret(text)
		if got := strings.Contains(c.Notes()[0], "has no sslmode"); got != told {
			t.Errorf("%s: told %v", text, got)
		}
	}
}
