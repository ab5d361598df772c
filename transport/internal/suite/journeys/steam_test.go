package journeys

import (
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"testing"

	"stagedoor/transport/config"
	"stagedoor/transport/internal/suite"
	"stagedoor/transport/server"
)

// valve answers for Steam: a callback that it confirmed once is good once.
type valve struct{ spent map[string]bool }

// RoundTrip answers a request (http.RoundTripper).
func (v valve) RoundTrip(r *http.Request) (*http.Response, error) {
	w := httptest.NewRecorder()
	_ = r.ParseForm()
	switch r.URL.Host + r.URL.Path {
	case "steamcommunity.com/openid/login":
		word := "false"
		if nonce := r.PostForm.Get("openid.response_nonce"); r.PostForm.Get("openid.mode") == "check_authentication" && !v.spent[nonce] {
			v.spent[nonce], word = true, "true"
		}
		_, _ = io.WriteString(w, "ns:http://specs.openid.net/auth/2.0\nis_valid:"+word+"\n")
	case "api.steampowered.com/ISteamUser/GetPlayerSummaries/v2/":
		_, _ = io.WriteString(w, `{"response": {"players": [{"steamid": "`+r.URL.Query().Get("steamids")+`", "personaname": "Frond.", "realname": "Fred Frond"}]}}`)
	default:
		w.WriteHeader(http.StatusNotFound)
	}
	res := w.Result()
	res.Request = r
	return res, nil
}

// steamers is a server where Steam is the provider, which gives no client id.
func steamers(c *config.Config, o *server.Options) {
	c.Dev.Enabled = true
	c.Account.EmailVerification = "optional"
	c.Account.SignupFields, c.Account.LoginMethods = []string{"email", "username*", "password1*"}, []string{"username"}
	c.SocialAccount.Providers = []config.Provider{{Provider: "steam", Secret: "key"}}
	c.Rest.RedirectURIs = []string{"http://127.0.0.1:3000/back"}
	o.HTTP = valve{spent: map[string]bool{}}
}

// says is what Steam sends a browser back with, which was sent there with to.
func says(t *testing.T, to *url.URL, number, nonce string) *url.URL {
	t.Helper()
	back, err := url.Parse(to.Query().Get("openid.return_to"))
	if err != nil || to.Host != "steamcommunity.com" {
		t.Fatalf("sent to %s", to)
	}
	id := "https://steamcommunity.com/openid/id/" + number
	q := back.Query()
	for name, value := range map[string]string{
		"ns": "http://specs.openid.net/auth/2.0", "mode": "id_res", "op_endpoint": "https://steamcommunity.com/openid/login", "claimed_id": id, "identity": id,
		"return_to": back.String(), "response_nonce": nonce, "assoc_handle": "1234567890",
		"signed": "signed,op_endpoint,claimed_id,identity,return_to,response_nonce,assoc_handle", "sig": "W0u5DRbtHE1GG0ZKXjerUZDUGmc=",
	} {
		q.Set("openid."+name, value)
	}
	back.RawQuery = q.Encode()
	return back
}

// TestSteamOverThePlainContract brings the whole query of the callback, once and for its own state.
func TestSteamOverThePlainContract(t *testing.T) {
	l := suite.NewLab(t, steamers)
	s := l.Script()
	began := func() (url.Values, string) {
		r := s.Post("/providers/steam/redirect/", nil).Is(200)
		to, err := url.Parse(r.Redirect)
		if err != nil {
			t.Fatal(err)
		}
		return says(t, to, "76561198017485301", r.FlowToken).Query(), r.FlowToken
	}
	body := func(q url.Values, token string) suite.M {
		return suite.M{"state": q.Get("state"), "query": q.Encode(), "token": token}
	}
	q, token := began()
	s.Post("/providers/steam/callback/", suite.M{"state": q.Get("state"), "token": token}).Is(400, "code:required")
	s.Post("/providers/steam/callback/", suite.M{"state": q.Get("state"), "query": "%zz", "token": token}).Is(400, "query:invalid")
	other, _ := began()
	s.Post("/providers/steam/callback/", suite.M{"state": q.Get("state"), "query": other.Encode(), "token": token}).Is(400, "state:invalid")
	in := s.Post("/providers/steam/callback/", body(q, token)).Is(200)
	s.Post("/providers/steam/callback/", body(q, token)).Is(400, "state:invalid")
	if again := s.Post("/providers/steam/callback/", body(began())).Is(200); in.User.ID == "" || again.User.ID != in.User.ID {
		t.Errorf("two accounts of one person: %s, %s", in.User.ID, again.User.ID)
	}
	q, token = began()
	q.Set("openid.claimed_id", "https://steamcommunity.com/openid/id/1")
	if r := s.Post("/providers/steam/callback/", body(q, token)); r.Status != 400 {
		t.Errorf("somebody else: %d %s", r.Status, r.Raw)
	}
}

// TestSteamJourney signs up and in with Steam, whose callbacks have no code.
func TestSteamJourney(t *testing.T) {
	l := suite.NewLab(t, steamers)
	c := l.Browser()
	form := func() url.Values {
		return url.Values{"provider": {"steam"}, "callback_url": {"/here?x=1"}, "process": {"login"}}
	}
	back := says(t, c.Away(form()), "76561198017485301", "n1")
	suite.Arrived(t, c.Follow("GET", c.Site.String()+back.RequestURI(), nil), "/here", "")
	first := c.Session().Is(200).User()
	// The same answer again is nobody's: its state is used.
	suite.Arrived(t, l.Browser().Follow("GET", c.Site.String()+back.RequestURI(), nil), "/account/provider/callback", "unknown")

	again := l.Browser()
	suite.Arrived(t, again.Follow("GET", c.Site.String()+says(t, again.Away(form()), "76561198017485301", "n2").RequestURI(), nil), "/here", "")
	if got := again.Session().Is(200).User(); got.ID != first.ID {
		t.Errorf("two accounts of one person: %v, %v", first.ID, got.ID)
	}
	// Steam's word for one state is no word for another.
	mixed := l.Browser()
	other := says(t, mixed.Away(form()), "76561198017485301", "n3").Query()
	own := says(t, mixed.Away(form()), "76561198017485301", "n4")
	q := own.Query()
	q.Set("openid.return_to", other.Get("openid.return_to"))
	own.RawQuery = q.Encode()
	suite.Arrived(t, mixed.Follow("GET", c.Site.String()+own.RequestURI(), nil), "/here", "unknown")
	denied := l.Browser()
	no := says(t, denied.Away(form()), "1", "n5")
	no.RawQuery = url.Values{"state": {no.Query().Get("state")}, "openid.mode": {"cancel"}}.Encode()
	suite.Arrived(t, denied.Follow("GET", c.Site.String()+no.RequestURI(), nil), "/here", "cancelled")
}
