package suite

import (
	"context"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/webauthn"
	"github.com/chromedp/chromedp"
)

// Authenticator gives the window a passkey device that knows its owner, the virtual one of the
// DevTools. One that nobody touches keeps whoever asks for a passkey waiting. id, if not nil, is
// where its id goes.
func Authenticator(touched bool, id *webauthn.AuthenticatorID) Step {
	return func(ctx context.Context, t *chromedp.Target) (chromedp.Void, error) {
		if _, err := cdp.Call(ctx, t, webauthn.Enable, webauthn.EnableParams{}); err != nil {
			return chromedp.Void{}, err
		}
		made, err := cdp.Call(ctx, t, webauthn.AddVirtualAuthenticator, webauthn.AddVirtualAuthenticatorParams{Options: &webauthn.VirtualAuthenticatorOptions{
			Protocol: webauthn.AuthenticatorProtocolCtap2, Ctap2version: webauthn.Ctap2versionCtap21, Transport: webauthn.AuthenticatorTransportInternal,
			HasResidentKey: true, HasUserVerification: true, AutomaticPresenceSimulation: touched, IsUserVerified: touched,
		}})
		if id != nil {
			*id = made.AuthenticatorID
		}
		return chromedp.Void{}, err
	}
}
