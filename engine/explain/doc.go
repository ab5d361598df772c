// Package explain says in words why a run went where it went: for programs that show
// operators or support staff what happened to somebody who could not get in.
//
// What a run leaves behind is its trail: the exits it took, in order, each decision's
// with the reason code that its decider gave and the value that decided. The prose is
// made of that when it is asked for, from the graph as it is declared: a stage's own
// words for a reason ([engine.Stage.Because]), what its exits prove, which stages they
// lead to and which they pass over, and what the end demands.
//
// A stage that has no words for a reason gets general ones with the code in them. A run
// whose graph has changed since is marked as one: its steps stay true, what the graph says
// of them may not be.
package explain
