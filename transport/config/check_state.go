package config

import (
	"fmt"
	"net"
	netmail "net/mail"
	"net/url"
	"slices"
	"strings"
)

// database checks where accounts are kept. Its URL may hold a password, so that
// no fault shows it.
func (k *checker) database() {
	d := k.c.Database
	if d.URL != "" {
		k.secretURL("database.url", d.URL, "empty is an SQLite file in data_dir", "postgres", "postgresql")
	}
	k.count("database.max_connections", d.MaxConnections, 0, 10000, "connections, 0 leaving it to the driver")
}

// secretURL wants a URL of one of the schemes, with a host.
func (k *checker) secretURL(key string, secret Secret, hint string, schemes ...string) {
	u, err := url.Parse(secret.Reveal())
	switch {
	case err != nil || !slices.Contains(schemes, u.Scheme):
		k.wrong(key, "not a URL that begins with "+schemes[0]+"://", nil, hint)
	case u.Host == "" && u.Query().Get("host") == "":
		k.wrong(key, "has no host", nil, hint)
	}
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
		k.secretURL("redis.url", r.URL, "empty is an embedded one", "redis", "rediss")
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
	if len(r.SentinelAddresses) == 0 && len(r.ClusterAddresses) == 0 {
		if r.Username != "" || r.Password != "" || r.DB != 0 || r.TLS {
			k.wrong("redis", "username, password, db and tls are for sentinels and clusters", nil, "write them in redis.url: rediss://user:password@host:6379/0")
		}
	}
	if strings.ContainsAny(r.KeyPrefix, "{} \r\n") {
		k.wrong("redis.key_prefix", "has braces or space", r.KeyPrefix, "braces would put every key on one node of a cluster")
	}
}

func (k *checker) hostPort(key, addr string) {
	if host, port, err := net.SplitHostPort(addr); err != nil || host == "" || port == "" {
		k.wrong(key, "not host:port", addr, "such as redis-1.example.com:6379")
	}
}

// mail checks that letters can leave.
func (k *checker) mail() {
	m := k.c.Mail
	k.oneOf("mail.smtp_tls", m.SMTPTLS, "mandatory", "opportunistic", "none")
	k.age("mail.timeout", m.Timeout)
	k.count("mail.smtp_port", m.SMTPPort, 1, 65535, "")
	if m.From != "" {
		if _, err := netmail.ParseAddress(m.From); err != nil {
			k.wrong("mail.from", "not an address", m.From, "such as Example <no-reply@example.com>")
		}
	}
	if strings.ContainsAny(m.SubjectPrefix, "\r\n") {
		k.wrong("mail.subject_prefix", "has a line break", m.SubjectPrefix, "a subject is one line")
	}
	switch {
	case m.Supplied:
	case m.SMTPHost == "" && !k.c.Dev.Enabled:
		k.wrong("mail.smtp_host", "missing, letters would reach nobody", nil, "give a mail server, or set dev.enabled for a mailbox to try things with")
	case m.SMTPHost == "":
	case strings.ContainsAny(m.SMTPHost, ":/@ "):
		k.wrong("mail.smtp_host", "not a host name", m.SMTPHost, "the port goes into mail.smtp_port")
	case m.From == "":
		k.wrong("mail.from", "missing", nil, "such as Example <no-reply@example.com>")
	case m.SMTPPassword != "" && m.SMTPUser == "":
		k.wrong("mail.smtp_user", "missing, the password is somebody's", nil, "give the user of mail.smtp_password")
	case m.SMTPPassword != "" && m.SMTPTLS != "mandatory" && !isInside(m.SMTPHost):
		k.wrong("mail.smtp_tls", "the password could be read on its way", m.SMTPTLS, "set it to mandatory")
	}
}

// sms checks that text messages can leave where there are any.
func (k *checker) sms() {
	s := k.c.SMS
	k.age("sms.timeout", s.Timeout)
	switch {
	case s.WebhookURL != "":
		k.secretURL("sms.webhook_url", s.WebhookURL, "such as https://sms.example.com/send", "https", "http")
		if u, err := url.Parse(s.WebhookURL.Reveal()); err == nil && u.Scheme == "http" && !isInside(u.Hostname()) {
			k.wrong("sms.webhook_url", "plain http to a public host", nil, "codes could be read on their way; use https")
		}
	case k.c.Account.UsesPhone() && !s.Supplied && !k.c.Dev.Enabled:
		k.wrong("sms.webhook_url", "missing, codes would reach nobody", nil, "account.login_methods or account.signup_fields has phone")
	}
}

// operators checks what operators can ask, and of how long ago.
func (k *checker) operators() {
	a := k.c.Admin
	k.within("trails.keep_days", float64(k.c.Trails.KeepDays), 0, 3650, "days, 0 keeping none")
	if a.Token != "" && len(a.Token.Reveal()) < minSecret {
		k.wrong("admin.token", fmt.Sprintf("shorter than %d bytes", minSecret), nil, "make one with: openssl rand -base64 48")
	}
	if a.Token != "" && len(strings.Fields(a.Token.Reveal())) != 1 {
		k.wrong("admin.token", "has other characters than a bearer token can", nil, "make one with: openssl rand -base64 48")
	}
	first, _, _ := strings.Cut(strings.TrimPrefix(a.Mount, "/"), "/")
	switch {
	case !mountPath.MatchString(a.Mount):
		k.wrong("admin.mount", "not a path", a.Mount, "such as /admin, without a slash at its end")
	case slices.Contains([]string{"auth", "account", "accounts", "dev", "healthz", ".well-known"}, first),
		k.c.Headless.Mount != "" && (belongsTo(a.Mount, k.c.Headless.Mount) || belongsTo(k.c.Headless.Mount, a.Mount)):
		k.wrong("admin.mount", "something else is there", a.Mount, "such as /admin")
	}
}

// belongsTo says whether a path is another one, or below it.
func belongsTo(path, above string) bool { return path == above || strings.HasPrefix(path, above+"/") }

// costs checks what the server may use: memory, cores, time.
func (k *checker) costs() {
	h, l := k.c.Hashing, k.c.Limits
	k.count("password_hashing.time", h.Time, 1, 100, "passes")
	k.count("password_hashing.parallelism", h.Parallelism, 1, 16, "lanes")
	k.count("password_hashing.memory_kib", h.MemoryKiB, 1024, 256<<10, "KiB")
	if h.Time <= 100 && h.MemoryKiB <= 256<<10 && h.Time*h.MemoryKiB > 4<<20 {
		k.wrong("password_hashing.time", "too many passes over that much memory", h.Time, "memory_kib times time can be 4194304, about three seconds")
	}
	k.count("password_hashing.slots", h.Slots, 0, 1024, "hashes, 0 being one less than the cores")
	k.count("password_hashing.queue", h.Queue, 0, 100000, "hashes")
	k.age("limits.read_header_timeout", l.ReadHeaderTimeout)
	k.age("limits.read_timeout", l.ReadTimeout)
	k.age("limits.write_timeout", l.WriteTimeout)
	k.age("limits.idle_timeout", l.IdleTimeout)
	k.age("limits.shutdown_timeout", l.ShutdownTimeout)
	k.count("limits.header_bytes", l.HeaderBytes, 4<<10, 1<<20, "bytes")
}
