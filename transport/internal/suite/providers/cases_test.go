package providers

import (
	"encoding/json"
	"fmt"
	"time"

	"stagedoor/transport/config"
	"stagedoor/transport/internal/suite"
	"stagedoor/transport/server"
)

// example is what is walked with every provider, in both contracts.
type example struct {
	// name is the column of the table, seen what clients see.
	name, seen string
	walk       func(s *stage, contract string)
}

// examples are all of them, in the order of the table.
func examples() []example {
	return []example{
		{"sign-up", "an account with the address that the provider verified, and a session", signup},
		{"sign-in", "the same account again", signin},
		{"connect", "somebody with a password signs in by the provider from then on", connect},
		{"cancel", "`cancelled`, without a cause, and nothing has changed", cancel},
		{"token", "an app that brings the id_token signs in to the same account", token},
		{"new keys", "the provider signs with keys that nobody has seen, and sign-ins go on", rotate},
		{"a day", "one request for metadata and one for keys, however many sign in", day},
		{"slow", fmt.Sprintf("each answer comes %d ms late, and people are signed in", late.Milliseconds()), slow},
		{"down", "an error with the cause `provider_unavailable`, nothing has changed; sign-ins go on when it is back", down},
		{"sign-out", "who signs out here signs out there, and with that everywhere", signout},
		{"lying", "an error for every lie, nothing has changed, and true sign-ins go on", lying},
	}
}

// fetchPause is for how long nothing is asked for again that was had, or not had.
const fetchPause = 6 * time.Second

// late is how late a slow provider is.
const late = 300 * time.Millisecond

// through goes through the provider as a person, or cancels there.
func (s *stage) through(v visitor, process, name string) result {
	s.T.Helper()
	to, said := v.leave(process)
	if said != (result{}) {
		s.T.Fatalf("the way to the provider is closed: %+v", said)
	}
	return v.back(at(s.T, to, name, false))
}

// enter signs somebody in by the provider, for the first time or again.
func (s *stage) enter(v visitor, name string) {
	s.T.Helper()
	s.entered(v, name, s.through(v, "login", name))
}

// entered does what is left to do for somebody who has come back.
func (s *stage) entered(v visitor, name string, got result) {
	s.T.Helper()
	switch got {
	case result{}:
	case asked:
		v.fill(name)
	case unverified:
		v.verify(name)
	default:
		s.T.Fatalf("%s comes back: %+v", name, got)
	}
	if who := v.who(); who != name {
		s.T.Fatalf("%s is signed in as %q", name, who)
	}
}

// onlyOne fails the test unless there is one account with one provider, and the address is its.
func (s *stage) onlyOne(email string) {
	s.T.Helper()
	if n := s.made(); n[0] != 1 || n[2] != 1 {
		s.T.Errorf("there are %d accounts and %d connected to them, want one of each", n[0], n[2])
	}
	if n := s.Count(`SELECT count(*) FROM emails WHERE verified AND address = ?`, email); n != 1 {
		s.T.Errorf("%s is verified %d times", email, n)
	}
}

func signup(s *stage, contract string) {
	s.enter(s.visitor(contract), "ann@example.org")
	s.onlyOne("ann@example.org")
}

func signin(s *stage, contract string) {
	s.enter(s.visitor(contract), "ann@example.org")
	s.enter(s.visitor(contract), "ann@example.org")
	s.onlyOne("ann@example.org")
}

func connect(s *stage, contract string) {
	owner := s.member(contract, "owner@example.org")
	if got := s.through(owner, "connect", "ann@example.org"); got != (result{}) {
		s.T.Fatalf("connecting ends with %+v", got)
	}
	v := s.visitor(contract)
	if got := s.through(v, "login", "ann@example.org"); got != (result{}) || v.who() != "owner@example.org" {
		s.T.Fatalf("signed in as %q: %+v", v.who(), got)
	}
	s.onlyOne("owner@example.org")
}

func cancel(s *stage, contract string) {
	v := s.visitor(contract)
	to, _ := v.leave("login")
	if got := v.back(at(s.T, to, "ann@example.org", true)); got.code != "cancelled" || got.cause != "" {
		s.T.Errorf("cancelled: %+v", got)
	}
	s.nothing(v)
}

// nothing fails the test if anything is left of a sign-in that failed.
func (s *stage) nothing(v visitor) {
	s.T.Helper()
	if n, who := s.made(), v.who(); n != [3]int{} || who != "" {
		s.T.Errorf("%d accounts, %d sessions, %d connected accounts are left, and %q is signed in", n[0], n[1], n[2], who)
	}
}

func token(s *stage, contract string) {
	s.enter(s.visitor(contract), "ann@example.org")
	var minted struct {
		ID     string `json:"id_token"`
		Access string `json:"access_token"`
	}
	if err := json.Unmarshal(s.last("token"), &minted); err != nil {
		s.T.Fatal(err)
	}
	brought := suite.M{"client_id": client, "id_token": minted.ID, "access_token": minted.Access}
	if contract == "plain" {
		s.Script().Post("/providers/acme/token/", brought).Entered("ann@example.org")
	} else {
		c := s.App()
		c.Do("POST", "/auth/provider/token", suite.M{"provider": "acme", "process": "login", "token": brought}).Is(200)
		if got := c.Session().User().Email; got != "ann@example.org" {
			s.T.Errorf("signed in as %s", got)
		}
	}
	s.onlyOne("ann@example.org")
}

func rotate(s *stage, contract string) {
	s.enter(s.visitor(contract), "ann@example.org")
	asked := [2]int{s.count("metadata"), s.count("jwks")}
	s.rotate(s.T)
	s.pass(fetchPause)
	s.enter(s.visitor(contract), "ann@example.org")
	s.onlyOne("ann@example.org")
	if more := s.count("jwks") - asked[1]; s.count("metadata") != asked[0] || more != 1 {
		s.T.Errorf("new keys have the server ask for them %d times, and for metadata %d times", more, s.count("metadata")-asked[0])
	}
}

// day signs people in all day long.
func day(s *stage, contract string) {
	for range 4 {
		s.enter(s.visitor(contract), "ann@example.org")
		s.pass(7 * time.Hour)
	}
	if metadata, keys := s.count("metadata"), s.count("jwks"); metadata > s.knew[0]+1 || keys > s.knew[1]+1 {
		s.T.Errorf("metadata was asked for %d times and keys %d times", metadata-s.knew[0], keys-s.knew[1])
	}
}

func slow(s *stage, contract string) {
	for _, name := range s.endpoints() {
		s.is(name, harm{late: late})
	}
	s.enter(s.visitor(contract), "ann@example.org")
}

// endpoints are those that the server asks.
func (s *stage) endpoints() []string {
	out := []string{"metadata", "token", "jwks", "userinfo"}
	if s.pushed {
		out = append(out, "pushed_authorization_request")
	}
	return out
}

// down breaks one endpoint after the other: connections end for the one contract, it says 503 to
// the other, and nothing. Nobody is signed in then, and everybody is afterwards.
func down(s *stage, contract string) {
	for _, name := range s.endpoints() {
		if contract == "plain" {
			s.breaks(contract, name, "unavailable", harm{status: 503})
		} else {
			s.breaks(contract, name, "gone", harm{gone: true})
		}
	}
	if contract == "plain" {
		return
	}
	// Nobody waits for longer than is configured.
	hurried := s.again(func(c *config.Config, _ *server.Options) { c.SocialAccount.RequestsTimeout = 1 })
	hurried.breaks(contract, "token", "silent", harm{hang: s.T.Context().Done()})
}

// breaks has somebody come while an endpoint is broken, and again when it is whole.
func (s *stage) breaks(contract, name, what string, h harm) {
	s.T.Helper()
	before, asked := s.made(), s.count(name)
	v := s.visitor(contract)
	s.is(name, h)
	said := s.tries(v)
	s.is(name, harm{})
	switch needed := s.count(name) != asked; {
	case !needed || said.well():
		// Not asked, or it can do without: then it must have gone well.
		if !said.well() || needed && name != "userinfo" {
			s.T.Errorf("%s is %s: %+v", name, what, said)
		}
	case said.cause != "provider_unavailable", s.made() != before, v.who() != "":
		s.T.Errorf("%s is %s: %+v, %q is signed in, and %d were made of %d", name, what, said, v.who(), s.made(), before)
	}
	s.pass(fetchPause)
	s.enter(s.visitor(contract), "ann@example.org")
}

// tries goes to the provider and back, if there is a way.
func (s *stage) tries(v visitor) result {
	s.T.Helper()
	to, said := v.leave("login")
	if said != (result{}) {
		return said
	}
	return v.back(at(s.T, to, "ann@example.org", false))
}
