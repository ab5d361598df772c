// Package stages holds the stages of the shipped flows: their declarations, which are
// data, and the behaviour behind them. A program that adds stages and providers of its own
// finds here what it needs besides the engine: [Codes] for codes that are sent,
// [ProviderConfig] for providers. The rest serves package flows and the server.
//
// A file is one stage: its declaration with its reasons, its handler, and what it predicts.
// Two stages that share a handler share its file, and those that end a run stand in
// ends.go. What several stages do alike has a file of its own: codes, keys of letters,
// notices, contacts, names.
//
// An asking stage has a function that declares it ([Password], [VerifyEmailByCode], ...)
// and a Handler that [Env.Handlers] binds to it. A deciding stage is a declaration and a
// pure function from Facts to an exit and a reason, bound by [Deciders]. No stage knows
// where its exits lead: that is the graph's, in package flows.
package stages
