package bench

import (
	"encoding/json"
	"fmt"
	"net/http"
)

// kratosJourneys are those of Ory Kratos, by its flows for native apps: each begins with a GET that
// makes the flow, and goes on with POSTs to it. The server wants a configuration in which the
// trait email is the identifier of a password, registration ends with a session, and TOTP is on.
func kratosJourneys() []journey {
	somebody := func(v *visitor) error { return kratos{v}.somebody() }
	return []journey{
		{name: "read", what: "who is signed in, by somebody who is", ready: func(v *visitor) error { return kratos{v}.signedIn() }, one: func(v *visitor) (Request, int) {
			return kratos{v}.request("GET", "/sessions/whoami", ""), http.StatusOK
		}},
		{name: "login", what: "a sign-in with a password", ready: somebody, walk: func(v *visitor) error { return kratos{v}.login(v.accounts[0]) }},
		{name: "login-totp", what: "a sign-in with a password and a code of an authenticator app", ready: func(v *visitor) error { return kratos{v}.members() }, codes: true, walk: func(v *visitor) error {
			return v.withAccount(func(a *account) error { return kratos{v}.loginTOTP(a) })
		}},
		{name: "signup", what: "a new account", walk: func(v *visitor) error { return kratos{v}.signUp(v.people.next()) }},
	}
}

// kratos is a visitor who speaks to Ory Kratos.
type kratos struct{ *visitor }

func (k kratos) request(method, path, body string) Request {
	return Request{Method: method, URL: k.target.Mount + path, Header: k.as("X-Session-Token", "", k.token), Body: body}
}

// flow makes a flow and submits to it.
func (k kratos) flow(kind, query string, body func(flow answer) (any, error)) (answer, error) {
	path := "/self-service/" + kind
	r := k.request("GET", path+"/api"+query, "")
	got, err := k.step("GET "+path, "GET", r.URL, r.Header, nil, http.StatusOK)
	if err != nil {
		return got, err
	}
	id := got.text("id")
	if id == "" {
		return got, &Failure{Kind: KindAnswer, Err: fmt.Errorf("a flow without id: %.200s", got.body)}
	}
	fields, err := body(got)
	if err != nil {
		return got, err
	}
	text, _ := json.Marshal(fields) // maps of strings
	r = k.request("POST", path+"?flow="+id, "")
	got, err = k.step("POST "+path, "POST", r.URL, r.Header, text, http.StatusOK)
	if err == nil {
		if token := got.text("session_token"); token != "" {
			k.token = token
		}
	}
	return got, err
}

// fixed is a body that does not depend on the flow.
func fixed(body any) func(answer) (any, error) {
	return func(answer) (any, error) { return body, nil }
}

// signUp makes an account, and has it signed in.
func (k kratos) signUp(a *account) error {
	k.token = ""
	_, err := k.flow("registration", "", fixed(map[string]any{"method": "password", "password": a.password, "traits": fields{"email": a.email}}))
	if err == nil && k.token == "" {
		err = &Failure{Kind: KindAnswer, Err: errNoSession}
	}
	return err
}

var errNoSession = fmt.Errorf("the registration does not end with a session; add the hook session to selfservice.flows.registration.after.password.hooks")

// login signs in with a password.
func (k kratos) login(a *account) error {
	k.token = ""
	_, err := k.flow("login", "", fixed(fields{"method": "password", "identifier": a.email, "password": a.password}))
	return err
}

// loginTOTP signs in with a password, and then with a code.
func (k kratos) loginTOTP(a *account) error {
	if err := k.untilFresh(a); err != nil {
		return err
	}
	if err := k.login(a); err != nil {
		return err
	}
	_, err := k.flow("login", "?aal=aal2", func(answer) (any, error) {
		code, err := k.code(a)
		return fields{"method": "totp", "totp_code": code}, err
	})
	return err
}

// somebody makes the visitor's account, once.
func (k kratos) somebody() error { return k.own(k.member) }

// member makes an account that is signed in.
func (k kratos) member() (*account, error) {
	a := k.people.next()
	return a, k.signUp(a)
}

// signedIn has the visitor signed in.
func (k kratos) signedIn() error {
	if len(k.accounts) > 0 {
		return k.login(k.accounts[0])
	}
	return k.somebody()
}

// members puts accounts with an authenticator app into the pool, once.
func (k kratos) members() error {
	return k.stock(func() (*account, error) {
		a, err := k.member()
		if err != nil {
			return nil, err
		}
		_, err = k.flow("settings", "", func(flow answer) (any, error) {
			if a.secret = kratosSecret(flow.body); a.secret == "" {
				return nil, &Failure{Kind: KindAnswer, Err: fmt.Errorf("no secret of an authenticator app; is selfservice.methods.totp enabled?")}
			}
			if err := k.untilFresh(a); err != nil {
				return nil, err
			}
			code, err := k.code(a)
			return fields{"method": "totp", "totp_code": code}, err
		})
		return a, err
	})
}

// kratosSecret finds the secret of an authenticator app among the nodes of a settings flow.
func kratosSecret(body []byte) string {
	var flow struct {
		UI struct {
			Nodes []struct {
				Attributes struct {
					ID   string
					Text struct{ Text string }
				}
			}
		}
	}
	_ = json.Unmarshal(body, &flow) // then there is none
	for _, n := range flow.UI.Nodes {
		if n.Attributes.ID == "totp_secret_key" {
			return n.Attributes.Text.Text
		}
	}
	return ""
}
