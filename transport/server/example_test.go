package server_test

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"

	"stagedoor/transport/server"
)

// A handler of one's own behind the server's sessions.
func ExampleServer_RequireUser() {
	dir, err := os.MkdirTemp("", "example")
	if err != nil {
		panic(err)
	}
	defer os.RemoveAll(dir)
	c := server.Dev()
	c.DataDir = dir
	if err := c.Validate(); err != nil {
		panic(err)
	}
	ctx := context.Background()
	s, err := server.New(ctx, c, server.Options{Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		panic(err)
	}
	defer s.Close(ctx)

	mux := http.NewServeMux()
	mux.Handle("/auth/", s.Handler())
	mux.Handle("/hello", s.RequireUser(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprintf(w, "hello %s", server.UserOf(r.Context()).Email)
	})))

	r := httptest.NewRequest("GET", "/hello", nil)
	r.Header.Set("Authorization", "Bearer of nothing")
	w := httptest.NewRecorder()
	mux.ServeHTTP(w, r)
	fmt.Println(w.Code, w.Body)
	// Output: 401 sign in first
}
