// Package proofs tests a whole server with clients that show the key of their device with every
// request (DPoP, RFC 9449), and with those who have everything of theirs but the key.
package proofs
