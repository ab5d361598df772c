package provider

import (
	"context"
	"errors"
	"strings"
	"testing"
)

// TestMetadataOfAnotherIssuer: a provider whose metadata have another issuer than their address could
// not be used at all. It can, where the configuration says which one.
func TestMetadataOfAnotherIssuer(t *testing.T) {
	const policy, tenant = "https://b2c.example.com/tenant/policy/v2.0", "https://b2c.example.com/8f1c/v2.0/"
	n := newInternet(t)
	i := n.openIssuer(policy)
	i.meta["issuer"] = tenant
	stranger := n.provider(Config{Kind: "openid_connect", ServerURL: policy})
	_, err := stranger.AuthCodeURL(context.Background(), request())
	if !errors.Is(err, ErrUnreachable) || Cause(err) != "not_configured" || !strings.Contains(err.Error(), "openid_configuration_overrides") {
		t.Errorf("without a word of the configuration: %v", err)
	}
	p := n.provider(Config{Kind: "openid_connect", ServerURL: policy, Overrides: map[string]string{"issuer": tenant}})
	if err := try(p, i.mint(map[string]any{"iss": tenant})); err != nil {
		t.Error(err)
	}
	for _, other := range []string{policy, "https://b2c.example.com/8f1d/v2.0/"} {
		if err := try(p, i.mint(map[string]any{"iss": other})); !errors.Is(err, ErrInvalidToken) || !strings.Contains(err.Error(), "is of issuer") {
			t.Errorf("a token of %s: %v", other, err)
		}
	}
}

// TestInsideAndOutside: people are sent to another host than the one that this server asks.
func TestInsideAndOutside(t *testing.T) {
	const inside = "http://keycloak:8080/realms/main"
	n := newInternet(t)
	i := n.openIssuer(realm)
	p := n.provider(Config{Kind: "openid_connect", ServerURL: realm, Secret: "secret", Overrides: map[string]string{
		"token_endpoint": inside + "/token", "jwks_uri": inside + "/keys", "authorization_endpoint": "https://sso.example.com/in?tenant=7",
	}})
	n.says("POST "+inside+"/token", "", `{"access_token": "a", "id_token": "`+i.mint(map[string]any{"nonce": testNonce})+`"}`)
	n.on("GET "+inside+"/keys", n.routes[keysKey])
	if u := authURL(t, p, request()); u.Host != "sso.example.com" || u.Query().Get("tenant") != "7" {
		t.Errorf("sent to %s", u)
	}
	if a, err := p.Exchange(context.Background(), callback(nil)); err != nil || a.UID != "sub-1" {
		t.Errorf("%+v, %v", a, err)
	}
	if n.count(keysKey)+n.count("POST "+realm+"/token") > 0 || n.count(metaKey) != 1 {
		t.Errorf("asked %v", n.seen)
	}
}

// TestNoMetadataAtAll: who says all that metadata must say is not asked for any.
func TestNoMetadataAtAll(t *testing.T) {
	n := newInternet(t)
	i := n.openIssuer(realm)
	p := n.provider(Config{Kind: "openid_connect", ServerURL: realm, Overrides: map[string]string{
		"issuer": realm, "authorization_endpoint": realm + "/a", "token_endpoint": realm + "/t", "jwks_uri": realm + "/jwks",
	}})
	if err := try(p, i.mint(nil)); err != nil || n.count(metaKey) != 0 {
		t.Errorf("%v, asked %v", err, n.seen)
	}
}

func TestOverridesAreChecked(t *testing.T) {
	for name, c := range map[string]struct {
		kind      string
		overrides map[string]string
		want      string
	}{
		"no such member":  {"openid_connect", map[string]string{"scopes_supported": "x"}, "cannot be replaced"},
		"no URL":          {"openid_connect", map[string]string{"token_endpoint": "/token"}, "overrides.token_endpoint"},
		"a script":        {"openid_connect", map[string]string{"authorization_endpoint": "javascript:alert(1)"}, "not an http"},
		"with a password": {"openid_connect", map[string]string{"jwks_uri": "https://a:b@x.example.com/"}, "not an http"},
		"no metadata":     {"github", map[string]string{"issuer": realm}, "github has no metadata"},
	} {
		cfg := Config{Kind: c.kind, ClientID: "client", Overrides: c.overrides}
		if c.kind != "github" {
			cfg.ServerURL = realm
		}
		if _, err := New(cfg, Deps{Now: noon}); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v", name, err)
		}
	}
}
