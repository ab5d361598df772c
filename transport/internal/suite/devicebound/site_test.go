package devicebound

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/base64"
	"fmt"
	"math/big"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"stagedoor/transport/config"
	"stagedoor/transport/internal/suite"
	"stagedoor/transport/server"
)

// The names that browsers find this machine under: the server, a front end beside it, and pages of
// other sites.
const (
	home     = "auth.stage.test"
	front    = "app.stage.test"
	mail     = "mail.other.test"
	provider = "login.corp.test"
)

// What browsers are asked to keep.
const (
	boundCookie = "__Host-stagedoor_bound"
	refreshes   = "/_stagedoor/dbsc/refresh/"
	registers   = "/_stagedoor/dbsc/register"
)

// Who the tests are about.
const (
	ann  = "ann@example.org"
	pass = "violet harbour 7"
)

// site is a server over https, and the other sites that its people come by.
type site struct {
	*suite.Lab
	heard suite.Heard
	port  string
	// pin is the certificate's key, as browsers are told of it.
	pin string

	mu sync.Mutex
	// others are what the other hosts serve.
	others map[string]http.Handler
	// down has the refreshes answered as by a server whose stores are away.
	down bool
	// held are the beginnings of paths whose requests wait, and waiting how many do.
	held    map[string]chan struct{}
	waiting map[string]int
	// busy is how many requests are being answered, but for those that are held.
	busy int
	seen []request
}

// request is one that came to the server, and how it was answered.
type request struct {
	method, path string
	// bound is the bound cookie that came along.
	bound string
	// by is what the browser says of who began it: none, same-origin, same-site, cross-site.
	by string
	// skipped is what it says of a refresh that it could not make.
	skipped string
	status  int
	answer  http.Header
}

// String is the request as tests that fail show it.
func (r request) String() string {
	return fmt.Sprintf("%s %s (%s, bound %t, skipped %q): %d", r.method, r.path, r.by, r.bound != "", r.skipped, r.status)
}

// offering has sessions bound where browsers can.
func offering(c *config.Config, _ *server.Options) { c.Session.DeviceBound = "offer" }

// newSite starts the server with the hosted app, before the account of ann.
func newSite(t *testing.T, change ...suite.SetUp) *site {
	t.Helper()
	suite.Program(t, "chromium")
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s := &site{port: fmt.Sprint(listener.Addr().(*net.TCPAddr).Port), others: map[string]http.Handler{}, held: map[string]chan struct{}{}, waiting: map[string]int{}}
	public := func(c *config.Config, _ *server.Options) { c.PublicURL = s.at(home, "") }
	s.Lab = suite.NewLab(t, append([]suite.SetUp{suite.Hosted, suite.ByCode, public, offering, s.heard.Hears}, change...)...)
	web := httptest.NewUnstartedServer(http.HandlerFunc(s.serve))
	_ = web.Listener.Close()
	web.Listener, web.EnableHTTP2 = listener, true
	web.TLS = &tls.Config{Certificates: []tls.Certificate{s.certificate()}}
	web.StartTLS()
	t.Cleanup(web.Close)
	if _, err := s.AddAccount(t.Context(), server.NewAccount{Email: ann, EmailVerified: true, Password: pass}); err != nil {
		t.Fatal(err)
	}
	return s
}

// at is the address of a path of a host.
func (s *site) at(host, path string) string { return "https://" + host + ":" + s.port + path }

// certificate makes one of a key, which is all that the browsers are told of it.
func (s *site) certificate() tls.Certificate {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		s.T.Fatal(err)
	}
	about := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "test"}, DNSNames: []string{home, front, mail, provider},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
	}
	der, err := x509.CreateCertificate(rand.Reader, about, about, key.Public(), key)
	if err != nil {
		s.T.Fatal(err)
	}
	spki, err := x509.MarshalPKIXPublicKey(key.Public())
	if err != nil {
		s.T.Fatal(err)
	}
	sum := sha256.Sum256(spki)
	s.pin = base64.StdEncoding.EncodeToString(sum[:])
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}
}

// serve answers for all hosts.
func (s *site) serve(w http.ResponseWriter, r *http.Request) {
	host, _, _ := strings.Cut(r.Host, ":")
	s.mu.Lock()
	other, down := s.others[host], s.down
	s.busy++
	s.mu.Unlock()
	defer func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.busy--
	}()
	if other != nil {
		other.ServeHTTP(w, r)
		return
	}
	got := request{method: r.Method, path: r.URL.Path, by: r.Header.Get("Sec-Fetch-Site"), skipped: r.Header.Get("Secure-Session-Skipped")}
	if c, err := r.Cookie(boundCookie); err == nil {
		got.bound = c.Value
	}
	s.wait(r.URL.Path)
	said := &answered{ResponseWriter: w, status: http.StatusOK}
	if down && strings.HasPrefix(r.URL.Path, refreshes) {
		said.WriteHeader(http.StatusServiceUnavailable)
	} else {
		s.Server.ServeHTTP(said, r)
	}
	got.status, got.answer = said.status, w.Header().Clone()
	s.mu.Lock()
	defer s.mu.Unlock()
	s.seen = append(s.seen, got)
}

// answered keeps the status of an answer.
type answered struct {
	http.ResponseWriter
	status int
}

// WriteHeader sets it.
func (a *answered) WriteHeader(status int) {
	a.status = status
	a.ResponseWriter.WriteHeader(status)
}

// Unwrap is what was wrapped, for controls of an answer.
func (a *answered) Unwrap() http.ResponseWriter { return a.ResponseWriter }

// holds has requests wait whose paths begin in a way, until they are let go.
func (s *site) holds(prefix string) (letGo func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	until := make(chan struct{})
	s.held[prefix] = until
	return sync.OnceFunc(func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		delete(s.held, prefix)
		close(until)
	})
}

// wait waits for as long as a path is held.
func (s *site) wait(path string) {
	s.mu.Lock()
	var until chan struct{}
	for prefix, c := range s.held {
		if strings.HasPrefix(path, prefix) {
			until = c
			s.waiting[prefix]++
		}
	}
	if until != nil {
		s.busy--
		defer func() {
			s.mu.Lock()
			s.busy++
			s.mu.Unlock()
		}()
	}
	s.mu.Unlock()
	if until != nil {
		<-until
	}
}

// waits waits until a request is held.
func (s *site) waits(prefix string) {
	s.T.Helper()
	s.Eventually("a request for "+prefix+" comes", func() bool {
		s.mu.Lock()
		defer s.mu.Unlock()
		return s.waiting[prefix] > 0
	})
}

// rests waits until pages have asked for all that they ask for by themselves.
func (s *site) rests() {
	s.T.Helper()
	still, seen := time.Now(), -1
	s.Eventually("the pages come to rest", func() bool {
		s.mu.Lock()
		defer s.mu.Unlock()
		if s.busy > 0 || len(s.seen) != seen {
			still, seen = time.Now(), len(s.seen)
		}
		return time.Since(still) > 300*time.Millisecond
	})
}

// serves says what another host serves.
func (s *site) serves(host string, what http.Handler) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.others[host] = what
}

// fails has refreshes fail, or no longer.
func (s *site) fails(down bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.down = down
}

// since are the requests that came after the first n whose paths begin in a way.
func (s *site) since(n int, prefix string) []request {
	s.mu.Lock()
	defer s.mu.Unlock()
	var out []request
	for _, r := range s.seen[n:] {
		if strings.HasPrefix(r.path, prefix) {
			out = append(out, r)
		}
	}
	return out
}

// mark is how many requests came so far.
func (s *site) mark() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.seen)
}

// refreshed are the refreshes since a mark that brought a cookie.
func (s *site) refreshed(since int) int {
	n := 0
	for _, r := range s.since(since, refreshes) {
		if r.status == http.StatusOK && strings.Contains(strings.Join(r.answer["Set-Cookie"], "\n"), boundCookie+"=") {
			n++
		}
	}
	return n
}

// requests shows what came, for a test that fails.
func (s *site) requests(since int) string {
	var b strings.Builder
	for _, r := range s.since(since, "/") {
		fmt.Fprintln(&b, r)
	}
	return b.String()
}
