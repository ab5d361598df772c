package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"strings"
	"time"
)

// adminPatience is how long a running server may take to answer an operator.
const adminPatience = 30 * time.Second

// serverAt reads the address of a running server.
func serverAt(base string) (*url.URL, error) {
	at, err := url.Parse(base)
	if err != nil || at.Scheme != "http" && at.Scheme != "https" || at.Host == "" {
		return nil, fmt.Errorf("--url %q: not an http or https URL, such as https://auth.example.com", base)
	}
	return at, nil
}

// adminToken is the token of the operators' endpoint: the one given, else that of the
// environment.
func adminToken(given string) string {
	if given != "" {
		return given
	}
	return os.Getenv("STAGEDOOR_ADMIN__TOKEN")
}

// askAdmin asks the operators' endpoint of a running server: at /admin, unless the URL
// has a path of its own.
func askAdmin(ctx context.Context, base, token, path string) ([]byte, error) {
	at, err := serverAt(base)
	if err != nil {
		return nil, err
	}
	if token = adminToken(token); token == "" {
		return nil, errors.New("no token: give --token, or set STAGEDOOR_ADMIN__TOKEN to the server's admin.token")
	}
	mount := strings.TrimRight(at.Path, "/")
	if mount == "" {
		mount = "/admin"
	}
	body, status, err := get(ctx, at.Scheme+"://"+at.Host+mount+path, token)
	if err == nil && status != http.StatusOK {
		err = refusal(body, fmt.Errorf("%s%s answers %d: is admin.token set there, and is this the token?", at.Host, mount, status))
	}
	return body, err
}

// refusal is what a server said of a request it did not carry out, else the other error.
func refusal(body []byte, otherwise error) error {
	var refused struct {
		Error string `json:"error"`
	}
	if json.Unmarshal(body, &refused) == nil && refused.Error != "" {
		return errors.New(refused.Error)
	}
	return otherwise
}

// get asks for an address, with a bearer token where there is one.
func get(ctx context.Context, address, token string) ([]byte, int, error) {
	ctx, cancel := context.WithTimeout(ctx, adminPatience)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return nil, 0, err
	}
	if token != "" {
		req.Header.Set("Authorization", "Bearer "+token)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return nil, 0, err
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	return body, resp.StatusCode, err
}
