// Package sqlstore keeps the contracts of package state in SQLite or PostgreSQL.
//
// One set of queries serves both; what differs stands in dialect.go, sqlite.go and
// postgres.go, and in the two folders of migrations. Placeholders are $1, $2, ... in
// the order in which they first occur, because SQLite numbers them so.
//
//	open.go                 Open, Config, Store, Close, Ping
//	dialect.go              what the two databases do differently
//	conn.go                 handles, statements prepared once, transactions that try again
//	account.go              one account in one query (state.Accounts)
//	ledger.go               the order of one Commit (state.Ledger)
//	check.go                what a batch must look like
//	write_*.go              one function for each state.Write
//	session.go              state.Sessions
//	outbox.go, changes.go   state.Outbox and state.Changes
//	trails.go               state.Trails
//	provider_session.go     state.ProviderSessions
//	sweep.go, events.go     what grows old; the audit log
//
// A commit first updates the account's own row. That raises its revision, reads its
// epoch, and makes every other commit about the account wait for this one, in
// PostgreSQL by the row's lock and in SQLite because there is a single writer. All that
// follows sees the account as it is, at the default isolation of both.
//
// Single-use writes still name their condition in the statement itself; the lock is no
// part of their proof.
package sqlstore
