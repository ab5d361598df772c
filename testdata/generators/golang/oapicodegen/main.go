// Oapicodegen takes the journey of an account by clients that oapi-codegen generated: on the
// headless contract, as an app, or on the plain one.
package main

import (
	"context"
	"log"
	"os"
)

func main() {
	log.SetFlags(log.Lshortfile)
	if os.Args[1] == "plain" {
		walkPlain(context.Background())
	} else {
		walkHeadless(context.Background())
	}
}

// must is the answer of a call that reached the server.
func must[T any](answer T, err error) T {
	if err != nil {
		log.Fatal(err)
	}
	return answer
}
