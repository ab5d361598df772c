// Package record makes stories for package replay of what went through a server.
//
// A [Recorder] stands before the handler of a server ([Recorder.Handler]), observes
// turns ([Recorder.Observe]) and sees which messages are stored ([Recorder.Ledger]). It
// puts the requests of one client together, across the change of its token at sign-in, and
// those of another that opens the link of a mail with them: that is a story. What it is
// made of is an exchange: a request, what the answer said of pending flows and errors, the
// turns and the messages it led to.
//
// Secrets and addresses are replaced before anything is kept: of a password, an address, a
// code, a key, a token or a credential a story holds what it was and a keyed hash by which
// equal ones are known, under a key that is gone with the process. Kept as they stand are
// truth values, numbers, and words without digits or signs of an address. [Recorder.Fixture]
// puts templates in their place ({{email}}, {{mail.code}}, {{totp_next}}), adds which
// accounts there were before and of what kind, the fingerprints of the flows, and the trail.
//
//	recorder.go, asked.go, client.go, story.go, account.go
//	                       which story a request belongs to
//	exchange.go, redact.go what is kept of it
//	fixture.go, names.go, steps.go, secrets.go
//	                       the file
package record
