// Package accounts is what a signed-in account may do with itself, and what passwords,
// TOTP secrets and recovery codes are made of.
//
// None of it is a flow: each call is one change, stored in one transaction with the
// messages and events it causes. Whether the client proved recently enough who it is,
// the caller has asked before.
package accounts
