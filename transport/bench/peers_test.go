package bench

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"stagedoor/transport/internal/device"
)

// double is a server of another kind, as far as its answers go: shaped like those that the real one
// gave when it was asked (Ory Kratos v26.2.0, Hanko of August 2026).
type double struct {
	mu sync.Mutex
	// passwords and secrets by address, sessions and what each lacks by token, flows by id.
	passwords, secrets, sessions, flows map[string]string
	n                                   int
	// ahead is how far the clock is ahead of the machine's.
	ahead time.Duration
}

// now is the double's time, which lets pass what somebody waits for.
func (d *double) now() time.Time {
	d.mu.Lock()
	defer d.mu.Unlock()
	return time.Now().Add(d.ahead)
}

func (d *double) wait(_ context.Context, by time.Duration) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.ahead += by
	return nil
}

func newDouble() *double {
	return &double{passwords: map[string]string{}, secrets: map[string]string{}, sessions: map[string]string{}, flows: map[string]string{}}
}

// id is a new one.
func (d *double) id(kind string) string { d.n++; return fmt.Sprintf("%s-%d", kind, d.n) }

// right reports whether a code is the one of now.
func (d *double) right(secret, code string) bool {
	want, err := device.TOTP(secret, time.Now().Add(d.ahead))
	return err == nil && code == want
}

// say answers as JSON.
func say(w http.ResponseWriter, status int, body any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(body)
}

const aSecret = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"

// likeKratos answers as Ory Kratos does.
func (d *double) likeKratos(w http.ResponseWriter, r *http.Request) {
	d.mu.Lock()
	defer d.mu.Unlock()
	token := r.Header.Get("X-Session-Token")
	who := d.sessions[token]
	if r.URL.Path == "/sessions/whoami" {
		if who == "" {
			say(w, 401, map[string]any{"error": map[string]any{"code": 401}})
			return
		}
		say(w, 200, map[string]any{"id": "s", "active": true})
		return
	}
	kind := strings.TrimPrefix(r.URL.Path, "/self-service/")
	if r.Method == "GET" {
		id := d.id("flow")
		kind = strings.TrimSuffix(kind, "/api")
		d.flows[id] = kind + r.URL.Query().Get("aal")
		node := map[string]any{"attributes": map[string]any{"id": "totp_secret_key", "text": map[string]any{"text": aSecret}}}
		say(w, 200, map[string]any{"id": id, "ui": map[string]any{"nodes": []any{map[string]any{"attributes": map[string]any{"name": "csrf_token"}}, node}}})
		return
	}
	var in struct {
		Method, Password, Identifier string
		Code                         string `json:"totp_code"`
		Traits                       struct{ Email string }
	}
	if err := json.NewDecoder(r.Body).Decode(&in); err != nil || !strings.HasPrefix(d.flows[r.URL.Query().Get("flow")], kind) {
		say(w, 410, map[string]any{"error": "no such flow"})
		return
	}
	second := d.flows[r.URL.Query().Get("flow")] == "loginaal2"
	switch {
	case kind == "registration" && in.Method == "password" && d.passwords[in.Traits.Email] == "":
		d.passwords[in.Traits.Email], who = in.Password, in.Traits.Email
	case kind == "login" && !second && in.Method == "password" && in.Password != "" && d.passwords[in.Identifier] == in.Password:
		who = in.Identifier
	case kind == "login" && second && who != "" && in.Method == "totp" && d.right(d.secrets[who], in.Code):
		say(w, 200, map[string]any{"session": map[string]any{"authenticator_assurance_level": "aal2"}})
		return
	case kind == "settings" && who != "" && in.Method == "totp" && d.right(aSecret, in.Code):
		d.secrets[who] = aSecret
		say(w, 200, map[string]any{"state": "success"})
		return
	default:
		say(w, 400, map[string]any{"ui": map[string]any{"messages": []string{"refused"}}})
		return
	}
	token = d.id("token")
	d.sessions[token] = who
	say(w, 200, map[string]any{"session_token": token, "session": map[string]any{}})
}

// likeHanko answers as Hanko does: registration asks for an address, a password and offers an app; a
// login asks for the address, the password and, where there is one, the app's code.
func (d *double) likeHanko(w http.ResponseWriter, r *http.Request) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if r.URL.Path == "/sessions/validate" {
		token, _ := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
		say(w, 200, map[string]any{"is_valid": d.sessions[token] != ""})
		return
	}
	var in struct {
		Input map[string]any `json:"input_data"`
		CSRF  string         `json:"csrf_token"`
	}
	_ = json.NewDecoder(r.Body).Decode(&in)
	text := func(name string) string { s, _ := in.Input[name].(string); return s }
	action, id, _ := strings.Cut(r.URL.Query().Get("action"), "@")
	if id == "" {
		id, action = d.id("flow"), "begin"
	} else if in.CSRF != "csrf-"+id {
		say(w, 403, map[string]any{"name": "error"})
		return
	}
	who, register := d.flows[id], r.URL.Path == "/registration"
	state, next, payload := "", "", map[string]any{}
	switch action {
	case "begin":
		state, next = "preflight", "register_client_capabilities"
	case "register_client_capabilities":
		state, next = map[bool]string{true: "registration_init", false: "login_init"}[register], map[bool]string{true: "register_login_identifier", false: "continue_with_login_identifier"}[register]
	case "register_login_identifier":
		d.flows[id], state, next = text("email"), "password_creation", "register_password"
	case "register_password":
		d.passwords[who], state, next = text("new_password"), "mfa_method_chooser", "continue_to_otp_secret_creation skip"
	case "continue_to_otp_secret_creation":
		state, next, payload["otp_secret"] = "mfa_otp_secret_creation", "otp_code_verify", aSecret
	case "continue_with_login_identifier":
		d.flows[id], state, next = text("email"), "login_password", "password_login"
	case "password_login":
		if d.passwords[who] == text("password") {
			state, next = map[bool]string{true: "login_otp", false: "success"}[d.secrets[who] != ""], "otp_code_validate"
		}
	case "otp_code_verify", "otp_code_validate":
		if d.right(aSecret, text("otp_code")) {
			d.secrets[who], state = aSecret, "success"
		}
	case "skip":
		state = "success"
	}
	actions := map[string]any{}
	for name := range strings.FieldsSeq(next) {
		actions[name] = map[string]string{"href": r.URL.Path + "?action=" + name + "%40" + id}
	}
	if state == "success" {
		token := d.id("token")
		d.sessions[token] = who
		w.Header().Set("X-Auth-Token", token)
	}
	status := 200
	if state == "" {
		status, state = 400, "error"
	}
	say(w, status, map[string]any{"name": state, "payload": payload, "csrf_token": "csrf-" + id, "actions": actions})
}

// TestPeers walks the journeys of servers of others.
func TestPeers(t *testing.T) {
	for contract, like := range map[Contract]func(*double) http.HandlerFunc{
		Kratos: func(d *double) http.HandlerFunc { return d.likeKratos },
		Hanko:  func(d *double) http.HandlerFunc { return d.likeHanko },
	} {
		d := newDouble()
		target := behind(t, like(d))
		target.Mount, target.Contract, target.now, target.wait = "", contract, d.now, d.wait
		for _, j := range contract.journeys() {
			r, err := Run(t.Context(), target, Load{Journey: j.name, Connections: 1, Count: 4, Accounts: 2}, nil)
			if err != nil || r.Done != 4 || r.Failed > 0 {
				t.Errorf("%s %s: %+v, %v", contract, j.name, r, err)
			}
		}
	}
}
