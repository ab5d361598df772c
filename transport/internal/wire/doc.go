// Package wire is the HTTP that the two contracts of this module (headless and rest) have in
// common: what happens between the socket and the judged input. It is for those contracts
// and for the server that puts them together; a program that embeds the server does not see
// it. It knows no flow, no stage and no store, and how an answer is encoded is each
// contract's own business.
//
// A request passes through, from the outside in:
//
//	Drain     refuses new requests while the server shuts down
//	Front     request id, security headers, access log, recovery from a panic
//	CORS      lets the configured front ends read the answers
//	CSRF      only the browser client: double submit cookie, Origin, Referer
//	ReadBody  bounded read of the body
//	Decode    the body judged against the endpoint's declared fields
//
// What comes after, up to the engine's turn, is package contract.
//
// What fails on the way is a [Problem], a value with status, codes and headers; [Message]
// has the text for people of every code. [Network] finds the address a request comes
// from, and the key under which that client's limits are counted.
//
// Inputs are declared as data: an endpoint, or a stage of an outside package, lists its
// [Field] values and [Decode] does the rest. What counts as empty, too long or malformed is
// what clients of django-allauth's headless API know.
package wire
