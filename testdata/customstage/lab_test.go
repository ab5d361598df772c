package acme

import (
	"bytes"
	"context"
	"crypto/ecdsa"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"time"

	"stagedoor/state"
	"stagedoor/transport/config"
	"stagedoor/transport/notify"
	"stagedoor/transport/server"
)

// lab is a server with the extensions, its clock and its mail in the test's hands.
type lab struct {
	*server.Server
	t    *testing.T
	url  string
	mail *mailer
	// config and options are what the server is made of.
	config  config.Config
	options server.Options
	stop    func()
	mu      sync.Mutex
	now     time.Time
	// from is the address that requests come from.
	from string
	// key, if not nil, is shown with every request.
	key *ecdsa.PrivateKey
}

const password = "violet harbour 7"

// newLab starts a server; change may alter what it is made of.
func newLab(t *testing.T, change ...func(*config.Config, *server.Options)) *lab {
	t.Helper()
	l := &lab{t: t, mail: &mailer{codes: make(map[string]string)}, now: time.Now(), from: "192.0.2.7"}
	c := config.Dev()
	c.DataDir, c.Mail.Supplied = t.TempDir(), true
	c.TrustedProxyCount, c.Dev.AllowRemote = 1, true
	c.Account.EmailVerificationByCodeEnabled = true
	c.Account.RateLimits = config.RateLimits{Off: true}
	o := server.Options{
		Extend: Extensions, Templates: []notify.Template{LeaveMail()}, Mail: l.mail,
		Log: slog.New(slog.DiscardHandler), Now: l.clock,
	}
	for _, f := range change {
		f(&c, &o)
	}
	if err := c.Validate(); err != nil {
		t.Fatal(err)
	}
	l.config, l.options = c, o
	l.start()
	t.Cleanup(func() { l.stop() })
	return l
}

// start runs the server.
func (l *lab) start() {
	l.t.Helper()
	s, err := server.Open(context.Background(), l.config, l.options)
	if err != nil {
		l.t.Fatal(err)
	}
	web := httptest.NewServer(s)
	l.Server, l.url = s, web.URL
	l.stop = func() {
		web.Close()
		ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
		defer cancel()
		if err := s.Close(ctx); err != nil {
			l.t.Error(err)
		}
	}
}

// restart runs another server on the same data.
func (l *lab) restart(change func(*server.Options)) {
	l.t.Helper()
	l.stop()
	change(&l.options)
	l.start()
}

func (l *lab) clock() time.Time {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.now
}

// pass lets time go by.
func (l *lab) pass(d time.Duration) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.now = l.now.Add(d)
}

// m is a body.
type m = map[string]any

// said is an answer of either contract.
type said struct {
	*lab
	what   string
	Status int
	Raw    string

	Data struct {
		Flows []flow
		User  *struct{ Email string }
	}
	Meta struct {
		Token string `json:"session_token"`
	}
	Flow      string
	Pending   bool
	FlowToken string `json:"flow_token"`
	Access    string `json:"access_token"`
	Secret    string
	Details   m
	Fields    []field
}

// flow is an entry of the headless contract's flows.
type flow struct {
	ID           string
	Pending      bool `json:"is_pending"`
	Fields       []field
	Version, URL string
}

type field struct {
	Name, Type string
	Required   bool
}

// send asks for a path with a token, if any, in the header that both contracts know.
func (l *lab) send(method, path, token string, body any) *said {
	l.t.Helper()
	var b []byte
	if body != nil {
		var err error
		if b, err = json.Marshal(body); err != nil {
			l.t.Fatal(err)
		}
	}
	r, err := http.NewRequest(method, l.url+path, bytes.NewReader(b))
	if err != nil {
		l.t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("X-Forwarded-For", l.from)
	if token != "" {
		r.Header.Set("X-Session-Token", token)
		r.Header.Set("Authorization", "Bearer "+token)
	}
	if l.key != nil {
		r.Header.Set("DPoP", l.proof(method, path, token))
		if token != "" {
			r.Header.Set("Authorization", "DPoP "+token)
		}
	}
	got, err := http.DefaultClient.Do(r)
	if err != nil {
		l.t.Fatal(err)
	}
	defer got.Body.Close()
	raw, err := io.ReadAll(got.Body)
	if err != nil {
		l.t.Fatal(err)
	}
	out := &said{lab: l, what: method + " " + path, Status: got.StatusCode, Raw: string(raw)}
	_ = json.Unmarshal(raw, out)
	return out
}

// app asks as an app does, rest as a script.
func (l *lab) app(path, token string, body any) *said {
	l.t.Helper()
	return l.send("POST", "/_allauth/app/v1"+path, token, body)
}

func (l *lab) rest(path, access string, body any) *said {
	l.t.Helper()
	return l.send("POST", "/auth"+path, access, body)
}

// is ends the test unless the answer has the status.
func (s *said) is(status int) *said {
	s.t.Helper()
	if s.Status != status {
		s.t.Fatalf("%s: %d, want %d: %s", s.what, s.Status, status, s.Raw)
	}
	return s
}

// waits ends the test unless the stage is pending, in the words of the answer's contract.
func (s *said) waits(stage string) *said {
	s.t.Helper()
	s.is(http.StatusUnauthorized)
	if s.pending() != stage {
		s.t.Fatalf("%s: %q is pending, want %q: %s", s.what, s.pending(), stage, s.Raw)
	}
	return s
}

func (s *said) pending() string {
	for _, f := range s.Data.Flows {
		if f.Pending {
			return f.ID
		}
	}
	if s.Pending {
		return s.Flow
	}
	return ""
}

// login begins with the password.
func (l *lab) login(email string) *said {
	l.t.Helper()
	return l.rest("/login/", "", m{"email": email, "password": password})
}

// somebody signs up, accepts the terms, and returns the access token.
func (l *lab) somebody(email string) string {
	l.t.Helper()
	run := l.rest("/signup/", "", m{"email": email, "password": password}).is(200).FlowToken
	r := l.rest("/stages/verify_email/", "", m{"token": run, "key": l.mail.code(l.t, email)}).waits("acme.terms")
	return l.accept(r).is(200).Access
}

// accept accepts the terms where they are pending.
func (l *lab) accept(r *said) *said {
	l.t.Helper()
	return l.rest("/stages/acme.terms/", "", m{"token": r.FlowToken, "accept": true, "version": TermsVersion})
}

// mailer is a mailer of the test: it keeps the last code to everybody.
type mailer struct {
	mu    sync.Mutex
	codes map[string]string
	texts []string
}

// Send implements notify.Sender.
func (b *mailer) Send(_ context.Context, m state.Message) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.texts = append(b.texts, string(m.Template))
	if code := m.Data["code"]; code != "" {
		b.codes[m.To] = code
	}
	return nil
}

// code waits for a code to an address, and takes it out.
func (b *mailer) code(t *testing.T, to string) string {
	t.Helper()
	for deadline := time.Now().Add(20 * time.Second); time.Now().Before(deadline); time.Sleep(5 * time.Millisecond) {
		b.mu.Lock()
		code := b.codes[to]
		delete(b.codes, to)
		b.mu.Unlock()
		if code != "" {
			return code
		}
	}
	t.Fatalf("no code comes to %s", to)
	return ""
}
