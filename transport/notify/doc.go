// Package notify is for programs that send messages of their own, or send the server's by
// a carrier of their own.
//
// A [Template] is the words of a message of a program's stages; server.Options.Templates
// takes them. A [Sender] delivers one message now, or says why not; server.Options.Mail and
// server.Options.SMS take one. [Templates] puts messages into words, the server's and a
// program's alike, so that a Sender or a test can have them as they would be sent.
//
// # Data
//
// What a message may carry in [state.Message.Data]. All of it is optional to the
// templates: what is missing is left out of the words.
//
//	code          the one-time code
//	url, key      the link to follow, whole, and the key in it
//	disown_url, disown_key
//	              likewise, for a reader who did not sign up although the letter says so
//	expires_in    for how many seconds the code or link works
//	user          how the person is called: a name or username
//	email         the address the message is about; the recipient if missing
//	from_email, to_email
//	              email_changed: the address before and after
//	provider      account_connected, account_disconnected: the provider's name
//	name          webauthn_added, webauthn_removed, webauthn_suspected: the name of the key
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
// # Delivery
//
// The server hands a message to a Sender until it is delivered, refused for good, or too
// old to be of use ([MaxAge]). It is delivered at least once: a crash between its delivery
// and its removal from the outbox sends it again, and so does a Sender's error after the
// message has left. Codes and keys are the same in both copies, and either one works.
package notify
