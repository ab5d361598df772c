package bench

import (
	"encoding/json"
	"fmt"
	"net/http"
)

// plainMount is where the plain contract stands.
const plainMount = "/auth"

// plainJourneys are those of stagedoor's plain contract, with bearer tokens.
func plainJourneys() []journey {
	somebody := func(v *visitor) error { return plain{v}.somebody() }
	get := func(path string, want int) func(v *visitor) (Request, int) {
		return func(v *visitor) (Request, int) { return plain{v}.request("GET", path, ""), want }
	}
	return []journey{
		{name: "config", what: "what the server offers", one: get("/config", http.StatusOK)},
		{name: "anonymous", what: "who is signed in, without a token", one: get("/user", http.StatusUnauthorized)},
		{name: "read", what: "who is signed in, by somebody who is", ready: func(v *visitor) error { return plain{v}.signedIn() }, one: get("/user", http.StatusOK)},
		{name: "login", what: "a sign-in with a password", ready: somebody, walk: func(v *visitor) error { return plain{v}.login(v.accounts[0], http.StatusOK) }},
		{name: "login-totp", what: "a sign-in with a password and a code of an authenticator app", ready: func(v *visitor) error { return plain{v}.members() }, codes: true, walk: func(v *visitor) error {
			return v.withAccount(func(a *account) error { return plain{v}.loginTOTP(a) })
		}},
		{name: "wrong-totp", what: "a step: a wrong code where a sign-in waits for one", ready: func(v *visitor) error { return plain{v}.waiting() }, one: func(v *visitor) (Request, int) {
			return plain{v}.request("POST", "/mfa/authenticate", v.wrong), http.StatusBadRequest
		}},
		{name: "signup", what: "a new account, its address verified where the server wants that", walk: func(v *visitor) error { return plain{v}.signUp(v.people.next()) }},
	}
}

// plain is a visitor who speaks the plain contract: the token is that of a session, in a header.
type plain struct{ *visitor }

func (p plain) request(method, path, body string) Request {
	return Request{Method: method, URL: plainMount + path, Header: p.as("Authorization", "Bearer ", p.token), Body: body}
}

// post sends a request, and takes the token of the session that it leads to.
func (p plain) post(path string, body fields, want ...int) (answer, error) {
	raw, _ := json.Marshal(body) // a map of texts
	r := p.request("POST", path, "")
	a, err := p.step("POST "+path, "POST", r.URL, r.Header, raw, want...)
	if err == nil {
		if token := a.text("access_token"); token != "" {
			p.token = token
		}
	}
	return a, err
}

// signUp makes an account, verifies its address where that is pending, and has it signed in
// where the server does that.
func (p plain) signUp(a *account) error {
	p.token = ""
	got, err := p.post("/signup", fields{"email": a.email, "password": a.password}, http.StatusOK)
	if err != nil || p.token != "" {
		return err
	}
	token := got.text("flow_token")
	l, err := p.letter(a, func(letter) bool { return true })
	if err != nil {
		return err
	}
	body := fields{"key": l.key}
	if l.code != "" {
		// Its key is that of another link, by which an owner disowns the account.
		body = fields{"key": l.code, "token": token}
	}
	_, err = p.post("/email/verify", body, http.StatusOK)
	return err
}

// login signs in with a password, and keeps the token of the run that waits for more.
func (p plain) login(a *account, want int) error {
	p.token = ""
	got, err := p.post("/login", fields{"email": a.email, "password": a.password}, want)
	p.run = got.text("flow_token")
	return err
}

// loginTOTP signs in with a password and a code.
func (p plain) loginTOTP(a *account) error {
	if err := p.untilFresh(a); err != nil {
		return err
	}
	if err := p.login(a, http.StatusUnauthorized); err != nil {
		return err
	}
	code, err := p.code(a)
	if err == nil {
		_, err = p.post("/mfa/authenticate", fields{"token": p.run, "code": code}, http.StatusOK)
	}
	return err
}

// member makes an account that is signed in.
func (p plain) member() (*account, error) {
	a := p.people.next()
	err := p.signUp(a)
	if err == nil && p.token == "" {
		err = p.login(a, http.StatusOK)
	}
	return a, err
}

// somebody makes the visitor's account, once.
func (p plain) somebody() error { return p.own(p.member) }

// signedIn has the visitor signed in.
func (p plain) signedIn() error {
	if len(p.accounts) > 0 {
		return p.login(p.accounts[0], http.StatusOK)
	}
	return p.somebody()
}

// withApp makes an account with an authenticator app.
func (p plain) withApp() (*account, error) {
	a, err := p.member()
	if err == nil {
		_, err = p.post("/stages/reauthenticate", fields{"password": a.password}, http.StatusOK)
	}
	if err != nil {
		return nil, err
	}
	got, err := p.post("/mfa/totp/add", fields{}, http.StatusOK)
	if err != nil {
		return nil, err
	}
	if a.secret = got.text("secret"); a.secret == "" {
		return nil, &Failure{Kind: KindAnswer, Err: fmt.Errorf("no secret of an authenticator app: %.200s", got.body)}
	}
	if err := p.untilFresh(a); err != nil {
		return nil, err
	}
	code, err := p.code(a)
	if err == nil {
		_, err = p.post("/mfa/totp/confirm", fields{"secret": a.secret, "code": code}, http.StatusOK)
	}
	return a, err
}

// members puts accounts with an authenticator app into the pool, once.
func (p plain) members() error { return p.stock(p.withApp) }

// waiting begins a sign-in that waits for a code, of an account that is made once.
func (p plain) waiting() error {
	if err := p.own(p.withApp); err != nil {
		return err
	}
	code, err := p.wrongCode(p.accounts[0])
	if err == nil {
		err = p.login(p.accounts[0], http.StatusUnauthorized)
	}
	p.wrong = `{"token":"` + p.run + `","code":"` + code + `"}`
	return err
}
