package provider

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"maps"
	"net/url"
	"strings"
	"testing"
)

// signedByShop is a callback with its signature.
func signedByShop(secret string, form url.Values) url.Values {
	mac := hmac.New(sha256.New, []byte(secret))
	mac.Write([]byte(form.Encode()))
	out := maps.Clone(form)
	out.Set("hmac", hex.EncodeToString(mac.Sum(nil)))
	return out
}

// TestShopifyExample is the example of the provider's documents, "hush" the secret of it.
func TestShopifyExample(t *testing.T) {
	p := newInternet(t).provider(Config{Kind: "shopify", Secret: "hush", ServerURL: "https://some-shop.myshopify.com"})
	form, err := url.ParseQuery("code=0907a61c0c8d55e99db179b68161bc00&hmac=700e2dadb827fcc8609e9d5ce208b2e9cdaab9df07390d2cbca10d7c328fc4bf" +
		"&shop=some-shop.myshopify.com&state=0.6784241404160823&timestamp=1337178173")
	if err != nil {
		t.Fatal(err)
	}
	if err := p.checkShop(form); err != nil {
		t.Error(err)
	}
	// Our own page adds one where cookies are SameSite=Strict.
	form.Set("_redir", "")
	if err := p.checkShop(form); err != nil {
		t.Error(err)
	}
}

// TestShopifyCallbacks: what is not signed by Shopify, or is of another shop, asks nobody.
func TestShopifyCallbacks(t *testing.T) {
	good := func() url.Values {
		return url.Values{"code": {testCode}, "state": {testState}, "shop": {"acme.myshopify.com"}, "timestamp": {"1337178173"}}
	}
	with := func(name, value string) url.Values { v := good(); v.Set(name, value); return v }
	for name, form := range map[string]url.Values{
		"unsigned":           good(),
		"signed by somebody": signedByShop("other", good()),
		"changed after":      func() url.Values { v := signedByShop("secret", good()); v.Set("timestamp", "1"); return v }(),
		"more than signed":   func() url.Values { v := signedByShop("secret", good()); v.Set("x", "1"); return v }(),
		"twice":              func() url.Values { v := signedByShop("secret", good()); v.Add("shop", "evil.myshopify.com"); return v }(),
		"of another shop":    signedByShop("secret", with("shop", "evil.myshopify.com")),
		"of no shop":         signedByShop("secret", with("shop", "acme.myshopify.com.evil.example.com")),
		"no hex":             func() url.Values { v := good(); v.Set("hmac", "x"); return v }(),
	} {
		n := newInternet(t)
		p := n.provider(Config{Kind: "shopify", Secret: "secret", ServerURL: "https://acme.myshopify.com"})
		if _, err := p.Exchange(context.Background(), callback(form)); !errors.Is(err, ErrRefused) || len(n.seen) > 0 {
			t.Errorf("%s: %v, asked %v", name, err, n.seen)
		}
	}
}

// TestShopifyPersons: where a person was asked for, a shop is none.
func TestShopifyPersons(t *testing.T) {
	n := newInternet(t)
	n.says("POST https://acme.myshopify.com/admin/oauth/access_token", "", `{"access_token": "a", "scope": ""}`)
	p := n.provider(Config{
		Kind: "shopify", Secret: "secret", ServerURL: "https://acme.myshopify.com", AuthParams: map[string]string{"grant_options[]": "per-user"},
	})
	form := signedByShop("secret", url.Values{"code": {testCode}, "state": {testState}, "shop": {"acme.myshopify.com"}})
	if a, err := p.Exchange(context.Background(), callback(form)); !errors.Is(err, ErrRefused) {
		t.Errorf("got %+v, %v", a, err)
	}
}

func TestShopifyConfiguration(t *testing.T) {
	for server, want := range map[string]string{
		"https://acme.myshopify.com": "", "https://acme.myshopify.com/": "", "https://acme.example.com": "not that of a shop",
		"http://acme.myshopify.com": "not that of a shop", "https://acme.myshopify.com.evil.example.com": "not that of a shop",
		"https://acme.myshopify.com/admin": "not that of a shop", "": "missing",
	} {
		_, err := New(Config{Kind: "shopify", ClientID: "c", Secret: "s", ServerURL: server}, Deps{Now: noon})
		if (err == nil) != (want == "") || err != nil && !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", server, err)
		}
	}
	if _, err := New(Config{Kind: "shopify", ClientID: "c", ServerURL: "https://acme.myshopify.com"}, Deps{Now: noon}); err == nil || !strings.Contains(err.Error(), "secret: missing") {
		t.Errorf("without a secret: %v", err)
	}
}

// TestZohoSendsItsSecretToZohoAlone: the callback names a server, and only Zoho's are asked.
func TestZohoSendsItsSecretToZohoAlone(t *testing.T) {
	for _, named := range []string{"https://evil.example.com", "http://accounts.zoho.com", "https://accounts.zoho.com.evil.example.com", "//accounts.zoho.eu", "x"} {
		n := newInternet(t)
		n.says("POST "+named+"/oauth/v2/token", "", `{"access_token": "a"}`)
		_, err := n.provider(Config{Kind: "zoho", Secret: "s"}).Exchange(context.Background(), callback(url.Values{"accounts-server": {named}}))
		if !errors.Is(err, ErrRefused) || len(n.seen) > 0 {
			t.Errorf("%s: %v, asked %v", named, err, n.seen)
		}
	}
	n := newInternet(t)
	n.says("POST https://accounts.zoho.eu/oauth/v2/token", "", `{"access_token": "SlAV32hkKG"}`)
	n.says("GET https://accounts.zoho.eu/oauth/user/info", testAccess, `{"ZUID": "7"}`)
	// Without a name it is the configured one, and Zoho says what is wrong with status 200.
	a, err := n.provider(Config{Kind: "zoho", Secret: "s", ServerURL: "https://accounts.zoho.eu/"}).Exchange(context.Background(), callback(nil))
	if err != nil || a.UID != "7" {
		t.Errorf("got %+v, %v", a, err)
	}
	n.says("POST https://accounts.zoho.eu/oauth/v2/token", "", `{"error": "invalid_code"}`)
	_, err = n.provider(Config{Kind: "zoho", Secret: "s", ServerURL: "https://accounts.zoho.eu"}).Exchange(context.Background(), callback(nil))
	if !errors.Is(err, ErrRefused) || !strings.Contains(err.Error(), "invalid_code") {
		t.Errorf("got %v", err)
	}
	if _, err := New(Config{Kind: "zoho", ClientID: "c", ServerURL: "https://zoho.example.com"}, Deps{Now: noon}); err == nil {
		t.Error("any server passes for Zoho's")
	}
}
