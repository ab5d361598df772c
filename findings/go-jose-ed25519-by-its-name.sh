#!/usr/bin/env bash
# github.com/go-jose/go-jose 4.1.9 and github.com/golang-jwt/jwt 5.3.1 (Go modules).
#
# RFC 9864 (October 2025) names the algorithm of a JWS after its curve, "Ed25519", in place of
# "EdDSA", which it deprecates; the signature is the same bytes. npm oidc-provider 9.13 signs so
# where a client asks for it. Both libraries verify a token with the old name, and refuse one of the
# same key with the new name. Seen here: both names, by both.
#
# Needs go. Exits 0 while that is so, 1 once it changes.
set -euo pipefail

dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"

cat >go.mod <<'MOD'
module names

go 1.25.0

require (
	github.com/go-jose/go-jose/v4 v4.1.9
	github.com/golang-jwt/jwt/v5 v5.3.1
)
MOD
cat >main.go <<'GO'
package main

import (
	"crypto/ed25519"
	"encoding/base64"
	"fmt"
	"os"

	"github.com/go-jose/go-jose/v4"
	"github.com/golang-jwt/jwt/v5"
)

func main() {
	public, private, err := ed25519.GenerateKey(nil)
	if err != nil {
		panic(err)
	}
	b64 := base64.RawURLEncoding.EncodeToString
	same := true
	for _, alg := range []string{"EdDSA", "Ed25519"} {
		signed := b64([]byte(`{"alg":"`+alg+`"}`)) + "." + b64([]byte(`{"sub":"ada"}`))
		token := signed + "." + b64(ed25519.Sign(private, []byte(signed)))

		parsed, err := jose.ParseSigned(token, []jose.SignatureAlgorithm{jose.SignatureAlgorithm(alg)})
		if err == nil {
			_, err = parsed.Verify(public)
		}
		_, other := jwt.Parse(token, func(*jwt.Token) (any, error) { return public, nil })
		fmt.Printf("%s: go-jose: %v; golang-jwt: %v\n", alg, err, other)
		known := alg == "EdDSA"
		same = same && (err == nil) == known && (other == nil) == known
	}
	if !same {
		fmt.Println("changed")
		os.Exit(1)
	}
}
GO
go mod tidy >tidy.log 2>&1 || { cat tidy.log; exit 1; }
go run .
