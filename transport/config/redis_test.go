package config

import "testing"

func TestFaultsOfState(t *testing.T) {
	checkFaults(t, []faultCase{
		{func(c *Config) { c.Database.URL = "mysql://app:hunter2@db/app" },
			`database.url: not a URL that begins with postgres://; empty is an SQLite file in data_dir`},
		{func(c *Config) { c.Database.URL = "postgres:///app" }, `database.url: has no host; empty is an SQLite file in data_dir`},
		{func(c *Config) { c.Database.URL = "postgres://app:hunter2@db:%zz/app" },
			`database.url: not a URL that begins with postgres://; empty is an SQLite file in data_dir`},
		{func(c *Config) { c.Database.MaxConnections = -1 },
			`database.max_connections: out of range (got -1); from 0 to 10000 connections, 0 leaving it to the driver`},
		{func(c *Config) { c.Redis.URL = "localhost:6379" }, `redis.url: not a URL that begins with redis://; empty is an embedded one`},
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
		{func(c *Config) { c.Redis.KeyPrefix = "{a}" }, `redis.key_prefix: has braces or space (got "{a}"); braces would put every key on one node of a cluster`},
	})
}
