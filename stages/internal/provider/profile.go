package provider

import (
	"context"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
)

// fromProfile asks who an access token is of.
func (p *Provider) fromProfile(ctx context.Context, g grant) (Assertion, error) {
	profile, err := p.profile(ctx, g)
	if err != nil {
		return Assertion{}, err
	}
	emails, err := p.listEmails(ctx, g.access)
	if err != nil {
		return Assertion{}, err
	}
	return p.assertion(profile, p.kind.Map, emails, profile)
}

// fromClaims gives the claims of a verified id_token their meaning, with the userinfo or
// the profile where the kind has one.
func (p *Provider) fromClaims(ctx context.Context, at *endpoints, g grant, id object, form url.Values) (Assertion, error) {
	switch {
	case p.kind.Profile != "":
		return p.fromProfile(ctx, g)
	case p.kind.special == isApple:
		id = withAppleName(id, form)
	case p.userInfo && at.userinfo != "":
		return p.withUserinfo(ctx, at, g.access, id)
	}
	return p.assertion(id, p.kind.Map, nil, id)
}

// merged are the claims of both, the userinfo's first. An address and whether it is
// verified are taken from the same place.
func merged(id, info object) object {
	out := maps.Clone(id)
	maps.Copy(out, info)
	for _, pair := range [][2]string{{"email", "email_verified"}, {"phone_number", "phone_number_verified"}} {
		from := info
		if strings.TrimSpace(info.text(pair[0])) == "" {
			from = id
		}
		for _, name := range pair {
			if out[name] = from[name]; out[name] == nil {
				delete(out, name)
			}
		}
	}
	return out
}

// profile reads the profile and goes to its root.
func (p *Provider) profile(ctx context.Context, g grant) (object, error) {
	var (
		all    object
		err    error
		method = http.MethodGet
		target = p.profileURL()
	)
	switch {
	case p.kind.special == isLine:
		return p.lineProfile(ctx, g)
	case p.kind.special == isShopify:
		return p.shopProfile(ctx, g)
	case p.kind.special == isZoho:
		target = strings.Replace(p.kind.Profile, "{base}", g.server, 1)
	case p.kind.ProfilePost:
		method = http.MethodPost
	case p.kind.Proof:
		target = p.proven(target, g.access)
	}
	if target == "" {
		all = g.answer
	} else if all, err = p.ask(ctx, method, target, g); err != nil {
		return nil, err
	}
	root, ok := all.under(p.kind.Root)
	if !ok && p.kind.Desk != nil && p.kind.Desk.Root == p.kind.Root {
		root, ok = all, true
	}
	if !ok {
		return nil, fault(ErrRefused, "the profile has no %s", p.kind.Root)
	}
	return withoutTokens(root), nil
}

// profileURL is what is asked for the profile, with the address where that was asked for.
func (p *Provider) profileURL() string {
	target := p.expand(p.kind.Profile)
	for _, scope := range p.kind.EmailScope {
		if !slices.Contains(p.scope, scope) {
			return target
		}
	}
	return target + p.kind.EmailFields
}

// fetch asks an API with an access token (RFC 6750 section 2.1: in the header, so that
// no log has it).
func (p *Provider) fetch(ctx context.Context, method, target, access string) (object, error) {
	r, err := p.bearer(ctx, method, target, access)
	if err != nil {
		return nil, err
	}
	return p.web.json(r)
}

func (p *Provider) bearer(ctx context.Context, method, target, access string) (*http.Request, error) {
	r, err := http.NewRequestWithContext(ctx, method, target, http.NoBody)
	if err != nil {
		return nil, fault(ErrRefused, "no usable address")
	}
	r.Header.Set("Authorization", "Bearer "+access)
	return r, nil
}

// listEmails asks for all addresses. Who was not allowed to see them gets none.
func (p *Provider) listEmails(ctx context.Context, access string) ([]Email, error) {
	list := p.kind.Emails
	if list.URL == "" || p.skipEmail {
		return nil, nil
	}
	r, err := p.bearer(ctx, http.MethodGet, p.expand(list.URL), access)
	if err != nil {
		return nil, err
	}
	status, data, err := p.web.do(r)
	switch {
	case err != nil:
		return nil, err
	case status == http.StatusForbidden || status == http.StatusNotFound:
		return nil, nil
	case status != http.StatusOK:
		return nil, fault(ErrUnreachable, "%s: status %d", place(r.URL), status)
	}
	answer, err := decode(data)
	rows, ok := rowsOf(answer, list.List)
	if err != nil || !ok {
		return nil, fault(ErrUnreachable, "%s: no list of addresses", place(r.URL))
	}
	return list.read(rows), nil
}

// rowsOf is the list at a path; the path "" is the answer itself.
func rowsOf(answer any, path string) ([]any, bool) {
	if path != "" {
		m, _ := answer.(map[string]any)
		answer = object(m).at(path)
	}
	rows, ok := answer.([]any)
	return rows, ok
}

// read takes the addresses out of a list.
func (l emailList) read(rows []any) []Email {
	var out []Email
	for _, row := range rows {
		m, _ := row.(map[string]any)
		o := object(m)
		if address := o.text(l.Address); strings.TrimSpace(address) != "" {
			out = append(out, Email{Address: address, Primary: o.all([]string{l.Primary}, l.Says), Verified: o.all([]string{l.Verified}, l.Says)})
		}
	}
	return out
}
