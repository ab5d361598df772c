package stages

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"time"

	"stagedoor/stages/internal/provider"
	"stagedoor/state"
)

// ProviderKind is a kind of provider that a program adds to those of [ProviderKinds]. It is
// configured like them, by its ID, is listed to clients like them, and signs in, signs up and
// connects over both contracts. What protects the way there and back is not the kind's: the
// state, the PKCE challenge (RFC 7636) and the nonce are made, sent and checked for it, and an
// address that it does not call verified proves nothing.
//
// There are three ways to say how the provider is spoken to. {base} in a URL stands for the
// provider's server_url, which is then required.
//
//   - Issuer, for OpenID Connect: endpoints and keys are discovered, id_tokens verified.
//   - AuthURL, TokenURL and ProfileURL, for OAuth 2.0: Read says who the profile is of.
//   - Begin and Exchange, for anything else: the program's own code.
type ProviderKind struct {
	// ID is the kind's name in the configuration: small letters, digits, - and _, at most 64.
	// It carries its owner's name ("acme_directory").
	ID string
	// Name is what people see, unless the configuration says otherwise; empty is the ID.
	Name string
	// Scope is asked for, unless the configuration says otherwise; EmailScope besides, where
	// addresses are asked for.
	Scope, EmailScope []string
	// AuthParams go along with each authorization request.
	AuthParams map[string]string
	// Settings are the names of settings that the kind has: see [ProviderConfig].Settings.
	Settings []string
	// BasicAuth sends the secret in the header (RFC 6749, section 2.3.1), unless the
	// configuration says otherwise.
	BasicAuth bool

	Issuer                        string
	AuthURL, TokenURL, ProfileURL string
	// Read makes an identity of the JSON object that ProfileURL answered, or of the claims of
	// a verified id_token; those need none.
	Read func(profile json.RawMessage) (Identity, error)

	// Begin returns the URL to send a browser to. State, nonce, PKCE challenge and
	// redirect_uri are put into its query by the server.
	Begin func(ctx context.Context, c ProviderCall) (string, error)
	// Exchange makes an identity of what came back from there. The state is checked before;
	// it sends the verifier along, and checks the nonce of an id_token.
	Exchange func(ctx context.Context, c ProviderCall) (Identity, error)

	// VerifyToken lets an app bring a token that it got from the provider itself, for all
	// but Issuer, whose id_tokens are verified here. It must find out that the token was
	// issued to our client id: any app's token would sign in its users otherwise.
	VerifyToken func(ctx context.Context, c ProviderCall) (Identity, error)
}

// ProviderCall is what the own code of a [ProviderKind] is given. An error of it that is a
// *url.Error says that the provider cannot be reached, any other that its answer is refused;
// its text comes into the log, and must hold no secret.
type ProviderCall struct {
	// Config is the provider's configuration, with our client id and secret there.
	Config ProviderConfig
	// HTTP does requests within bounds of time, size and redirects.
	HTTP *http.Client
	// RedirectURI is our callback, and Nonce what an id_token must carry. VerifyToken has
	// neither.
	RedirectURI, Nonce string
	// Code is the authorization code, Verifier the PKCE code verifier, and Form all of what
	// came back. Only Exchange has them.
	Code, Verifier string
	Form           url.Values
	// IDToken and AccessToken are what an app has brought, one at least. Only VerifyToken has
	// them.
	IDToken, AccessToken string
}

// Identity is what a provider says of a person.
type Identity struct {
	// UID names the person there, for ever: 1 to 255 bytes, no control characters, compared
	// exactly.
	UID string
	// Emails are the addresses; the first is the primary one where none is. Verified is to be set where the
	// provider itself says so: it proves the address here.
	Emails []state.Email
	// The texts may be "". Nothing says that they can be used here.
	Username, Name, GivenName, FamilyName, Phone string
	PhoneVerified                                bool
	// Picture is the http or https URL of a picture, of at most 1024 bytes; anything else is
	// left out.
	Picture string
	// AuthenticatedAt is when the person authenticated there, zero where that is not known. Without it
	// what VerifyToken answers signs in, but proves nothing anew of a session: the token may be old.
	AuthenticatedAt time.Time
	// Extra is kept with the connected account, a JSON object of at most 16 KiB; nil is the
	// profile that was read.
	Extra json.RawMessage
}

// CheckProviderKinds finds the faults of the kinds that a program adds, all together.
func CheckProviderKinds(kinds []ProviderKind) error {
	var out []error
	for i, k := range kinds {
		if err := k.own(ProviderConfig{}).Check(); err != nil {
			out = append(out, fmt.Errorf("provider kind %s: %w", k.ID, err))
		}
		if slices.ContainsFunc(kinds[:i], func(o ProviderKind) bool { return o.ID == k.ID }) {
			out = append(out, fmt.Errorf("provider kind %s: there are two of this id", k.ID))
		}
	}
	return errors.Join(out...)
}

// own is the kind as the package of providers takes it, for one configuration.
func (k ProviderKind) own(c ProviderConfig) *provider.Own {
	o := &provider.Own{
		ID: k.ID, Name: k.Name, Issuer: k.Issuer, Auth: k.AuthURL, Token: k.TokenURL, Profile: k.ProfileURL,
		Scope: k.Scope, EmailScope: k.EmailScope, Settings: k.Settings, AuthParams: k.AuthParams, Basic: k.BasicAuth,
		Exchange: asserting(k.Exchange, c), Verify: asserting(k.VerifyToken, c),
	}
	if k.Read != nil {
		o.Read = func(profile json.RawMessage) (provider.Assertion, error) {
			i, err := k.Read(profile)
			return i.assertion(), err
		}
	}
	if k.Begin != nil {
		o.Begin = func(ctx context.Context, call provider.Call) (string, error) { return k.Begin(ctx, callOf(c, call)) }
	}
	return o
}

// asserting has own code that finds an identity answer with an assertion; nil stays nil.
func asserting(own func(context.Context, ProviderCall) (Identity, error), c ProviderConfig) func(context.Context, provider.Call) (provider.Assertion, error) {
	if own == nil {
		return nil
	}
	return func(ctx context.Context, call provider.Call) (provider.Assertion, error) {
		i, err := own(ctx, callOf(c, call))
		return i.assertion(), err
	}
}

func callOf(c ProviderConfig, call provider.Call) ProviderCall {
	return ProviderCall{
		Config: c, HTTP: call.HTTP, RedirectURI: call.RedirectURI, Nonce: call.Nonce, Code: call.Code, Verifier: call.Verifier,
		Form: call.Form, IDToken: call.IDToken, AccessToken: call.AccessToken,
	}
}

func (i Identity) assertion() provider.Assertion {
	a := provider.Assertion{
		UID: i.UID, Username: i.Username, Name: i.Name, GivenName: i.GivenName, FamilyName: i.FamilyName,
		Phone: i.Phone, PhoneVerified: i.PhoneVerified, Picture: i.Picture, Extra: i.Extra,
	}
	if !i.AuthenticatedAt.IsZero() {
		a.AuthTime = i.AuthenticatedAt.Unix()
	}
	said := slices.ContainsFunc(i.Emails, func(e state.Email) bool { return e.Primary })
	for n, e := range i.Emails {
		a.Emails = append(a.Emails, provider.Email{Address: e.Address, Verified: e.Verified, Primary: e.Primary || n == 0 && !said})
	}
	return a
}
