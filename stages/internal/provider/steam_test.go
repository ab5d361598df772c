package provider

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

const (
	steamLogin  = "https://steamcommunity.com/openid/login"
	steamPlayer = "GET https://api.steampowered.com/ISteamUser/GetPlayerSummaries/v2/"
)

// steamCallback is what Steam answers a browser with.
func steamCallback() url.Values {
	return url.Values{
		"state": {testState}, "openid.ns": {openID2}, "openid.mode": {"id_res"}, "openid.op_endpoint": {steamLogin},
		"openid.claimed_id": {"https://steamcommunity.com/openid/id/76561198017485301"}, "openid.identity": {"https://steamcommunity.com/openid/id/76561198017485301"},
		"openid.return_to": {testCallback + "?state=" + testState}, "openid.response_nonce": {"2026-03-01T12:00:00ZqPwGQ3nM"}, "openid.assoc_handle": {"1234567890"},
		"openid.signed": {"signed,op_endpoint,claimed_id,identity,return_to,response_nonce,assoc_handle"}, "openid.sig": {"W0u5DRbtHE1GG0ZKXjerUZDUGmc="},
	}
}

// steam is a configured one, on an internet where Steam confirms what it is asked.
func steam(t *testing.T, secret string) (*internet, *Provider) {
	n := newInternet(t)
	n.on("POST "+steamLogin, func(w http.ResponseWriter, r *http.Request) {
		_ = r.ParseForm()
		want := steamCallback()
		want.Del("state")
		want.Set("openid.mode", "check_authentication")
		if d := cmp.Diff(want, r.PostForm); d != "" {
			t.Errorf("Steam is asked about something else: %s", d)
		}
		w.Header().Set("Content-Type", "text/plain;charset=utf-8")
		_, _ = io.WriteString(w, "ns:"+openID2+"\nis_valid:true\n")
	})
	p, err := New(Config{Kind: "steam", Secret: secret}, Deps{Client: n.client(), Now: noon})
	if err != nil {
		t.Fatal(err)
	}
	return n, p
}

func exchangeSteam(p *Provider, form url.Values) (Assertion, error) {
	return p.Exchange(context.Background(), Callback{RedirectURI: testCallback, Form: form})
}

// TestSteam is the way there and back, with the key of the API and without.
func TestSteam(t *testing.T) {
	n, p := steam(t, "key")
	u := authURL(t, p, Request{State: testState, RedirectURI: testCallback})
	want := url.Values{
		"openid.ns": {openID2}, "openid.mode": {"checkid_setup"}, "openid.return_to": {testCallback + "?state=" + testState},
		"openid.realm":    {"https://app.example.com/"},
		"openid.identity": {openID2 + "/identifier_select"}, "openid.claimed_id": {openID2 + "/identifier_select"},
	}
	if d := cmp.Diff(want, u.Query()); d != "" || !strings.HasPrefix(u.String(), steamLogin+"?") {
		t.Errorf("sent to %s: %s", u, d)
	}
	n.on(steamPlayer, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.RawQuery != "key=key&steamids=76561198017485301" || r.Header.Get("Authorization") != "" {
			t.Errorf("asked %s", r.URL.RawQuery)
		}
		_, _ = io.WriteString(w, `{"response": {"players": [{"steamid": "76561198017485301", "communityvisibilitystate": 3, "personaname": "Frond.",
			"realname": "Fred Frond", "profileurl": "https://steamcommunity.com/id/frond/", "avatarfull": "https://avatars.steamstatic.com/1_full.jpg"}]}}`)
	})
	got, err := exchangeSteam(p, steamCallback())
	if err != nil {
		t.Fatal(err)
	}
	person := Assertion{Provider: "steam", UID: "76561198017485301", Display: "Frond.", Username: "Frond.", Name: "Fred Frond", Picture: "https://avatars.steamstatic.com/1_full.jpg"}
	if d := cmp.Diff(person, got, cmpopts.IgnoreFields(Assertion{}, "Extra")); d != "" {
		t.Error(d)
	}
	if p.SupportsToken() || p.FormPost() || p.ClientID() != "" {
		t.Error("a kind of its own")
	}
	// Of somebody else, or of nobody, the API's word does not count.
	n.says(steamPlayer, "", `{"response": {"players": [{"steamid": "1", "personaname": "Other"}]}}`)
	if got, err := exchangeSteam(p, steamCallback()); err != nil || got.UID != person.UID || got.Username != "" {
		t.Errorf("got %+v, %v", got, err)
	}
	n.on(steamPlayer, func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusForbidden) })
	if _, err := exchangeSteam(p, steamCallback()); !errors.Is(err, ErrRefused) || strings.Contains(err.Error(), "key=") {
		t.Errorf("a wrong key: %v", err)
	}
	_, p = steam(t, "")
	if got, err := exchangeSteam(p, steamCallback()); err != nil || got.UID != person.UID || string(got.Extra) != `{"steamid":"76561198017485301"}` {
		t.Errorf("without a key: %+v, %v", got, err)
	}
}

// TestSteamCallbacks: what is not whole, or for somebody else, is refused before Steam is asked.
func TestSteamCallbacks(t *testing.T) {
	set := func(name, value string) func(url.Values) { return func(v url.Values) { v.Set(name, value) } }
	for name, c := range map[string]struct {
		change func(url.Values)
		want   error
	}{
		"cancelled":             {func(v url.Values) { clear(v); v.Set("state", testState); v.Set("openid.mode", "cancel") }, ErrDenied},
		"an error":              {set("openid.mode", "error"), ErrRefused},
		"nothing":               {func(v url.Values) { clear(v) }, ErrRefused},
		"another protocol":      {set("openid.ns", "http://openid.net/signon/1.1"), ErrRefused},
		"another server":        {set("openid.op_endpoint", "https://evil.example.com/login"), ErrRefused},
		"another state":         {set("state", "other"), ErrRefused},
		"for another site":      {set("openid.return_to", "https://evil.example.com/?state="+testState), ErrRefused},
		"two identities":        {set("openid.identity", "https://steamcommunity.com/openid/id/1"), ErrRefused},
		"a twin":                {func(v url.Values) { v.Add("openid.claimed_id", "https://steamcommunity.com/openid/id/1") }, ErrRefused},
		"an unsigned identity":  {set("openid.signed", "signed,op_endpoint,identity,return_to,response_nonce,assoc_handle"), ErrRefused},
		"an unsigned return_to": {set("openid.signed", "signed,op_endpoint,claimed_id,identity,response_nonce,assoc_handle"), ErrRefused},
		"nobody of Steam's": {func(v url.Values) {
			v.Set("openid.claimed_id", "https://steamcommunity.com.evil.example.com/openid/id/1")
			v.Set("openid.identity", "https://steamcommunity.com.evil.example.com/openid/id/1")
		}, ErrRefused},
		"no number": {func(v url.Values) {
			v.Set("openid.claimed_id", "https://steamcommunity.com/openid/id/1?x")
			v.Set("openid.identity", "https://steamcommunity.com/openid/id/1?x")
		}, ErrRefused},
	} {
		n, p := steam(t, "")
		form := steamCallback()
		c.change(form)
		if a, err := exchangeSteam(p, form); !errors.Is(err, c.want) || a.UID != "" || len(n.seen) > 0 {
			t.Errorf("%s: %+v, %v, asked %v", name, a, err, n.seen)
		}
	}
}

// TestSteamIsAsked: without Steam's own word there is nobody.
func TestSteamIsAsked(t *testing.T) {
	for answer, want := range map[string]error{
		"ns:" + openID2 + "\nis_valid:false\n": ErrRefused, "": ErrRefused, "is_valid:truely\n": ErrRefused, "x:is_valid:true\n": ErrRefused, "down": ErrUnreachable,
	} {
		n, p := steam(t, "")
		n.on("POST "+steamLogin, func(w http.ResponseWriter, _ *http.Request) {
			if answer == "down" {
				w.WriteHeader(http.StatusBadGateway)
			}
			_, _ = io.WriteString(w, answer)
		})
		if a, err := exchangeSteam(p, steamCallback()); !errors.Is(err, want) || a.UID != "" {
			t.Errorf("%q: %+v, %v", answer, a, err)
		}
	}
	_, p := steam(t, "")
	if _, err := p.AuthCodeURL(context.Background(), Request{State: testState, RedirectURI: "com.acme.app:/back"}); !errors.Is(err, ErrRequest) {
		t.Errorf("an app's scheme: %v", err)
	}
}
