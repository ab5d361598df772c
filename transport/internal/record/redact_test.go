package record_test

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"stagedoor/engine"
	"stagedoor/state"
	"stagedoor/transport/internal/record"
)

// nobody are the accounts of a server that has none.
type nobody struct{ state.Accounts }

func (nobody) Find(context.Context, state.Key) (*state.Account, error) {
	return nil, state.ErrNotFound
}

func (nobody) Account(context.Context, state.AccountID) (*state.Account, error) {
	return nil, state.ErrNotFound
}

type noHandler struct{}

func (noHandler) Submit(context.Context, engine.Submission) (engine.Verdict, error) {
	return engine.Verdict{}, errors.New("nobody is asked")
}

// aRecorder records for flows with one stage of another package, whose fields are of
// every type.
func aRecorder(t testing.TB) *record.Recorder {
	t.Helper()
	stage := engine.Stage{
		ID: "acme.form", Kind: engine.Asks, Exits: engine.Exits{engine.OK: {}},
		Fields: []engine.Field{
			{Name: "pin", Type: engine.Secret}, {Name: "backup", Type: engine.EmailIn}, {Name: "mobile", Type: engine.PhoneIn},
			{Name: "nick", Type: engine.Username}, {Name: "remark", Type: engine.Text}, {Name: "agree", Type: engine.Bool},
		},
	}
	flows, err := engine.Compile(engine.Set{
		Graphs: []engine.Graph{{Flow: "acme.flow", Start: "form", Nodes: engine.Nodes{
			"form": {Stage: stage, Next: engine.Next{engine.OK: "end"}}, "end": {Stage: engine.Stage{ID: "end", Kind: engine.Ends}},
		}}},
		Handlers: map[engine.StageID]engine.Handler{"acme.form": noHandler{}},
	})
	if err != nil {
		t.Fatal(err)
	}
	r, err := record.New(record.Config{
		Flows: flows, Accounts: nobody{}, Now: time.Now, Rand: rand.Reader, Mount: "/_allauth", Rest: "/auth", TOTPDigits: 6,
		Passwordless: func(*state.Authenticator) *bool { return nil },
	})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// asked sends a request through a recorder to a handler that answers with a body.
func asked(r *record.Recorder, req *http.Request, status int, answer string) *httptest.ResponseRecorder {
	w := httptest.NewRecorder()
	r.Handler(http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		_, _ = io.Copy(io.Discard, req.Body)
		w.WriteHeader(status)
		_, _ = io.WriteString(w, answer)
	})).ServeHTTP(w, req)
	return w
}

// TestNothingTypedIsKept types texts that could be somebody's into fields of any name, as
// deep as JSON goes, into headers, cookies, queries and paths: a fixture has none of them.
func TestNothingTypedIsKept(t *testing.T) {
	fields := []string{
		"email", "new_email", "username", "phone", "password", "new_password", "current_password", "password1", "key", "code", "credential", "token",
		"id_token", "access_token", "refresh_token", "uid", "account", "name", "callback_url", "pin", "backup", "mobile", "nick", "remark", "secret", "anything", "state",
	}
	rapid.Check(t, func(rt *rapid.T) {
		r := aRecorder(t)
		var typed []string
		private := func() string {
			s := rapid.StringMatching(`[A-Za-z]{2,6}[0-9]{2,6}[A-Za-z]{2,6}(@[a-z]{3}[0-9]\.example)?|\+[0-9]{9,12}|[A-Z]{4}-[A-Z]{4}|[A-Z][a-z]{3,8} [A-Z][a-z]{3,8}`).Draw(rt, "private")
			typed = append(typed, s)
			return s
		}
		var value func(depth int) any
		value = func(depth int) any {
			switch kind := rapid.IntRange(0, 5).Draw(rt, "kind"); {
			case kind == 0 && depth < 3:
				return map[string]any{rapid.SampledFrom(fields).Draw(rt, "field"): value(depth + 1), private(): value(depth + 1)}
			case kind == 1 && depth < 3:
				return []any{value(depth + 1), value(depth + 1)}
			}
			return private()
		}
		for range rapid.IntRange(1, 4).Draw(rt, "requests") {
			body := map[string]any{"agree": true}
			for range rapid.IntRange(1, 6).Draw(rt, "fields") {
				body[rapid.SampledFrom(fields).Draw(rt, "field")] = value(0)
			}
			raw, err := json.Marshal(body)
			if err != nil {
				rt.Fatal(err)
			}
			path := rapid.SampledFrom([]string{"/_allauth/app/v1/auth/login", "/_allauth/browser/v1/auth/signup", "/auth/stages/acme.form/", "/_allauth/app/v1/auth/2fa/authenticate", "/auth/" + strings.ReplaceAll(private(), " ", "")}).Draw(rt, "path")
			req := httptest.NewRequest("POST", path+"?q="+strings.ReplaceAll(private(), " ", ""), bytes.NewReader(raw))
			req.Header.Set("User-Agent", private())
			req.Header.Set("X-Email-Verification-Key", private())
			req.AddCookie(&http.Cookie{Name: "csrftoken", Value: strings.Trim(private(), "+ ")})
			answer, _ := json.Marshal(map[string]any{"meta": map[string]any{"session_token": private(), "secret": private()}, "data": map[string]any{"unused_codes": []any{private()}}})
			status := rapid.SampledFrom([]int{200, 400, 401}).Draw(rt, "status")
			if _, strange := strings.CutPrefix(path, "/auth/"); strange && !strings.HasPrefix(path, "/auth/stages/") {
				status, answer = http.StatusNotFound, []byte(`{}`) // no contract has the path
			}
			asked(r, req, status, string(answer))
		}
		for id := range 5 {
			text, _ := r.Fixture(fmt.Sprint(id))
			for _, s := range typed {
				if len(s) > 3 && bytes.Contains(text, []byte(s)) {
					rt.Fatalf("%q was typed and is kept:\n%s", s, text)
				}
			}
		}
	})
}

// TestWordsOfSecretFields: of a field that holds somebody's secret or name not even a plain
// word is kept, whatever shape it comes in.
func TestWordsOfSecretFields(t *testing.T) {
	for _, body := range []string{
		`{"password": "harbour"}`, `{"password": {"value": "harbour"}}`, `{"password": {"harbour": 1}}`, `{"password": ["x", {"value": "harbour"}]}`,
		`{"email": {"harbour": ["harbour"]}}`, `{"secret": {"value": {"value": "harbour"}}}`, `{"name": "harbour"}`,
	} {
		r := aRecorder(t)
		asked(r, httptest.NewRequest("POST", "/_allauth/app/v1/auth/login", strings.NewReader(body)), 400, `{"status": 400}`)
		text, ok := r.Fixture("1")
		if !ok || bytes.Contains(text, []byte("harbour")) {
			t.Errorf("%s is kept as %s", body, text)
		}
	}
}

// TestPassesThrough: a recorded client is answered as without it, and what cannot be
// recorded is not.
func TestPassesThrough(t *testing.T) {
	r := aRecorder(t)
	for name, c := range map[string]struct {
		method, path, body string
		recorded           bool
	}{
		"json":           {"POST", "/auth/login/", `{"email": "ann@example.org"}`, true},
		"no body":        {"POST", "/auth/logout/", "", true},
		"not json":       {"POST", "/auth/login/", `{"email": `, false},
		"a list":         {"POST", "/auth/login/", `["ann@example.org"]`, false},
		"a look":         {"GET", "/auth/config/", "", false},
		"elsewhere":      {"POST", "/dev/qr", `{}`, false},
		"a large one":    {"POST", "/auth/login/", `{"a": "` + strings.Repeat("x", 300<<10) + `"}`, false},
		"a strange path": {"POST", "/auth/ann@example.org/", `{}`, false},
	} {
		before := count(r)
		req := httptest.NewRequest(c.method, c.path, strings.NewReader(c.body))
		req.Header.Set("User-Agent", name)
		req.Header.Set("Content-Type", "application/json")
		var got string
		w := httptest.NewRecorder()
		r.Handler(http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
			body, _ := io.ReadAll(req.Body)
			got = string(body)
			w.WriteHeader(http.StatusTeapot)
			_, _ = io.WriteString(w, "answered")
		})).ServeHTTP(w, req)
		if got != c.body || w.Code != http.StatusTeapot || w.Body.String() != "answered" {
			t.Errorf("%s: the handler reads %d bytes, the client %d %q", name, len(got), w.Code, w.Body)
		}
		if recorded := count(r) > before; recorded != c.recorded {
			t.Errorf("%s: recorded %v", name, recorded)
		}
	}
}

// count is how many stories there are.
func count(r *record.Recorder) int {
	n := 0
	for id := 1; ; id++ {
		if _, ok := r.Fixture(fmt.Sprint(id)); !ok {
			return n
		}
		n++
	}
}

// TestStoriesAreForgotten: of very many stories the latest are kept.
func TestStoriesAreForgotten(t *testing.T) {
	r := aRecorder(t)
	for i := range 130 {
		req := httptest.NewRequest("POST", "/auth/login/", strings.NewReader(`{}`))
		req.Header.Set("User-Agent", fmt.Sprint("client ", i))
		asked(r, req, 400, `{}`)
	}
	_, oldest := r.Fixture("30")
	_, kept := r.Fixture("31")
	if _, last := r.Fixture("130"); oldest || !kept || !last {
		t.Errorf("the 30th is there %v, the 31st %v, the last %v", oldest, kept, last)
	}
	if len(r.List()) != 0 {
		t.Error("stories without a run are listed")
	}
}

// TestNew wants all it needs.
func TestNew(t *testing.T) {
	if _, err := record.New(record.Config{}); err == nil || !strings.Contains(err.Error(), "record: ") {
		t.Errorf("nothing given: %v", err)
	}
}
