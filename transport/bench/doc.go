// Package bench puts a server under load from outside, by whole journeys of people: a session
// is read, somebody signs in with a password and a second factor, somebody signs up. It knows
// the wire and nothing of what is behind it, so that it measures any server that speaks a
// contract it knows.
//
//	Target ──┐
//	         ├── Run ──> Report     journeys at a rate or flat out: throughput, latencies, errors,
//	Load ────┘                      the processor and memory of named processes
//	Side, Side ──> Compare ──> Ratio   two requests in short alternating slices: what one costs
//	                                of the other, with an interval
//
// Latencies at a rate are counted from when a journey was due, not from when there was a
// connection for it: a server that stalls has kept everybody waiting who came meanwhile.
// What a rate asks for and the connections do not manage is said.
//
// A run makes accounts, under a name and a password that are drawn for it, and leaves them
// there.
package bench
