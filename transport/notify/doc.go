// Package notify makes the words of a message and carries them to a person, by mail or
// by text message, away from the request that wanted them.
//
//	outbox row ── Dispatcher ──┬── Mailer  ── SMTP
//	(committed)   claim, send, ├── SMS     ── webhook
//	              retry, drop  └── Mailbox ── memory, for development
//
// [Templates] turns a [state.Message] into a subject, a text and an HTML page. A
// [Sender] delivers one message now, or says why not. The [Dispatcher] takes released
// messages from a [state.Outbox] and hands them to a Sender until they are delivered,
// refused for good, or too old to be of use.
//
// # Delivery
//
// A message is delivered at least once: it is forgotten only after its delivery, so a
// crash between the two sends it again when the lease is over. The same happens when a
// mail server takes a message and the connection breaks before it can say so.
// Codes and keys are the same in both copies, and either one works.
//
// # Data
//
// What a message may carry in [state.Message.Data]. All of it is optional to the
// templates: what is missing is left out of the words.
//
//	code          the one-time code
//	url, key      the link to follow, whole, and the key in it
//	disown_url, disown_key
//	              likewise, for who did not sign up although the letter says so
//	expires_in    for how many seconds the code or link works
//	user          how the person is called: a name or username
//	email         the address the message is about; the recipient if missing
//	from_email, to_email
//	              email_changed: the address before and after
//	provider      account_connected, account_disconnected: the provider's name
//	name          webauthn_added, webauthn_removed: the name of the key
//	at            when it happened, RFC 3339
//	ip            from which network address
//	user_agent    with which program
//	login_url, signup_url, reset_url
//	              pages to go to; those of the [Site] if missing
//
// Values that a stranger can choose (user, name, user_agent, ...) are cut short, kept on
// one line, escaped, and their web addresses are broken. A message that anybody can send
// to any address greets nobody by name. Of all Data only the provider's name reaches a
// mail header, the subject, on one line.
//
// # Secrets
//
// No code, key, link or whole address is ever logged. A recipient is logged as
// j***@example.org or +4*******12.
package notify
