package rest

import (
	"bytes"
	"context"
	"encoding/base64"
	"image"
	"image/color"
	"image/draw"
	"image/png"

	"github.com/pquerna/otp"

	"stagedoor/state"
	"stagedoor/state/accounts"
	"stagedoor/transport/internal/contract"
	"stagedoor/transport/internal/wire"
)

// secretBody is what is needed to set up TOTP. QR is a data: URL (RFC 2397) of a PNG.
type secretBody struct {
	Secret string `json:"secret"`
	URL    string `json:"totp_url"`
	QR     string `json:"qr_code"`
}

// addedBody answers a new authenticator.
type addedBody struct {
	Authenticator accounts.AuthenticatorView `json:"authenticator"`
	// Codes says that recovery codes came with it.
	Codes bool `json:"recovery_codes_generated"`
}

// authenticatorsBody lists what the account has.
type authenticatorsBody struct {
	Authenticators []accounts.AuthenticatorView `json:"authenticators"`
}

func (a *API) listAuthenticators(ctx context.Context, c *call) (*answer, error) {
	account, err := c.Account(ctx)
	if err != nil {
		return nil, err
	}
	list, err := a.Accounts.ViewAll(account)
	if err != nil {
		return nil, err
	}
	return ok(authenticatorsBody{list})
}

// withoutTOTP reads the account of the session, and refuses one that has TOTP or may add no
// authenticator.
func (c *call) withoutTOTP(ctx context.Context) (*state.Account, error) {
	account, err := c.Account(ctx)
	if err != nil {
		return nil, err
	}
	if err := c.CanAddAuthenticator(account); err != nil {
		return nil, err
	}
	if account.Authenticator(state.TOTP) != nil {
		return nil, wire.Conflict()
	}
	return account, nil
}

// addTOTP hands out a new secret. The last one handed out is the one that counts.
func (a *API) addTOTP(ctx context.Context, c *call) (*answer, error) {
	account, err := c.withoutTOTP(ctx)
	if err != nil {
		return nil, err
	}
	secret, url, err := c.OfferTOTP(ctx, account)
	if err != nil {
		return nil, err
	}
	qr, err := picture(url)
	if err != nil {
		return nil, err
	}
	return ok(secretBody{Secret: secret, URL: url, QR: qr})
}

// picture draws a QR code of the text, with the quiet zone of four modules that readers
// need around it (ISO/IEC 18004, section 9.1).
func picture(text string) (string, error) {
	const size, quiet = 256, 32
	key, err := otp.NewKeyFromURL(text)
	if err != nil {
		return "", err
	}
	code, err := key.Image(size, size)
	if err != nil {
		return "", err
	}
	canvas := image.NewGray(image.Rect(0, 0, size+2*quiet, size+2*quiet))
	draw.Draw(canvas, canvas.Bounds(), image.NewUniform(color.White), image.Point{}, draw.Src)
	draw.Draw(canvas, image.Rect(quiet, quiet, quiet+size, quiet+size), code, code.Bounds().Min, draw.Src)
	var b bytes.Buffer
	if err := png.Encode(&b, canvas); err != nil {
		return "", err
	}
	return "data:image/png;base64," + base64.StdEncoding.EncodeToString(b.Bytes()), nil
}

// confirmTOTP sets up TOTP with the secret that was handed out and a code of it.
func (a *API) confirmTOTP(ctx context.Context, c *call) (*answer, error) {
	if err := c.Input.Err(); err != nil {
		return nil, err
	}
	account, err := c.withoutTOTP(ctx)
	if err != nil {
		return nil, err
	}
	secret, err := c.OfferedTOTP(account.ID)
	if err != nil {
		return nil, err
	}
	if !accounts.SameSecret(secret, c.Input.Text("secret")) {
		return nil, invalid("secret", wire.CodeInvalid)
	}
	added, err := c.ConfirmTOTP(ctx, secret)
	if err != nil {
		return nil, err
	}
	view, err := a.Accounts.View(account.ID, added, false)
	if err != nil {
		return nil, err
	}
	return ok(addedBody{Authenticator: view, Codes: account.Authenticator(state.RecoveryCodes) == nil})
}

// deleteTOTP switches TOTP off. An account that has none is as it should be.
func (a *API) deleteTOTP(ctx context.Context, c *call) (*answer, error) {
	account, err := c.Account(ctx)
	if err != nil {
		return nil, err
	}
	if err := c.RemoveTOTP(ctx, account); err != nil {
		return nil, err
	}
	return a.listAuthenticators(ctx, c)
}

// getRecoveryCodes shows the codes that are left.
func (a *API) getRecoveryCodes(ctx context.Context, c *call) (*answer, error) {
	account, err := c.Account(ctx)
	if err != nil {
		return nil, err
	}
	x := account.Authenticator(state.RecoveryCodes)
	if x == nil {
		return nil, wire.NotFound()
	}
	view, err := c.RecoveryCodes(ctx, x)
	if err != nil {
		return nil, err
	}
	return ok(view)
}

// newRecoveryCodes makes a new set of codes; the old ones are worth nothing then.
func (a *API) newRecoveryCodes(ctx context.Context, c *call) (*answer, error) {
	account, err := c.Account(ctx)
	if err != nil {
		return nil, err
	}
	view, err := c.RenewRecoveryCodes(ctx, account)
	if err != nil {
		return nil, err
	}
	return ok(view)
}

// creationBody carries the options of a WebAuthn registration (WebAuthn, section 5.4).
type creationBody struct {
	Options any `json:"creation_options"`
}

// addCredential begins the registration of a WebAuthn credential, and finishes it where
// the credential is there.
func (a *API) addCredential(ctx context.Context, c *call) (*answer, error) {
	account, err := c.Account(ctx)
	if err != nil {
		return nil, err
	}
	if err := c.CanAddAuthenticator(account); err != nil {
		return nil, err
	}
	if err := c.RequireProofForKey(c.Input.Bool("conditional")); err != nil {
		return nil, err
	}
	if !c.Input.Given("credential") {
		if err := c.Input.Err(); err != nil {
			return nil, err
		}
		options, err := c.ask(ctx, contract.AddPasskeyFlow, "options")
		if err != nil {
			return nil, err
		}
		return ok(creationBody{options})
	}
	ans, err := c.start(ctx, contract.Start{Flow: contract.AddPasskeyFlow})
	if err != nil {
		return nil, err
	}
	view, codes, err := c.AddedPasskey(ans.Reply)
	if err != nil {
		return nil, err
	}
	return ok(addedBody{Authenticator: view, Codes: codes})
}
