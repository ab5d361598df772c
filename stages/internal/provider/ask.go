package provider

import (
	"cmp"
	"context"
	"net/http"
	"net/url"
	"regexp"
	"strings"
)

// mark is a variable of a profile request that is known once there is an access token.
var mark = regexp.MustCompile(`\{(access_token|client_secret|answer\.[a-z_]+)\}`)

// ask requests the profile, as the row says.
func (p *Provider) ask(ctx context.Context, method, target string, g grant) (object, error) {
	target, err := p.filled(target, g)
	if err != nil {
		return nil, err
	}
	body, err := p.filled(p.kind.ProfileBody, g)
	if err != nil {
		return nil, err
	}
	if body != "" {
		method = http.MethodPost
	}
	r, err := http.NewRequestWithContext(ctx, method, target, strings.NewReader(body))
	if err != nil {
		return nil, fault(ErrRefused, "no usable address")
	}
	switch name, text, _ := strings.Cut(cmp.Or(p.kind.Access, "Authorization: Bearer {access_token}"), ": "); name {
	case "-":
	default:
		r.Header.Set(name, strings.Replace(text, "{access_token}", g.access, 1))
	}
	switch {
	case strings.HasPrefix(body, "{"):
		r.Header.Set("Content-Type", "application/json")
	case body != "":
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	return p.web.json(r)
}

// filled puts the access token, our secret and members of the token endpoint's answer into a
// URL or a form, escaped for either.
func (p *Provider) filled(text string, g grant) (string, error) {
	missing := ""
	out := mark.ReplaceAllStringFunc(p.expand(text), func(name string) string {
		name = strings.Trim(name, "{}")
		value := g.access
		if member, ok := strings.CutPrefix(name, "answer."); ok {
			value = g.answer.word(member)
		} else if name == "client_secret" {
			value = p.secret
		}
		if value == "" || strings.ContainsFunc(value, unfit) {
			missing = name
		}
		return strings.ReplaceAll(url.QueryEscape(value), "+", "%20")
	})
	if missing != "" {
		return "", fault(ErrRefused, "there is no usable %s to ask for the profile with", missing)
	}
	return out, nil
}
