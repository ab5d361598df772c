package provider

import "net/url"

// dummyFields are the fields of dummy's page, and the names in its tokens.
func dummyFields() []string {
	return []string{
		"id", "email", "email_verified", "first_name", "last_name", "username", "phone", "phone_verified",
	}
}

// fromForm is who the page's form says one is.
func (p *Provider) fromForm(form url.Values) (Assertion, error) {
	if form.Get("action") == "cancel" {
		return Assertion{}, ErrDenied
	}
	o := object{}
	for _, name := range dummyFields() {
		if value := form.Get(name); value != "" {
			o[name] = value
		}
	}
	return p.assertion(o, p.kind.Map, nil, o)
}

// fromDummyToken is who the token says one is: its id_token is the same form in JSON,
// signed by nobody. There is no client id, so none is asked for.
func (p *Provider) fromDummyToken(t Token) (Assertion, error) {
	if t.IDToken == "" && t.AccessToken == "" {
		return Assertion{}, ErrTokenRequired
	}
	o, err := parse([]byte(t.IDToken))
	if err != nil || len(t.IDToken) > maxIDToken {
		return Assertion{}, fault(ErrInvalidToken, "the id_token is no JSON object")
	}
	return p.assertion(o, p.kind.Map, nil, o)
}
