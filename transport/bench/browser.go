package bench

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"

	"stagedoor/transport/internal/device"
)

// BrowserSide makes the side of people who are signed in in browsers and ask who they are, n of
// them. Target.Origin is the public URL of the server, which speaks [Headless]. With bound their
// sessions are bound to a key (Device Bound Session Credentials), which is an error of a server that
// offers none; without it they take no offer up.
func BrowserSide(ctx context.Context, t Target, n int, bound bool) (Side, error) {
	t, err := t.complete()
	if err != nil {
		return Side{}, err
	}
	s, all := Side{Want: http.StatusOK}, newPeople(0)
	for range n {
		b := device.NewBrowser(device.BrowserConfig{
			HTTP: door{t.Base, &http.Transport{}}, Now: t.now, Entropy: rand.Reader, Slow: !bound,
		})
		r, err := signedInBrowser(ctx, t, b, all.next())
		if err == nil && bound && len(b.Bound()) != 1 {
			err = fmt.Errorf("the browser of a new session has not bound it: %q", b.Told())
		}
		if err != nil {
			return Side{}, err
		}
		s.Requests = append(s.Requests, r)
	}
	return s, nil
}

// door leads to a server by its address, whatever it is called from outside.
type door struct {
	to *url.URL
	by http.RoundTripper
}

// RoundTrip sends a request there.
func (d door) RoundTrip(r *http.Request) (*http.Response, error) {
	out := r.Clone(r.Context())
	out.Host = r.URL.Host
	out.URL.Scheme, out.URL.Host = d.to.Scheme, d.to.Host
	return d.by.RoundTrip(out)
}

// signedInBrowser signs somebody up and returns the request that asks who it is.
func signedInBrowser(ctx context.Context, t Target, b *device.Browser, a *account) (Request, error) {
	api := t.Origin + t.Mount + "/browser/v1"
	ask := func(method, path string, body any, want int) error {
		raw, err := json.Marshal(body)
		if err != nil {
			return err
		}
		r, err := http.NewRequestWithContext(ctx, method, api+path, bytes.NewReader(raw))
		if err != nil {
			return err
		}
		r.Header.Set("Content-Type", "application/json")
		r.Header.Set("Origin", t.Origin)
		for _, c := range cookiesOf(b, r.URL) {
			if c.Name == "csrftoken" {
				r.Header.Set("X-CSRFToken", c.Value)
			}
		}
		answer, err := b.RoundTrip(r)
		if err != nil {
			return err
		}
		defer answer.Body.Close()
		text, err := io.ReadAll(io.LimitReader(answer.Body, 1<<16))
		if err == nil && answer.StatusCode != want {
			err = fmt.Errorf("%s %s: %s, want %d: %.200s", method, path, answer.Status, want, text)
		}
		return err
	}
	if err := errors.Join(
		ask(http.MethodGet, "/config", nil, http.StatusOK),
		ask(http.MethodPost, "/auth/signup", fields{"email": a.email, "password": a.password}, http.StatusOK),
		ask(http.MethodGet, "/auth/session", nil, http.StatusOK),
	); err != nil {
		return Request{}, err
	}
	at, err := url.Parse(api + "/auth/session")
	if err != nil {
		return Request{}, err
	}
	here := t.Base.Scheme + "://" + t.Base.Host + at.Path
	return Request{Method: http.MethodGet, URL: here, Header: []string{"Cookie", b.Cookies.Header(at)}}, nil
}

// cookiesOf are the cookies that go along with a request for an address.
func cookiesOf(b *device.Browser, to *url.URL) []*http.Cookie {
	list, _ := http.ParseCookie(b.Cookies.Header(to)) // none, where there are none
	return list
}
