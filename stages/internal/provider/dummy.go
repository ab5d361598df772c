package provider

import (
	"encoding/base64"
	"encoding/json"
	"net/url"
)

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
	o := filledIn(form)
	if code := form.Get("code"); code != "" {
		text, err := base64.RawURLEncoding.DecodeString(code)
		if err == nil {
			o, err = parse(text)
		}
		if err != nil {
			return Assertion{}, fault(ErrRefused, "the code is not one of dummy's page")
		}
	}
	return p.assertion(o, p.kind.Map, nil, o)
}

// filledIn is what the page's form says.
func filledIn(form url.Values) object {
	o := object{}
	for _, name := range dummyFields() {
		if value := form.Get(name); value != "" {
			o[name] = value
		}
	}
	return o
}

// DummyCode is the authorization code of dummy's page for the person who filled in the form: the
// form itself as JSON in unpadded base64url.
func DummyCode(form url.Values) string {
	// Strings can always be encoded.
	text, _ := json.Marshal(filledIn(form))
	return base64.RawURLEncoding.EncodeToString(text)
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
