package provider

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"maps"
	"net/http"
	"net/url"
	"regexp"
	"strings"
)

// shop is the address of one.
var shop = regexp.MustCompile(`^https://[a-z0-9][a-z0-9-]*\.myshopify\.com$`)

// checkShop finds out whether a callback is of our shop (Shopify, "Implement authorization
// code grant manually"): all parameters but hmac, sorted and as a query, are signed with our
// secret. _redir is ours.
func (p *Provider) checkShop(form url.Values) error {
	signed := maps.Clone(form)
	signed.Del("hmac")
	signed.Del("_redir")
	mac := hmac.New(sha256.New, []byte(p.secret))
	mac.Write([]byte(signed.Encode()))
	switch got, err := hex.DecodeString(form.Get("hmac")); {
	case err != nil || !hmac.Equal(got, mac.Sum(nil)):
		return fault(ErrRefused, "the callback is not signed by Shopify")
	case "https://"+form.Get("shop") != p.vars["base"]:
		return fault(ErrRefused, "the callback is of another shop, %s", clip(form.Get("shop")))
	}
	return nil
}

// perUser tells a configuration that asks for a person instead of for the shop.
func (p *Provider) perUser() bool { return p.authParams["grant_options[]"] == "per-user" }

// shopProfile is the shop, or the person who is signed in there.
func (p *Provider) shopProfile(ctx context.Context, g grant) (object, error) {
	if p.perUser() {
		person, ok := g.answer.under("associated_user")
		if !ok {
			return nil, fault(ErrRefused, "the token endpoint names no associated_user")
		}
		return person, nil
	}
	all, err := p.ask(ctx, http.MethodPost, p.expand(p.kind.Profile), g)
	if err != nil {
		return nil, err
	}
	found, ok := all.under("data.shop")
	if !ok {
		return nil, fault(ErrRefused, "the profile has no data.shop")
	}
	out := maps.Clone(found)
	// The id of before was the number alone, and is what accounts are known by.
	out["id"] = strings.TrimPrefix(found.text("id"), "gid://shopify/Shop/")
	return out, nil
}
