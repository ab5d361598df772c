#!/usr/bin/env bash
# golang.org/x/oauth2 0.37.0 (Go module).
#
# RFC 6749, section 5.1 has a token endpoint answer application/json. Some providers that are older
# than their use of it (Weibo and Weixin among them, by their documentation) send the same JSON as
# text/plain. Config.Exchange takes an answer of that type for a form, finds no access_token among
# its fields, and says that the server sent none; the JSON is in its error, should one look for it.
# Seen here: the same body is a token as application/json, and an error as text/plain.
#
# Needs go. Exits 0 while that is so, 1 once it changes.
set -euo pipefail

dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"

cat >go.mod <<'MOD'
module text

go 1.25.0

require golang.org/x/oauth2 v0.37.0
MOD
cat >main.go <<'GO'
package main

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"

	"golang.org/x/oauth2"
)

// exchange is what becomes of a code where the token endpoint answers JSON by some type.
func exchange(contentType string) string {
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", contentType)
		fmt.Fprint(w, `{"access_token": "2.00abc", "token_type": "Bearer"}`)
	}))
	defer s.Close()
	c := oauth2.Config{ClientID: "id", ClientSecret: "secret", Endpoint: oauth2.Endpoint{TokenURL: s.URL, AuthStyle: oauth2.AuthStyleInParams}}
	token, err := c.Exchange(context.Background(), "code")
	if err != nil {
		return err.Error()
	}
	return "token " + token.AccessToken
}

func main() {
	asJSON, asText := exchange("application/json"), exchange("text/plain;charset=UTF-8")
	fmt.Println("application/json:", asJSON)
	fmt.Println("text/plain:", asText)
	if asJSON != "token 2.00abc" || asText != "oauth2: server response missing access_token" {
		fmt.Println("changed")
		os.Exit(1)
	}
}
GO
go mod tidy >tidy.log 2>&1 || { cat tidy.log; exit 1; }
go run .
