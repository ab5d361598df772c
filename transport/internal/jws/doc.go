// Package jws reads signed tokens (JSON Web Signature, RFC 7515, in the compact form) that are
// made with a key of the client's: it comes along in the header, as a JSON Web Key (RFC 7517), or
// was kept from an earlier token.
//
// A token proves that its maker holds the key, and nothing else: what it says is for the caller to
// judge. There are four kinds of key, each with one algorithm: a token chooses neither an algorithm
// for a key nor a weak one (RFC 8725, section 3.1). There is no shared secret among them.
package jws
