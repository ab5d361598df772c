package provider

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"strings"
	"testing"
)

// coded is a kind whose own code does everything.
func coded(answer func(Call) (Assertion, error)) *Own {
	return &Own{
		ID: "acme_code", Name: "Acme",
		Begin: func(_ context.Context, c Call) (string, error) {
			// What it says of the way back does not count.
			return "https://id.acme.example/in?app=ours&state=fixed&redirect_uri=https://evil.example&code_challenge=none", nil
		},
		Exchange: func(_ context.Context, c Call) (Assertion, error) { return answer(c) },
		Verify:   func(_ context.Context, c Call) (Assertion, error) { return answer(c) },
	}
}

func (n *internet) own(o *Own) *Provider {
	return n.provider(Config{Kind: o.ID, Own: o, ClientID: "client"})
}

// TestOwnCode: own code is called with what protects the way there and back, and cannot
// leave it out; what it makes of the answer is cleaned like any other.
func TestOwnCode(t *testing.T) {
	var got Call
	p := newInternet(t).own(coded(func(c Call) (Assertion, error) {
		got = c
		return Assertion{
			UID: "7", Username: " Ann\n", Phone: "", PhoneVerified: true, Extra: json.RawMessage("{"),
			Emails: []Email{{Address: "ANN@x.org", Primary: true}, {Address: "no address", Verified: true}},
		}, nil
	}))
	r := request()
	q := authURL(t, p, r).Query()
	if q.Get("app") != "ours" || q.Get("state") != r.State || q.Get("redirect_uri") != r.RedirectURI || q.Get("nonce") != r.Nonce ||
		len(q.Get("code_challenge")) != 43 || q.Get("code_challenge_method") != "S256" || len(q["state"]) != 1 {
		t.Errorf("it is asked for %v", q)
	}
	a, err := p.Exchange(context.Background(), callback(nil))
	if err != nil {
		t.Fatal(err)
	}
	if a.Provider != "acme_code" || a.UID != "7" || a.Username != "Ann" || a.PhoneVerified || a.Extra != nil ||
		len(a.Emails) != 1 || a.Emails[0] != (Email{Address: "ann@x.org", Primary: true}) {
		t.Errorf("%+v", a)
	}
	if c := callback(nil); got.Code != c.Code || got.Verifier != c.Verifier || got.Nonce != c.Nonce || got.RedirectURI != c.RedirectURI || got.HTTP == nil {
		t.Errorf("it was called with %+v", got)
	}
	if _, err := p.VerifyToken(context.Background(), Token{ClientID: "client", AccessToken: "t"}); err != nil || got.AccessToken != "t" {
		t.Errorf("%v, it was called with %+v", err, got)
	}
	if _, err := p.VerifyToken(context.Background(), Token{ClientID: "another", AccessToken: "t"}); !errors.Is(err, ErrClientIDMismatch) {
		t.Errorf("for another client: %v", err)
	}
}

// TestOwnCodeSaysWhen: a token whose age own code does not tell may be an old one; who comes back from the
// provider's page has just been there.
func TestOwnCodeSaysWhen(t *testing.T) {
	for at, want := range map[int64]int64{0: longAgo, noon().Unix(): noon().Unix()} {
		p := newInternet(t).own(coded(func(Call) (Assertion, error) { return Assertion{UID: "7", AuthTime: at}, nil }))
		a, err := p.VerifyToken(context.Background(), Token{ClientID: "client", AccessToken: "t"})
		if err != nil || a.AuthTime != want {
			t.Errorf("%d: authenticated at %d (%v)", at, a.AuthTime, err)
		}
		if a, err = p.Exchange(context.Background(), callback(nil)); err != nil || a.AuthTime != at {
			t.Errorf("%d: came back authenticated at %d (%v)", at, a.AuthTime, err)
		}
	}
}

// TestOwnCodeFails: what own code cannot say is refused, and a provider that cannot be
// asked is out of reach.
func TestOwnCodeFails(t *testing.T) {
	for name, c := range map[string]struct {
		answer func(Call) (Assertion, error)
		is     error
	}{
		"an error":        {func(Call) (Assertion, error) { return Assertion{UID: "7"}, errors.New("no") }, ErrRefused},
		"the network":     {func(Call) (Assertion, error) { return Assertion{}, &url.Error{Op: "Get", Err: errors.New("down")} }, ErrUnreachable},
		"no UID":          {func(Call) (Assertion, error) { return Assertion{}, nil }, ErrRefused},
		"too long a UID":  {func(Call) (Assertion, error) { return Assertion{UID: strings.Repeat("7", 256)}, nil }, ErrRefused},
		"two lines of it": {func(Call) (Assertion, error) { return Assertion{UID: "7\n8"}, nil }, ErrRefused},
	} {
		p := newInternet(t).own(coded(c.answer))
		if a, err := p.Exchange(context.Background(), callback(nil)); !errors.Is(err, c.is) || a.UID != "" {
			t.Errorf("%s: %+v, %v", name, a, err)
		}
	}
	for name, form := range map[string]url.Values{"denied": {"error": {"access_denied"}}, "code twice": {"code": {"a", "b"}}} {
		p := newInternet(t).own(coded(func(Call) (Assertion, error) { t.Errorf("%s: the code is asked", name); return Assertion{}, nil }))
		if _, err := p.Exchange(context.Background(), callback(form)); err == nil {
			t.Errorf("%s is taken", name)
		}
	}
	without := callback(nil)
	without.Verifier = ""
	p := newInternet(t).own(coded(func(Call) (Assertion, error) { t.Error("asked without a verifier"); return Assertion{}, nil }))
	if _, err := p.Exchange(context.Background(), without); !errors.Is(err, ErrRequest) {
		t.Errorf("without a verifier: %v", err)
	}
	for _, to := range []string{"", "/relative", "javascript:alert(1)", "https://"} {
		o := coded(nil)
		o.Begin = func(context.Context, Call) (string, error) { return to, nil }
		if got, err := newInternet(t).own(o).AuthCodeURL(context.Background(), request()); !errors.Is(err, ErrRefused) || got != "" {
			t.Errorf("%q leads to %q, %v", to, got, err)
		}
	}
}

// TestOwnCodeKeepsSecrets: what could not be asked is named without the query that was sent.
func TestOwnCodeKeepsSecrets(t *testing.T) {
	n := newInternet(t)
	p := n.own(coded(func(c Call) (Assertion, error) {
		r, err := c.HTTP.Get("https://down.acme.example/inspect?token=hunter2")
		if err == nil {
			return Assertion{}, r.Body.Close()
		}
		return Assertion{}, fmt.Errorf("inspect: %w", err)
	}))
	n.server.Close()
	_, err := p.VerifyToken(context.Background(), Token{ClientID: "client", AccessToken: "hunter2"})
	if !errors.Is(err, ErrUnreachable) || strings.Contains(err.Error(), "hunter2") || !strings.Contains(err.Error(), "https://down.acme.example/inspect") {
		t.Errorf("%v", err)
	}
}

// TestOwnIssuer: an OpenID Connect provider of the program is verified like a shipped one,
// and its own reading sees claims that hold.
func TestOwnIssuer(t *testing.T) {
	n := newInternet(t)
	i := n.openIssuer("https://id.acme.example")
	p := n.own(&Own{ID: "acme_id", Issuer: "https://id.acme.example", Scope: []string{"openid"}, Read: func(claims json.RawMessage) (Assertion, error) {
		var c struct{ Sub, Badge string }
		err := json.Unmarshal(claims, &c)
		return Assertion{UID: c.Badge, Name: c.Sub}, err
	}})
	a, err := p.VerifyToken(context.Background(), Token{ClientID: "client", IDToken: i.mint(map[string]any{"badge": "17"})})
	if err != nil || a.UID != "17" || a.Name == "" || len(a.Extra) == 0 {
		t.Errorf("%+v, %v", a, err)
	}
	if _, err := p.VerifyToken(context.Background(), Token{ClientID: "client", IDToken: i.mint(map[string]any{"badge": "17", "aud": "another"})}); !errors.Is(err, ErrInvalidToken) {
		t.Errorf("for somebody else: %v", err)
	}
	for want, scope := range map[string][]string{"openid": nil, "openid badge": {"badge"}, "badge openid": {"badge", "openid"}} {
		p := n.own(&Own{ID: "acme_id", Issuer: "https://id.acme.example", Scope: scope})
		if got := authURL(t, p, request()).Query().Get("scope"); got != want {
			t.Errorf("with %q it asks for %q, want %q", scope, got, want)
		}
	}
	verify := func(context.Context, Call) (Assertion, error) { return Assertion{}, nil }
	if err := (&Own{ID: "acme_id", Issuer: "https://id.acme.example", Verify: verify}).Check(); err == nil {
		t.Error("own code may verify tokens in place of the keys of the issuer")
	}
}
