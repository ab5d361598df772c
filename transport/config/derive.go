package config

import (
	"cmp"
	"net"
	"net/netip"
	"net/url"
	"slices"
	"strings"

	"stagedoor/stages"
)

// Embedded says whether accounts are kept in the data directory, and with them
// the keys that the server may make itself: nobody else needs to know those.
func (c Config) Embedded() bool { return c.Database.URL == "" }

// Origin is the public URL without a trailing slash, scheme://host[:port]. It
// takes the port from Listen where no public URL is set: write the port that
// was really taken there when it was 0.
func (c Config) Origin() string {
	if c.PublicURL != "" {
		return strings.TrimSuffix(c.PublicURL, "/")
	}
	_, port, err := net.SplitHostPort(c.Listen)
	if err != nil || port == "80" {
		return "http://localhost"
	}
	return "http://localhost:" + port
}

// Secure says whether cookies carry the attribute Secure: always, but for plain
// http on a localhost, where browsers would drop them.
func (c Config) Secure() bool { return !strings.HasPrefix(c.Origin(), "http://") }

// TrustedOrigins may send unsafe requests: the public one and
// csrf_trusted_origins, each once.
func (c Config) TrustedOrigins() []string {
	return unique(append([]string{c.Origin()}, c.CSRFTrustedOrigins...))
}

// RPID is the domain that passkeys belong to (WebAuthn, section 5.1.2). Where
// the public URL names a loopback address it is localhost, since an address
// cannot be one.
func (c Config) RPID() string {
	if c.MFA.WebAuthnRPID != "" {
		return c.MFA.WebAuthnRPID
	}
	host := hostOf(c.Origin())
	if isLoopback(host) {
		return "localhost"
	}
	return host
}

// isLoopback says whether a host is an address of this machine alone.
func isLoopback(host string) bool {
	addr, err := netip.ParseAddr(host)
	return err == nil && addr.Unmap().IsLoopback()
}

// WebAuthnOrigins may run ceremonies: those configured, or the trusted ones
// that belong to the RP id. A loopback address stands for localhost, where
// browsers run ceremonies instead.
func (c Config) WebAuthnOrigins() []string {
	if len(c.MFA.WebAuthnOrigins) > 0 {
		return slices.Clone(c.MFA.WebAuthnOrigins)
	}
	var origins []string
	for _, origin := range c.TrustedOrigins() {
		if host := hostOf(origin); isLoopback(host) {
			origin = strings.Replace(strings.Replace(origin, "["+host+"]", host, 1), host, "localhost", 1)
		}
		if belongs(hostOf(origin), c.RPID()) {
			origins = append(origins, origin)
		}
	}
	return unique(origins)
}

// RPName is what a browser calls the server while it makes a passkey.
func (c Config) RPName() string { return cmp.Or(c.MFA.WebAuthnRPName, c.RPID()) }

// Issuer is what an authenticator app calls the server.
func (c Config) Issuer() string { return cmp.Or(c.MFA.TOTPIssuer, hostOf(c.Origin())) }

// DisownPath is the server's own page where somebody says that a sign-up was somebody
// else's. The key stands in the query.
const DisownPath = "/account/not-me"

// Pages are the front end's URLs, absolute. Of those that are not set the server
// has one itself, to disown an account, and in development all; else they are
// empty. {key} is still in them.
func (c Config) Pages() FrontendURLs {
	pages, own := c.Headless.FrontendURLs, FrontendURLs{Disown: DisownPath + "?key={key}"}
	if c.Dev.Enabled {
		own = FrontendURLs{
			Disown:               own.Disown,
			ConfirmEmail:         "/account/verify-email/{key}",
			ResetPassword:        "/account/password/reset",
			ResetPasswordFromKey: "/account/password/reset/key/{key}",
			Signup:               "/account/signup",
			ProviderError:        "/account/provider/callback",
		}
	}
	full := func(page, own string) string {
		page = cmp.Or(page, own)
		if strings.HasPrefix(page, "/") {
			return c.Origin() + page
		}
		return page
	}
	return FrontendURLs{
		ConfirmEmail:         full(pages.ConfirmEmail, own.ConfirmEmail),
		ResetPassword:        full(pages.ResetPassword, own.ResetPassword),
		ResetPasswordFromKey: full(pages.ResetPasswordFromKey, own.ResetPasswordFromKey),
		Signup:               full(pages.Signup, own.Signup),
		ProviderError:        full(pages.ProviderError, own.ProviderError),
		Disown:               full(pages.Disown, own.Disown),
	}
}

// ProviderConfig is a provider as stages take it.
func (c Config) ProviderConfig(p Provider) stages.ProviderConfig {
	ask, _ := c.Account.SignupField("email")
	if c.SocialAccount.QueryEmail != nil {
		ask = *c.SocialAccount.QueryEmail
	}
	cfg := stages.ProviderConfig{
		ID: p.ID, Kind: p.Provider, Name: p.Name, ClientID: p.ClientID, Secret: p.Secret.Reveal(), ServerURL: p.ServerURL,
		Scope: p.Scope, AuthParams: p.AuthParams, TokenAuthMethod: p.TokenAuthMethod,
		VerifiedEmail: p.VerifiedEmail, EmailAuthentication: p.EmailAuthentication,
		SkipEmail: !ask, Settings: make(map[string]string),
	}
	for name, value := range p.Settings {
		cfg.Settings[name] = value.Reveal()
	}
	return cfg
}

// Notes say in one line each what the server runs on, and what a set-up for
// production would change. They hold no secrets.
func (c Config) Notes() []string {
	notes := []string{
		"database: SQLite in " + c.DataDir + "; set database.url to a postgres:// URL to run several servers",
		"redis: embedded, pending sign-ins end with the process; set redis.url to keep them",
		"mail: kept in the development mailbox; set mail.smtp_host to send it",
		"secrets: made at the first start, kept in " + c.DataDir + "; set secret_key to run several servers",
	}
	if c.Database.URL != "" {
		notes[0] = "database: PostgreSQL at " + place(c.Database.URL)
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
	if c.Dev.Enabled {
		notes = append(notes, "development: / shows the mailbox to whoever can reach "+c.Listen+"; switch dev.enabled off in production")
	}
	return notes
}

// place is the host and path of a secret URL, without user, password and query.
func place(s Secret) string {
	u, err := url.Parse(s.Reveal())
	if err != nil || u.Scheme == "" || u.Opaque != "" {
		return hidden
	}
	return u.Host + u.Path
}

// hostOf is the host of an origin without its port.
func hostOf(origin string) string {
	u, err := url.Parse(origin)
	if err != nil {
		return ""
	}
	return u.Hostname()
}

// belongs says whether a host is the domain or one of its subdomains.
func belongs(host, domain string) bool {
	return host == domain || strings.HasSuffix(host, "."+domain)
}

// unique drops what came before; the order stays.
func unique(list []string) []string {
	var once []string
	for _, item := range list {
		if !slices.Contains(once, item) {
			once = append(once, item)
		}
	}
	return once
}
