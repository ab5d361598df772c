// Package flows declares the shipped flows: one graph per file, written as a literal and
// read like a page. Every way in shares the sign-in tail ([signIn]) and ends at an end
// that carries the rules of every session, so that no entry can forget a stage.
//
// [All] returns the graphs that a configuration switches on, and [Compile] binds their
// behaviour. A program with stages of its own changes a copy first; the same checks run.
package flows
