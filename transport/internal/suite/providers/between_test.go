package providers

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"
)

// wellKnown follows an issuer (OpenID Connect Discovery, section 4).
const wellKnown = "/.well-known/openid-configuration"

// between stands between the world and a provider, which knows itself by the address of it.
type between struct {
	URL string

	mu sync.Mutex
	// target is where the provider is, places the paths of its endpoints by their names in
	// metadata, without "_endpoint" and "_uri".
	target *url.URL
	places map[string]string
	// harm is what happens to an endpoint's answers until it is taken away.
	harm map[string]harm
	// server is who is told of sign-outs.
	server http.Handler
	// seen counts requests by endpoint, said are the last good answers.
	seen map[string]int
	said map[string][]byte
}

// harm is what is done to an endpoint.
type harm struct {
	// late is how late it answers; gone closes its connections; status, if any, is all that it
	// says; hang, if any, has it say nothing until that is closed.
	late   time.Duration
	gone   bool
	status int
	hang   <-chan struct{}
	// lie changes what it says.
	lie func([]byte) []byte
}

// newBetween stands before a provider that is yet to be started.
func newBetween(t testing.TB) *between {
	b := &between{places: map[string]string{}, harm: map[string]harm{}, seen: map[string]int{}, said: map[string][]byte{}}
	proxy := &httputil.ReverseProxy{
		Rewrite: func(r *httputil.ProxyRequest) {
			b.mu.Lock()
			defer b.mu.Unlock()
			r.SetURL(b.target)
			r.Out.Host = r.In.Host
			r.SetXForwarded()
			r.Out.Header.Del("Accept-Encoding")
		},
		ModifyResponse: b.answered,
	}
	site := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.HasSuffix(r.URL.Path, toServer) {
			b.tell(w, r)
			return
		}
		h := b.asked(r.URL.Path)
		switch {
		case h.hang != nil:
			select {
			case <-h.hang:
			case <-r.Context().Done():
			}
			return
		case h.gone:
			panic(http.ErrAbortHandler)
		case h.status != 0:
			w.WriteHeader(h.status)
			return
		}
		time.Sleep(h.late)
		proxy.ServeHTTP(w, r)
	}))
	t.Cleanup(site.Close)
	b.URL = site.URL
	return b
}

// toServer is where the provider tells of sign-outs.
const toServer = "/to-the-server"

// tell hands the server what the provider says of a sign-out.
func (b *between) tell(w http.ResponseWriter, r *http.Request) {
	b.mu.Lock()
	b.seen["backchannel"]++
	server := b.server
	b.mu.Unlock()
	r = r.Clone(r.Context())
	r.URL.Path, r.RequestURI = "/accounts/acme/logout/backchannel/", ""
	server.ServeHTTP(w, r)
}

// tells has the provider's words go to a server.
func (b *between) tells(server http.Handler) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.server = server
}

// asked counts a request and says what is to happen to it.
func (b *between) asked(path string) harm {
	b.mu.Lock()
	defer b.mu.Unlock()
	name := b.endpoint(path)
	b.seen[name]++
	return b.harm[name]
}

// endpoint is the name of the endpoint at a path, or "".
func (b *between) endpoint(path string) string {
	if strings.HasSuffix(path, wellKnown) {
		return "metadata"
	}
	for name, at := range b.places {
		if at == path {
			return name
		}
	}
	return ""
}

// answered keeps what was said, and changes it.
func (b *between) answered(r *http.Response) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	name := b.endpoint(r.Request.URL.Path)
	if name == "" || r.StatusCode >= 300 {
		return nil
	}
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return err
	}
	_ = r.Body.Close()
	b.said[name] = body
	if lie := b.harm[name].lie; lie != nil {
		body = lie(body)
	}
	r.Body, r.ContentLength = io.NopCloser(bytes.NewReader(body)), int64(len(body))
	r.Header.Set("Content-Length", strconv.Itoa(len(body)))
	return nil
}

// is has harm done to an endpoint; the zero harm ends it.
func (b *between) is(name string, h harm) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.harm[name] = h
}

// count is how often an endpoint was asked.
func (b *between) count(name string) int {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.seen[name]
}

// last is what an endpoint said last.
func (b *between) last(name string) []byte {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.said[name]
}

// behind says where the provider is, and learns where its endpoints are.
func (b *between) behind(t *testing.T, address string) {
	t.Helper()
	b.mu.Lock()
	b.target = &url.URL{Scheme: "http", Host: address}
	b.mu.Unlock()
	answer, err := http.Get(b.URL + wellKnown)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	var metadata map[string]any
	if err := json.NewDecoder(answer.Body).Decode(&metadata); err != nil || metadata["issuer"] != b.URL {
		t.Fatalf("the provider at %s has metadata of %v: %v", address, metadata["issuer"], err)
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	for name, value := range metadata {
		text, _ := value.(string)
		short, endpoint := strings.CutSuffix(strings.TrimSuffix(name, "_uri"), "_endpoint")
		if at, err := url.Parse(text); err == nil && (endpoint || name == "jwks_uri") {
			b.places[short] = at.Path
		}
	}
}

// rotate has the provider sign with keys that nobody has seen.
func (b *between) rotate(t testing.TB) {
	t.Helper()
	b.mu.Lock()
	at := b.target.String() + "/rotate"
	b.mu.Unlock()
	answer, err := http.Post(at, "", nil)
	if err != nil {
		t.Fatal(err)
	}
	_ = answer.Body.Close()
}
