package provider

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"golang.org/x/oauth2"
)

// Own is a kind that a program adds. Its fields are those of stages.ProviderKind, which says
// what they mean.
type Own struct {
	ID, Name                     string
	Issuer, Auth, Token, Profile string
	Scope, EmailScope, Settings  []string
	AuthParams                   map[string]string
	Basic                        bool

	Read     func(profile json.RawMessage) (Assertion, error)
	Begin    func(context.Context, Call) (string, error)
	Exchange func(context.Context, Call) (Assertion, error)
	Verify   func(context.Context, Call) (Assertion, error)
}

// Call is what a kind's own code is given besides its configuration; see
// stages.ProviderCall.
type Call struct {
	HTTP                 *http.Client
	RedirectURI, Nonce   string
	Code, Verifier       string
	Form                 url.Values
	IDToken, AccessToken string
}

// kind is the row that the table would have for it.
func (o *Own) kind() kind {
	k := kind{
		ID: o.ID, Name: o.Name, Issuer: o.Issuer, Auth: o.Auth, Token: o.Token, Profile: o.Profile, Scope: o.Scope, EmailScope: o.EmailScope,
		Settings: o.Settings, AuthParams: o.AuthParams, Basic: o.Basic, Map: claims(yes), Tokens: o.Issuer != "" || o.Verify != nil, own: o,
	}
	if k.Name == "" {
		k.Name = o.ID
	}
	if k.openID() && !slices.Contains(k.Scope, "openid") {
		// Without it there is no id_token (OpenID Connect Core, section 3.1.2.1).
		k.Scope = append([]string{"openid"}, k.Scope...)
	}
	if o.Begin != nil {
		k.Hosted = mayMove
	}
	for _, at := range []string{o.Issuer, o.Auth, o.Token, o.Profile} {
		if strings.Contains(at, "{base}") {
			k.Hosted = selfHosted
		}
	}
	return k
}

// Check finds the faults of a kind that a program adds, all together.
func (o *Own) Check() error {
	var out []error
	wrong := func(format string, args ...any) { out = append(out, fmt.Errorf(format, args...)) }
	if !idForm.MatchString(o.ID) {
		wrong("%s is not an id: small letters, digits, - and _, at most 64", clip(o.ID))
	}
	if _, taken := kindOf(o.ID); taken {
		wrong("%s is a kind of the server: give it its owner's name, such as acme_%s", o.ID, o.ID)
	}
	coded := o.Begin != nil || o.Exchange != nil
	switch {
	case coded && (o.Begin == nil || o.Exchange == nil):
		wrong("Begin and Exchange go together")
	case coded && (o.Issuer != "" || o.Auth != "" || o.Token != "" || o.Profile != "" || o.Read != nil):
		wrong("Begin and Exchange stand in place of Issuer, the URLs and Read")
	case coded:
	case o.Issuer != "" && (o.Auth != "" || o.Token != ""):
		wrong("the metadata of Issuer say what AuthURL and TokenURL are: leave them out")
	case o.Issuer != "" && o.Verify != nil:
		wrong("the id_tokens of Issuer are verified here: leave VerifyToken out")
	case o.Issuer == "" && (o.Auth == "" || o.Token == "" || o.Profile == "" || o.Read == nil):
		wrong("it has no Issuer: it needs AuthURL, TokenURL, ProfileURL and Read, or Begin and Exchange")
	}
	for _, at := range []string{o.Issuer, o.Auth, o.Token, o.Profile} {
		u, err := url.Parse(strings.Replace(at, "{base}", "https://base", 1))
		if at != "" && (err != nil || u.Host == "" || u.Scheme != "https" && u.Scheme != "http") {
			wrong("%s is not an http or https URL, nor one below {base}", clip(at))
		}
	}
	for _, name := range slices.Sorted(maps.Keys(o.AuthParams)) {
		if slices.Contains(reserved(), name) && name != "response_mode" {
			wrong("AuthParams: %s is set by the server: leave it out", name)
		}
	}
	return errors.Join(out...)
}

// begin is where to send the browser, by the kind's own code. What protects the way back is
// put in here, whatever the code did.
func (p *Provider) begin(ctx context.Context, r Request) (string, error) {
	to, err := p.kind.own.Begin(ctx, Call{HTTP: p.web.client, RedirectURI: r.RedirectURI, Nonce: r.Nonce})
	if err != nil {
		return "", ownFault(err)
	}
	u, err := url.Parse(to)
	if err != nil || u.Host == "" || u.Scheme != "https" && u.Scheme != "http" {
		return "", fault(ErrRefused, "%s is no URL to send a browser to", clip(to))
	}
	q := u.Query()
	q.Set("state", r.State)
	q.Set("redirect_uri", r.RedirectURI)
	q.Set("code_challenge", oauth2.S256ChallengeFromVerifier(r.Verifier))
	q.Set("code_challenge_method", "S256")
	if r.Nonce != "" {
		q.Set("nonce", r.Nonce)
	}
	u.RawQuery = q.Encode()
	return u.String(), nil
}

// answered is what the kind's own code made of an answer.
func (p *Provider) answered(a Assertion, err error) (Assertion, error) {
	if err != nil {
		return Assertion{}, ownFault(err)
	}
	if _, err := uidOf(object{"uid": a.UID}, []string{"uid"}, ""); err != nil {
		return Assertion{}, err
	}
	if !json.Valid(a.Extra) {
		a.Extra = nil
	}
	return p.cleaned(a, nil), nil
}

// ownFault sorts an error of a program's code: the provider could not be asked, or it
// answered and what it said is refused. What could not be asked is told as shipped kinds
// tell it: the query of a URL may hold a secret.
func ownFault(err error) error {
	var sent *url.Error
	switch {
	case errors.As(err, &sent):
		u, parseErr := url.Parse(sent.URL)
		if parseErr != nil {
			u = &url.URL{}
		}
		return unreachable(context.Background(), u, err)
	case errors.Is(err, context.DeadlineExceeded), errors.Is(err, context.Canceled):
		return fault(ErrUnreachable, "%v", err)
	}
	return fault(ErrRefused, "%v", err)
}
