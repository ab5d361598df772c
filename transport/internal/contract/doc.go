// Package contract is what both contracts (headless and rest) do alike, between the wire
// and the engine: a contract is then its routes, its inputs and how it spells answers. It
// serves whatever flows it is handed and knows no stage by its behaviour.
//
// A request passes five pieces (see [Call]):
//
//	Open    a token, limits            -> Visit: the client's record, and its session if it has one
//	Read    the body, declared fields  -> Input: values, and what is wrong with them
//	Judge   Visit, Input, limits       -> nil, or the error that stands in the way
//	Turn    Visit, Input               -> the engine's answer to a start, a submission or an action
//	Answer  the engine's answer        -> Visit moved on, and tokens that are new
//
// Not every route needs all of them, and a contract's order of errors may put a judgement
// before the body is read. A change of the signed-in account (account.go, password.go,
// totp.go, recovery_codes.go) passes by the engine: its turn is a call of the account
// service.
//
// [Base] is what every contract is made of; [Visits] finds the record of a token.
package contract
