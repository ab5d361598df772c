package server_test

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"time"

	"stagedoor/engine"
	"stagedoor/transport/config"
	"stagedoor/transport/server"
)

// open opens a server that keeps what it has in a folder of its own, for an example.
func open() (auth *server.Server, end func()) {
	dir, err := os.MkdirTemp("", "example")
	if err != nil {
		panic(err)
	}
	c, ctx := config.Dev(), context.Background()
	c.DataDir = dir
	if auth, err = server.Open(ctx, c, server.Options{Log: slog.New(slog.DiscardHandler)}); err != nil {
		panic(err)
	}
	return auth, func() { _, _ = auth.Close(ctx), os.RemoveAll(dir) }
}

// A program with sign-in built in: the server where it wants to be, and a page of the
// program's own.
func ExampleOpen() {
	auth, end := open() // server.Open(ctx, config.Dev(), server.Options{})
	defer end()
	mux := http.NewServeMux()
	for _, pattern := range auth.Mounts() {
		mux.Handle(pattern, auth)
	}
	mux.Handle("/hello", auth.RequireUser(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprintf(w, "hello %s", server.UserOf(r.Context()).Email)
	})))

	for _, path := range []string{"/healthz", "/hello"} {
		w := httptest.NewRecorder()
		mux.ServeHTTP(w, httptest.NewRequest("GET", path, nil))
		fmt.Println(path, w.Code)
	}
	// Output:
	// /healthz 200
	// /hello 401
}

// Routes of one's own for a front end on another origin: one for everybody who is signed in,
// one that wants a recent authentication, one that wants a second factor.
func ExampleServer_RequireRecent() {
	auth, end := open()
	defer end()
	show := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		u := server.UserOf(r.Context())
		fmt.Fprintf(w, "%s, by %s, two factors: %v", u.Email, u.Client, u.SecondFactor)
	})
	mux := http.NewServeMux()
	mux.Handle("GET /orders", auth.RequireUser(show))
	mux.Handle("POST /address", auth.RequireRecent(5*time.Minute, show))
	mux.Handle("POST /payout", auth.RequireMFA(show))
	own := auth.CORS(mux)

	// The program signs somebody in past every stage: nothing was authenticated yet.
	ctx := context.Background()
	ann, err := auth.AddAccount(ctx, server.NewAccount{Email: "ann@example.org", EmailVerified: true, Password: "violet harbour 7", TOTP: true})
	if err != nil {
		panic(err)
	}
	token, err := auth.CreateSessionToken(ctx, ann.ID, "rest")
	if err != nil {
		panic(err)
	}
	for _, route := range []string{"GET /orders", "POST /address", "POST /payout"} {
		method, path, _ := strings.Cut(route, " ")
		r, w := httptest.NewRequest(method, path, nil), httptest.NewRecorder()
		r.Header.Set("Authorization", "Bearer "+token)
		own.ServeHTTP(w, r)
		fmt.Println(route, w.Code, w.Body)
	}
	// Output:
	// GET /orders 200 ann@example.org, by rest, two factors: false
	// POST /address 401 {"flow":"reauthenticate","pending":true,"flows":[{"id":"reauthenticate"},{"id":"reauthenticate_by_code","recipients":[{"email":"ann@example.org"}]},{"id":"mfa_reauthenticate","types":["totp"]}]}
	// POST /payout 401 {"flow":"mfa_reauthenticate","pending":true,"flows":[{"id":"mfa_reauthenticate","types":["totp"]}]}
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
	o.Events(context.Background(), server.Event{Kind: server.SignedUp, Account: "7", Email: "ann@example.org"})
	// Output: welcome ann@example.org
}
