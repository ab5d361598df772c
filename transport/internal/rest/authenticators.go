package rest

import (
	"bytes"
	"context"
	"encoding/base64"
	"errors"
	"image"
	"image/color"
	"image/draw"
	"image/png"

	"github.com/pquerna/otp"

	"stagedoor/engine"
	"stagedoor/state"
	"stagedoor/state/accounts"
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
	Authenticator wire.Authenticator `json:"authenticator"`
	// Codes says that recovery codes came with it.
	Codes bool `json:"recovery_codes_generated"`
}

// authenticatorsBody lists what the account has.
type authenticatorsBody struct {
	Authenticators []wire.Authenticator `json:"authenticators"`
}

func (a *API) listAuthenticators(ctx context.Context, c *call) (*answer, error) {
	account, err := c.account(ctx)
	if err != nil {
		return nil, err
	}
	list, err := a.views.List(account)
	if err != nil {
		return nil, err
	}
	return ok(authenticatorsBody{list})
}

// withoutTOTP reads the account of who is signed in, and refuses one that has TOTP or may
// add no authenticator.
func (c *call) withoutTOTP(ctx context.Context) (*state.Account, error) {
	account, err := c.account(ctx)
	if err != nil {
		return nil, err
	}
	if code := c.Accounts.CanAdd(account); code != "" {
		return nil, refused(code)
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
	secret := accounts.TOTPSecret(c.seed.Bytes("totp secret", 20))
	body := secretBody{Secret: secret}
	if body.URL, err = a.Accounts.TOTPURL(account, secret); err != nil {
		return nil, err
	}
	if body.QR, err = picture(body.URL); err != nil {
		return nil, err
	}
	run, err := wire.NewTOTPSecret(a.Keys, account.ID, secret, c.now)
	if err != nil {
		return nil, err
	}
	if err := c.update(ctx, func(r *engine.Record) { r.Put(run) }); err != nil {
		return nil, err
	}
	return ok(body)
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
	if len(c.invalid) > 0 {
		return nil, wire.Invalid(c.invalid...)
	}
	account, err := c.withoutTOTP(ctx)
	if err != nil {
		return nil, err
	}
	secret, err := wire.WaitingTOTPSecret(a.Keys, &c.visit.Entry.Record, account.ID, c.now)
	if err != nil {
		return nil, err
	}
	switch {
	case !wire.SameSecret(secret, c.values.Text("secret")):
		return nil, invalid("secret", wire.CodeInvalid)
	case !a.Accounts.RightTOTP(secret, c.values.Text("code"), c.now):
		return nil, invalid("code", "incorrect_code")
	case !c.recent():
		return c.proveAgain()
	}
	codes := account.Authenticator(state.RecoveryCodes) == nil
	account, added, err := a.Accounts.ActivateTOTP(ctx, c.doer(), secret, c.values.Text("code"))
	if err != nil {
		return nil, accountError(err)
	}
	if err := c.changed(ctx, account); err != nil {
		return nil, err
	}
	if err := c.update(ctx, func(r *engine.Record) { r.Drop(engine.SlotTOTPSecret) }); err != nil {
		return nil, err
	}
	return a.added(added, codes)
}

// added answers a new authenticator.
func (a *API) added(x *state.Authenticator, codes bool) (*answer, error) {
	d, err := a.views.View(x, false)
	if err != nil {
		return nil, err
	}
	return ok(addedBody{Authenticator: d, Codes: codes})
}

// deleteTOTP switches TOTP off. An account that has none is as it should be.
func (a *API) deleteTOTP(ctx context.Context, c *call) (*answer, error) {
	account, err := c.account(ctx)
	if err != nil {
		return nil, err
	}
	if x := account.Authenticator(state.TOTP); x != nil {
		if !c.recent() {
			return c.proveAgain()
		}
		if account, err = a.Accounts.RemoveAuthenticators(ctx, c.doer(), state.TOTP, x.ID); err != nil {
			return nil, accountError(err)
		}
		if err := c.changed(ctx, account); err != nil {
			return nil, err
		}
	}
	return a.listAuthenticators(ctx, c)
}

// getRecoveryCodes shows the codes that are left.
func (a *API) getRecoveryCodes(ctx context.Context, c *call) (*answer, error) {
	account, err := c.account(ctx)
	if err != nil {
		return nil, err
	}
	x := account.Authenticator(state.RecoveryCodes)
	if x == nil {
		return nil, wire.NotFound()
	}
	if !c.recent() {
		return c.proveAgain()
	}
	visible, err := a.Accounts.ViewRecoveryCodes(ctx, c.doer(), x)
	if err != nil {
		return nil, accountError(err)
	}
	d, err := a.views.View(x, visible)
	if err != nil {
		return nil, err
	}
	return ok(d)
}

// newRecoveryCodes makes a new set of codes; the old ones are worth nothing then.
func (a *API) newRecoveryCodes(ctx context.Context, c *call) (*answer, error) {
	account, err := c.account(ctx)
	if err != nil {
		return nil, err
	}
	if !account.HasSecondFactor() {
		return nil, invalid("", "cannot_generate_recovery_codes")
	}
	if !c.recent() {
		return c.proveAgain()
	}
	if account, err = a.Accounts.RenewRecoveryCodes(ctx, c.doer()); err != nil {
		return nil, accountError(err)
	}
	if err := c.changed(ctx, account); err != nil {
		return nil, err
	}
	d, err := a.views.View(account.Authenticator(state.RecoveryCodes), true)
	if err != nil {
		return nil, err
	}
	return ok(d)
}

// creationBody carries the options of a WebAuthn registration (WebAuthn, section 5.4).
type creationBody struct {
	Options any `json:"creation_options"`
}

const addFlow = "webauthn_add"

// addCredential begins the registration of a WebAuthn credential, and finishes it where
// the credential is there.
func (a *API) addCredential(ctx context.Context, c *call) (*answer, error) {
	account, err := c.account(ctx)
	if err != nil {
		return nil, err
	}
	if code := a.Accounts.CanAdd(account); code != "" {
		return nil, refused(code)
	}
	if !c.recent() {
		return c.proveAgain()
	}
	if !c.values.Given("credential") {
		if len(c.invalid) > 0 {
			return nil, wire.Invalid(c.invalid...)
		}
		options, err := c.ask(ctx, addFlow, "options")
		if err != nil {
			return nil, err
		}
		return ok(creationBody{options})
	}
	ans, err := c.start(ctx, opening{flow: addFlow})
	if err != nil {
		return nil, err
	}
	got, is := ans.Reply.(*state.Added)
	if !is {
		return nil, errors.New("rest: a credential was added and is not told of")
	}
	return a.added(got.Authenticator, got.Codes)
}
