package bench

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
)

// hankoJourneys are those of Hanko's flow API, in which the server says in every answer what can be
// done next. The server wants a configuration with passwords and without verification of
// addresses and limits, that hands out the token of a session as a header; TOTP is to be offered
// at registration.
func hankoJourneys() []journey {
	somebody := func(v *visitor) error { return hanko{v}.somebody() }
	return []journey{
		{name: "read", what: "who is signed in, by somebody who is", ready: func(v *visitor) error { return hanko{v}.signedIn() }, walk: func(v *visitor) error { return hanko{v}.validate() }},
		{name: "login", what: "a sign-in with a password", ready: somebody, walk: func(v *visitor) error { return hanko{v}.walk("/login", v.accounts[0]) }},
		{name: "login-totp", what: "a sign-in with a password and a code of an authenticator app", ready: func(v *visitor) error { return hanko{v}.members() }, codes: true, walk: func(v *visitor) error {
			return v.withAccount(func(a *account) error {
				// Waiting comes before: what a login under way waits for is the server.
				if err := v.untilFresh(a); err != nil {
					return err
				}
				return hanko{v}.walk("/login", a)
			})
		}},
		{name: "signup", what: "a new account", walk: func(v *visitor) error { return hanko{v}.walk("/registration", v.people.next()) }},
	}
}

// hanko is a visitor who speaks to Hanko.
type hanko struct{ *visitor }

// hankoState is where a flow is, and what can be done there.
type hankoState struct {
	Name    string
	CSRF    string `json:"csrf_token"`
	Payload struct {
		Secret string `json:"otp_secret"`
	}
	Actions map[string]struct{ Href string }
}

// hankoMove is the action that is taken in a state. app says that the account is to have an authenticator
// app, or has one.
func hankoMove(state string, app bool) string {
	switch state {
	case "preflight":
		return "register_client_capabilities"
	case "registration_init":
		return "register_login_identifier"
	case "login_init":
		return "continue_with_login_identifier"
	case "login_method_chooser":
		return "continue_to_password_login"
	case "login_password":
		return "password_login"
	case "credential_onboarding_chooser":
		return "continue_to_password_registration"
	case "password_creation":
		return "register_password"
	case "mfa_method_chooser":
		if app {
			return "continue_to_otp_secret_creation"
		}
	case "mfa_otp_secret_creation":
		return "otp_code_verify"
	case "login_otp":
		return "otp_code_validate"
	}
	return "skip"
}

// longest is how many states a flow goes through at most.
const longest = 15

// walk goes through a flow to its end, as the server offers it.
func (h hanko) walk(path string, a *account) error {
	h.token = ""
	raw, at, name := []byte("{}"), path, "begin "+path
	for range longest {
		got, err := h.step(name, "POST", h.target.Mount+at, h.as("", "", ""), raw, http.StatusOK)
		if err != nil {
			return err
		}
		var s hankoState
		if err := json.Unmarshal(got.body, &s); err != nil {
			return &Failure{Kind: KindAnswer, Err: fmt.Errorf("%s: %w", name, err)}
		}
		if s.Name == "success" {
			if h.token = got.header("X-Auth-Token"); h.token == "" {
				return &Failure{Kind: KindAnswer, Err: errors.New("no token of a session; set session.enable_auth_token_header")}
			}
			return nil
		}
		if s.Payload.Secret != "" {
			a.secret = s.Payload.Secret
		}
		name = hankoMove(s.Name, a.app || a.secret != "")
		if at = s.Actions[name].Href; at == "" {
			return &Failure{Kind: KindAnswer, Err: fmt.Errorf("the flow %s is at %s, and %s is not offered: %.200s", path, s.Name, name, got.body)}
		}
		at = "/" + strings.TrimPrefix(at, "/")
		if raw, err = h.submission(name, s.CSRF, a); err != nil {
			return err
		}
	}
	return &Failure{Kind: KindAnswer, Err: fmt.Errorf("the flow %s has not come to its end in %d steps", path, longest)}
}

// submission is what is sent for an action.
func (h hanko) submission(action, csrf string, a *account) ([]byte, error) {
	input := map[string]any{}
	switch action {
	case "register_client_capabilities":
		input["webauthn_available"] = false
	case "register_login_identifier", "continue_with_login_identifier":
		input["email"] = a.email
	case "password_login":
		input["password"] = a.password
	case "register_password":
		input["new_password"] = a.password
	case "otp_code_verify", "otp_code_validate":
		if err := h.untilFresh(a); err != nil {
			return nil, err
		}
		code, err := h.code(a)
		if err != nil {
			return nil, err
		}
		input["otp_code"] = code
	}
	return json.Marshal(map[string]any{"input_data": input, "csrf_token": csrf})
}

// validate asks whose session it is. The answer is 200 of nobody's, too.
func (h hanko) validate() error {
	headers := h.as("Authorization", "Bearer ", h.token)
	got, err := h.step("GET /sessions/validate", "GET", h.target.Mount+"/sessions/validate", headers, nil, http.StatusOK)
	if err == nil && !bytes.Contains(got.body, []byte(`"is_valid":true`)) {
		err = &Failure{Kind: KindAnswer, Err: fmt.Errorf("the session is not valid: %.200s", got.body)}
	}
	return err
}

// somebody makes the visitor's account, once.
func (h hanko) somebody() error {
	return h.own(func() (*account, error) {
		a := h.people.next()
		return a, h.walk("/registration", a)
	})
}

// signedIn has the visitor signed in.
func (h hanko) signedIn() error {
	if len(h.accounts) > 0 {
		return h.walk("/login", h.accounts[0])
	}
	return h.somebody()
}

// members puts accounts with an authenticator app into the pool, once.
func (h hanko) members() error {
	return h.stock(func() (*account, error) {
		a := h.people.next()
		a.app = true
		if err := h.walk("/registration", a); err != nil {
			return nil, err
		}
		if a.secret == "" {
			return nil, &Failure{Kind: KindAnswer, Err: errors.New("no authenticator app was offered; set mfa.enabled, mfa.totp.enabled and mfa.acquire_on_registration")}
		}
		return a, nil
	})
}
