// Package providers walks with providers as people run them: oidc-provider in many
// configurations, and dex, in versions that testdata/providers pins. Between them and the server
// stands somebody who makes them slow, has them fail and changes what they say. Where
// STAGEDOOR_REQUIRE does not ask for it, the tests skip.
package providers
