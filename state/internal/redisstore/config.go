package redisstore

import (
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net/url"
	"strings"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/redis/go-redis/v9/maintnotifications"

	"stagedoor/engine"
)

// Config says where Redis is and how to speak to it. The zero value is complete for
// [Embedded]; [Open] needs a URL.
type Config struct {
	// URL is redis://[user:password@]host[:6379][/db], rediss://... for the same over
	// TLS, or unix://[user:password@]/path/of/socket[?db=n]. Several hosts, separated by
	// commas, are some of the nodes of a Cluster, or the Sentinels if Master is set. User
	// and password are percent-encoded.
	URL string
	// Master is the name of the master that Sentinels watch, and SentinelPassword what
	// they ask for, if they do.
	Master           string
	SentinelPassword string
	// Cluster says that the one host of the URL is a node of a Cluster.
	Cluster bool
	// TLS replaces the settings that rediss:// implies.
	TLS *tls.Config
	// Prefix begins every key; "sd:" by default.
	Prefix string
	// Timeout limits each dial, read and write, and the wait for a free connection; one
	// second by default. A context with an earlier deadline ends them sooner.
	Timeout time.Duration
	// PoolSize is how many connections there may be at once, to each server; ten for
	// every processor by default.
	PoolSize int
	// AutoPipeline has reads of records that are made at the same time go to a server together,
	// which takes half of the processor at sixteen of them at once, and twice as much where each
	// comes alone. It is not for an embedded server, where there is no way to go.
	AutoPipeline bool
	// Hooks see every command, such as [RoundTrips].
	Hooks []redis.Hook
	// Damaged, if not nil, is told of stored bytes that are no record. It is called
	// while a request waits.
	Damaged func(engine.Key, error)
	// MaxBytes is about how much an embedded server may hold; 64 MiB by default. Beyond it
	// no record of an anonymous client is begun: [engine.ErrFull]. Full, if not nil, is then
	// told how much there is, once a minute at most and while a request waits.
	MaxBytes int64
	Full     func(held int64)
	// Now is the clock of an embedded server, time.Now by default, and Rand the source
	// of the names by which concurrent sign-ins are told apart, crypto/rand by default.
	Now  func() time.Time
	Rand io.Reader
}

const (
	defaultPrefix  = "sd:"
	defaultTimeout = time.Second
)

// options turns the configuration into what go-redis takes. Its errors hold no part of
// the URL, where a password may stand.
func (c *Config) options() (*redis.UniversalOptions, error) {
	o := c.base()
	if c.URL == "" {
		return nil, errors.New("redis url: it is empty; give one such as redis://localhost:6379/0")
	}
	single, hosts, err := splitHosts(c.URL)
	if err != nil {
		return nil, err
	}
	p, err := parseURL(single)
	if err != nil {
		return nil, err
	}
	o.Addrs = []string{p.Addr}
	for _, h := range hosts {
		more, err := parseURL("redis://" + h)
		if err != nil || h == "" {
			return nil, fmt.Errorf("redis url: %q is not host:port", h)
		}
		o.Addrs = append(o.Addrs, more.Addr)
	}
	o.Username, o.Password, o.DB, o.TLSConfig = p.Username, p.Password, p.DB, p.TLSConfig
	if o.TLSConfig != nil && len(o.Addrs) > 1 {
		o.TLSConfig.ServerName = "" // each host is checked by its own name
	}
	if c.TLS != nil {
		o.TLSConfig = c.TLS
	}
	o.MasterName, o.SentinelPassword, o.IsClusterMode = c.Master, c.SentinelPassword, c.Cluster
	clustered := c.Cluster || (c.Master == "" && len(o.Addrs) > 1)
	switch {
	case c.Cluster && c.Master != "":
		return nil, errors.New("redis: a Cluster has no Sentinels; leave out the name of the master")
	case clustered && o.DB != 0:
		return nil, fmt.Errorf("redis url: a Cluster has no database %d, only 0", o.DB)
	}
	return o, nil
}

// base is what does not depend on where Redis is.
func (c *Config) base() *redis.UniversalOptions {
	return &redis.UniversalOptions{
		// One repetition, of commands that allow it: see onceCmd.
		MaxRetries:         1,
		MinRetryBackoff:    5 * time.Millisecond,
		MaxRetryBackoff:    50 * time.Millisecond,
		DialerRetries:      2,
		DialerRetryTimeout: 20 * time.Millisecond,

		DialTimeout:           c.Timeout,
		ReadTimeout:           c.Timeout,
		WriteTimeout:          c.Timeout,
		PoolTimeout:           c.Timeout,
		ContextTimeoutEnabled: true,

		PoolSize:         c.PoolSize,
		PipelinePoolSize: -1, // everything is a pipeline here: one pool serves all
		ReadBufferSize:   8 << 10,
		WriteBufferSize:  8 << 10,

		Protocol:                 2,
		DisableIdentity:          true,
		MaintNotificationsConfig: &maintnotifications.Config{Mode: maintnotifications.ModeDisabled},
	}
}

// splitHosts takes all hosts but the first out of a URL.
func splitHosts(raw string) (single string, more []string, err error) {
	scheme, rest, ok := strings.Cut(raw, "://")
	if !ok || (scheme != "redis" && scheme != "rediss" && scheme != "unix") {
		return "", nil, errors.New("redis url: it begins with none of redis://, rediss:// and unix://")
	}
	if scheme == "unix" {
		return raw, nil, nil
	}
	end := strings.IndexAny(rest, "/?#")
	if end < 0 {
		end = len(rest)
	}
	at := strings.LastIndexByte(rest[:end], '@') + 1
	hosts := strings.Split(rest[at:end], ",")
	return scheme + "://" + rest[:at] + hosts[0] + rest[end:], hosts[1:], nil
}

func parseURL(raw string) (*redis.Options, error) {
	u, err := url.Parse(raw)
	if err != nil {
		return nil, errors.New("redis url: it cannot be read; it looks like redis://user:password@host:6379/0, special characters of the password percent-encoded")
	}
	for name := range u.Query() {
		if name != "db" {
			return nil, fmt.Errorf("redis url: there is no option %q, only db", name)
		}
	}
	o, err := redis.ParseURL(raw)
	if err != nil {
		return nil, errors.New("redis url: host, path or database cannot be read; it looks like redis://host:6379/0 or unix:///path/of/socket?db=0")
	}
	return o, nil
}
