// Package suite is what the tests of a whole server share: a [Lab], which is a server in this
// process with everything a test looks at or breaks, and clients of both contracts ([Client],
// [Script], [Window] for a browser). Every answer is held against the OpenAPI documents, every
// turn against the matrix of its configuration.
//
// The suites below it run side by side: journeys (what both contracts promise), faults
// (stores that fail, bad input, many at once), outages (what a server stands on breaks for real),
// servers (several behind a balancer), enumeration (what a stranger can learn), walk
// (random plays against a model), hijack (an owner and a stranger in every order of moves),
// devicebound (a browser that binds its sessions to keys), stolen (a thief with a copy of what an
// owner's browser or app keeps) and generators (clients that other people's tools make of the
// documents).
package suite
