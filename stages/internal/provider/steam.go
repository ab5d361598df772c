package provider

import (
	"context"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
)

// openID2 names the protocol (OpenID Authentication 2.0, section 4.1.2).
const openID2 = "http://specs.openid.net/auth/2.0"

// steamID is how Steam names an account.
var steamID = regexp.MustCompile(`^https://steamcommunity\.com/openid/id/([0-9]{1,20})$`)

// steamURL asks who somebody is (OpenID Authentication 2.0, section 9). There is no place
// for a state but the address to come back to, which is signed.
func (p *Provider) steamURL(at *endpoints, r Request) (string, error) {
	back, err := url.Parse(r.RedirectURI)
	if err != nil || back.Host == "" {
		return "", fault(ErrRequest, "%s is no page, and Steam comes back to pages only", clip(r.RedirectURI))
	}
	return at.auth + "?" + url.Values{
		"openid.ns": {openID2}, "openid.mode": {"checkid_setup"}, "openid.return_to": {withState(back, r.State)},
		"openid.realm":    {back.Scheme + "://" + back.Host + "/"},
		"openid.identity": {openID2 + "/identifier_select"}, "openid.claimed_id": {openID2 + "/identifier_select"},
	}.Encode(), nil
}

// withState is the address to come back to.
func withState(back *url.URL, state string) string {
	to := *back
	q := to.Query()
	q.Set("state", state)
	to.RawQuery = q.Encode()
	return to.String()
}

// fromSteam turns a callback into an assertion (section 11). What it says is Steam's word
// only if Steam says so: it is asked directly, since we have no key of its signatures.
func (p *Provider) fromSteam(ctx context.Context, at *endpoints, c Callback) (Assertion, error) {
	said, id, err := steamSays(at, c)
	if err != nil {
		return Assertion{}, err
	}
	said.Set("openid.mode", "check_authentication")
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, at.token, strings.NewReader(said.Encode()))
	if err != nil {
		return Assertion{}, fault(ErrRefused, "no usable address")
	}
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	answer, err := p.web.answer(r)
	if err != nil {
		return Assertion{}, err
	}
	// Key-Value Form (section 4.1.1).
	if !slices.Contains(strings.Split(string(answer), "\n"), "is_valid:true") {
		return Assertion{}, fault(ErrRefused, "%s: the callback is not Steam's, or was used before", place(r.URL))
	}
	profile, err := p.steamProfile(ctx, id)
	if err != nil {
		return Assertion{}, err
	}
	return p.assertion(profile, p.kind.Map, nil, profile)
}

// steamSays reads a callback: all that was said, and the account that it names.
func steamSays(at *endpoints, c Callback) (said url.Values, id string, err error) {
	said = url.Values{}
	for name, values := range c.Form {
		if strings.HasPrefix(name, "openid.") {
			if len(values) != 1 {
				return nil, "", fault(ErrRefused, "the callback has more than one %s", clip(name))
			}
			said[name] = values
		}
	}
	if said.Get("openid.mode") == "cancel" {
		return nil, "", ErrDenied
	}
	back, err := url.Parse(c.RedirectURI)
	if err != nil {
		return nil, "", fault(ErrRequest, "%s is no callback URL", clip(c.RedirectURI))
	}
	for name, want := range map[string]string{
		"ns": openID2, "mode": "id_res", "op_endpoint": at.auth, "return_to": withState(back, c.Form.Get("state")),
		"identity": said.Get("openid.claimed_id"),
	} {
		if got := said.Get("openid." + name); got != want {
			return nil, "", fault(ErrRefused, "the callback's openid.%s is another, %s", name, clip(got))
		}
	}
	signed := strings.Split(said.Get("openid.signed"), ",")
	for _, name := range []string{"op_endpoint", "claimed_id", "identity", "return_to", "response_nonce"} {
		if !slices.Contains(signed, name) {
			return nil, "", fault(ErrRefused, "the callback's openid.%s is not signed", name)
		}
	}
	found := steamID.FindStringSubmatch(said.Get("openid.claimed_id"))
	if found == nil {
		return nil, "", fault(ErrRefused, "the callback names no account: %s", clip(said.Get("openid.claimed_id")))
	}
	return said, found[1], nil
}

// steamProfile is what Steam's API says of an account, or its number alone where there is no
// key to ask with.
func (p *Provider) steamProfile(ctx context.Context, id string) (object, error) {
	bare := object{"steamid": id}
	if p.secret == "" {
		return bare, nil
	}
	target := p.expand(p.kind.Profile) + "?" + url.Values{"key": {p.secret}, "steamids": {id}}.Encode()
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, target, http.NoBody)
	if err != nil {
		return nil, fault(ErrRefused, "no usable address")
	}
	all, err := p.web.json(r)
	if err != nil {
		return nil, err
	}
	if found, ok := all.under(p.kind.Root); ok && found.text("steamid") == id {
		return found, nil
	}
	return bare, nil
}
