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
// A client's runs live in a [Record]. One submission is one turn, and a turn is eight
// pieces, each in a file of its own, that follow each other:
//
//	1 Load      locate    turn_locate.go    the entry that was loaded -> the run, and the node it is judged at
//	2 Submit    judge     turn_judge.go     a submission -> the verdict of the stage's handler
//	3 Facts     facts     turn_facts.go     a verdict -> what decisions look at
//	4 Step      step      turn_step.go      verdict and facts -> the run at its next stage, or at an end
//	5 Commit    commit    turn_commit.go    what is to be stored -> one transaction, and its receipt
//	            plan      turn_plan.go      the receipt -> the answer, and the record as it is to be
//	6 Swap      swap      turn_swap.go      the new record -> won, lost to a twin, or lost
//	7 effects   release   turn_release.go   what was committed -> its messages go out
//	8 Describe  describe  turn_describe.go  the answer -> what observers and clients are told
//
// [Engine.Submit], [Engine.Start], [Engine.Act] and [Engine.Ask] begin turns. turn.go has
// the one loop around the pieces: a turn that loses its swap goes through them again on
// the newer record, at most [MaxTurns] times. No piece calls an earlier one: it returns
// what it made, and where the turn goes from there.
//
// Step is pure, and so are locate and plan: time and entropy come in with the turn,
// effects go out. What must survive is committed before the record is swapped, by writes
// that only their own run can repeat. A submission that loses the swap to an identical one
// answers the same; any other is decided again.
//
// The package does no I/O and holds no clock. It knows no HTTP, no SQL and no Redis:
// the contracts it needs are [Store], [Ledger] and [Loader].
package engine
