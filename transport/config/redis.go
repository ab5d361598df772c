package config

import (
	"net"
	"net/url"
	"strings"
)

// Redis is where records, sessions and rate limits are kept: one of URL,
// Sentinel or Cluster; with none of them an embedded one, in this process.
type Redis struct {
	// URL is redis://[user:password@]host:port/db, rediss:// for TLS, or
	// unix://[user:password@]/path/of/socket[?db=n].
	URL Secret `koanf:"url"`
	// SentinelAddresses are the host:port of the sentinels, SentinelMaster the
	// name of the master they watch, SentinelPassword the sentinels' own.
	SentinelAddresses []string `koanf:"sentinel_addresses"`
	SentinelMaster    string   `koanf:"sentinel_master"`
	SentinelPassword  Secret   `koanf:"sentinel_password"`
	// ClusterAddresses are the host:port of some nodes of a cluster.
	ClusterAddresses []string `koanf:"cluster_addresses"`
	// Username, Password, DB and TLS are for sentinels and clusters; with URL
	// they stand in the URL. A cluster has only DB 0.
	Username string `koanf:"username"`
	Password Secret `koanf:"password"`
	DB       int    `koanf:"db"`
	TLS      bool   `koanf:"tls"`
	// EmbeddedMegabytes is about how much the one inside the process may hold where none of
	// these is given; 0 is 64. Beyond it clients that are not signed in begin nothing new.
	EmbeddedMegabytes int `koanf:"embedded_megabytes"`
	// AutoPipeline has reads of sessions that are made at the same time go to Redis together: half
	// the processor time under many requests at once, twice as much where each comes alone.
	AutoPipeline bool `koanf:"auto_pipeline"`
	// KeyPrefix goes before every key.
	KeyPrefix string `koanf:"key_prefix"`
}

// redis checks where records are kept: in one place, of one kind.
func (k *checker) redis() {
	r := k.c.Redis
	kinds := 0
	for _, given := range []bool{r.URL != "", len(r.SentinelAddresses) > 0, len(r.ClusterAddresses) > 0} {
		if given {
			kinds++
		}
	}
	if kinds > 1 {
		k.wrong("redis", "configured twice", nil, "keep one of redis.url, redis.sentinel_addresses, redis.cluster_addresses")
	}
	if r.URL != "" {
		k.redisURL(r.URL)
	}
	for _, addr := range r.SentinelAddresses {
		k.hostPort("redis.sentinel_addresses", addr)
	}
	for _, addr := range r.ClusterAddresses {
		k.hostPort("redis.cluster_addresses", addr)
	}
	if (len(r.SentinelAddresses) > 0) != (r.SentinelMaster != "") {
		k.wrong("redis.sentinel_master", "needs redis.sentinel_addresses, and they need it", r.SentinelMaster, "the name of the master the sentinels watch")
	}
	k.count("redis.db", r.DB, 0, 1<<20, "")
	k.count("redis.embedded_megabytes", r.EmbeddedMegabytes, 0, 1<<20, "0 is 64")
	if len(r.ClusterAddresses) > 0 && r.DB != 0 {
		k.wrong("redis.db", "a cluster has one database", r.DB, "leave it out")
	}
	if r.AutoPipeline && kinds == 0 {
		k.wrong("redis.auto_pipeline", "needs a Redis", r.AutoPipeline, "leave it out, or give redis.url; the embedded one is in this process")
	}
	if len(r.SentinelAddresses) == 0 && len(r.ClusterAddresses) == 0 {
		if r.Username != "" || r.Password != "" || r.DB != 0 || r.TLS {
			k.wrong("redis", "username, password, db and tls are for sentinels and clusters", nil, "write them in redis.url: rediss://user:password@host:6379/0")
		}
	}
	if strings.ContainsAny(r.KeyPrefix, "{} \r\n") {
		k.wrong("redis.key_prefix", "has braces or space", r.KeyPrefix, "braces would put every key on one node of a cluster")
	}
}

// redisURL checks a URL with a host, or with the path of a socket.
func (k *checker) redisURL(secret Secret) {
	const hint = "empty is an embedded one"
	u, err := url.Parse(secret.Reveal())
	switch {
	case !secret.Known():
	case err != nil || u.Scheme != "unix":
		k.secretURL("redis.url", secret, hint, "redis", "rediss")
	case u.Host != "" || !strings.HasPrefix(u.Path, "/") || u.Path == "/":
		k.wrong("redis.url", "has no path of a socket", nil, "such as unix:///run/redis/redis.sock, with ?db=1 for another database than 0")
	}
}

func (k *checker) hostPort(key, addr string) {
	if host, port, err := net.SplitHostPort(addr); err != nil || host == "" || port == "" {
		k.wrong(key, "not host:port", addr, "such as redis-1.example.com:6379")
	}
}
