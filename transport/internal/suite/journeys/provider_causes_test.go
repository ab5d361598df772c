package journeys

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"stagedoor/transport/internal/suite"
)

// troubles are what can go wrong at a provider, with what front ends and operators learn of it.
func troubles() map[string]struct {
	status      int
	body, cause string
	// plain is what the plain contract answers, and words are the provider's own.
	plain int
	words string
} {
	return map[string]struct {
		status      int
		body, cause string
		plain       int
		words       string
	}{
		"down":           {502, ``, "provider_unavailable", 503, "status 502"},
		"a used code":    {400, `{"error": "invalid_grant", "error_description": "grant not found"}`, "token_refused", 400, `grant not found`},
		"a wrong secret": {401, `{"error": "invalid_client", "error_description": "who are you"}`, "not_configured", 400, `who are you`},
		"a MAC": {200, `{"access_token": "a", "id_token": "eyJhbGciOiJIUzI1NiJ9.e30.AAAA"}`,
			"not_configured", 400, "signed with HS256"},
	}
}

// answers has the provider's token endpoint answer so.
func (v *vouch) answers(status int, body string) {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.instead = func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(status)
		_, _ = w.Write([]byte(body))
	}
}

// trailed waits until a trail says why.
func trailed(t *testing.T, l *suite.Lab, words string) {
	t.Helper()
	for until := time.Now().Add(suite.Patience); l.Count("SELECT COUNT(*) FROM runs WHERE over = 'refused' AND why LIKE ?", "%"+words+"%") == 0; {
		if time.Now().After(until) {
			t.Errorf("no trail says %q", words)
			break
		}
		time.Sleep(10 * time.Millisecond)
	}
}

// told checks that a trail and the log say why.
func told(t *testing.T, l *suite.Lab, words string) {
	t.Helper()
	trailed(t, l, words)
	if !strings.Contains(strings.ReplaceAll(l.Log.String(), `\`, ""), words) {
		t.Errorf("the log does not say %q", words)
	}
}

// TestCausesAtTheFrontEnd: whatever went wrong at a provider was "unknown" to front ends, and the
// log had one sentence for four causes.
func TestCausesAtTheFrontEnd(t *testing.T) {
	l, v := vouching(t)
	v.is("sub-1", "ada@example.com", true)
	for name, trouble := range troubles() {
		v.answers(trouble.status, trouble.body)
		c := l.Browser()
		c.Session()
		from := c.Away(url.Values{"provider": {"acme"}, "callback_url": {"/here"}, "process": {"login"}})
		at := c.Back(from, url.Values{"code": {"code"}})
		suite.Arrived(t, at, "/here", "unknown")
		if got := at.Query().Get("error_cause"); got != trouble.cause || at.Query().Get("error_process") != "login" {
			t.Errorf("%s: sent to %s", name, at)
		}
		told(t, l, trouble.words)
	}
	// What the person chose has no cause.
	c := l.Browser()
	c.Session()
	from := c.Away(url.Values{"provider": {"acme"}, "callback_url": {"/here"}, "process": {"login"}})
	at := c.Back(from, url.Values{"error": {"access_denied"}})
	if suite.Arrived(t, at, "/here", "cancelled"); at.Query().Has("error_cause") {
		t.Errorf("sent to %s", at)
	}
}

// TestCausesInJSON: an entry of the errors says what is behind it, on the plain contract and for an
// app's token.
func TestCausesInJSON(t *testing.T) {
	l, v := vouching(t)
	v.is("sub-1", "ada@example.com", true)
	for name, trouble := range troubles() {
		v.answers(trouble.status, trouble.body)
		s := l.Script()
		back := travel(s, s.Post("/providers/acme/redirect/", nil).Is(200))
		field := "code"
		if trouble.plain == 503 {
			field = "__all__"
		}
		got := s.Post("/providers/acme/callback/", back)
		if got.Status != trouble.plain || !strings.Contains(got.Raw, `"cause":{"`+field+`":"`+trouble.cause+`"}`) || strings.Contains(got.Raw, trouble.words) {
			t.Errorf("%s: %d %s", name, got.Status, got.Raw)
		}
		told(t, l, trouble.words)
	}
	got := l.App().Do("POST", "/auth/provider/token", suite.M{
		"provider": "acme", "process": "login", "token": suite.M{"client_id": "client", "id_token": "eyJhbGciOiJIUzI1NiJ9.e30.AAAA"},
	})
	if got.Is(400, "token:invalid_token"); !strings.Contains(got.Raw, `"cause":"not_configured"`) {
		t.Errorf("an app's token: %s", got.Raw)
	}
	trailed(t, l, "signed with HS256")
}

// TestCancelledOnThePlainContract: who came back without a code was told that a code is required.
func TestCancelledOnThePlainContract(t *testing.T) {
	l, v := vouching(t)
	v.is("sub-1", "ada@example.com", true)
	s := l.Script()
	began := s.Post("/providers/acme/redirect/", nil).Is(200)
	back := travel(s, began)
	delete(back, "code")
	s.Post("/providers/acme/callback/", back).Is(400, "code:required")
	back["error"], back["error_description"] = "access_denied", "the resource owner denied it"
	s.Post("/providers/acme/callback/", back).Is(400, "__all__:cancelled")
	// It has come back by that.
	s.Post("/providers/acme/callback/", back).Is(400, "state:invalid")
}
