// Package wire holds what both wire contracts (headless and rest) share
// between the socket and a turn of the engine. It knows no flow, no stage and no
// store; how an answer is encoded is each contract's own business.
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
// What goes wrong on the way is a [Problem], a value that says status, codes and
// headers; [Message] has the text for people of every code. [ClientIP] says whose
// request it is, and [LimitKey] under which key that client's limits are counted.
//
// Inputs are declared as data: an endpoint, or a stage that somebody else wrote,
// lists its [Field] values and [Decode] does the rest. What counts as empty, too
// long or malformed is what clients of django-allauth's headless API know.
package wire
