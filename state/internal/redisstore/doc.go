// Package redisstore keeps the records of clients and their rate limits in Redis.
//
// A [Store] implements [engine.Store]. [Open] connects to a server, to Sentinels or to a
// Cluster; [Embedded] runs a small Redis inside the process. Both speak through go-redis,
// so that there is one way of working and not two.
//
// # Layout
//
// A client is one value, so that reading it is one GET. Its key is the prefix and the
// base64url of the SHA-256 that an [engine.Key] spells in hex (shorter by a third: the most
// numerous records belong to nobody). The value is a head that scripts read, a semicolon, and
// what is kept of the session, the snapshot of the account, and the record as
// [engine.Record.Encode] makes it, one behind the other. The head is the version of the record
// in decimal; 0 is a tombstone, which alone follows. Then, where there is need for it:
//
//	S42   how many bytes are of the session
//	A80   how many bytes are of the account
//	R7    the revision of the account's snapshot, so that an older one never replaces it
//	O     the session was signed out from elsewhere
//	K6    how late the version was that a placed record was made from, see below
//	Cab   which runs have placed it, sixteen hex digits each, and nobody has swapped it yet
//
// The record of a client that nobody knows is thus "3;" and the record. Earlier releases kept
// hashes; whatever script comes across one makes it a value.
//
// A limit is one list of the times of its uses in Unix milliseconds, sorted, under the
// prefix, "l:", its key and its window. Every key has a time to live. Nothing here lists
// or scans keys.
//
// # Round trips
//
// [Store.Load], [Store.Swap] and [Store.Take] are one round trip each: one pipeline of
// scripts, each of which touches one key alone, so that in a Cluster every one of them
// can run on another server. A second one follows only where a limit refused, a swap was
// lost, or a server did not know a script yet; then the script is sent again in full.
//
// With Config.AutoPipeline reads of records go together with those that others make at the same
// time; nothing else does.
//
// A pipeline is no transaction, so what travels beside a swap can happen although the
// swap is lost. It is taken back then: limits get back the very uses they were relieved
// of, and a placed record loses its claim. The record of a run that signs in lies under
// the same key whichever run places it, so a place never overwrites a record that was used, the
// one made from the later version stays, and only who gives up the last claim removes
// it: a loser cannot take away what the winner placed.
//
// # Failures
//
// Whatever goes wrong between here and Redis is [engine.ErrUnavailable]. Swaps, takes and
// returns are never sent twice by themselves; if the answer to one is lost, it is not
// known what came of it, and the caller is told that the store is unavailable. Reads and
// writes that can be repeated without harm are tried a second time.
//
// Stored bytes that are no record are answered as not found and reported to
// Config.Damaged. They are still there: a swap from version 0 is lost against them, so
// nothing overwrites them by accident, and they end with their time to live. Only
// [Store.Restore], which brings what the database knows of a session, replaces them. A
// tombstone that cannot be read is a tombstone.
package redisstore
