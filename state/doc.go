// Package state holds the nouns of the system and the contracts of its stores.
//
// An [Account] is read whole (its addresses and authenticators with it) and never
// written whole: a turn lists the [Write] values it wants, the store carries them out
// in one transaction ([Ledger.Commit]) or not at all. Each Write also knows how to
// change an Account in memory ([Write.Apply]), so that decisions can look at an
// account as it will be before anything is stored.
//
// Single-use writes (a code of an authenticator, a recovery code, a session) are
// conditional and know their spender, the run they belong to: the same run may repeat
// them, and nobody else can.
//
// Nothing in this package does I/O. The conformance suite of its contracts is
// state/statetest; package stores opens those that are shipped.
package state
