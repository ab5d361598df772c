package provider

import (
	"context"
	"errors"
	"net/url"
	"strings"
	"testing"
)

const (
	tenantA = "9122040d-6c67-4c5b-b112-36a304b66dad"
	tenantB = "72f988bf-86f1-41af-91ab-2d7cd011db47"
	msHost  = "https://login.microsoftonline.com/"
)

func TestMicrosoftIssuers(t *testing.T) {
	for _, c := range []struct {
		server, announced string
		want              bool
	}{
		{msHost + "common/v2.0", msHost + "{tenantid}/v2.0", true},
		{msHost + "organizations/v2.0", msHost + "{tenantid}/v2.0", true},
		{msHost + "contoso.com/v2.0", msHost + tenantA + "/v2.0", true},
		{msHost + "consumers/v2.0", msHost + tenantB + "/v2.0", true},
		{msHost + tenantA + "/v2.0", msHost + tenantA + "/v2.0", true},
		// One tenant is not another, nor all of them.
		{msHost + tenantA + "/v2.0", msHost + tenantB + "/v2.0", false},
		{msHost + tenantA + "/v2.0", msHost + "{tenantid}/v2.0", false},
		{msHost + "contoso.com/v2.0", msHost + "{tenantid}/v2.0", false},
		{msHost + "common/v2.0", msHost + tenantA + "/v2.0", false},
		{msHost + "common/v2.0", "https://evil.example.com/{tenantid}/v2.0", false},
		{msHost + "common/v2.0", msHost + "{tenantid}/v2.0/x", false},
		{msHost + "common/v2.0", msHost + "evil/{tenantid}/v2.0", false},
		// Nobody else may do this.
		{"https://login.example.com/common/v2.0", "https://login.example.com/{tenantid}/v2.0", false},
		{"https://login.microsoftonline.com.evil.example/common/v2.0", "https://login.microsoftonline.com.evil.example/{tenantid}/v2.0", false},
	} {
		n := newInternet(t)
		i := n.openIssuer(c.server)
		i.meta["issuer"] = c.announced
		p := n.provider(Config{Kind: "openid_connect", ServerURL: c.server})
		_, err := p.AuthCodeURL(context.Background(), request())
		if (err == nil) != c.want {
			t.Errorf("asked %s, got %s: %v", c.server, c.announced, err)
		}
	}
}

func TestMicrosoftTokensOfOneTenant(t *testing.T) {
	n := newInternet(t)
	i := n.openIssuer(msHost + "common/v2.0")
	i.meta["issuer"] = msHost + "{tenantid}/v2.0"
	p := n.provider(Config{Kind: "openid_connect", ServerURL: msHost + "common/v2.0"})
	for _, c := range []struct {
		iss string
		tid any
		ok  bool
	}{
		{msHost + tenantA + "/v2.0", tenantA, true},
		{msHost + tenantA + "/v2.0", tenantB, false},
		{msHost + tenantA + "/v2.0", nil, false},
		{msHost + tenantA + "/v2.0", []string{tenantA}, false},
		{msHost + "{tenantid}/v2.0", "{tenantid}", false},
		{msHost + "{tenantid}/v2.0", nil, false},
		{msHost + "/v2.0", "", false},
		{"", "", false},
		{msHost + "evil/v2.0", "evil", false},
		{"https://evil.example.com/" + tenantA + "/v2.0", tenantA, false},
	} {
		_, err := p.VerifyToken(context.Background(), Token{ClientID: "client", IDToken: i.mint(map[string]any{"iss": c.iss, "tid": c.tid})})
		if (err == nil) != c.ok {
			t.Errorf("%+v: %v", c, err)
		}
		if err != nil && !errors.Is(err, ErrInvalidToken) {
			t.Errorf("%+v: %v", c, err)
		}
	}
}

func TestMicrosoftNamesItselfInCallbacks(t *testing.T) {
	n := newInternet(t)
	i := n.openIssuer(msHost + "common/v2.0")
	i.meta["issuer"] = msHost + "{tenantid}/v2.0"
	p := n.provider(Config{Kind: "microsoft"})
	for iss, want := range map[string]error{
		msHost + tenantA + "/v2.0":         ErrDenied,
		msHost + "common/v2.0":             ErrRefused,
		"https://evil.example.com/v2.0":    ErrRefused,
		msHost + tenantA + "/v2.0/../evil": ErrRefused,
	} {
		_, err := p.Exchange(context.Background(), callback(url.Values{"iss": {iss}, "error": {"access_denied"}}))
		if !errors.Is(err, want) {
			t.Errorf("%s: %v", iss, err)
		}
	}
}

func TestMicrosoftSettings(t *testing.T) {
	n := newInternet(t)
	n.openIssuer("https://login.microsoftonline.us/contoso.com/v2.0")
	p := n.provider(Config{
		Kind: "microsoft", ServerURL: "https://login.microsoftonline.us/",
		Settings: map[string]string{"tenant": "contoso.com", "graph": "https://graph.microsoft.us/"},
	})
	u := authURL(t, p, request())
	if !strings.HasPrefix(u.String(), "https://login.microsoftonline.us/contoso.com/v2.0/authorize?") {
		t.Errorf("sent to %s", u)
	}
	if got := p.expand(p.kind.Profile); !strings.HasPrefix(got, "https://graph.microsoft.us/v1.0/me?") {
		t.Errorf("asks %s", got)
	}
}
