// Package passkey runs the ceremonies of WebAuthn level 3 (https://www.w3.org/TR/webauthn-3/):
// registering a credential, proving one of a known account, and signing in with a passkey.
//
//	registration     BeginRegistration -> client -> FinishRegistration
//	known account    BeginLogin        -> client -> FinishLogin          second factor, reauthentication
//	passkey login    BeginDiscoverable -> client -> FinishDiscoverable   conditional UI too
//
// A Begin returns the options for the client and a session, the SessionData of
// go-webauthn as JSON, which the caller keeps where the client cannot change it; a Finish
// gets it back with what the client answered. The package keeps nothing itself: it stores
// no session and uses no clock and no randomness of its own (what go-webauthn draws for a
// registration's challenge is replaced by the one handed in). So the caller sees to it that
//
//   - a client has two ceremonies at a time at most, so that pages in two windows do not take each
//     other's options away: [Beside] keeps the newest two, and newer ones replace the older;
//   - a session is thrown away once it succeeded, and what is left of it kept. One that is kept
//     whole proves again with the same answer, as long as the credential does not count its
//     signatures.
//
// An assertion's session is about one account, or about nobody: then it serves whichever
// account owns the credential, in a passkey login and also where the account is known; the
// older of two is for what it was asked for alone. A
// session of one account serves that account alone, and one of a registration no assertion.
// It lists no credentials: those of its account are the ones allowed, as they are
// when it finishes. So it stays under [MaxSession] whatever an account collects, and a
// credential removed meanwhile proves nothing.
//
// # Refusals
//
// What a client got wrong is a [Refusal], which is [ErrInvalid]; every other error is the
// server's. On the wire every refusal is the one code [Code]. For an assertion it stands
// at [Param], for a new credential at no field. A body without a credential, or with text
// in its place, never gets here: that is judged with the other fields of an input.
// The refusal's reason is for who runs the server.
//
// # Decisions
//
// Backup flags may change. The specification fixes the flag of backup eligibility for a
// credential's life (section 6.1.3), but passkeys in the field change it when they move
// to another provider. The signature covers the flags, so the change is the
// authenticator's own word; it is accepted and recorded. Backed up but not eligible is
// refused, as the specification demands.
//
// A signature counter that does not go up may mean that two authenticators have the key
// (section 6.1.1). As often it means that a passkey was moved to a provider that does not
// count, and would lock its owner out for ever. So the assertion is accepted, with a warning
// for the owner, and the count it says is the one to go up from; with Config.RefuseClones it is
// refused. Authenticators that do not count, such as synced passkeys, always say 0, and that is
// fine.
//
// A frame of another site runs no ceremony, unless Config.TopOrigins lists the site in whose
// page it stands (section 7.2, step 14). A browser that does not name that site is refused.
//
// A passkey that a client has made by itself after a sign-in with a password (Options.Conditional)
// need not say that somebody was present, or was verified; any other must. An assertion of
// it must say so like all others.
//
// Attestation is neither asked for nor looked at. Without a list of trusted makers it
// proves nothing, and reading it would expose parsers of half a dozen certificate formats.
//
// User verification is required to register a passkey and to sign in with one, unless
// Config.PresenceEnough is set, and of all else as Config.UserVerification says; whether it
// took place is in the result, for the graph to decide.
//
// The user handle of an account is its id, which is random and says nothing about the
// person: where it is a number 8 bytes, the highest first ([UserHandle]).
//
// Client extension outputs that nobody asked for are ignored (section 9.4).
package passkey
