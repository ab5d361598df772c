// Package engine runs flows that are declared as graphs.
//
// A [Graph] is data: nodes, each a [Stage] with named exits, and the edges the exits
// lead along. Behaviour is bound to it at start: a [Handler] judges what a client
// submits to an asking stage, a [Decider] looks at [Facts] and picks an exit. Nothing
// else routes. [Compile] checks every graph (see [Check]) and refuses one that has a
// way to a session around a proof its rules demand.
//
// A package outside of this module adds stages and flows as an [Extension]: [Set.Extend]
// splices them into a set before it is compiled, see [Splice].
//
// A client's runs live in a [Record]. One submission is one turn:
//
//	Load -> Submit -> Facts -> Step (pure) -> Commit -> Swap -> effects -> Describe
//
// [Engine.Submit], [Engine.Start] and [Engine.Act] do turns. Step is pure: time and
// entropy come in with the turn, effects go out. What must survive is committed before
// the record is swapped, by writes that only their own run can repeat; who loses the
// swap to an identical submission answers the same, anybody else is decided again.
//
// The package does no I/O and holds no clock. It knows no HTTP, no SQL and no Redis:
// the contracts it needs are [Store], [Ledger] and [Loader].
package engine
