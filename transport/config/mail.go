package config

import (
	netmail "net/mail"
	"net/url"
	"strings"

	"github.com/nyaruka/phonenumbers"
)

// Mail is how letters leave. Without SMTPHost they go to the development
// mailbox, which needs dev.enabled.
type Mail struct {
	SMTPHost     string `koanf:"smtp_host"`
	SMTPPort     int    `koanf:"smtp_port"`
	SMTPUser     string `koanf:"smtp_user"`
	SMTPPassword Secret `koanf:"smtp_password"`
	// SMTPTLS is none, opportunistic (STARTTLS where offered) or mandatory.
	SMTPTLS string `koanf:"smtp_tls"`
	// Timeout is for one delivery, in seconds.
	Timeout Seconds `koanf:"timeout"`
	// From is the sender, `name@host` or `Name <name@host>` (RFC 5322).
	From string `koanf:"from"`
	// Supplied says that the program around the server delivers mail itself. It
	// is set in Go and has no key.
	Supplied bool `koanf:"-"`
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
	for i, country := range s.AllowedCountries {
		if !phonenumbers.GetSupportedRegions()[country] {
			k.wrong(indexed("sms.allowed_countries", i), "no country that has numbers", country, "two capital letters of ISO 3166, such as CH or US")
		}
	}
	switch {
	case !s.WebhookURL.Known():
	case s.WebhookURL != "":
		k.secretURL("sms.webhook_url", s.WebhookURL, "such as https://sms.example.com/send", "https", "http")
		if u, err := url.Parse(s.WebhookURL.Reveal()); err == nil && u.Scheme == "http" && !isInside(u.Hostname()) {
			k.wrong("sms.webhook_url", "plain http to a public host", nil, "codes could be read on their way; use https")
		}
	case k.c.Account.UsesPhone() && !s.Supplied && !k.c.Dev.Enabled:
		k.lacks("sms.webhook_url", "missing, codes would reach nobody", "account.login_methods or account.signup_fields has phone")
	}
}
