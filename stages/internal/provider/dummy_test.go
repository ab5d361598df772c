package provider

import (
	"context"
	"errors"
	"net/url"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func dummy(t *testing.T) *Provider {
	t.Helper()
	return newInternet(t).provider(Config{Kind: "dummy"})
}

func TestDummyForm(t *testing.T) {
	form := url.Values{
		"id": {"7"}, "email": {"Any@Example.com"}, "email_verified": {"on"}, "first_name": {"Any"}, "last_name": {"Body"},
		"username": {"any"}, "phone": {"+4930123456"}, "phone_verified": {"true"}, "csrf": {"not for extra"},
	}
	got, err := dummy(t).Exchange(context.Background(), Callback{Form: form})
	if err != nil {
		t.Fatal(err)
	}
	if strings.Contains(string(got.Extra), "csrf") {
		t.Errorf("Extra is %s", got.Extra)
	}
	got.Extra = nil
	want := Assertion{
		Provider: "dummy", UID: "7", Display: "any", Username: "any", GivenName: "Any", FamilyName: "Body",
		Emails: primary("any@example.com", true), Phone: "+4930123456", PhoneVerified: true,
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
}

func TestDummyForms(t *testing.T) {
	p := dummy(t)
	for name, c := range map[string]struct {
		form     url.Values
		want     error
		verified bool
	}{
		"unticked":         {url.Values{"id": {"1"}, "email": {"a@example.com"}}, nil, false},
		"unticked in text": {url.Values{"id": {"1"}, "email": {"a@example.com"}, "email_verified": {"false"}}, nil, false},
		"ticked as 1":      {url.Values{"id": {"1"}, "email": {"a@example.com"}, "email_verified": {"1"}}, nil, true},
		"no id":            {url.Values{"email": {"a@example.com"}}, ErrRefused, false},
		"id of spaces":     {url.Values{"id": {" "}}, ErrRefused, false},
		"cancelled":        {url.Values{"id": {"1"}, "action": {"cancel"}}, ErrDenied, false},
		"access denied":    {url.Values{"id": {"1"}, "error": {"access_denied"}}, ErrDenied, false},
		"id that is bytes": {url.Values{"id": {"\xff"}}, ErrRefused, false},
	} {
		a, err := p.Exchange(context.Background(), Callback{Form: c.form})
		if !errors.Is(err, c.want) || (err == nil) != (a.UID == "1") {
			t.Errorf("%s: %+v, %v", name, a, err)
		}
		if len(a.Emails) > 0 && a.Emails[0].Verified != c.verified {
			t.Errorf("%s: %+v", name, a.Emails)
		}
	}
}

func TestDummyToken(t *testing.T) {
	p := dummy(t)
	for token, want := range map[string]error{
		`{"id": 7, "email": "a@example.com", "email_verified": true}`: nil,
		`{"id": "7"}`:   nil,
		`{"id": [7]}`:   ErrInvalidToken,
		`{"id": true}`:  ErrInvalidToken,
		`{"id": null}`:  ErrInvalidToken,
		`{"id": -7}`:    ErrInvalidToken,
		`{"id": 7.0}`:   ErrInvalidToken,
		`{"id": 1e300}`: ErrInvalidToken,
		`{}`:            ErrInvalidToken,
		`[]`:            ErrInvalidToken,
		`7`:             ErrInvalidToken,
		`{"id": 7`:      ErrInvalidToken,
		`{"id": 7, "username": "` + strings.Repeat("x", maxIDToken) + `"}`: ErrInvalidToken,
		``: ErrTokenRequired,
	} {
		for _, client := range []string{"", "any"} {
			a, err := p.VerifyToken(context.Background(), Token{ClientID: client, IDToken: token})
			if !errors.Is(err, want) || (a.UID == "7") != (want == nil) {
				t.Errorf("%.60s: %+v, %v", token, a, err)
			}
		}
	}
	if err := tryAccess(p); !errors.Is(err, ErrInvalidToken) {
		t.Errorf("an access token: %v", err)
	}
}

func TestDummyIsForDevelopment(t *testing.T) {
	if p, err := New(Config{Kind: "dummy"}, Deps{Now: noon}); p != nil || err == nil || !strings.Contains(err.Error(), "development") {
		t.Errorf("got %v, %v", p, err)
	}
}

func TestDummyPage(t *testing.T) {
	n := newInternet(t)
	for server, want := range map[string]string{
		"":                           "/accounts/dummy/authenticate/",
		"/dev/who":                   "/dev/who",
		"http://localhost:8000/who/": "http://localhost:8000/who/",
	} {
		p := n.provider(Config{Kind: "dummy", ServerURL: server})
		u := authURL(t, p, Request{State: testState, RedirectURI: testCallback})
		q := u.Query()
		u.RawQuery = ""
		if u.String() != want || q.Get("state") != testState || q.Get("redirect_uri") != testCallback || q.Has("code_challenge") {
			t.Errorf("%s?%s", u, q.Encode())
		}
		if !p.Local() || p.ClientID() != "" || !p.SupportsToken() {
			t.Error("it is not what it is")
		}
	}
}

// TestDummyCode says by a code what the form says, and takes nothing else for one.
func TestDummyCode(t *testing.T) {
	form := url.Values{"id": {"7"}, "email": {"any@example.com"}, "email_verified": {"on"}, "csrf": {"x"}}
	want, err := dummy(t).Exchange(context.Background(), Callback{Form: form})
	if err != nil {
		t.Fatal(err)
	}
	got, err := dummy(t).Exchange(context.Background(), Callback{Form: url.Values{"code": {DummyCode(form)}, "state": {"s"}}})
	if d := cmp.Diff(want, got); err != nil || d != "" {
		t.Errorf("%v %s", err, d)
	}
	for _, code := range []string{"x", "%", "W10", "bnVsbA"} {
		if a, err := dummy(t).Exchange(context.Background(), Callback{Form: url.Values{"id": {"7"}, "code": {code}}}); !errors.Is(err, ErrRefused) {
			t.Errorf("code %q: %+v, %v", code, a, err)
		}
	}
}
