// Package flows declares the shipped flows: one graph per file, written as a literal and
// read like a page. Every way in shares the sign-in tail ([SignIn]) and ends at an end
// that carries the rules of every session, so that no entry can forget a stage.
//
// [All] returns the graphs that a configuration switches on, and [Bind] puts their
// behaviour behind them. A program with stages of its own extends the set first (see
// [stagedoor/engine.Extension]); the same checks run. A way in of its own shares the tail.
package flows
