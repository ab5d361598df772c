// Package dpop judges proofs of possession (DPoP, RFC 9449): small tokens, signed with a key of the
// client's, that go with single requests.
//
//	Verifier.Read   the header DPoP and what the request is -> a Proof, or why it is none
//	Proof.For       whether it is for the token that comes along
//	Proof.Once      under which name, and for how long, it must be remembered as used
//	Nonces          what a client puts into its next proof, so that none is made in advance
//
// It asks no store and holds no clock: what must happen once is for the caller to see to, and the
// time comes in with the request. A proof shows that who made it holds the key; whether that key is
// the one that a session is bound to is the caller's question.
package dpop
