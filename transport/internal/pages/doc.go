// Package pages is the app that a server hosts: pages to sign in, to sign up and to look after
// one's account, for whoever has none of their own.
//
//	app/          the modules and the stylesheet, as a browser loads them: no build step
//	document.go   the one document; it carries what is known of the visitor already
//	assets.go     the files, under a path that changes with them
//	modules.go    which modules a document names, so that all come in one go
//	texts.go      the words, and which of them are replaced
//	qr.go         the picture of an authenticator's secret
//
// The app is a client like any other: it has what the browser client of the headless contract
// has, by the client library, and no way in of its own.
package pages
