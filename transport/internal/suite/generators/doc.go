// Package generators has clients made of the documents that a server serves, by generators that
// people use, and walks with them; it has the documents linted, and the server fuzzed by them.
// All of it needs tools of other people, in versions that testdata/generators pins: where
// STAGEDOOR_REQUIRE does not ask for them, the tests skip.
package generators
