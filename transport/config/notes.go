package config

import (
	"net/url"
	"strings"
)

// Notes say in one line each what the server runs on, and what a set-up for
// production would change. They hold no secrets.
func (c Config) Notes() []string {
	notes := []string{
		"database: SQLite in " + c.DataDir + "; set database.url to a postgres:// URL to run several servers",
		"redis: embedded, pending sign-ins end with the process, letters that wait do not; set redis.url to keep those, too",
		"mail: kept in the development mailbox; set mail.smtp_host to send it",
		"secrets: made at the first start, kept in " + c.DataDir + "; set secret_key to run several servers",
	}
	if c.Database.URL != "" {
		notes[0] = "database: PostgreSQL at " + place(c.Database.URL)
		if host := c.Database.inClear(); host != "" {
			notes[0] += "; its URL has no sslmode, so that a connection without TLS is accepted: add sslmode=verify-full"
		}
	}
	switch r := c.Redis; {
	case r.URL != "":
		notes[1] = "redis: " + place(r.URL)
	case len(r.SentinelAddresses) > 0:
		notes[1] = "redis: master " + r.SentinelMaster + " of the sentinels " + strings.Join(r.SentinelAddresses, ", ")
	case len(r.ClusterAddresses) > 0:
		notes[1] = "redis: cluster at " + strings.Join(r.ClusterAddresses, ", ")
	}
	switch {
	case c.Mail.Supplied:
		notes[2] = "mail: sent by the program around the server"
	case c.Mail.SMTPHost != "":
		notes[2] = "mail: SMTP by " + c.Mail.SMTPHost + ", TLS " + c.Mail.SMTPTLS
	}
	if c.SecretKey != "" {
		notes[3] = "secrets: configured"
	}
	if c.Account.UsesPhone() && len(c.SMS.AllowedCountries) == 0 && !c.Dev.Enabled {
		notes = append(notes, "text messages: sent to every country, also to those where a message is dear; set sms.allowed_countries, such as [CH, DE]")
	}
	if c.ServesPages() {
		notes = append(notes, "pages: the server's own, at "+c.Origin()+"/, to sign in and look after an account")
	}
	notes = append(notes, c.weakCodes()...)
	if c.MFA.ReauthenticationRequired && len(c.Account.ReauthenticationMethods) == 1 && c.Account.ReauthenticationMethods[0] == "mfa" {
		notes = append(notes, "reauthentication: by second factors alone, so that nobody can set up the first one; account.reauthentication_methods takes password and code, too")
	}
	notes = append(notes, c.BoundNotes()...)
	notes = append(notes, c.ProviderNotes()...)
	for _, advice := range c.Advice() {
		notes = append(notes, "front end: "+advice.String())
	}
	if c.Dev.Enabled {
		notes = append(notes, "development: / shows the mailbox to whoever can reach "+c.Listen+"; switch dev.enabled off in production")
	}
	return notes
}

// place is the host and path of a secret URL, without user, password and query.
func place(s Secret) string {
	u, err := url.Parse(s.Reveal())
	if err != nil || !s.Known() || u.Scheme == "" || u.Opaque != "" {
		return hidden
	}
	return u.Host + u.Path
}
