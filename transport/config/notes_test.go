package config

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestNotes(t *testing.T) {
	want := []string{
		"database: PostgreSQL at db.example.com/app; its URL has no sslmode, so that a connection without TLS is accepted: add sslmode=verify-full",
		"redis: redis.example.com:6379/0",
		"mail: SMTP by mail.example.com, TLS mandatory",
		"secrets: configured",
	}
	if diff := cmp.Diff(want, trusting().Notes()); diff != "" {
		t.Error(diff)
	}
	want = []string{
		"database: SQLite in stagedoor-data/dev; set database.url to a postgres:// URL to run several servers",
		"redis: embedded, pending sign-ins end with the process, letters that wait do not; set redis.url to keep those, too",
		"mail: kept in the development mailbox; set mail.smtp_host to send it",
		"secrets: made at the first start, kept in stagedoor-data/dev; set secret_key to run several servers",
		"pages: the server's own, at http://localhost:8080/, to sign in and look after an account",
		"development: / shows the mailbox to whoever can reach 127.0.0.1:8080; switch dev.enabled off in production",
	}
	if diff := cmp.Diff(want, Dev().Notes()); diff != "" {
		t.Error(diff)
	}
	c := trusting()
	c.Serve.Pages = true
	if notes := c.Notes(); notes[4] != "pages: the server's own, at "+c.Origin()+"/, to sign in and look after an account" {
		t.Errorf("pages: %q", notes)
	}
	c = trusting()
	c.Account.LoginMethods = []string{"phone"}
	if notes := c.Notes(); !slices.ContainsFunc(notes, func(n string) bool { return strings.Contains(n, "set sms.allowed_countries") }) {
		t.Errorf("text messages to everywhere: %q", notes)
	}
	c.SMS.AllowedCountries = []string{"CH"}
	if notes := c.Notes(); slices.ContainsFunc(notes, func(n string) bool { return strings.Contains(n, "sms.allowed_countries") }) {
		t.Errorf("text messages to one country: %q", notes)
	}
	c = trusting()
	c.SocialAccount.Providers = []Provider{{ID: "corp", Provider: "openid_connect", LogoutTokenMaxAge: 120}}
	if notes := c.Notes(); !slices.ContainsFunc(notes, func(n string) bool {
		return strings.HasPrefix(n, "provider corp: its words of sign-outs count without exp")
	}) {
		t.Errorf("logout_tokens without exp: %q", notes)
	}
	c = trusting()
	c.SocialAccount.Providers = []Provider{{Provider: "openid_connect", ID: "mock", IDTokenAlgs: []string{"HS256"}}}
	if notes := c.Notes(); !slices.ContainsFunc(notes, func(n string) bool {
		return strings.Contains(n, "provider mock: id_tokens are verified with the secret")
	}) {
		t.Errorf("a secret that signs: %q", notes)
	}
	c = trusting()
	c.Mail.Supplied = true
	c.Redis = Redis{SentinelMaster: "main", SentinelAddresses: []string{"a:1", "b:1"}}
	if notes := c.Notes(); notes[1] != "redis: master main of the sentinels a:1, b:1" || notes[2] != "mail: sent by the program around the server" {
		t.Errorf("sentinels: %q", notes)
	}
	c.Account.ReauthenticationMethods = []string{"mfa"}
	if notes := c.Notes(); notes[4] != "reauthentication: by second factors alone, so that nobody can set up the first one; account.reauthentication_methods takes password and code, too" {
		t.Errorf("second factors alone: %q", notes)
	}
	c.Account.ReauthenticationMethods = []string{"mfa", "code"}
	c.Account.LoginByCodeFormat = CodeFormat{Numeric: new(true), Length: 6}
	if notes := c.Notes(); notes[4] != "codes: those that sign in have 6 digits, so that 3 attempts guess 1 of 333333; account.login_by_code_format makes them longer" {
		t.Errorf("six digits: %q", notes)
	}
	c.Redis = Redis{ClusterAddresses: []string{"a:1", "b:1"}}
	c.Database.URL = "postgres://u:hunter2@h:%zz"
	if notes := c.Notes(); notes[1] != "redis: cluster at a:1, b:1" || notes[0] != "database: PostgreSQL at [secret]" {
		t.Errorf("cluster: %q", notes)
	}
}

// trusting is a sound configuration whose front end is trusted.
func trusting() Config {
	c := sound()
	c.CORSAllowedOrigins, c.CSRFTrustedOrigins = []string{"https://app.example.com"}, []string{"https://app.example.com"}
	c.Session.CookieDomain, c.MFA.WebAuthnRPID = "example.com", "example.com"
	return c
}
