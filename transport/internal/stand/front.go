package stand

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"time"
)

// step is how much time every request takes by the story's clock.
const step = 10 * time.Millisecond

// peer is the address that every client has.
const peer = "127.0.0.1:49152"

// front carries requests to the handler of a server in this process. Once one has been
// answered it waits until all that it has set going is done.
type front struct {
	handler http.Handler
	idle    func(context.Context) error
	clock   *clock
}

// RoundTrip answers a request.
func (f *front) RoundTrip(req *http.Request) (*http.Response, error) {
	got := inside{f.handler}.answer(req)
	if err := f.idle(req.Context()); err != nil {
		return nil, err
	}
	return got, f.clock.pass(req.Context(), step)
}

// inside carries requests to a handler in this process.
type inside struct{ handler http.Handler }

// RoundTrip answers a request.
func (i inside) RoundTrip(req *http.Request) (*http.Response, error) { return i.answer(req), nil }

func (i inside) answer(req *http.Request) *http.Response {
	in := req.Clone(req.Context())
	in.RequestURI, in.RemoteAddr = req.URL.RequestURI(), peer
	in.Proto, in.ProtoMajor, in.ProtoMinor = "HTTP/1.1", 1, 1
	if in.Host == "" {
		in.Host = req.URL.Host
	}
	if in.Body == nil {
		in.Body = http.NoBody
	}
	w := &answer{header: http.Header{}}
	i.handler.ServeHTTP(w, in)
	w.WriteHeader(http.StatusOK)
	return &http.Response{
		Status: fmt.Sprintf("%d %s", w.status, http.StatusText(w.status)), StatusCode: w.status,
		Proto: in.Proto, ProtoMajor: 1, ProtoMinor: 1, Header: w.sent, Body: io.NopCloser(&w.body), ContentLength: int64(w.body.Len()), Request: req,
	}
}

// answer is what a handler answers. Headers set after the first byte are not sent.
type answer struct {
	header, sent http.Header
	status       int
	body         bytes.Buffer
}

// Header is what will be sent.
func (a *answer) Header() http.Header { return a.header }

// WriteHeader sends the headers, once.
func (a *answer) WriteHeader(status int) {
	if a.status == 0 {
		a.status, a.sent = status, a.header.Clone()
	}
}

// Write sends a part of the body.
func (a *answer) Write(p []byte) (int, error) {
	a.WriteHeader(http.StatusOK)
	return a.body.Write(p)
}
