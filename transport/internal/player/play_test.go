package player

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"stagedoor/transport/internal/device"
)

// toy is a server of a few lines: it says back what it is sent, and a little more.
type toy struct {
	mu   sync.Mutex
	sent []*http.Request
	body []string
}

func (s *toy) RoundTrip(req *http.Request) (*http.Response, error) {
	var body []byte
	if req.Body != nil {
		body, _ = io.ReadAll(req.Body)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.sent, s.body = append(s.sent, req), append(s.body, string(body))
	got := &http.Response{StatusCode: 200, Header: http.Header{}}
	text := `{"status":200}`
	switch req.URL.Path {
	case "/_allauth/browser/v1/config":
		got.Header.Add("Set-Cookie", "csrftoken=crumb; SameSite=Lax")
	case "/_allauth/app/v1/login":
		text = `{"status":401,"meta":{"session_token":"first"},"data":{"flows":[{"id":"b","is_pending":true}],"access_token":"acc"}}`
		got.StatusCode = 401
	case "/_allauth/app/v1/gone":
		got.StatusCode, text = 410, `{"status":410}`
	case "/auth/login":
		got.StatusCode, text = 401, `{"flow":"mfa_authenticate","pending":true,"flow_token":"run"}`
	case "/auth/enter":
		text = `{"access_token":"bear"}`
	case "/broken":
		got.StatusCode = 500
	case "/to":
		got.StatusCode, text = 302, ""
		got.Header.Set("Location", "http://front.example/done?error=denied&state=x")
	}
	got.Body = io.NopCloser(strings.NewReader(text))
	return got, nil
}

// world is one around a toy, with a clock that is moved.
func (s *toy) world() *World {
	now := time.Date(2031, 5, 17, 12, 0, 0, 0, time.UTC)
	box := &device.Inbox{}
	return &World{
		Base: "http://localhost:8080", Origin: "http://localhost:8080", HTTP: s, Now: func() time.Time { return now },
		Pass:     func(_ context.Context, d time.Duration) error { now = now.Add(d); return nil },
		Messages: func(_ context.Context, to string, _ int) ([]device.Message, error) { return box.Take(to), nil },
	}
}

// perform plays the text of a story against a toy.
func perform(t *testing.T, s *toy, client, text string) Result {
	t.Helper()
	story, err := Parse([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	story.Name, story.File = "story", "story.yaml"
	return Run(t.Context(), Play{story, client}, func(context.Context, *Story, string) (*World, error) { return s.world(), nil })
}

// passes fails the test unless the play was as it must be.
func passes(t *testing.T, r Result) {
	t.Helper()
	if !r.Passed {
		var b strings.Builder
		Printer{Out: &b, Verbose: true}.Print(r)
		t.Fatal(b.String())
	}
}

// TestAppClient keeps the token it is handed, shows it, and forgets one that is gone.
func TestAppClient(t *testing.T) {
	s := &toy{}
	passes(t, perform(t, s, App, `proves: x
steps:
  - {req: POST /login, body: {email: "{{email}}", n: 3}, want: 401, pending: b}
  - {req: GET /session, headers: {X-Mine: "{{access_token}}", Accept: ""}}
  - {req: GET /session, token: none}
  - {req: GET /session, token: "my {{token}}"}
  - {req: POST /gone, want: 410}
  - {req: GET =/plain/path}
`))
	var tokens []string
	for _, req := range s.sent {
		tokens = append(tokens, req.URL.Path+" "+req.Header.Get("X-Session-Token"))
	}
	want := []string{
		"/_allauth/app/v1/login ", "/_allauth/app/v1/session first", "/_allauth/app/v1/session ", "/_allauth/app/v1/session my first",
		"/_allauth/app/v1/gone first", "/plain/path ",
	}
	if !slices.Equal(tokens, want) {
		t.Errorf("got %q\nwant %q", tokens, want)
	}
	if s.sent[1].Header.Get("X-Mine") != "acc" || s.sent[1].Header.Get("Accept") != "" || s.sent[0].Header.Get("Cookie") != "" {
		t.Errorf("headers %v", s.sent[1].Header)
	}
	var body struct {
		Email string
		N     int
	}
	if err := json.Unmarshal([]byte(s.body[0]), &body); err != nil || !strings.HasSuffix(body.Email, "@example.org") || body.N != 3 {
		t.Errorf("sent %s", s.body[0])
	}
}

// TestBrowserClient fetches its token against forged requests once, and shows it where it
// must be shown.
func TestBrowserClient(t *testing.T) {
	s := &toy{}
	passes(t, perform(t, s, Browser, `proves: x
steps:
  - {req: GET /session}
  - {req: POST /session, body: {}}
  - {req: POST /session, csrf: none}
  - {req: POST /session, csrf: wrong}
  - {req: POST /session, form: {a: "{{client}}"}}
  - {drop: csrftoken}
  - {req: POST /session}
  - {req: POST /session, as: other}
`))
	var got []string
	for i, req := range s.sent {
		got = append(got, fmt.Sprintf("%s %.5s %s %s", req.Method, req.Header.Get("X-CSRFToken"), req.Header.Get("Cookie"), s.body[i]))
	}
	want := []string{
		"GET   ", "GET  csrftoken=crumb ", "POST crumb csrftoken=crumb {}", "POST  csrftoken=crumb ", "POST wwwww csrftoken=crumb ",
		"POST crumb csrftoken=crumb a=browser&csrfmiddlewaretoken=crumb", "POST   ", "GET   ", "POST crumb csrftoken=crumb ",
	}
	if !slices.Equal(got, want) {
		t.Errorf("got %q\nwant %q", got, want)
	}
}

// TestRestClient sends the token of its run until it has one that signs in.
func TestRestClient(t *testing.T) {
	s := &toy{}
	passes(t, perform(t, s, Rest, `proves: x
steps:
  - {req: POST /auth/login, want: 401, pending: mfa_authenticate}
  - {req: POST /auth/code, body: {code: 1}}
  - {req: POST /auth/code, body: {token: mine}}
  - {req: POST /auth/code, token: none, body: {code: 1}}
  - {req: POST /auth/enter}
  - {req: POST /auth/code, body: {code: 1}}
`))
	if want := []string{"", `{"code":1,"token":"run"}`, `{"token":"mine"}`, `{"code":1}`, `{"token":"run"}`, `{"code":1}`}; !slices.Equal(s.body, want) {
		t.Errorf("sent %q\nwant %q", s.body, want)
	}
	if got := s.sent[5].Header.Get("Authorization"); got != "Bearer bear" || s.sent[4].Header.Get("Authorization") != "" {
		t.Errorf("the last request shows %q", got)
	}
}

// TestExpectations holds answers against all that a story can say of them.
func TestExpectations(t *testing.T) {
	for step, want := range map[string]string{
		`{req: GET =/x, want: 200, pending: none, flows: [], errors: none, cookies: []}`: "",
		`{req: GET =/broken}`:                                                            "status: 500, which nobody wants unsaid",
		`{req: GET =/broken, want: 500}`:                                                 "",
		`{req: GET =/x, want: 404}`:                                                      "status: want 404, got 200",
		`{req: GET =/x, want: {app: 404, browser: 200}}`:                                 "status: want 404, got 200",
		`{req: GET =/x, want: {browser: 404}}`:                                           "",
		`{req: GET =/x, pending: a}`:                                                     "pending: want a, got none",
		`{req: GET =/x, answer: {status: 201}}`:                                          "answer.status: want 201, got 200",
		`{req: GET =/x, answer_headers: {X-None: "*"}}`:                                  "header X-None: want *, got nothing",
		`{req: GET =/to, want: 302, location: "http://front.example/done?error=denied"}`: "",
		`{req: GET =/to, want: 302, location: "/done"}`:                                  "",
		`{req: GET =/to, want: 302, location: "http://other.example/done"}`:              "location: want http://other.example/done, got http://front.example/done?error=denied&state",
		`{req: GET =/to, want: 302, location: "/done?error=none"}`:                       "location: want /done?error=none, got http://front.example/done?error=denied&state",
		`{req: GET =/x, location: "/done"}`:                                              "location: want /done, got nowhere",
		`{mail: a@example.org}`:                                                          "mail: want one message, got none",
		`{mail: a@example.org, want: none}`:                                              "",
		`{sms: "+1", want: [code, notice]}`:                                              "sms: want code, notice, got none",
		`{req: GET =/x, body: {a: "{{nothing}}"}}`:                                       "{{nothing}}: nothing is not set",
		`{req: GET =/x, capture: {a: last.data.0}}`:                                      "capture a: {{last.data.0}}: there is no data; there are status",
		`{req: POST =/x, burst: 3, allow: [409]}`:                                        "statuses [200 200 200]; only [409] are allowed",
		`{req: POST =/x, burst: 2, want: [200, 200]}`:                                    "",
		`{req: POST =/x, burst: 2, want: [200, 409]}`:                                    "statuses: want 200, 409, got 200, 200",
		`{oidc: {sub: a}}`:                                                               "the last answer redirects nowhere, so nobody is at the provider",
		`{req: POST =/x, csrf: maybe, only: app}`:                                        "",
	} {
		var said []string
		// Plays of apps: what is said for browsers alone does not bind them.
		r := perform(t, &toy{}, App, "proves: x\nsteps:\n  - "+step+"\n")
		for _, d := range append(r.Faults, r.Steps[0].Faults...) {
			said = append(said, d.String())
		}
		if got := strings.Join(said, "; "); got != want {
			t.Errorf("%s: got %q, want %q", step, got, want)
		}
	}
}

// TestRecordingMustFit: a recording that is longer or shorter than its story, or of other
// clients, is told of.
func TestRecordingMustFit(t *testing.T) {
	const line = `    - {"step":"GET =/x","status":200,"body":{"status":200}}` + "\n"
	for recording, want := range map[string]string{
		"  app:\n" + line:        "",
		"  app:\n" + line + line: "the recording goes on after the last step, with GET =/x",
		"  app:\n":               "line 2: the recording ends before step 1",
		"  browser:\n" + line:    "nothing is recorded for the client app",
		"  app:\n" + strings.Replace(line, "/x", "/y", 1): `the recording has "GET =/y" here; the story was changed since`,
	} {
		r := perform(t, &toy{}, App, "proves: x\nsteps: [{req: GET =/x}]\n# ---- recorded\nexpect:\n"+recording)
		faults, _ := r.departs()
		got := ""
		if len(faults) > 0 {
			got = faults[0].String()
		}
		if got != want || r.Passed != (want == "") {
			t.Errorf("%q: passed %v, %q, want %q", recording, r.Passed, got, want)
		}
	}
}

// TestSkips: a play that a target will not have is skipped, one that it cannot begin fails.
func TestSkips(t *testing.T) {
	story, err := Parse([]byte("proves: x\ngiven: {}\nsteps: [{req: GET =/x}]\n"))
	if err != nil {
		t.Fatal(err)
	}
	run := func(w *World, err error) Result {
		return Run(t.Context(), Play{story, App}, func(context.Context, *Story, string) (*World, error) { return w, err })
	}
	if r := run(nil, fmt.Errorf("%w: no such profile", ErrSkip)); r.Passed || r.Skipped != "not played here: no such profile" {
		t.Errorf("a target that skips: %+v", r)
	}
	if r := run(nil, errors.New("no server")); r.Passed || r.Skipped != "" || r.Faults[0].String() != "no server" {
		t.Errorf("a target that fails: %+v", r)
	}
	if r := run((&toy{}).world(), nil); r.Skipped == "" || r.Passed {
		t.Errorf("accounts that cannot be given: %+v", r)
	}
	w := (&toy{}).world()
	w.Add = func(context.Context, Account) (Created, error) { return Created{}, nil }
	w.Close = func() error { return errors.New("stuck") }
	if r := run(w, nil); r.Passed || r.Faults[0].String() != "the server does not end: stuck" {
		t.Errorf("a server that does not end: %+v", r)
	}
}
