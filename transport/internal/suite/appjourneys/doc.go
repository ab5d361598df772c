// Package appjourneys walks through the app that a server hosts, in a browser, as people do
// who see its words: at the width of a desk and of a telephone, with an authenticator that
// answers for them.
package appjourneys
