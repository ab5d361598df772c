package config

import (
	"errors"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"stagedoor/engine"
)

// faultCase changes a sound configuration and names the one line that follows.
type faultCase struct {
	change func(*Config)
	want   string
}

func checkFaults(t *testing.T, cases []faultCase) {
	t.Helper()
	for _, tc := range cases {
		c := sound()
		tc.change(&c)
		err := c.Validate()
		if err == nil {
			t.Errorf("no fault, want\n\t%s", tc.want)
			continue
		}
		if diff := cmp.Diff(strings.Split(tc.want, "\n"), strings.Split(err.Error(), "\n")); diff != "" {
			t.Errorf("-want +got:\n%s", diff)
		}
		if strings.Contains(err.Error(), "hunter2") {
			t.Errorf("a secret is shown: %v", err)
		}
	}
}

func TestFaultsOfAddresses(t *testing.T) {
	checkFaults(t, []faultCase{
		{func(c *Config) { c.Listen = "8080" }, `listen: not host:port (got "8080"); such as 127.0.0.1:8080, or :8080 for every address`},
		{func(c *Config) { c.Listen = ":http" }, `listen: the port is no number up to 65535 (got ":http"); port 0 takes a free one`},
		{func(c *Config) { c.Listen = ":70000" }, `listen: the port is no number up to 65535 (got ":70000"); port 0 takes a free one`},
		{func(c *Config) { c.Listen = ":-1" }, `listen: the port is no number up to 65535 (got ":-1"); port 0 takes a free one`},
		{func(c *Config) { c.Dev.Enabled, c.Listen, c.PublicURL = true, ":8080", "" },
			`dev.enabled: the mailbox would be open to others at this address (got ":8080"); listen on 127.0.0.1, or set dev.allow_remote if nobody else reaches this address`},
		{func(c *Config) { c.Dev.Enabled, c.Listen = true, "127.0.0.1:8080" },
			`dev.enabled: the mailbox would be open to others under the public URL (got "https://auth.example.com"); leave public_url out, or set dev.allow_remote if nobody else reaches this URL`},
		{func(c *Config) {
			c.Dev.Enabled, c.Listen, c.PublicURL, c.TrustedProxyCount = true, "127.0.0.1:8080", "http://localhost:8080", 1
		},
			`dev.enabled: the mailbox would be open to who comes by the trusted proxies (got 1); leave trusted_proxy_count out, or set dev.allow_remote if nobody else reaches the proxies`},
		{func(c *Config) { c.PublicURL = "auth.example.com" }, `public_url: not an http or https origin (got "auth.example.com"); such as https://app.example.com`},
		{func(c *Config) { c.PublicURL = "ftp://auth.example.com" }, `public_url: not an http or https origin (got "ftp://auth.example.com"); such as https://app.example.com`},
		{func(c *Config) { c.PublicURL = "https://auth.example.com/auth" }, `public_url: not an origin (got "https://auth.example.com/auth"); nothing may follow the host: https://auth.example.com`},
		{func(c *Config) { c.PublicURL = "https://me:hunter2@auth.example.com" }, `public_url: not an origin (got "https://***@auth.example.com"); leave out the user and the password`},
		{func(c *Config) { c.PublicURL = "http://auth.example.com" },
			`public_url: plain http on a public host (got "http://auth.example.com"); browsers would not keep the cookies; use https`},
		{func(c *Config) { c.Database.URL, c.DataDir = "", "" }, `data_dir: missing; the SQLite file needs a directory, such as stagedoor-data`},
		{func(c *Config) { c.SecretKey = "" }, `secret_key: missing; servers with one database share it; make one with: openssl rand -base64 48`},
		{func(c *Config) { c.SecretKey = "hunter2" }, `secret_key: shorter than 32 bytes; make one with: openssl rand -base64 48`},
		{func(c *Config) { c.BodyLimit = 10 }, `body_limit: out of range (got 10); from 1024 to 67108864 bytes`},
		{func(c *Config) { c.TrustedProxyCount = -1 }, `trusted_proxy_count: out of range (got -1); from 0 to 16 proxies`},
		{func(c *Config) { c.Serve.Headless, c.Serve.Rest = false, false }, `serve: nothing is served; switch serve.headless or serve.rest on`},
		{func(c *Config) { c.Log.Level = "trace" }, `log.level: not one of info, debug, warn, error (got "trace"); the first is the usual choice`},
		{func(c *Config) { c.Log.Format = "JSON" }, `log.format: not one of text, json (got "JSON"); did you mean json`},
	})
}

func TestFaultsOfOrigins(t *testing.T) {
	cors := func(origin string) func(*Config) { return func(c *Config) { c.CORSAllowedOrigins = []string{origin} } }
	checkFaults(t, []faultCase{
		{cors("*"), `cors_allowed_origins: no wildcards here (got "*"); list each origin`},
		{cors("https://*.example.com"), `cors_allowed_origins: no wildcards here (got "https://*.example.com"); list each origin`},
		{cors("null"), `cors_allowed_origins: not an http or https origin (got "null"); such as https://app.example.com`},
		{cors("https://app.example.com/"), `cors_allowed_origins: not an origin (got "https://app.example.com/"); nothing may follow the host: https://app.example.com`},
		{cors("https://app.example.com?"), `cors_allowed_origins: not an origin (got "https://app.example.com?"); nothing may follow the host: https://app.example.com`},
		{cors("https://app.example.com#"), `cors_allowed_origins: not an origin (got "https://app.example.com#"); nothing may follow the host: https://app.example.com`},
		{cors("https://APP.example.com"), `cors_allowed_origins: not an origin as browsers write it (got "https://APP.example.com"); write https://app.example.com`},
		{cors("https://app.example.com:443"), `cors_allowed_origins: not an origin as browsers write it (got "https://app.example.com:443"); leave out the port 443`},
		{cors("http://app.example.com:80"), `cors_allowed_origins: not an origin as browsers write it (got "http://app.example.com:80"); leave out the port 80`},
		{cors("https://bücher.example.com"),
			`cors_allowed_origins: not an origin as browsers write it (got "https://bücher.example.com"); names in other letters begin with xn--, as the browser's address bar copies them`},
		{cors("https://app.example.com:0"), `cors_allowed_origins: not an origin (got "https://app.example.com:0"); the port is a number from 1 to 65535`},
		{cors("https://app.example.com:"), `cors_allowed_origins: not an origin (got "https://app.example.com:"); the port is a number from 1 to 65535`},
		{func(c *Config) { c.CSRFTrustedOrigins = []string{"app.example.com"} },
			`csrf_trusted_origins: not an http or https origin (got "app.example.com"); such as https://app.example.com`},
		{func(c *Config) { c.Session.CookieAge = 0 }, `session.cookie_age: out of range (got 0); a time in seconds above 0, such as 900 or 0.5`},
		{func(c *Config) { c.Session.CookieSameSite = "Lax" }, `session.cookie_samesite: not one of lax, strict, none (got "Lax"); did you mean lax`},
		{func(c *Config) { c.Session.CookieSameSite, c.PublicURL = "none", "http://localhost:8080" },
			`session.cookie_samesite: none needs https (got "http://localhost:8080"); browsers drop such cookies; set public_url to an https URL`},
		{func(c *Config) { c.Session.CookieDomain = "example.org" },
			`session.cookie_domain: not a domain of the public URL's host (got "example.org"); for https://auth.example.com it can be example.com`},
		{func(c *Config) { c.Session.CookieDomain = "com" },
			`session.cookie_domain: not a domain of the public URL's host (got "com"); for https://auth.example.com it can be example.com`},
	})
}

func TestFaultsOfAccounts(t *testing.T) {
	checkFaults(t, []faultCase{
		{func(c *Config) { c.Account.EmailVerification = "mandetory" },
			`account.email_verification: not one of mandatory, optional, none (got "mandetory"); did you mean mandatory`},
		{func(c *Config) { c.Account.EmailVerification = "" }, `account.email_verification: not one of mandatory, optional, none; the first is the usual choice`},
		{func(c *Config) { c.Account.PreventEnumeration = "maybe" },
			`account.prevent_enumeration: not one of true, false, strict (got "maybe"); the first is the usual choice`},
		{func(c *Config) { c.Account.EmailConfirmationExpireDays = 0 },
			`account.email_confirmation_expire_days: out of range (got 0); a time in days above 0, such as 3 or 0.5`},
		{func(c *Config) { c.Account.EmailConfirmationExpireDays = 4000 }, `account.email_confirmation_expire_days: out of range (got 4000); from 0 to 3650 days`},
		{func(c *Config) { c.Account.LoginTimeout = Seconds(math.NaN()) },
			`account.login_timeout: out of range (got NaN); a time in seconds above 0, such as 900 or 0.5`},
		{func(c *Config) { c.Account.PasswordResetTimeout = -1 },
			`account.password_reset_timeout: out of range (got -1); a time in seconds above 0, such as 900 or 0.5`},
		{func(c *Config) { c.Account.ReauthenticationTimeout = -1 },
			`account.reauthentication_timeout: out of range (got -1); from 0 to 3153600000 seconds`},
		{func(c *Config) { c.Account.PasswordMinLength = 0 }, `account.password_min_length: out of range (got 0); from 1 to 128 characters`},
		{func(c *Config) { c.Account.UsernameMinLength = 0 }, `account.username_min_length: out of range (got 0); from 1 to 150 characters`},
		{func(c *Config) { c.Account.MaxEmailAddresses = -1 },
			`account.max_email_addresses: out of range (got -1); from 0 to 1000 addresses, 0 being any number`},
		{func(c *Config) { c.Account.ChangeEmail, c.Account.MaxEmailAddresses = true, 3 },
			`account.max_email_addresses: clashes with account.change_email (got 3); the next address waits beside the old one: leave it out, or 2`},
	})
}

func TestFaultsOfSignup(t *testing.T) {
	fields := func(fields ...string) func(*Config) { return func(c *Config) { c.Account.SignupFields = fields } }
	checkFaults(t, []faultCase{
		{func(c *Config) { c.Account.LoginMethods = nil }, `account.login_methods: empty; nobody could sign in; the usual choice is [email]`},
		{func(c *Config) { c.Account.LoginMethods = []string{"email", "mail"} },
			`account.login_methods: not one of email, username, phone (got "mail"); did you mean email`},
		{func(c *Config) { c.Account.LoginMethods = []string{"email", "email"} }, `account.login_methods: names something twice (got "email"); once is enough`},
		{fields("email*", "password*"), `account.signup_fields: unknown field (got "password*"); it is called password1`},
		{fields("email*", "password1*", "password2*"), `account.signup_fields: unknown field (got "password2*"); the API takes it once; let the form ask twice`},
		{fields("email*", "usrname"), `account.signup_fields: unknown field (got "usrname"); did you mean username`},
		{fields("email*", "age"), `account.signup_fields: unknown field (got "age"); fields are email, username, phone, password1, with a star for required`},
		{fields("email*", "email"), `account.signup_fields: names something twice (got "email"); once is enough`},
		{func(c *Config) {
			c.Account.SignupFields, c.Account.EmailVerification = []string{"email", "username*"}, "optional"
		},
			`account.signup_fields: requires nothing that one can sign in by (got "email,username*"); add "email*", since account.login_methods has it`},
		{func(c *Config) {
			c.Account.SignupFields, c.Account.LoginMethods = []string{"email", "username*"}, []string{"username"}
		},
			`account.email_verification: mandatory needs an address to verify; add "email*" to account.signup_fields`},
	})
}

func TestFaultsOfCodes(t *testing.T) {
	checkFaults(t, []faultCase{
		{func(c *Config) { c.Account.EmailVerificationByCodeTimeout = 0 },
			`account.email_verification_by_code_timeout: out of range (got 0); a time in seconds above 0, such as 900 or 0.5`},
		{func(c *Config) { c.Account.LoginByCodeTimeout = 1e12 },
			`account.login_by_code_timeout: out of range (got 1e+12); a time in seconds above 0, such as 900 or 0.5`},
		{func(c *Config) { c.Account.PasswordResetByCodeAttempts = 0 },
			`account.password_reset_by_code_max_attempts: out of range (got 0); from 1 to 20 attempts, since more of them can be guessed`},
		{func(c *Config) { c.Account.PhoneVerificationAttempts = 1000 },
			`account.phone_verification_max_attempts: out of range (got 1000); from 1 to 20 attempts, since more of them can be guessed`},
		{func(c *Config) { c.Account.LoginByCodeSupportsResend = -1 },
			`account.login_by_code_supports_resend: out of range (got -1); from 0 to 100 times`},
		{func(c *Config) {
			c.Account.EmailVerificationByCodeEnabled, c.Account.EmailVerification = true, "optional"
		},
			`account.email_verification_by_code_enabled: needs account.email_verification mandatory (got "optional"); a code is part of signing in, a link is not`},
		{func(c *Config) { c.Account.LoginByCodeRequired.Methods = []string{"sms"} },
			`account.login_by_code_required: not one of password, mfa, socialaccount (got "sms"); the first is the usual choice`},
		{func(c *Config) { nameless(c); c.Account.LoginByCodeRequired.All = true },
			`account.login_by_code_required: an account may have nowhere to send the code to; add "email*" or "phone*" to account.signup_fields`},
		{func(c *Config) { nameless(c); c.Account.LoginByCodeEnabled = true },
			`account.login_by_code_enabled: no account would have an address or a number; add "email" or "phone" to account.signup_fields`},
		{func(c *Config) { c.Account.LoginByCodeTrustEnabled = true },
			`account.login_by_code_trust_enabled: there is no code to skip; set account.login_by_code_required, too`},
	})
}

// nameless makes accounts that have a username and nothing to write to.
func nameless(c *Config) {
	c.Account.LoginMethods, c.Account.SignupFields = []string{"username"}, []string{"username*", "password1*"}
	c.Account.EmailVerification = "none"
}

func TestFaultsOfRateLimits(t *testing.T) {
	limit := func(action string, rates ...engine.Rate) func(*Config) {
		return func(c *Config) { c.Account.RateLimits.Rates = engine.Rates{action: rates} }
	}
	checkFaults(t, []faultCase{
		{limit("logins", engine.Rate{Max: 1, Per: time.Second, By: "ip"}), `account.rate_limits.logins: unknown action; did you mean login`},
		{limit("coffee", engine.Rate{Max: 1, Per: time.Second, By: "ip"}),
			`account.rate_limits.coffee: unknown action; actions are anonymous, change_password, change_phone, confirm_email, confirm_email_address, login, login_failed, manage_email, reauthenticate, request_login_code, reset_password, reset_password_from_key, signup, verify_phone`},
		{limit("signup", engine.Rate{Max: 1, Per: time.Minute, By: "user"}), `account.rate_limits.signup: cannot be counted by user (got "1/60s/user"); this action is counted by ip`},
		{limit("login_failed", engine.Rate{Max: 0, Per: time.Minute, By: "key"}), `account.rate_limits.login_failed: not a limit (got "0/60s/key"); write 5/m/ip, or leave it empty for no limit`},
		{limit("login_failed", engine.Rate{Max: 5, Per: 0, By: "key"}), `account.rate_limits.login_failed: not a limit (got "5/0s/key"); write 5/m/ip, or leave it empty for no limit`},
	})
}

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

func TestFaultsOfMessages(t *testing.T) {
	checkFaults(t, []faultCase{
		{func(c *Config) { c.Mail.SMTPTLS = "starttls" },
			`mail.smtp_tls: not one of mandatory, opportunistic, none (got "starttls"); the first is the usual choice`},
		{func(c *Config) { c.Mail.SMTPPort = 0 }, `mail.smtp_port: out of range (got 0); from 1 to 65535`},
		{func(c *Config) { c.Mail.From = "nobody" }, `mail.from: not an address (got "nobody"); such as Example <no-reply@example.com>`},
		{func(c *Config) { c.Mail.From = "" }, `mail.from: missing; such as Example <no-reply@example.com>`},
		{func(c *Config) { c.Mail.SubjectPrefix = "a\r\nBcc: x@y" }, `mail.subject_prefix: has a line break (got "a\r\nBcc: x@y"); a subject is one line`},
		{func(c *Config) { c.Mail.SMTPHost = "" },
			`mail.smtp_host: missing, letters would reach nobody; give a mail server, or set dev.enabled for a mailbox to try things with`},
		{func(c *Config) { c.Mail.SMTPPassword = "hunter2" }, `mail.smtp_user: missing, the password is somebody's; give the user of mail.smtp_password`},
		{func(c *Config) { c.Mail.SMTPHost = "mail.example.com:25" }, `mail.smtp_host: not a host name (got "mail.example.com:25"); the port goes into mail.smtp_port`},
		{func(c *Config) {
			c.Mail.SMTPUser, c.Mail.SMTPPassword, c.Mail.SMTPTLS = "app", "hunter2", "opportunistic"
		},
			`mail.smtp_tls: the password could be read on its way (got "opportunistic"); set it to mandatory`},
		{func(c *Config) { c.Mail.Timeout = 0 }, `mail.timeout: out of range (got 0); a time in seconds above 0, such as 900 or 0.5`},
		{func(c *Config) { c.SMS.WebhookURL = "sms.example.com/hunter2" },
			`sms.webhook_url: not a URL that begins with https://; such as https://sms.example.com/send`},
		{func(c *Config) { c.SMS.WebhookURL = "http://sms.example.com/hunter2" },
			`sms.webhook_url: plain http to a public host; codes could be read on their way; use https`},
		{func(c *Config) { c.Account.LoginMethods = []string{"email", "phone"} },
			`sms.webhook_url: missing, codes would reach nobody; account.login_methods or account.signup_fields has phone`},
		{func(c *Config) { c.SMS.Timeout = -1 }, `sms.timeout: out of range (got -1); a time in seconds above 0, such as 900 or 0.5`},
	})
}

func TestFaultsOfCosts(t *testing.T) {
	const age = "; a time in seconds above 0, such as 900 or 0.5"
	checkFaults(t, []faultCase{
		{func(c *Config) { c.Hashing = Hashing{} }, "password_hashing.memory_kib: out of range (got 0); from 1024 to 262144 KiB\n" +
			"password_hashing.parallelism: out of range (got 0); from 1 to 16 lanes\n" +
			"password_hashing.time: out of range (got 0); from 1 to 100 passes"},
		{func(c *Config) { c.Hashing.Time, c.Hashing.MemoryKiB = 17, 256<<10 },
			`password_hashing.time: too many passes over that much memory (got 17); memory_kib times time can be 4194304, about three seconds`},
		{func(c *Config) { c.Hashing.Slots, c.Hashing.Queue = -1, -1 }, "password_hashing.queue: out of range (got -1); from 0 to 100000 hashes\n" +
			"password_hashing.slots: out of range (got -1); from 0 to 1024 hashes, 0 being one less than the cores"},
		{func(c *Config) { c.Limits = Config{}.Limits; c.Limits.HeaderBytes = 1 }, "limits.header_bytes: out of range (got 1); from 4096 to 1048576 bytes\n" +
			"limits.idle_timeout: out of range (got 0)" + age + "\nlimits.read_header_timeout: out of range (got 0)" + age + "\n" +
			"limits.read_timeout: out of range (got 0)" + age + "\nlimits.shutdown_timeout: out of range (got 0)" + age + "\n" +
			"limits.write_timeout: out of range (got 0)" + age},
	})
}

// TestNoFault holds what looks odd and is fine.
func TestNoFault(t *testing.T) {
	for name, change := range map[string]func(*Config){
		"a slash after the public URL": func(c *Config) { c.PublicURL += "/" },
		"http on a localhost":          func(c *Config) { c.PublicURL = "http://app.localhost:8080" },
		"http on IPv6 loopback":        func(c *Config) { c.PublicURL = "http://[::1]:8080" },
		"a remote page of development": func(c *Config) {
			c.Dev.Enabled, c.Dev.AllowRemote, c.Listen, c.TrustedProxyCount = true, true, ":8080", 1
		},
		"a local page under https": func(c *Config) {
			c.Dev.Enabled, c.Listen, c.PublicURL = true, "127.0.0.1:8080", "https://app.localhost"
		},
		"an origin with a port":         func(c *Config) { c.CORSAllowedOrigins = []string{"http://localhost:3000"} },
		"a parent's cookie":             func(c *Config) { c.Session.CookieDomain = "example.com" },
		"cookies for other sites":       func(c *Config) { c.Session.CookieSameSite = "none" },
		"mail by the program":           func(c *Config) { c.Mail = Mail{SMTPTLS: "none", SMTPPort: 25, Timeout: 1, Supplied: true} },
		"SMS by the program":            func(c *Config) { c.Account.LoginMethods, c.SMS.Supplied = []string{"email", "phone"}, true },
		"a webhook in the same network": func(c *Config) { c.SMS.WebhookURL = "http://sms:8080/send" },
		"a relay without TLS inside": func(c *Config) {
			c.Mail.SMTPHost, c.Mail.SMTPUser, c.Mail.SMTPPassword, c.Mail.SMTPTLS = "10.0.0.5", "app", "x", "none"
		},
		"PostgreSQL on a socket": func(c *Config) { c.Database.URL = "postgres:///app?host=/run/postgresql" },
		"sentinels": func(c *Config) {
			c.Redis = Redis{SentinelAddresses: []string{"a:1"}, SentinelMaster: "m", Password: "x"}
		},
		"a cluster":             func(c *Config) { c.Redis = Redis{ClusterAddresses: []string{"a:1", "b:1"}, TLS: true} },
		"always reauthenticate": func(c *Config) { c.Account.ReauthenticationTimeout = 0 },
		"codes where phones are": func(c *Config) {
			nameless(c)
			c.Account.LoginMethods, c.SMS.Supplied, c.Account.LoginByCodeEnabled = []string{"username", "phone"}, true, true
		},
	} {
		c := sound()
		change(&c)
		if err := c.Validate(); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestEveryFaultIsReported(t *testing.T) {
	c := sound()
	c.Listen, c.PublicURL, c.Mail.From, c.MFA.TOTPDigits, c.Headless.Mount = "", "x", "y", 0, ""
	var faults Faults
	if !errors.As(c.Validate(), &faults) {
		t.Fatal("no faults")
	}
	seen := map[string]bool{}
	for _, fault := range faults {
		seen[fault.Key] = true
	}
	for _, key := range []string{"listen", "public_url", "mail.from", "mfa.totp_digits", "headless.mount"} {
		if !seen[key] {
			t.Errorf("%s is not reported", key)
		}
	}
}
