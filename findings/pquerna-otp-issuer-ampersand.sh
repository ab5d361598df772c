#!/usr/bin/env bash
# github.com/pquerna/otp 1.5.0 (Go module).
#
# totp.Generate escapes the issuer with url.PathEscape where it stands in the query of the
# otpauth:// address. That leaves & and + as they are, which have a meaning of their own there: the
# issuer "Smith & Sons" arrives as "Smith ", and a parameter " Sons" besides; "C++" arrives as "C"
# with two spaces in readers that take + for a space, as forms do and net/url does. The path has the
# whole name. Seen here: what net/url, and with it the library's own Key.Issuer, read out again.
#
# Needs go. Exits 0 while that is so, 1 once it changes.
set -euo pipefail

dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"

cat >go.mod <<'MOD'
module issuer

go 1.24

require github.com/pquerna/otp v1.5.0
MOD
cat >main.go <<'GO'
package main

import (
	"fmt"
	"os"

	"github.com/pquerna/otp/totp"
)

func main() {
	same := true
	for issuer, want := range map[string]string{"Smith & Sons": "Smith ", "C++": "C  ", "Smith Sons": "Smith Sons"} {
		key, err := totp.Generate(totp.GenerateOpts{Issuer: issuer, AccountName: "ada@example.com", Secret: []byte("12345678901234567890")})
		if err != nil {
			fmt.Println(err)
			os.Exit(1)
		}
		fmt.Printf("%q is read as %q: %s\n", issuer, key.Issuer(), key.URL())
		same = same && key.Issuer() == want
	}
	if !same {
		fmt.Println("changed")
		os.Exit(1)
	}
}
GO
go mod tidy >tidy.log 2>&1 || { cat tidy.log; exit 1; }
go run .
