package hijack

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"slices"

	"stagedoor/state"
	"stagedoor/transport/internal/device"
)

// party is one of the two people of a play, with all that is in their hands. A party reads
// what is sent to its own address and number, and nothing else.
type party struct {
	name                       string
	mail, phone, username, sub string
	password                   string
	keys                       *device.Passkeys
	app                        device.App
	letters                    []letter
	seats                      []*seat
	passkeys                   int
	secrets                    []string
	recovery                   []string
}

// letter is a message, and what made the server send it.
type letter struct {
	device.Message
	// by is the party whose move it was, and asked the kind of that move.
	by    *party
	asked string
	used  bool
	// epochs are those of the accounts when it came.
	epochs int64
}

// secret is what the letter lets its reader do.
func (l letter) secret() string {
	if l.Code != "" {
		return l.Code
	}
	return l.Key
}

// newest is the party's latest letter of one of these templates that is not used up.
func (p *party) newest(templates ...string) *letter {
	for i := len(p.letters) - 1; i >= 0; i-- {
		if l := &p.letters[i]; !l.used && slices.Contains(templates, l.Name) {
			return l
		}
	}
	return nil
}

// seat is one browser or app of a party: what it keeps between requests.
type seat struct {
	*game
	*party
	kind                   string
	cookies                map[string]string
	token, access, refresh string
	// made is what let the seat in, in the words of moves; empty where nothing has.
	made string
	// in is the account it is signed in to, 0 for none; waits is what is pending there.
	in    state.AccountID
	waits string
	// claims is the address to give where a provider's word is not enough.
	claims string
	// changed is true once the number that waits was changed.
	changed bool
}

// reply is an answer of the server.
type reply struct {
	what   string
	status int
	raw    string
	data   struct {
		User  *struct{ ID state.AccountID }
		Flows []struct {
			ID      string
			Pending bool `json:"is_pending"`
		}
		Creation json.RawMessage `json:"creation_options"`
		Request  json.RawMessage `json:"request_options"`
		Codes    []string        `json:"unused_codes"`
		Access   string          `json:"access_token"`
		Refresh  string          `json:"refresh_token"`
	}
	meta struct {
		Token   string `json:"session_token"`
		Access  string `json:"access_token"`
		Refresh string `json:"refresh_token"`
		Secret  string `json:"secret"`
	}
}

// pending is the flow that waits, or "".
func (r *reply) pending() string {
	for _, f := range r.data.Flows {
		if f.Pending {
			return f.ID
		}
	}
	return ""
}

// account is the one signed in according to the answer, "" for nobody.
func (r *reply) account() state.AccountID {
	if r.status != http.StatusOK || r.data.User == nil {
		return ""
	}
	return r.data.User.ID
}

func (r *reply) String() string {
	return fmt.Sprintf("%s: %d %.300s", r.what, r.status, r.raw)
}

// sit gives the party a new seat, browser or app.
func (p *party) sit(g *game, kind string) *seat {
	if g.swapped {
		kind = map[string]string{"app": "browser", "browser": "app"}[kind]
	}
	s := &seat{game: g, party: p, kind: kind, cookies: map[string]string{}, claims: p.mail}
	if kind == "browser" {
		s.do("GET", "/config", nil)
	}
	p.seats = append(p.seats, s)
	return s
}

type fields = map[string]any

// do asks for a path of the contract and takes over what the answer says to keep.
func (s *seat) do(method, path string, body any, headers ...string) *reply {
	r := &reply{what: s.name + "'s " + s.kind + " " + method + " " + path}
	// A machine that is busy with something else says so, and nothing has happened.
	for range 4 {
		s.ask(r, method, path, body, headers)
		if r.status != http.StatusServiceUnavailable {
			break
		}
	}
	if r.status >= http.StatusInternalServerError {
		s.t.Fatalf("%s\n%s", r, s.words())
	}
	return r
}

// ask sends a request, once.
func (s *seat) ask(r *reply, method, path string, body any, headers []string) {
	req, err := http.NewRequestWithContext(s.t.Context(), method, s.world.Base+"/_allauth/"+s.kind+"/v1"+path, nil)
	if err != nil {
		s.t.Fatal(err)
	}
	if body != nil {
		text, err := json.Marshal(body)
		if err != nil {
			s.t.Fatal(err)
		}
		req.Body = io.NopCloser(bytes.NewReader(text))
		req.Header.Set("Content-Type", "application/json")
	}
	s.dress(req)
	for i := 0; i+1 < len(headers); i += 2 {
		req.Header.Set(headers[i], headers[i+1])
	}
	got, err := s.world.HTTP.RoundTrip(req)
	if err != nil {
		s.t.Fatalf("%s: %v", r.what, err)
	}
	raw, err := io.ReadAll(got.Body)
	if err != nil {
		s.t.Fatal(err)
	}
	s.requests++
	r.status, r.raw = got.StatusCode, string(raw)
	r.decode()
	s.keep(got, r)
}

// dress shows who sends a request.
func (s *seat) dress(req *http.Request) {
	if s.kind == "app" {
		if s.token != "" {
			req.Header.Set("X-Session-Token", s.token)
		}
		return
	}
	for name, value := range s.cookies {
		req.AddCookie(&http.Cookie{Name: name, Value: value})
	}
	req.Header.Set("X-CSRFToken", s.cookies["csrftoken"])
}

// decode reads the parts of the answer that are an object; a list says nothing that a
// move needs.
func (r *reply) decode() {
	var whole struct{ Data, Meta json.RawMessage }
	if json.Unmarshal([]byte(r.raw), &whole) != nil {
		return
	}
	_ = json.Unmarshal(whole.Data, &r.data)
	_ = json.Unmarshal(whole.Meta, &r.meta)
}

// keep takes over cookies and tokens.
func (s *seat) keep(got *http.Response, r *reply) {
	for _, k := range got.Cookies() {
		if k.MaxAge < 0 || k.Value == "" {
			delete(s.cookies, k.Name)
			continue
		}
		s.cookies[k.Name] = k.Value
	}
	if s.kind == "app" && r.status == http.StatusGone {
		s.token = ""
	}
	for _, new := range []struct {
		into *string
		text string
	}{
		{&s.token, r.meta.Token}, {&s.access, r.meta.Access}, {&s.refresh, r.meta.Refresh}, {&s.access, r.data.Access}, {&s.refresh, r.data.Refresh},
	} {
		if new.text != "" {
			*new.into = new.text
		}
	}
}

// holds reports whether the seat has anything that could open an account.
func (s *seat) holds() bool {
	return s.token != "" || s.access != "" || s.cookies["sessionid"] != ""
}

// look asks who is signed in at the seat, by its session and by its access token, and
// what waits there.
func (s *seat) look() (account state.AccountID, pending string) {
	if !s.holds() {
		return "", ""
	}
	r := s.do("GET", "/auth/session", nil)
	account, pending = r.account(), r.pending()
	if account == "" && s.access != "" {
		account = s.do("GET", "/auth/session", nil, "X-Session-Token", "", "Authorization", "Bearer "+s.access).account()
	}
	return account, pending
}
