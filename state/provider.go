package state

import (
	"errors"
	"fmt"
)

// ErrProvider says that a third party could not be asked. Trying again may help.
var ErrProvider = errors.New("the provider cannot be reached")

// ErrProviderRefused says that a third party was asked and refused what came back from
// it: trying again with the same does not help. It is [ErrProvider] too.
var ErrProviderRefused = fmt.Errorf("%w: it answered and refused", ErrProvider)

// What is behind a refusal of what a third party said, or did not say, as front ends learn it.
const (
	// ProviderUnavailable: it gave no answer, or none that can be used. Trying again later may help.
	ProviderUnavailable = "provider_unavailable"
	// TokenRefused: what came of it is not accepted. Beginning anew may help.
	TokenRefused = "token_refused"
	// NotConfigured: it and this server do not agree on what is configured. It is for who runs
	// the server to mend, and nothing that a person does helps.
	NotConfigured = "not_configured"
)

// Provider is the public part of a configured third party that speaks for
// people, as the wire shows it.
type Provider struct {
	// ID names it in the configuration and on the wire, Name is what people see.
	ID   string `json:"id"`
	Name string `json:"name"`
	// ClientID is this server's at the provider, empty where there is none.
	ClientID string `json:"client_id,omitempty"`
	// Flows are the ways to sign in with it: provider_redirect, provider_token.
	Flows []string `json:"flows"`
	// OpenID is where its metadata is (OpenID Connect Discovery, section 4), if known.
	OpenID string `json:"openid_configuration_url,omitempty"`
}

// ProviderClaim is what a provider said of a person who has no account here yet.
type ProviderClaim struct {
	Provider Provider
	// UID is the person's account there, Display a name to show for it.
	UID     string
	Display string
	// Username is a wish; nothing says that it can be had.
	Username string
	Emails   []Email
	// Profile is how the person is called and looks there.
	Profile Profile
}
