package bench

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"net/http"
)

// headlessJourneys are those of the contract of django-allauth's headless mode, for apps.
func headlessJourneys() []journey {
	signedIn := func(v *visitor) error { return headless{v}.signedIn() }
	somebody := func(v *visitor) error { return headless{v}.somebody(false) }
	withCodes := func(v *visitor) error { return headless{v}.members() }
	ripe := func(v *visitor) error {
		return v.withAccount(func(a *account) error { return headless{v}.loginTOTP(a) })
	}
	waiting := func(v *visitor) error { return headless{v}.waiting() }
	get := func(path string, want int) func(v *visitor) (Request, int) {
		return func(v *visitor) (Request, int) { return headless{v}.request("GET", path, ""), want }
	}
	return []journey{
		{name: "config", what: "what the server offers", one: get("/config", http.StatusOK)},
		{name: "anonymous", what: "who is signed in, without a token", one: get("/auth/session", http.StatusUnauthorized)},
		{name: "read", what: "who is signed in, by somebody who is", ready: signedIn, one: get("/auth/session", http.StatusOK)},
		{name: "login", what: "a sign-in with a password", ready: somebody, walk: func(v *visitor) error { return headless{v}.login(v.accounts[0], http.StatusOK) }},
		{name: "login-totp", what: "a sign-in with a password and a code of an authenticator app", ready: withCodes, codes: true, walk: ripe},
		{name: "abandon", what: "a sign-in that is left where it waits for such a code", ready: waiting, walk: func(v *visitor) error { return headless{v}.login(v.accounts[0], http.StatusUnauthorized) }},
		{name: "wrong-totp", what: "a step: a wrong code where a sign-in waits for one", ready: waiting, one: func(v *visitor) (Request, int) {
			return headless{v}.request("POST", "/auth/2fa/authenticate", v.wrong), http.StatusBadRequest
		}},
		{name: "login-code", what: "a sign-in with a code by mail", ready: somebody, walk: func(v *visitor) error { return headless{v}.loginCode(v.accounts[0]) }},
		{name: "signup", what: "a new account, its address verified where the server wants that", walk: func(v *visitor) error { v.token = ""; return headless{v}.signUp(v.people.next()) }},
		{name: "passkey", what: "a sign-in with a passkey", ready: func(v *visitor) error { return headless{v}.withPasskey() }, walk: func(v *visitor) error { return headless{v}.passkey() }},
	}
}

// request is one as the visitor sends it, with the token that it holds.
func (h headless) request(method, path, body string) Request {
	return Request{Method: method, URL: h.target.Mount + "/app/v1" + path, Header: h.as("X-Session-Token", "", h.token), Body: body}
}

// headless is a visitor who speaks the contract.
type headless struct{ *visitor }

// ask sends a request, and takes the token of the answer.
func (h headless) ask(method, path string, body any, want ...int) (answer, error) {
	var raw []byte
	if body != nil {
		raw, _ = json.Marshal(body) // maps of strings, and what came as JSON
	}
	r := h.request(method, path, "")
	a, err := h.step(method+" "+path, method, r.URL, r.Header, raw, want...)
	if err == nil && method != http.MethodGet {
		if token := a.text("session_token"); token != "" {
			h.token = token
		}
	}
	return a, err
}

// fields is a JSON object of texts.
type fields map[string]string

// pending reports whether an answer says that a flow waits.
func (a answer) pending(flow string) bool {
	var body struct {
		Data struct {
			Flows []struct {
				ID      string
				Pending bool `json:"is_pending"`
			}
		}
	}
	_ = json.Unmarshal(a.body, &body) // then nothing is pending
	for _, f := range body.Data.Flows {
		if f.ID == flow && f.Pending {
			return true
		}
	}
	return false
}

// signUp makes an account, and verifies its address where that is pending.
func (h headless) signUp(a *account) error {
	got, err := h.ask("POST", "/auth/signup", fields{"email": a.email, "password": a.password}, http.StatusOK, http.StatusUnauthorized)
	if err != nil {
		return err
	}
	if got.status == http.StatusUnauthorized {
		if !got.pending("verify_email") {
			return &Failure{Kind: KindAnswer, Err: fmt.Errorf("after a sign-up something else is pending than verify_email: %.200s", got.body)}
		}
		l, err := h.letter(a, func(letter) bool { return true })
		if err != nil {
			return err
		}
		// A letter with a code has the key of another link, by which an owner disowns the account.
		if got, err = h.ask("POST", "/auth/email/verify", fields{"key": cmp.Or(l.code, l.key)}, http.StatusOK, http.StatusUnauthorized); err != nil {
			return err
		}
		if got.status == http.StatusUnauthorized {
			h.token = "" // verified, and not signed in by it
		}
	}
	return nil
}

// member makes an account and signs in; proved says that its password is asked for once more.
func (h headless) member(proved bool) (*account, error) {
	h.token = ""
	a := h.people.next()
	if err := h.signUp(a); err != nil {
		return nil, err
	}
	if h.token == "" {
		if err := h.login(a, http.StatusOK); err != nil {
			return nil, err
		}
	}
	if proved {
		if _, err := h.ask("POST", "/auth/reauthenticate", fields{"password": a.password}, http.StatusOK); err != nil {
			return nil, err
		}
	}
	return a, nil
}

// somebody makes the visitor's account, once.
func (h headless) somebody(proved bool) error {
	return h.own(func() (*account, error) { return h.member(proved) })
}

// signedIn has the visitor signed in, with an account that is made once.
func (h headless) signedIn() error {
	if len(h.accounts) > 0 {
		return h.login(h.accounts[0], http.StatusOK)
	}
	return h.somebody(false)
}

// members puts accounts with an authenticator app into the pool, as many as are wanted of
// this connection, once.
func (h headless) members() error { return h.stock(h.withApp) }

// withApp makes an account with an authenticator app.
func (h headless) withApp() (*account, error) {
	a, err := h.member(true)
	if err == nil {
		err = h.addTOTP(a)
	}
	return a, err
}

// addTOTP sets up an authenticator app.
func (h headless) addTOTP(a *account) error {
	// The secret comes with 404: there is no app yet.
	got, err := h.ask("GET", "/account/authenticators/totp", nil, http.StatusNotFound)
	if err != nil {
		return err
	}
	if a.secret = got.text("secret"); a.secret == "" {
		return &Failure{Kind: KindAnswer, Err: fmt.Errorf("no secret of an authenticator app: %.200s", got.body)}
	}
	if err := h.untilFresh(a); err != nil {
		return err
	}
	code, err := h.code(a)
	if err == nil {
		_, err = h.ask("POST", "/account/authenticators/totp", fields{"code": code}, http.StatusOK)
	}
	return err
}

// login signs in with a password, as nobody so far.
func (h headless) login(a *account, want int) error {
	h.token = ""
	_, err := h.ask("POST", "/auth/login", fields{"email": a.email, "password": a.password}, want)
	return err
}

// loginTOTP signs in with a password and a code.
func (h headless) loginTOTP(a *account) error {
	if err := h.untilFresh(a); err != nil {
		return err
	}
	if err := h.login(a, http.StatusUnauthorized); err != nil {
		return err
	}
	code, err := h.code(a)
	if err != nil {
		return err
	}
	_, err = h.ask("POST", "/auth/2fa/authenticate", fields{"code": code}, http.StatusOK)
	return err
}

// waiting begins a sign-in that waits for a code, of an account that is made once.
func (h headless) waiting() error {
	if err := h.own(h.withApp); err != nil {
		return err
	}
	code, err := h.wrongCode(h.accounts[0])
	if err != nil {
		return err
	}
	h.wrong = `{"code":"` + code + `"}`
	return h.login(h.accounts[0], http.StatusUnauthorized)
}

// loginCode signs in with a code by mail.
func (h headless) loginCode(a *account) error {
	h.token = ""
	if _, err := h.ask("POST", "/auth/code/request", fields{"email": a.email}, http.StatusUnauthorized); err != nil {
		return err
	}
	l, err := h.letter(a, func(l letter) bool { return l.code != "" })
	if err != nil {
		return err
	}
	_, err = h.ask("POST", "/auth/code/confirm", fields{"code": l.code}, http.StatusOK)
	return err
}

// options are what a server asks of an authenticator.
func (a answer) options(field string) (json.RawMessage, error) {
	var body struct {
		Data map[string]json.RawMessage
	}
	if err := json.Unmarshal(a.body, &body); err != nil || len(body.Data[field]) == 0 {
		return nil, &Failure{Kind: KindAnswer, Err: fmt.Errorf("no %s: %.200s", field, a.body)}
	}
	return bytes.Clone(body.Data[field]), nil
}

// passkeyName is what the key of a visitor is called.
const passkeyName = "bench"

// withPasskey makes an account with a passkey, once.
func (h headless) withPasskey() error {
	if len(h.accounts) > 0 {
		return nil
	}
	a, err := h.member(true)
	if err != nil {
		return err
	}
	got, err := h.ask("GET", "/account/authenticators/webauthn?passwordless", nil, http.StatusOK)
	if err != nil {
		return err
	}
	options, err := got.options("creation_options")
	if err != nil {
		return err
	}
	credential, err := h.keys.New(options, passkeyName, nil, h.target.Origin)
	if err != nil {
		return err
	}
	_, err = h.ask("POST", "/account/authenticators/webauthn", map[string]any{"name": passkeyName, "credential": credential}, http.StatusOK)
	if err == nil {
		h.accounts = []*account{a}
	}
	return err
}

// passkey signs in with it.
func (h headless) passkey() error {
	h.token = ""
	got, err := h.ask("GET", "/auth/webauthn/login", nil, http.StatusOK)
	if err != nil {
		return err
	}
	h.token = got.text("session_token")
	options, err := got.options("request_options")
	if err != nil {
		return err
	}
	credential, err := h.keys.Get(options, passkeyName, nil, h.target.Origin)
	if err != nil {
		return err
	}
	_, err = h.ask("POST", "/auth/webauthn/login", map[string]any{"credential": credential}, http.StatusOK)
	return err
}
