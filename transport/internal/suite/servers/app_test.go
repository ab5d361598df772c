package servers

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"

	"stagedoor/transport/server"
)

// password is that of every account of these tests.
const password = "correct-horse-7"

// app is an app of the headless contract, at an address that may change between its requests.
type app struct {
	t     testing.TB
	http  *http.Client
	base  string
	token string
}

// answer is what an app was told. A status of 0 is no answer at all.
type answer struct {
	status  int
	raw     string
	pending string
	in      bool
	methods []string
}

// newApp is an app at the fleet's address, or at that of one of its servers.
func (f *fleet) newApp(base string) *app {
	return &app{t: f.t, base: base, http: &http.Client{Timeout: patience, Transport: &http.Transport{}}}
}

// ask sends a request and keeps the token that comes with the answer.
func (a *app) ask(method, path string, body any) answer {
	var content io.Reader
	if body != nil {
		b, err := json.Marshal(body)
		if err != nil {
			panic(err)
		}
		content = bytes.NewReader(b)
	}
	req, err := http.NewRequest(method, a.base+"/_allauth/app/v1"+path, content)
	if err != nil {
		panic(err)
	}
	if a.token != "" {
		req.Header.Set("X-Session-Token", a.token)
	}
	got, err := a.http.Do(req)
	if err != nil {
		return answer{raw: err.Error()}
	}
	defer func() { _ = got.Body.Close() }()
	raw, err := io.ReadAll(got.Body)
	if err != nil {
		return answer{raw: err.Error()}
	}
	return a.read(got.StatusCode, raw)
}

// read is an answer, whose token the app takes over.
func (a *app) read(status int, raw []byte) answer {
	var all struct {
		Data json.RawMessage
		Meta struct {
			Token         string `json:"session_token"`
			Authenticated bool   `json:"is_authenticated"`
		}
	}
	var data struct {
		Flows []struct {
			ID      string
			Pending bool `json:"is_pending"`
		}
		Methods []struct{ Method, Type string }
	}
	_ = json.Unmarshal(raw, &all) // what is not there is empty
	_ = json.Unmarshal(all.Data, &data)
	out := answer{status: status, raw: string(raw), in: status == http.StatusOK && all.Meta.Authenticated}
	for _, f := range data.Flows {
		if f.Pending {
			out.pending += f.ID
		}
	}
	for _, m := range data.Methods {
		out.methods = append(out.methods, strings.TrimSpace(m.Method+" "+m.Type))
	}
	switch {
	case all.Meta.Token != "":
		a.token = all.Meta.Token
	case status == http.StatusGone:
		a.token = ""
	}
	return out
}

// must fails the test unless the answer is of a status and these stages wait.
func (a *app) must(status int, pending, method, path string, body any) answer {
	a.t.Helper()
	got := a.ask(method, path, body)
	if got.status != status || got.pending != pending {
		a.t.Fatalf("%s %s: %d, pending %q; want %d, %q\n%.600s", method, path, got.status, got.pending, status, pending, got.raw)
	}
	return got
}

// login gives the password.
func (a *app) login(email string) answer {
	return a.ask("POST", "/auth/login", map[string]string{"email": email, "password": password})
}

// address is that of person n.
func address(n int) string { return fmt.Sprintf("person%d@example.com", n) }

// people makes accounts, 0 to n-1, whose addresses are verified.
func (f *fleet) people(n int, more ...func(*server.NewAccount)) []server.AddedAccount {
	f.t.Helper()
	var out []server.AddedAccount
	for i := range n {
		a := server.NewAccount{Email: address(i), EmailVerified: true, Password: password}
		for _, change := range more {
			change(&a)
		}
		added, err := f.inside.AddAccount(f.t.Context(), a)
		if err != nil {
			f.t.Fatal(err)
		}
		out = append(out, added)
	}
	return out
}
