// Package resource holds the examples of an API that takes the access tokens of a server
// (testdata/resource, in Go and for node) to what the README says of them: the programs run as
// they are, and take what the server gives and nothing else. That for node needs a package of
// other people: it runs where STAGEDOOR_REQUIRE asks for it.
package resource
