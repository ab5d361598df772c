package config

import "testing"

func TestFaultsOfMessages(t *testing.T) {
	checkFaults(t, []faultCase{
		{func(c *Config) { c.Mail.SMTPTLS = "starttls" },
			`mail.smtp_tls: not one of mandatory, opportunistic, none (got "starttls"); the first is the usual choice`},
		{func(c *Config) { c.Mail.SMTPPort = 0 }, `mail.smtp_port: out of range (got 0); from 1 to 65535`},
		{func(c *Config) { c.Mail.From = "nobody" }, `mail.from: not an address (got "nobody"); such as Example <no-reply@example.com>`},
		{func(c *Config) { c.Mail.From = "" }, `mail.from: missing; such as Example <no-reply@example.com>`},
		{func(c *Config) { c.Account.EmailSubjectPrefix = "a\r\nBcc: x@y" }, `account.email_subject_prefix: has a line break (got "a\r\nBcc: x@y"); a subject is one line`},
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
		{func(c *Config) { c.SMS.AllowedCountries = []string{"CH", "ch"} },
			`sms.allowed_countries[1]: no country that has numbers (got "ch"); two capital letters of ISO 3166, such as CH or US`},
		{func(c *Config) { c.SMS.Timeout = -1 }, `sms.timeout: out of range (got -1); a time in seconds above 0, such as 900 or 0.5`},
	})
}
