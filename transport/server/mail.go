package server

import (
	"errors"

	"stagedoor/transport/notify"
)

// senders are who carries messages away. Without a mail server, and without a carrier of
// text messages, the development mailbox keeps them.
type senders struct {
	mail, sms notify.Sender
	mailbox   *notify.Mailbox
	templates *notify.Templates
}

func (c Config) senders(o Options) (senders, error) {
	pages := c.Pages()
	templates, err := notify.NewTemplates(notify.Site{
		Name: c.Issuer(), URL: c.Origin(), SubjectPrefix: c.Mail.SubjectPrefix, SignUpURL: pages.Signup, ResetURL: pages.ResetPassword,
	}, o.Templates...)
	if err != nil {
		return senders{}, err
	}
	out := senders{mail: o.Mail, sms: o.SMS, templates: templates}
	if c.Dev.Enabled {
		if out.mailbox, err = notify.NewMailbox(notify.MailboxConfig{Templates: templates, Now: o.Now}); err != nil {
			return senders{}, err
		}
	}
	if out.mail == nil && c.Mail.SMTPHost != "" {
		out.mail, err = notify.NewMailer(notify.MailConfig{
			Templates: templates, From: c.Mail.From, Host: c.Mail.SMTPHost, Port: c.Mail.SMTPPort, TLS: notify.TLSPolicy(c.Mail.SMTPTLS),
			User: c.Mail.SMTPUser, Password: c.Mail.SMTPPassword.Reveal(), Timeout: c.Mail.Timeout.Duration(), Now: o.Now,
		})
		if err != nil {
			return senders{}, err
		}
	}
	if out.sms == nil && c.SMS.WebhookURL != "" {
		out.sms, err = notify.NewSMS(notify.SMSConfig{Templates: templates, URL: c.SMS.WebhookURL.Reveal(), Timeout: c.SMS.Timeout.Duration()})
		if err != nil {
			return senders{}, err
		}
	}
	if out.mailbox != nil {
		out.mail, out.sms = boxed(out.mailbox, out.mail), boxed(out.mailbox, out.sms)
	}
	if out.mail == nil {
		return senders{}, errors.New("mail.smtp_host: nobody carries mail away; name a server, or switch dev.enabled on for a mailbox")
	}
	return out, nil
}

// boxed keeps in the mailbox what next carries away, or everything where there is no
// next.
func boxed(box *notify.Mailbox, next notify.Sender) notify.Sender {
	if next == nil {
		return box
	}
	return box.Tee(next)
}
