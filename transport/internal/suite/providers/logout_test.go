package providers

import (
	"encoding/json"
	"net/url"
	"strings"

	"stagedoor/transport/config"
	"stagedoor/transport/server"
)

// signout has somebody in a browser at the provider sign in at two clients of the server, and sign out at one. The
// answer leads to the provider, which asks whether to sign out there, too, and tells the server:
// the other client is signed out with it. Then the provider asks anew who somebody is.
func signout(s *stage, contract string) {
	s = s.again(func(c *config.Config, _ *server.Options) {
		p := &c.SocialAccount.Providers[0]
		p.SignOut, p.PostLogoutRedirectURI, p.BackchannelLogout = true, page+"/bye", true
	})
	s.tells(s.Server)
	web := browser(s.T)
	enter := func(name string) visitor {
		v := s.visitor(contract)
		to, said := v.leave("login")
		if said == (result{}) {
			said = v.back(through(s.T, web, to, name, false))
		}
		s.entered(v, name, said)
		return v
	}
	one, two := enter("ann@example.org"), enter("ann@example.org")
	elsewhere := s.member(contract, "owner@example.org")
	to := left(s, one)
	if !strings.HasPrefix(to, s.between.URL) || !strings.Contains(to, "client_id=") {
		s.T.Fatalf("sent to %q", to)
	}
	if one.who() != "" || two.who() != "ann@example.org" {
		s.T.Errorf("before the provider knows of it %q and %q are signed in", one.who(), two.who())
	}
	told := s.count("backchannel")
	through(s.T, web, to, "", false)
	if n := s.count("backchannel") - told; n != 1 {
		s.T.Errorf("the provider has told of it %d times", n)
	}
	if who := two.who(); who != "" {
		s.T.Errorf("%s is signed in after signing out at the provider", who)
	}
	if who := elsewhere.who(); who != "owner@example.org" {
		s.T.Errorf("%q is signed in, who has nothing to do with it", who)
	}
	if who := enter("bob@example.org").who(); who != "bob@example.org" {
		s.T.Errorf("the provider has kept its session: %q is signed in", who)
	}
}

// left signs out, and returns where that leads.
func left(s *stage, v visitor) string {
	s.T.Helper()
	if h, browser := v.(*headless); browser {
		return h.Logout().Is(401).Meta.LogoutURL
	}
	var said struct {
		To string `json:"logout_url"`
	}
	p := v.(*plain)
	if err := json.Unmarshal([]byte(p.Post("/logout/", nil).Is(200).Raw), &said); err != nil {
		s.T.Fatal(err)
	}
	if _, err := url.Parse(said.To); err != nil {
		s.T.Fatal(err)
	}
	return said.To
}
