package state

import "errors"

// ErrProvider says that a third party could not be asked. Trying again may help.
var ErrProvider = errors.New("the provider cannot be reached")

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
