package headless

import (
	"encoding/json"
	"net/http"
	"slices"
	"time"

	"stagedoor/transport/internal/token"
	"stagedoor/transport/internal/wire"
)

// answer is what a request comes to. The body has the HTTP status in it, and whatever
// of the rest is set.
type answer struct {
	Status int           `json:"status"`
	Data   any           `json:"data,omitempty"`
	Meta   any           `json:"meta,omitempty"`
	Errors []errorAnswer `json:"errors,omitempty"`
	// location sends a browser elsewhere; there is no body then.
	location string
	// encoded, if not nil, is the whole body.
	encoded []byte
}

type errorAnswer struct {
	Message string `json:"message"`
	Code    string `json:"code"`
	Param   string `json:"param,omitempty"`
	Cause   string `json:"cause,omitempty"`
}

// authMeta is the meta of answers about authentication.
type authMeta struct {
	Authenticated *bool  `json:"is_authenticated"`
	SessionToken  string `json:"session_token,omitempty"`
	AccessToken   string `json:"access_token,omitempty"`
	RefreshToken  string `json:"refresh_token,omitempty"`
	LogoutURL     string `json:"logout_url,omitempty"`
}

// write sends the answer, and a new token with it.
func (c *call) write(ans *answer) {
	c.setBinding()
	if c.fresh != "" || c.dropped {
		c.setCookie()
	}
	if ans.location != "" {
		c.w.Header().Set("Location", ans.location)
		c.w.WriteHeader(ans.Status)
		return
	}
	if ans.encoded != nil {
		writeEncoded(c.w, ans.Status, ans.encoded)
		return
	}
	writeJSON(c.w, ans.Status, ans)
}

// setCookie gives a browser its new token, or takes it back.
func (c *call) setCookie() {
	if c.Kind != token.Browser {
		return
	}
	cookie := &http.Cookie{
		Name: sessionCookie, Value: c.fresh, Path: "/", Domain: c.CookieDomain,
		MaxAge: int(c.SessionAge / time.Second), Secure: c.Secure, HttpOnly: true, SameSite: c.SameSite,
	}
	if c.fresh == "" {
		cookie.MaxAge = -1
	} else if c.entered {
		c.CSRF.Rotate(c.w, c.Request)
	}
	c.w.Header().Add("Vary", "Cookie")
	http.SetCookie(c.w, cookie)
}

// setBinding says what is to be said to a browser of the key that its session is bound to. One that is
// given a token while it is signed in has just got that session, or the token of before anew.
func (c *call) setBinding() {
	c.SetBinding(c.w.Header(), c.entered && c.fresh != "", c.dropped && c.fresh == "")
}

func writeJSON(w http.ResponseWriter, status int, body any) {
	b, err := json.Marshal(body)
	if err != nil {
		// Answers are made of plain values; one that cannot be encoded is our fault.
		status, b = http.StatusInternalServerError, []byte(`{"status":500}`)
	}
	writeEncoded(w, status, b)
}

func writeEncoded(w http.ResponseWriter, status int, body []byte) {
	w.Header()["Content-Type"] = []string{"application/json"}
	w.WriteHeader(status)
	_, _ = w.Write(body)
}

// WriteProblem answers a problem in the contract's form: 400 with its errors, anything
// else with the status and, where it helps, an error that says why.
func WriteProblem(w http.ResponseWriter, _ *http.Request, p *wire.Problem) {
	wire.SetAPIHeaders(w.Header())
	p.SetHeader(w.Header())
	if p.Refusal != nil {
		writeJSON(w, p.Status, developmentAnswer{problemAnswer(p), p.Refusal})
		return
	}
	writeJSON(w, p.Status, problemAnswer(p))
}

// developmentAnswer is a problem with what a development server says besides the contract.
type developmentAnswer struct {
	answer
	Development *wire.Refusal `json:"development"`
}

func problemAnswer(p *wire.Problem) answer {
	ans := answer{Status: p.Status}
	for _, e := range p.Errors {
		if e.Code == "invalid_token" && e.Cause == "token_refused" {
			e.Cause = "" // the code says it
		}
		ans.Errors = append(ans.Errors, errorAnswer{Message: p.Message(e), Code: e.Code, Param: e.Param, Cause: e.Cause})
	}
	if len(p.Errors) == 0 && !bare(p) {
		ans.Errors = []errorAnswer{{Message: wire.Message(p.Code, "", 0), Code: p.Code}}
	}
	return ans
}

// bare reports whether the contract says of a problem no more than its status.
func bare(p *wire.Problem) bool {
	switch p.Status {
	case http.StatusConflict, http.StatusTooManyRequests:
		return true
	}
	return p.Status == http.StatusForbidden && p.Code == wire.CodeForbidden
}

// ok answers 200 with data.
func ok(data any) *answer { return &answer{Status: http.StatusOK, Data: data} }

func sortedMethods(m map[string]endpoint) []string {
	out := make([]string, 0, len(m))
	for k := range m {
		out = append(out, k)
	}
	slices.Sort(out)
	return out
}
