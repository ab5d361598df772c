// Ogen takes the journey of an account by clients that ogen generated: on the headless contract,
// as an app, or on the plain one.
package main

import (
	"context"
	"fmt"
	"log"
	"os"

	"example.org/generated/desk"
)

func main() {
	log.SetFlags(log.Lshortfile)
	if os.Args[1] == "plain" {
		walkPlain(context.Background())
	} else {
		walkHeadless(context.Background())
	}
}

// is is the answer of a call, where it has the type that it should have.
func is[T any](answer any, err error) T {
	if err != nil {
		log.Fatal(err)
	}
	body, ok := answer.(T)
	desk.Must(ok, fmt.Sprintf("want a %T", body), fmt.Sprintf("%T %+v", answer, answer))
	return body
}
