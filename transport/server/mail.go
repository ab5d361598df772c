package server

import (
	"context"
	"errors"
	"fmt"

	"stagedoor/state"
	"stagedoor/transport/config"
	"stagedoor/transport/internal/deliver"
	"stagedoor/transport/notify"
)

// senders carry messages away. Without a mail server, and without a carrier of text
// messages, the development mailbox keeps them.
type senders struct {
	mail, sms notify.Sender
	mailbox   *deliver.Mailbox
	templates *notify.Templates
}

func newSenders(c config.Config, o Options) (senders, error) {
	pages := c.Pages()
	templates, err := notify.NewTemplates(notify.Site{
		Name: c.Issuer(), URL: c.Origin(), SubjectPrefix: c.Account.EmailSubjectPrefix, SignUpURL: pages.Signup, ResetURL: pages.ResetPassword,
		LinkSignsIn: c.Account.LoginOnEmailConfirmation,
	}, o.Templates...)
	if err != nil {
		return senders{}, err
	}
	out := senders{mail: o.Mail, sms: o.SMS, templates: templates}
	if c.Dev.Enabled {
		if out.mailbox, err = deliver.NewMailbox(deliver.MailboxConfig{Templates: templates, Now: o.Now}); err != nil {
			return senders{}, err
		}
	}
	if out.mail == nil && c.Mail.SMTPHost != "" {
		out.mail, err = deliver.NewMailer(deliver.MailConfig{
			Templates: templates, From: c.Mail.From, Host: c.Mail.SMTPHost, Port: c.Mail.SMTPPort, TLS: deliver.TLSPolicy(c.Mail.SMTPTLS),
			User: c.Mail.SMTPUser, Password: c.Mail.SMTPPassword.Reveal(), Timeout: c.Mail.Timeout.Duration(), Now: o.Now,
		})
		if err != nil {
			return senders{}, err
		}
	}
	if out.sms == nil && c.SMS.WebhookURL != "" {
		out.sms, err = deliver.NewSMS(deliver.SMSConfig{Templates: templates, URL: c.SMS.WebhookURL.Reveal(), Timeout: c.SMS.Timeout.Duration()})
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
func boxed(box *deliver.Mailbox, next notify.Sender) notify.Sender {
	if next == nil {
		return box
	}
	return box.Tee(next)
}

// checkedLedger stores nothing with a message that has no words: the message would be dropped
// when it is due, where there is nobody to answer with an error.
type checkedLedger struct {
	state.Ledger
	templates *notify.Templates
	// own are the channels of senders that have words of their own.
	own map[state.Channel]bool
}

func (o Options) checked(l state.Ledger, t *notify.Templates) checkedLedger {
	return checkedLedger{Ledger: l, templates: t, own: map[state.Channel]bool{state.ByMail: o.Mail != nil, state.BySMS: o.SMS != nil}}
}

// Commit implements [state.Ledger].
func (w checkedLedger) Commit(ctx context.Context, b state.Batch) (state.Receipt, error) {
	for _, write := range b.Writes {
		q, is := write.(state.Queue)
		if !is || q.Message.Channel == state.ToNobody {
			continue
		}
		if err := w.check(q.Message); err != nil {
			return state.Receipt{}, err
		}
	}
	return w.Ledger.Commit(ctx, b)
}

// check refuses a message by a channel or of a template that there is not.
func (w checkedLedger) check(m state.Message) error {
	switch {
	case m.Channel != state.ByMail && m.Channel != state.BySMS:
		return fmt.Errorf("a message of template %q goes by the unknown channel %q (mail or sms)", m.Template, m.Channel)
	case !w.own[m.Channel] && !w.templates.Knows(m.Template, m.Channel):
		return fmt.Errorf("a message by %s is of the unknown template %q; hand its words in by Options.Templates", m.Channel, m.Template)
	}
	return nil
}
