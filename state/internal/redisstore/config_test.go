package redisstore

import (
	"crypto/tls"
	"slices"
	"strings"
	"testing"
)

func TestOptions(t *testing.T) {
	for _, c := range []struct {
		config         Config
		addrs          []string
		user, password string
		db             int
		tls            string // server name
		master         string
		cluster        bool
	}{
		{config: Config{URL: "redis://localhost"}, addrs: []string{"localhost:6379"}},
		{config: Config{URL: "redis://h:7000/3"}, addrs: []string{"h:7000"}, db: 3},
		{config: Config{URL: "redis://h?db=4"}, addrs: []string{"h:6379"}, db: 4},
		{config: Config{URL: "redis://u:p%40%2Fw@h"}, addrs: []string{"h:6379"}, user: "u", password: "p@/w"},
		{config: Config{URL: "redis://:pw@[::1]:7000"}, addrs: []string{"[::1]:7000"}, password: "pw"},
		{config: Config{URL: "rediss://h.example:7000"}, addrs: []string{"h.example:7000"}, tls: "h.example"},
		{config: Config{URL: "unix:///run/redis.sock"}, addrs: []string{"/run/redis.sock"}},
		{config: Config{URL: "unix://u:pw@/run/a,b.sock?db=2"}, addrs: []string{"/run/a,b.sock"}, user: "u", password: "pw", db: 2},
		{config: Config{URL: "redis://u:pw@a:1,b:2,c"}, addrs: []string{"a:1", "b:2", "c:6379"}, user: "u", password: "pw"},
		{config: Config{URL: "rediss://a,b", TLS: &tls.Config{ServerName: "all", MinVersion: tls.VersionTLS13}}, addrs: []string{"a:6379", "b:6379"}, tls: "all"},
		{config: Config{URL: "redis://a,b/5", Master: "mymaster"}, addrs: []string{"a:6379", "b:6379"}, db: 5, master: "mymaster"},
		{config: Config{URL: "redis://a", Cluster: true}, addrs: []string{"a:6379"}, cluster: true},
	} {
		o, err := c.config.options()
		if err != nil {
			t.Errorf("%s: %v", c.config.URL, err)
			continue
		}
		var name string
		if o.TLSConfig != nil {
			name = o.TLSConfig.ServerName
		}
		if !slices.Equal(o.Addrs, c.addrs) || o.Username != c.user || o.Password != c.password || o.DB != c.db ||
			name != c.tls || o.MasterName != c.master || o.IsClusterMode != c.cluster {
			t.Errorf("%s: addrs %v, %q, %q, db %d, tls %q, master %q, cluster %v", c.config.URL, o.Addrs, o.Username, o.Password, o.DB, name, o.MasterName, o.IsClusterMode)
		}
	}
}

// Each host of several is checked by the name it is reached under.
func TestOptionsSeveralTLS(t *testing.T) {
	c := Config{URL: "rediss://a,b"}
	o, err := c.options()
	if err != nil || o.TLSConfig == nil || o.TLSConfig.ServerName != "" {
		t.Errorf("%+v, %v", o, err)
	}
}

// A bad URL is refused, and the password in it is not printed.
func TestOptionsRefuse(t *testing.T) {
	for url, says := range map[string]string{
		"":                                   "redis://localhost:6379/0",
		"localhost:6379":                     "begins with",
		"http://secret@h":                    "begins with",
		"redis://:secret@h:port":             "",
		"redis://:secret%zz@h":               "percent-encoded",
		"redis://:sec/ret@h":                 "",
		"redis://:secret@h/one":              "",
		"redis://:secret@h/1/2":              "",
		"redis://:secret@h?pool_size=3":      `"pool_size"`,
		"redis://:secret@h?db=x":             "",
		"redis://:secret@a:1,b:x":            `"b:x"`,
		"redis://:secret@a:1,":               "host:port",
		"redis://:secret@a,b/2":              "database 2",
		"unix://:secret@":                    "",
		"rediss://:secret@a:1,b:1?timeout=1": `"timeout"`,
	} {
		c := Config{URL: url}
		o, err := c.options()
		if err == nil {
			t.Errorf("%s: accepted as %v", url, o.Addrs)
			continue
		}
		if !strings.Contains(err.Error(), says) {
			t.Errorf("%s: %v, want %q in it", url, err, says)
		}
		if strings.Contains(err.Error(), "sec") && !strings.Contains(err.Error(), "special") {
			t.Errorf("%s: the error tells the password: %v", url, err)
		}
	}
	for _, c := range []Config{{URL: "redis://a", Cluster: true, Master: "m"}, {URL: "redis://a/1", Cluster: true}} {
		if _, err := c.options(); err == nil {
			t.Errorf("%+v: accepted", c)
		}
	}
}

func TestDefaults(t *testing.T) {
	c := Config{}
	c.complete()
	if c.Prefix != "sd:" || c.Timeout <= 0 || c.Now == nil || c.Rand == nil {
		t.Errorf("%+v", c)
	}
	kept := Config{Prefix: "x:", Timeout: 7}
	kept.complete()
	if kept.Prefix != "x:" || kept.Timeout != 7 {
		t.Errorf("%+v", kept)
	}
	o := c.base()
	if o.MaxRetries != 1 || !o.ContextTimeoutEnabled || o.ReadTimeout != c.Timeout || o.DialTimeout != c.Timeout {
		t.Errorf("%+v", o)
	}
}
