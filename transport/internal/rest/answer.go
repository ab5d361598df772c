package rest

import (
	"cmp"
	"encoding/json"
	"net/http"

	"stagedoor/state"
	"stagedoor/transport/internal/contract"
	"stagedoor/transport/internal/wire"
)

// answer is what a request comes to.
type answer struct {
	status int
	body   any
}

// encodedBody is a body as it is written.
type encodedBody []byte

// userData is a person as the contract shows one.
type userData struct {
	ID       state.AccountID `json:"id"`
	Email    string          `json:"email"`
	Username string          `json:"username"`
	Display  string          `json:"display"`
	state.Profile
}

func userOf(s state.Snapshot) userData {
	return userData{ID: s.Account, Email: s.Email, Username: s.Username, Display: s.Display(), Profile: s.Profile}
}

// userBehind is userOf for who holds no more than a key or a code of a letter: it does not say
// how the person is called and looks.
func userBehind(s state.Snapshot) userData {
	s.Profile = state.Profile{}
	return userOf(s)
}

// userBody answers whose session it is.
type userBody struct {
	User userData `json:"user"`
}

// enteredBody answers a request that ends signed in; ExpiresIn is in seconds.
type enteredBody struct {
	Access    string   `json:"access_token"`
	Type      string   `json:"token_type"`
	ExpiresIn int      `json:"expires_in"`
	Refresh   string   `json:"refresh_token,omitempty"`
	User      userData `json:"user"`
}

// waitingBody answers a request that stops at a stage.
type waitingBody struct {
	Flow    string `json:"flow"`
	Pending bool   `json:"pending"`
	// FlowToken names the run; a stage of a session has none, its bearer token will do.
	FlowToken string `json:"flow_token,omitempty"`
	MFAToken  string `json:"mfa_token,omitempty"`
	// Details are what the stage says of itself, such as types.
	Details map[string]any `json:"details,omitempty"`
	// Fields and Actions are what a stage of an outside package asks for; clients know the
	// others.
	Fields  []wire.FieldView  `json:"fields,omitempty"`
	Actions []wire.ActionView `json:"actions,omitempty"`
}

// sentBody says that a mail is on its way, and what waits for it.
type sentBody struct {
	Sent bool `json:"verification_sent"`
	*waitingBody
}

// resetBody says that a mail with a link or a code is on its way, if there is an account.
type resetBody struct {
	Sent bool `json:"reset_sent"`
	*waitingBody
}

// setBody says that the password is new, and what that led to.
type setBody struct {
	Set bool `json:"password_set"`
	*enteredBody
	*waitingBody
}

// verifiedBody says that an address is verified, and what that led to.
type verifiedBody struct {
	Verified bool `json:"verified"`
	*enteredBody
	*waitingBody
}

// flowData is a flow that can be started.
type flowData struct {
	ID string `json:"id"`
}

// strangerBody answers a client that is not signed in and waits for nothing.
type strangerBody struct {
	Flow    *string    `json:"flow"`
	Pending bool       `json:"pending"`
	Flows   []flowData `json:"flows"`
}

// proveBody answers a client that must first prove again whose session it is. There may be no
// way to: then the account must first get something to prove itself with.
type proveBody struct {
	Flow    *string        `json:"flow"`
	Pending bool           `json:"pending"`
	Flows   []contract.Way `json:"flows"`
}

// errorsBody is the answer to what went wrong: messages by field, __all__ for those that
// belong to none, and the same as codes; and by field what is behind a code, where that is told.
type errorsBody struct {
	Errors map[string][]string `json:"errors"`
	Codes  map[string][]string `json:"codes"`
	Cause  map[string]string   `json:"cause,omitempty"`
}

// allFields is the place of errors that belong to no field.
const allFields = "__all__"

func (b *errorsBody) add(e wire.FieldError, text string) {
	param := cmp.Or(e.Param, allFields)
	b.Errors[param] = append(b.Errors[param], text)
	b.Codes[param] = append(b.Codes[param], e.Code)
	if e.Cause == "" {
		return
	}
	if b.Cause == nil {
		b.Cause = make(map[string]string)
	}
	b.Cause[param] = e.Cause
}

// WriteProblem answers a problem in the contract's form.
func WriteProblem(w http.ResponseWriter, _ *http.Request, p *wire.Problem) {
	if p.Code == wire.CodeTooLarge {
		p = wire.TooLarge(p.Cause)
	}
	wire.SetAPIHeaders(w.Header())
	p.SetHeader(w.Header())
	writeJSON(w, p.Status, problemBody(p))
}

func problemBody(p *wire.Problem) errorsBody {
	body := errorsBody{Errors: make(map[string][]string), Codes: make(map[string][]string)}
	for _, e := range p.Errors {
		body.add(e, p.Message(e))
	}
	if len(p.Errors) == 0 {
		body.add(wire.FieldError{Code: p.Code}, wire.Message(p.Code, "", 0))
	}
	return body
}

func writeJSON(w http.ResponseWriter, status int, body any) {
	b, is := body.(encodedBody)
	if !is {
		var err error
		if b, err = json.Marshal(body); err != nil {
			// Answers are made of plain values; one that cannot be encoded is our fault.
			status, b = http.StatusInternalServerError, []byte(`{"errors":{}}`)
		}
	}
	w.Header()["Content-Type"] = []string{"application/json"}
	w.WriteHeader(status)
	_, _ = w.Write(b)
}

// ok answers 200.
func ok(body any) (*answer, error) { return &answer{http.StatusOK, body}, nil }

// invalid answers one wrong field.
func invalid(param, code string) error {
	return wire.Invalid(wire.FieldError{Param: param, Code: code})
}

// proveAgain answers a client that authenticated too long ago for what it asks. The bearer
// token goes on; POST /auth/stages/{flow} proves it.
func (c *call) proveAgain(err error) *answer {
	body := proveBody{Flows: c.Ways(err)}
	if len(body.Flows) > 0 {
		body.Flow, body.Pending = &body.Flows[0].ID, true
	}
	return &answer{http.StatusUnauthorized, body}
}
