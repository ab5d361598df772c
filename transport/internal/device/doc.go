// Package device is what the people of a story have in their hands: the app that shows
// TOTP codes, the passkeys, the browser and the app that hold a key, the account at a
// provider, the mailbox and the phone.
//
//	a story ──┬── TOTP, App    codes of an authenticator app
//	          ├── Passkeys     a WebAuthn authenticator in software
//	          ├── Provider     an OpenID Connect provider of anybody a story names
//	          ├── Browser      binds its sessions to keys of its own (DBSC)
//	          ├── Holder       an app that shows with every request that it holds its key (DPoP)
//	          └── Inbox        what the server sent, fed by ── SMTPSink, HTTPSink, Sender
//
// Nothing here knows how the server works inside: a device reads what the server answers
// and makes what a client would send, so it serves against any server that speaks the
// contract. Every device can also err on purpose, in one way at a time, as an attacker
// or a broken client would: a wrong code, a challenge of another ceremony, a token for
// somebody else's client.
//
// Time and randomness are handed in: the same reader makes the same passkeys, codes and
// tokens. The key that a [Provider] signs with is the same in every process, unless it
// has another.
//
// None of it is secure, nor meant to be: a device answers anybody who asks.
package device
