package contract

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"stagedoor/engine"
	"stagedoor/state"
	"stagedoor/state/accounts"
	"stagedoor/transport/internal/token"
	"stagedoor/transport/internal/wire"
)

// TestUnaccepted: what a turn came to is a problem exactly where nothing was stored.
func TestUnaccepted(t *testing.T) {
	for outcome, want := range map[engine.Outcome]int{
		engine.Wrong: 400, engine.Limited: 429, engine.NotWaiting: 409, engine.Conflict: 409,
		engine.Advanced: 0, engine.Granted: 0, engine.Finished: 0, engine.Done: 0,
	} {
		status := 0
		if p := wire.AsProblem(Unaccepted(engine.Answer{Outcome: outcome})); p != nil {
			status = p.Status
		}
		if status != want {
			t.Errorf("%v: %d, want %d", outcome, status, want)
		}
	}
}

// TestUnansweredThirdParty: one that was to be asked and did not answer is no fault of the input.
// The log learns why, and the client what kind of cause it was.
func TestUnansweredThirdParty(t *testing.T) {
	for code, status := range map[string]int{wire.CodeUnavailable: 503, "invalid_token": 400} {
		p := wire.AsProblem(Unaccepted(engine.Answer{
			Outcome: engine.Wrong, Errors: []engine.FieldError{{Code: code, Cause: "a_cause"}}, Why: "no answer in time",
		}))
		if p.Status != status || p.Errors[0].Cause != "a_cause" || !strings.Contains(p.Error(), "no answer in time") || (p.RetryAfter > 0) != (status == 503) {
			t.Errorf("%s: %+v", code, p)
		}
	}
}

// TestRead reads the body once, judges it by whatever fields it is asked for, and keeps no
// values of a body that is malformed.
func TestRead(t *testing.T) {
	call := func(body string) *Call {
		return &Call{Base: &Base{BodyLimit: 64}, Request: httptest.NewRequest(http.MethodPost, "/", strings.NewReader(body))}
	}
	c := call(`{"code": "123", "name": ""}`)
	for name, want := range map[string]string{"code": "123", "name": ""} {
		if err := c.Read([]wire.Field{{Name: name, Type: wire.Secret, Required: true}}); err != nil {
			t.Fatal(err)
		}
		if got := c.Input.Text(name); got != want || (c.Input.Err() == nil) != (want != "") {
			t.Errorf("%s is %q, %v", name, got, c.Input.Err())
		}
	}
	c.Input.Add("code", "incorrect_code")
	if p := wire.AsProblem(c.Input.Err()); p.Status != http.StatusBadRequest || p.Errors[len(p.Errors)-1].Code != "incorrect_code" {
		t.Errorf("a fault that was added is answered %v", p)
	}
	for _, body := range []string{`{"code": `, `{"code": "` + strings.Repeat("1", 64) + `"}`} {
		c := call(body)
		if err := c.Read([]wire.Field{{Name: "code", Type: wire.Secret}}); err == nil || c.Input.Text("code") != "" || c.Input.Invalid != nil {
			t.Errorf("%.20s: %v, %v", body, err, c.Input)
		}
	}
}

// TestAction finds an action by its name only.
func TestAction(t *testing.T) {
	actions := []engine.Action{{Name: "resend"}, {Name: "change", Fields: []engine.Field{{Name: "email"}}}}
	if a, ok := Action(actions, "change"); !ok || len(a.Fields) != 1 {
		t.Errorf("change is %v, %v", a, ok)
	}
	if a, ok := Action(actions, "info"); ok || a.Fields != nil {
		t.Errorf("info, which is not declared, is %v, %v", a, ok)
	}
}

// TestLastExit tells the end of a run that is over, and nothing of one that waits.
func TestLastExit(t *testing.T) {
	run := &engine.Run{Trail: []engine.TrailEntry{{Exit: "ok"}, {Exit: "closed"}}}
	for _, c := range []struct {
		ans  engine.Answer
		want engine.Exit
	}{
		{engine.Answer{Outcome: engine.Finished, Run: run}, "closed"},
		{engine.Answer{Outcome: engine.Advanced, Run: run}, ""},
		{engine.Answer{Outcome: engine.Finished, Run: &engine.Run{}}, ""},
		{engine.Answer{Outcome: engine.Finished}, ""},
	} {
		if got := LastExit(c.ans); got != c.want {
			t.Errorf("%v: %q, want %q", c.ans.Outcome, got, c.want)
		}
	}
}

// TestRedirectValues: the verifier and the nonce are those of the state on the way back as
// on the way out, other ones for another state, and other ones in the other contract.
func TestRedirectValues(t *testing.T) {
	keys, err := state.NewKeyring(strings.NewReader(strings.Repeat("r", 64)), []byte("0123456789abcdef0123456789abcdef"))
	if err != nil {
		t.Fatal(err)
	}
	seen := make(map[string]bool)
	for _, kind := range []token.Kind{token.Browser, token.Rest} {
		for _, name := range []string{"one", "two"} {
			c := &Call{Base: &Base{Keys: keys}, Kind: kind}
			r := Redirect{Provider: "mock", State: name, URI: "https://example.com/back"}
			out, back := c.redirectValues(r), c.ReturnValues(r, ProcessLogin, "code=1")
			for key, size := range map[string]int{"verifier": 43, "nonce": 22} {
				text := out.Text(key)
				if len(text) != size || back.Text(key) != text || seen[text] {
					t.Errorf("%v, state %s: %s is %q, then %q", kind, name, key, text, back.Text(key))
				}
				seen[text] = true
			}
			if back.Text("redirect_uri") != r.URI || back.Text("process") != ProcessLogin || back.Text("query") != "code=1" {
				t.Errorf("the way back has %v", back)
			}
		}
	}
}

// TestAccountError: what the account service refuses is never a fault of the server.
func TestAccountError(t *testing.T) {
	other := errors.New("no database")
	for _, c := range []struct {
		err    error
		status int
	}{
		{&accounts.RefusedError{Param: "email", Code: "unknown_email"}, 400}, {state.ErrMoved, 409},
		{&state.ConflictError{}, 409}, {other, 500},
	} {
		if p := wire.AsProblem(AccountError(c.err)); p.Status != c.status {
			t.Errorf("%v is answered %v", c.err, p)
		}
	}
}

// TestAccountNeedsSession: without a session no account is read.
func TestAccountNeedsSession(t *testing.T) {
	c := &Call{Base: &Base{}}
	if p := wire.AsProblem(func() error { _, err := c.Account(context.Background()); return err }()); p == nil || p.Status != http.StatusUnauthorized {
		t.Errorf("answered %v", p)
	}
}
