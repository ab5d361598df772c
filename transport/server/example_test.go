package server_test

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"

	"stagedoor/engine"
	"stagedoor/transport/config"
	"stagedoor/transport/server"
)

// A handler of one's own behind the server's sessions.
func ExampleServer_RequireUser() {
	dir, err := os.MkdirTemp("", "example")
	if err != nil {
		panic(err)
	}
	defer os.RemoveAll(dir)
	c := config.Dev()
	c.DataDir = dir
	if err := c.Validate(); err != nil {
		panic(err)
	}
	ctx := context.Background()
	s, err := server.Open(ctx, c, server.Options{Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		panic(err)
	}
	defer s.Close(ctx)

	mux := http.NewServeMux()
	for _, pattern := range s.Mounts() {
		mux.Handle(pattern, s)
	}
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

// accept is the behaviour of a stage that everybody passes.
type accept struct{}

// Submit lets every submission pass.
func (accept) Submit(context.Context, engine.Submission) (engine.Verdict, error) {
	return engine.Verdict{Exit: engine.OK}, nil
}

// terms puts a stage of an outside package before every session.
func terms(server.Parts) []engine.Extension {
	form := engine.Stage{
		ID: "acme.terms", Kind: engine.Asks, Wire: "acme.terms", Title: "the terms of service",
		Exits:  engine.Exits{engine.OK: {Proves: []engine.Proof{"acme.terms"}}},
		Fields: []engine.Field{{Name: "accept", Type: engine.Bool, Required: true}},
	}
	return []engine.Extension{{
		Owner: "acme",
		Splices: []engine.Splice{{
			Before: "session",
			Nodes:  engine.Nodes{"acme.terms": {Stage: form, Next: engine.Next{engine.OK: engine.Onward}}},
			Rules:  []engine.Rule{{Proof: "acme.terms"}},
		}},
		Handlers: map[engine.StageID]engine.Handler{"acme.terms": accept{}},
	}}
}

// A stage of one's own before every session, and what it is proved to do, without a
// server. The same Options start one.
func ExampleCheck() {
	x, err := server.Check(config.Dev(), server.Options{Extend: terms})
	if err != nil {
		panic(err)
	}
	fmt.Println(x.OK())
	for _, flow := range x.Flows {
		for _, rule := range flow.Rules {
			if rule.Proof == "acme.terms" && flow.Flow == "login" {
				fmt.Println(flow.Flow, rule.End, rule.ProvedBy, rule.Holds)
			}
		}
	}
	// Output:
	// true
	// login session [acme.terms.ok] true
}

// A hook that is told of what happens.
func ExampleOptions_events() {
	o := server.Options{Events: func(_ context.Context, e server.Event) {
		switch e.Kind {
		case server.SignedUp:
			fmt.Println("welcome", e.Email)
		case server.Failed:
			fmt.Println("refused at", e.Stage, e.Errors)
		}
	}}
	o.Events(context.Background(), server.Event{Kind: server.SignedUp, Account: 7, Email: "ann@example.org"})
	// Output: welcome ann@example.org
}
