package provider

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"
)

const (
	// maxBody is the longest answer that is read, in bytes, after decompression.
	maxBody = 1 << 20
	// maxTime is for one request with its answer, where the client has no limit of its
	// own.
	maxTime = 10 * time.Second
	// maxHops is how many redirects are followed.
	maxHops = 3
	// agent names us, unless the table says otherwise; some refuse clients without a name.
	agent = "stagedoor"
)

var (
	errTooLong = errors.New("the answer is too long")
	errAway    = errors.New("it redirects elsewhere")
)

// web is how this package talks to a provider.
type web struct{ client *http.Client }

// newWeb makes a client of another one, with its transport and timeout, that bounds
// bodies, follows redirects only of a GET and only to the same scheme and host, and
// sends headers with everything.
func newWeb(from *http.Client, headers map[string]string) web {
	client := http.Client{}
	if from != nil {
		client.Transport, client.Timeout = from.Transport, from.Timeout
	}
	if client.Timeout <= 0 {
		client.Timeout = maxTime
	}
	if client.Transport == nil {
		client.Transport = http.DefaultTransport
	}
	client.Transport = guard{client.Transport, headers}
	client.CheckRedirect = func(to *http.Request, via []*http.Request) error {
		first := via[0]
		if len(via) > maxHops || first.Method != http.MethodGet || to.URL.Scheme != first.URL.Scheme || to.URL.Host != first.URL.Host {
			return errAway
		}
		return nil
	}
	return web{client: &client}
}

// guard adds headers and bounds what comes back. It is a transport, so that it holds for
// the requests of libraries, too.
type guard struct {
	next    http.RoundTripper
	headers map[string]string
}

// RoundTrip does one request (http.RoundTripper).
func (g guard) RoundTrip(r *http.Request) (*http.Response, error) {
	r = r.Clone(r.Context())
	r.Header.Set("User-Agent", agent)
	if r.Header.Get("Accept") == "" {
		r.Header.Set("Accept", "application/json")
	}
	for name, value := range g.headers {
		r.Header.Set(name, value)
	}
	resp, err := g.next.RoundTrip(r)
	if err != nil {
		return nil, err
	}
	resp.Body = &bounded{ReadCloser: resp.Body, left: maxBody}
	return resp, nil
}

// bounded fails where io.LimitReader would pass half an answer off as a whole one.
type bounded struct {
	io.ReadCloser
	left int64
}

// Read reads until the bound is passed (io.Reader).
func (b *bounded) Read(p []byte) (int, error) {
	n, err := b.ReadCloser.Read(p)
	if b.left -= int64(n); b.left < 0 {
		return 0, errTooLong
	}
	return n, err
}

// do sends a request and reads the whole answer. Failing that, the error is
// ErrUnreachable.
func (w web) do(r *http.Request) (status int, body []byte, err error) {
	resp, err := w.client.Do(r)
	if err != nil {
		return 0, nil, unreachable(r.Context(), r.URL, err)
	}
	defer func() { _ = resp.Body.Close() }()
	body, err = io.ReadAll(resp.Body)
	if err != nil {
		return 0, nil, unreachable(r.Context(), r.URL, err)
	}
	return resp.StatusCode, body, nil
}

// unreachable says why a request failed. The library's own error is left out: it holds
// the URL with its query, or what the provider wrote. A context that ended can be told
// by errors.Is.
func unreachable(ctx context.Context, u *url.URL, err error) error {
	var slow net.Error
	why := "no connection, or no usable answer"
	switch {
	case ctx.Err() != nil:
		return errors.Join(fault(ErrUnreachable, "%s: given up", place(u)), ctx.Err())
	case errors.Is(err, errTooLong):
		why = "the answer is longer than 1 MiB"
	case errors.Is(err, errAway):
		why = "it redirects elsewhere"
	case errors.As(err, &slow) && slow.Timeout():
		why = "no answer in time"
	}
	return fault(ErrUnreachable, "%s: %s", place(u), why)
}

// place is a URL without what may be secret in it.
func place(u *url.URL) string { return u.Scheme + "://" + u.Host + u.EscapedPath() }

// json sends a request and reads a JSON object. A status of 429 or 500 and above is
// ErrUnreachable, any other but 2xx is ErrRefused.
func (w web) json(r *http.Request) (object, error) {
	data, err := w.answer(r)
	if err != nil {
		return nil, err
	}
	o, err := parse(data)
	if err != nil {
		return nil, fault(ErrUnreachable, "%s: the answer is no JSON object", place(r.URL))
	}
	return o, nil
}

// form is a request that posts a form.
func (w web) form(ctx context.Context, to string, form url.Values) (*http.Request, error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, to, strings.NewReader(form.Encode()))
	if err != nil {
		return nil, fault(ErrRefused, "no usable address")
	}
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	return r, nil
}

// answer sends a request and reads the body of a good answer; otherwise as json.
func (w web) answer(r *http.Request) ([]byte, error) {
	status, body, err := w.do(r)
	switch {
	case err != nil:
		return nil, err
	case status == http.StatusTooManyRequests || status >= http.StatusInternalServerError:
		return nil, fault(ErrUnreachable, "%s: status %d%s", place(r.URL), status, saidIn(body))
	case status < 200 || status > 299:
		return nil, fault(ErrRefused, "%s: status %d%s", place(r.URL), status, saidIn(body))
	}
	return body, nil
}
