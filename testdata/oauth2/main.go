// Command oauth2 is an OAuth 2.0 server to try a provider by configuration with. It has one
// person, Ann, who says yes at once; one client, stagedoor, with the secret hush; and a profile
// of a form of its own. It is for this machine, and nothing to sign in with.
package main

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"flag"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"
)

const person = `{"person": {"number": 7, "names": {"first": "Ann", "last": "Lee"}, "mail": "ann@intranet.example", "mail_checked": true}}`

func main() {
	listen := flag.String("listen", "127.0.0.1:9100", "address to listen at")
	flag.Parse()
	l, err := net.Listen("tcp", *listen)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Printf("oauth2 listens on http://%s\n", l.Addr())
	s := &intranet{codes: make(map[string]string), tokens: make(map[string]bool)}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /authorize", s.authorize)
	mux.HandleFunc("POST /token", s.token)
	mux.HandleFunc("GET /me", s.me)
	log.Fatal((&http.Server{Handler: mux, ReadHeaderTimeout: 5 * time.Second}).Serve(l))
}

// intranet knows the code challenge of each code, and the tokens it has given out.
type intranet struct {
	mu     sync.Mutex
	codes  map[string]string
	tokens map[string]bool
}

// authorize sends the browser back with a code (RFC 6749, section 4.1.2).
func (s *intranet) authorize(w http.ResponseWriter, r *http.Request) {
	q, code := r.URL.Query(), rand.Text()
	back, err := url.Parse(q.Get("redirect_uri"))
	if err != nil || q.Get("client_id") != "stagedoor" || q.Get("scope") != "profile mail" || q.Get("code_challenge_method") != "S256" {
		http.Error(w, "an authorization request of stagedoor, for profile mail, with PKCE, is wanted", http.StatusBadRequest)
		return
	}
	s.mu.Lock()
	s.codes[code] = q.Get("code_challenge")
	s.mu.Unlock()
	back.RawQuery = url.Values{"code": {code}, "state": {q.Get("state")}}.Encode()
	http.Redirect(w, r, back.String(), http.StatusFound)
}

// token exchanges a code once, with the verifier of its challenge (RFC 7636) and the secret.
func (s *intranet) token(w http.ResponseWriter, r *http.Request) {
	id, secret, _ := r.BasicAuth()
	sum := sha256.Sum256([]byte(r.PostFormValue("code_verifier")))
	s.mu.Lock()
	defer s.mu.Unlock()
	challenge, known := s.codes[r.PostFormValue("code")]
	delete(s.codes, r.PostFormValue("code"))
	w.Header().Set("Content-Type", "application/json")
	if !known || id != "stagedoor" || secret != "hush" || challenge != base64.RawURLEncoding.EncodeToString(sum[:]) {
		w.WriteHeader(http.StatusBadRequest)
		_, _ = io.WriteString(w, `{"error": "invalid_grant"}`)
		return
	}
	access := rand.Text()
	s.tokens[access] = true
	_, _ = fmt.Fprintf(w, `{"access_token": %q, "token_type": "Bearer", "expires_in": 3600}`, access)
}

// me says who a token is of.
func (s *intranet) me(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	w.Header().Set("Content-Type", "application/json")
	if kind, access, _ := strings.Cut(r.Header.Get("Authorization"), " "); kind != "Bearer" || !s.tokens[access] {
		w.WriteHeader(http.StatusUnauthorized)
		return
	}
	_, _ = io.WriteString(w, person)
}
