package desk

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
)

// App is an HTTP client that keeps an app's token: it sends the last one that it was given,
// and forgets it when it signs out, or when the server does not know it any more.
func App() *http.Client { return &http.Client{Transport: &app{}} }

type app struct{ token string }

// RoundTrip sends a request with the token and looks for a new one in the answer.
func (a *app) RoundTrip(r *http.Request) (*http.Response, error) {
	if a.token != "" {
		r = r.Clone(r.Context())
		r.Header.Set("X-Session-Token", a.token)
	}
	answer, err := http.DefaultTransport.RoundTrip(r)
	if err != nil {
		return nil, err
	}
	defer answer.Body.Close()
	body, err := io.ReadAll(answer.Body)
	if err != nil {
		return nil, err
	}
	answer.Body = io.NopCloser(bytes.NewReader(body))
	var read struct {
		Meta struct {
			Token string `json:"session_token"`
		} `json:"meta"`
	}
	if json.Unmarshal(body, &read) == nil && read.Meta.Token != "" {
		a.token = read.Meta.Token
	}
	if answer.StatusCode == http.StatusGone || r.Method == http.MethodDelete {
		a.token = ""
	}
	return answer, nil
}
