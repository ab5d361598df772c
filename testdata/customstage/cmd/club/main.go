// Command club is a server whose people may sign in at their club: a provider of its own.
package main

import (
	"context"
	"encoding/json"
	"log"
	"net/http"
	"os"
	"stagedoor/stages"
	"stagedoor/state"
	"stagedoor/transport/config"
	"stagedoor/transport/server"
)

func open(file string) (*server.Server, error) {
	c := config.Dev()
	c.SocialAccount.Kinds = []stages.ProviderKind{{
		ID: "acme_club", Name: "The club", AuthURL: "{base}/authorize", TokenURL: "{base}/token", ProfileURL: "{base}/me",
		Read: func(profile json.RawMessage) (stages.Identity, error) {
			var m struct{ ID, First, Photo, Mail string }
			err := json.Unmarshal(profile, &m)
			return stages.Identity{UID: m.ID, GivenName: m.First, Picture: m.Photo, Emails: []state.Email{{Address: m.Mail, Verified: true}}}, err
		},
	}}
	c, err := config.LoadOver(c, file, os.Environ())
	if err != nil {
		return nil, err
	}
	return server.Open(context.Background(), c, server.Options{Providers: c.SocialAccount.Kinds})
}

func main() {
	s, err := open(os.Args[1])
	if err != nil {
		log.Fatal(err)
	}
	log.Fatal(http.ListenAndServe("127.0.0.1:8080", s))
}
