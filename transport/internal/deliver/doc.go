// Package deliver carries messages to people, away from the request that wanted them.
//
//	outbox row ── Dispatcher ──┬── Mailer  ── SMTP
//	(committed)   claim, send, ├── SMS     ── webhook
//	              retry, drop  └── Mailbox ── memory, for development
//
// The [Dispatcher] takes released messages from a [state.Outbox] and hands them to a
// [notify.Sender] until they are delivered, refused for good, or too old to be of use.
// Their words are those of package notify.
//
// A message is delivered at least once: it is forgotten only after its delivery, so a
// crash between the two sends it again when the lease is over. The same happens when a
// mail server takes a message and the connection breaks before it can say so.
// Codes and keys are the same in both copies, and either one works.
//
// No code, key, link or whole address is ever logged. A recipient is logged as
// j***@example.org or +4*******12.
package deliver
