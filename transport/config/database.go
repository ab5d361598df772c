package config

import (
	"net"
	"net/url"
	"slices"
	"strings"
)

// Database is where accounts are kept.
type Database struct {
	// URL is postgres://...; empty is an SQLite file under the data directory.
	URL Secret `koanf:"url"`
	// MaxConnections bounds the pool of PostgreSQL; 0 is 16. Where the server gives this role
	// fewer, requests wait for those.
	MaxConnections int `koanf:"max_connections"`
	// Pooler is what stands before PostgreSQL: auto finds out, session is none or one that
	// gives each of its clients a connection, transaction is one that gives out a connection for
	// a transaction, as PgBouncer can.
	Pooler string `koanf:"pooler"`
	// Migrate has a server that starts bring the tables up to date; else it refuses a database
	// that lacks something, and `stagedoor migrate up` is run before.
	Migrate bool `koanf:"migrate"`
	// MigrateURL is postgres://... for that: as a role that may change tables, or past a
	// pooler. Empty is URL.
	MigrateURL Secret `koanf:"migrate_url"`
}

// database checks where accounts are kept. Its URLs may hold a password, so that no fault shows
// one.
func (k *checker) database() {
	d := k.c.Database
	if d.URL != "" {
		k.secretURL("database.url", d.URL, "empty is an SQLite file in data_dir", "postgres", "postgresql")
	}
	k.count("database.max_connections", d.MaxConnections, 0, 10000, "connections, 0 being 16")
	k.oneOf("database.pooler", d.Pooler, "auto", "session", "transaction")
	if d.MigrateURL == "" {
		return
	}
	k.secretURL("database.migrate_url", d.MigrateURL, "empty is database.url", "postgres", "postgresql")
	if d.URL == "" {
		k.wrong("database.migrate_url", "leads elsewhere than database.url, which is an SQLite file", nil, "leave it out, or set database.url")
	}
}

// secretURL wants a URL of one of the schemes, with a host.
func (k *checker) secretURL(key string, secret Secret, hint string, schemes ...string) {
	if !secret.Known() {
		return
	}
	text := secret.Reveal()
	u, err := url.Parse(text)
	scheme, _, _ := strings.Cut(text, "://")
	switch {
	case slices.Contains(schemes, scheme) && unescaped(text, u, err):
		k.wrong(key, "has a character in its user or password that ends them", nil, "in a URL % is %25, / is %2F, ? is %3F, # is %23, @ is %40 and : is %3A there")
	case err != nil || !slices.Contains(schemes, u.Scheme):
		k.wrong(key, "not a URL that begins with "+schemes[0]+"://", nil, hint)
	case u.Host == "" && u.Query().Get("host") == "":
		k.wrong(key, "has no host", nil, hint)
	}
}

// unescaped says whether a URL has user and password, and a character in them that belongs
// behind the host: then what is before the @ is no user.
func unescaped(text string, u *url.URL, err error) bool {
	if err != nil {
		_, rest, _ := strings.Cut(text, "://")
		user := rest[:max(0, strings.LastIndexByte(rest, '@'))]
		_, broken := url.PathUnescape(user)
		return broken != nil || strings.ContainsAny(user, "/?#")
	}
	query, _, _ := strings.Cut(u.RawQuery, "=")
	return u.User == nil && (strings.Contains(u.Path, "@") || strings.Contains(query, "@") || strings.Contains(u.Fragment, "@"))
}

// inClear says of a database elsewhere whose URL leaves open whether the way there is encrypted
// where that is; it is empty for others.
func (d Database) inClear() string {
	u, err := url.Parse(d.URL.Reveal())
	if err != nil || !d.URL.Known() || u.Query().Has("sslmode") {
		return ""
	}
	host := u.Hostname()
	if host == "" {
		host = u.Query().Get("host")
	}
	first, _, _ := strings.Cut(host, ",")
	if ip := net.ParseIP(first); first == "" || strings.HasPrefix(first, "/") || ip != nil && ip.IsLoopback() || isLocal(first) {
		return ""
	}
	return host
}
