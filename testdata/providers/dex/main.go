// Command dex serves OpenID providers of dex, as its own command does, on memory: two people who
// may sign in with a password, and a door for the tests to have the keys replaced.
package main

import (
	"context"
	"crypto/rand"
	"crypto/rsa"
	"encoding/json"
	"fmt"
	"log"
	"log/slog"
	"net"
	"net/http"
	"os"
	"time"

	"github.com/dexidp/dex/server"
	"github.com/dexidp/dex/server/signer"
	"github.com/dexidp/dex/storage"
	"github.com/dexidp/dex/storage/memory"
	"github.com/go-jose/go-jose/v4"
	"github.com/prometheus/client_golang/prometheus"
	"golang.org/x/crypto/bcrypt"
)

// wanted is a provider that is read from the standard input.
type wanted struct {
	Name, Issuer string
	Client       struct {
		ID        string   `json:"client_id"`
		Secret    string   `json:"client_secret"`
		Redirects []string `json:"redirect_uris"`
	}
}

// password is that of all people.
const password = "of no worth"

func people() []string { return []string{"ann@example.org", "eve@example.org"} }

func main() {
	var all []wanted
	if err := json.NewDecoder(os.Stdin).Decode(&all); err != nil {
		log.Fatal(err)
	}
	at := map[string]string{}
	for _, w := range all {
		address, err := w.serve(context.Background())
		if err != nil {
			log.Fatal(err)
		}
		at[w.Name] = address
	}
	if err := json.NewEncoder(os.Stdout).Encode(at); err != nil {
		log.Fatal(err)
	}
	select {}
}

// serve serves it on a port of its own, and returns the address.
func (w wanted) serve(ctx context.Context) (string, error) {
	quiet := slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelWarn}))
	store := memory.New(quiet)
	// It takes no hash that is cheaper than the default.
	hash, err := bcrypt.GenerateFromPassword([]byte(password), bcrypt.DefaultCost)
	if err != nil {
		return "", err
	}
	var known []storage.Password
	for i, email := range people() {
		known = append(known, storage.Password{Email: email, Hash: hash, Username: email, UserID: fmt.Sprintf("person-%d", i+1)})
	}
	store = storage.WithStaticPasswords(store, known, quiet)
	store = storage.WithStaticClients(store, []storage.Client{{ID: w.Client.ID, Secret: w.Client.Secret, Name: "stagedoor", RedirectURIs: w.Client.Redirects}})
	store = storage.WithStaticConnectors(store, []storage.Connector{{ID: server.LocalConnector, Name: "Email", Type: server.LocalConnector}})
	keys, err := (&signer.LocalConfig{KeysRotationPeriod: "6h"}).Open(ctx, store, 48*time.Hour, time.Now, quiet)
	if err != nil {
		return "", err
	}
	dex, err := server.NewServer(ctx, server.Config{
		Issuer: w.Issuer, Storage: store, IDTokensValidFor: 48 * time.Hour, Logger: quiet, Signer: keys,
		PrometheusRegistry: prometheus.NewRegistry(),
	})
	if err != nil {
		return "", err
	}
	mux := http.NewServeMux()
	mux.Handle("/", dex)
	mux.HandleFunc("POST /rotate", func(http.ResponseWriter, *http.Request) {
		if err := rotate(ctx, store); err != nil {
			log.Fatal(err)
		}
	})
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	go func() { log.Fatal(http.Serve(listener, mux)) }()
	return listener.Addr().String(), nil
}

// rotate replaces the key that signs; none of before verifies any more.
func rotate(ctx context.Context, store storage.Storage) error {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		return err
	}
	id := rand.Text()
	return store.UpdateKeys(ctx, func(k storage.Keys) (storage.Keys, error) {
		k.SigningKey = &jose.JSONWebKey{Key: key, KeyID: id, Algorithm: "RS256", Use: "sig"}
		k.SigningKeyPub = &jose.JSONWebKey{Key: key.Public(), KeyID: id, Algorithm: "RS256", Use: "sig"}
		k.VerificationKeys = nil
		return k, nil
	})
}
