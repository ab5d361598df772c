// Package provider asks providers who somebody is: OpenID Connect providers, and OAuth 2.0
// providers with an API that says so.
//
// A kind of provider is a row in a table (kinds_openid.go, kinds_oauth.go): where its
// endpoints are, what to ask for, and where in its answers the identity stands. What few
// rows have for themselves (Apple's signed secret, Facebook's proof, LINE's verification)
// is a file of its own. Everything else is the same road for all of them:
//
//	AuthCodeURL    a Request becomes the URL to send a browser to   redirect.go
//	Exchange       the Callback becomes an Assertion                callback.go
//	VerifyToken    a Token that an app got becomes an Assertion     token.go
//
// On the way: metadata that is discovered when first needed and kept (discovery.go,
// remembered.go), keys that are fetched at a bounded rate (keys.go), id_tokens
// (idtoken.go), profiles (profile.go), and their meaning (object.go, assertion.go). All
// requests go through one client that bounds bodies, time and redirects (web.go).
//
// An Assertion says who somebody is elsewhere, never who that is here: nothing in this
// package knows accounts. It always has a UID, or there is an error instead, and the
// error is one of those in errors.go. No error and no method of printing shows a secret,
// a token or what a provider wrote.
//
// To add a provider, add a row and its documented answers to the test's table. A kind that a
// program adds is no row but an Own (own.go), which takes the same road.
package provider
