// Package desk is what a person has besides the client: a mailbox and an authenticator app.
// The test that started the server plays both.
package desk

import (
	"fmt"
	"io"
	"log"
	"net/http"
	"net/url"
	"os"
)

// Password is Ann's.
const Password = "violet harbour 7"

// Email is Ann's.
func Email() string { return given("EMAIL") }

// Server is where the server is, without a path.
func Server() string { return given("SERVER") }

// Key is the key of the link, or the code, in the next mail to Ann.
func Key() string { return ask("/mail", "to", Email()) }

// TOTP is what an authenticator app shows for a secret, never the same code twice.
func TOTP(secret string) string { return ask("/totp", "secret", secret) }

// Must ends the program where something is not as it should be.
func Must(ok bool, what string, got any) {
	if !ok {
		log.Fatalf("%s: %+v", what, got)
	}
}

func given(name string) string {
	value := os.Getenv(name)
	Must(value != "", name, "is not set")
	return value
}

func ask(path, name, value string) string {
	answer, err := http.Get(given("DESK") + path + "?" + url.Values{name: {value}}.Encode())
	if err != nil {
		log.Fatal(err)
	}
	defer answer.Body.Close()
	body, err := io.ReadAll(answer.Body)
	if err != nil || answer.StatusCode != http.StatusOK {
		log.Fatal(fmt.Sprint(path, ": ", answer.Status, " ", string(body), err))
	}
	return string(body)
}
