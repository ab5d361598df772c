#!/usr/bin/env bash
# github.com/descope/virtualwebauthn 1.0.3 (Go module).
#
# The coordinates of an elliptic curve key are byte strings of the length of the curve's field, 32
# for P-256, with leading zeros kept (RFC 9053, section 7.1.1). About one of 128 new keys of the
# library has a coordinate that begins with a zero byte, and writes it shorter; servers that hold
# coordinates to their length refuse the registration, so that a test fails now and then. Seen here:
# of 2000 new keys some 16 whose COSE form is 76 bytes long or shorter, and not 77.
#
# Needs go; a few seconds. Exits 0 while that is so, 1 once it changes.
set -euo pipefail

dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"

cat >go.mod <<'MOD'
module short

go 1.24

require github.com/descope/virtualwebauthn v1.0.3
MOD
cat >main.go <<'GO'
package main

import (
	"fmt"
	"os"

	"github.com/descope/virtualwebauthn"
)

func main() {
	const keys = 2000
	short := 0
	for range keys {
		if len(virtualwebauthn.NewCredential(virtualwebauthn.KeyTypeEC2).Key.AttestationData()) < 77 {
			short++
		}
	}
	fmt.Printf("of %d keys %d have a coordinate that is too short\n", keys, short)
	if short == 0 {
		fmt.Println("it is otherwise now")
		os.Exit(1)
	}
}
GO
go mod tidy >/dev/null 2>&1
go run .
