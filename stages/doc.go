// Package stages holds the stages of the shipped flows: their declarations, which are
// data, and the behaviour behind them. One file is one stage.
//
// An asking stage has a function that declares it ([Password], [VerifyEmailByCode], ...)
// and a Handler that [Behaviour] binds to it. A deciding stage is a declaration and a
// pure function from Facts to an exit and a reason. No stage knows where its exits lead:
// that is the graph's, in package flows.
package stages
