// Command resource is an API that takes the access tokens of a stagedoor server: it knows no
// secret, asks the server for its public keys and for nothing else, and wants a proof with
// every token that is bound to a key (DPoP, RFC 9449).
//
//	ISSUER=https://auth.example.com ORIGIN=https://api.example.com LISTEN=:8090 go run .
//
// ISSUER is the public_url of stagedoor, ORIGIN what clients call this API.
package main

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"log"
	"net"
	"net/http"
	"os"
	"strings"
	"time"

	"github.com/golang-jwt/jwt/v5"
)

func main() {
	listener, err := net.Listen("tcp", cmp.Or(os.Getenv("LISTEN"), "127.0.0.1:8090"))
	if err != nil {
		log.Fatal(err)
	}
	issuer := os.Getenv("ISSUER")
	api := &resource{
		issuer: issuer,
		keys:   &keySet{url: issuer + "/.well-known/jwks.json"},
		proofs: &proofs{origin: cmp.Or(os.Getenv("ORIGIN"), "http://"+listener.Addr().String())},
	}
	http.HandleFunc("GET /me", func(w http.ResponseWriter, r *http.Request) {
		who, err := api.who(r)
		if err != nil {
			refuse(w, err)
			return
		}
		_ = json.NewEncoder(w).Encode(map[string]any{"account": who.Subject, "bound": who.Bound != nil})
	})
	fmt.Println("listens on http://" + listener.Addr().String())
	server := &http.Server{ReadHeaderTimeout: 10 * time.Second}
	log.Fatal(server.Serve(listener))
}

// resource finds out who asks.
type resource struct {
	issuer string
	keys   *keySet
	proofs *proofs
}

// access are the claims of an access token.
type access struct {
	jwt.RegisteredClaims
	// Use is "access": refresh tokens are signed by the same keys, and open nothing here.
	Use string `json:"token_use"`
	// Bound names the key that the token is bound to, by its thumbprint; where it is nil there is none.
	Bound *struct {
		Key string `json:"jkt"`
	} `json:"cnf"`
}

// What is wrong with a request, by the codes of RFC 6750, section 3.1, and RFC 9449, section 7.1.
var (
	errNoToken      = errors.New("no token")
	errInvalidToken = errors.New("invalid_token")
	errInvalidProof = errors.New("invalid_dpop_proof")
)

// who returns what the token of a request says, once the request has shown that it may use it.
func (a *resource) who(r *http.Request) (*access, error) {
	scheme, text, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	dpop := strings.EqualFold(scheme, "DPoP")
	if !dpop && !strings.EqualFold(scheme, "Bearer") || text == "" {
		return nil, errNoToken
	}
	who := &access{}
	_, err := jwt.ParseWithClaims(text, who, a.keys.find,
		jwt.WithValidMethods([]string{"RS256", "ES256", "EdDSA"}), jwt.WithIssuer(a.issuer), jwt.WithExpirationRequired(), jwt.WithStrictDecoding())
	switch {
	case errors.Is(err, errNoKeys):
		return nil, err
	case err != nil || who.Use != "access" || who.Subject == "":
		return nil, errInvalidToken
	case dpop != (who.Bound != nil):
		return nil, errInvalidToken // a bound token is no bearer's, and no other has a key to prove
	case !dpop:
		return who, nil
	}
	key, err := a.proofs.key(r, text)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", errInvalidProof, err)
	}
	if key != who.Bound.Key {
		return nil, errInvalidToken
	}
	return who, nil
}

// refuse says what would do.
func refuse(w http.ResponseWriter, err error) {
	if errors.Is(err, errNoKeys) {
		http.Error(w, err.Error(), http.StatusServiceUnavailable)
		return
	}
	challenge := fmt.Sprintf("DPoP algs=%q", strings.Join(algorithms(), " "))
	switch {
	case errors.Is(err, errInvalidProof):
		challenge += fmt.Sprintf(", error=%q", errInvalidProof)
	case errors.Is(err, errInvalidToken):
		challenge += fmt.Sprintf(", error=%q", errInvalidToken)
	}
	w.Header().Add("WWW-Authenticate", challenge)
	w.Header().Add("WWW-Authenticate", "Bearer")
	http.Error(w, err.Error(), http.StatusUnauthorized)
}
