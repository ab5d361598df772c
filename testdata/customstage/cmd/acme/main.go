// Command acme is a program with sign-in built in: stagedoor's handler at its mounts, beside
// routes of its own that ask for a user, a recent authentication or a second factor; its stages
// among the server's, and mail that goes where the program wants it.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"log"
	"net"
	"net/http"
	"os/signal"
	"syscall"
	"time"

	"example.org/acme"
	"stagedoor/state"
	"stagedoor/transport/config"
	"stagedoor/transport/notify"
	"stagedoor/transport/server"
)

func main() {
	listen := flag.String("listen", "127.0.0.1:8080", "address to listen at")
	data := flag.String("data", "acme-data", "directory of the database")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGINT, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, *listen, *data); err != nil {
		log.Fatal(err)
	}
}

// run serves until the context ends.
func run(ctx context.Context, listen, data string) error {
	c := config.Dev()
	c.Listen, c.DataDir, c.Mail.Supplied = listen, data, true
	if err := c.Validate(); err != nil {
		return err
	}
	auth, err := server.Open(ctx, c, server.Options{
		Extend:    acme.Extensions,
		Templates: []notify.Template{acme.LeaveMail()},
		Mail:      letters{},
		Events:    tell,
	})
	if err != nil {
		return err
	}
	mux := http.NewServeMux()
	for _, pattern := range auth.Mounts() {
		mux.Handle(pattern, auth)
	}
	mux.Handle("GET /orders", auth.RequireUser(http.HandlerFunc(orders)))
	mux.Handle("POST /orders", auth.RequireRecent(10*time.Minute, http.HandlerFunc(order)))
	mux.Handle("POST /refunds", auth.RequireMFA(http.HandlerFunc(order)))
	web := &http.Server{Handler: auth.CORS(mux), ReadHeaderTimeout: 5 * time.Second}
	listener, err := net.Listen("tcp", listen)
	if err != nil {
		return errors.Join(err, auth.Close(ctx))
	}
	fmt.Printf("serving on http://%s\n", listener.Addr())
	go func() { _ = web.Serve(listener) }()

	<-ctx.Done()
	last, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	return errors.Join(web.Shutdown(last), auth.Close(last))
}

// orders is a route of the program: whoever comes here is signed in.
func orders(w http.ResponseWriter, r *http.Request) {
	fmt.Fprintf(w, "no orders yet, %s\n", server.UserOf(r.Context()).Display)
}

// order is one that changes something: it asks for more than a session.
func order(w http.ResponseWriter, r *http.Request) {
	u := server.UserOf(r.Context())
	log.Printf("account %s, signed in at %s by %s", u.ID, u.AuthenticatedAt.Format(time.RFC3339), u.Client)
	w.WriteHeader(http.StatusNoContent)
}

// tell is told of what happens to accounts, beside the requests.
func tell(_ context.Context, e server.Event) {
	switch e.Kind {
	case server.SignedUp, server.AccountDisabled:
		log.Printf("account %s: %s", e.Account, e.Kind)
	case server.Failed:
		log.Printf("%s at %s: %v", e.Kind, e.Stage, e.Errors)
	}
}

// letters is a mailer: one method. This one writes down what it would send.
type letters struct{}

// Send delivers one message. An error brings the message back later.
func (letters) Send(_ context.Context, m state.Message) error {
	log.Printf("a mail %s to %s", m.Template, m.To)
	return nil
}
