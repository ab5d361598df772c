package headless

import (
	"context"

	"stagedoor/transport/internal/contract"
	"stagedoor/transport/internal/wire"
)

// reauth proves with the password whose session it is.
func (a *API) reauth(ctx context.Context, c *call) (*answer, error) {
	if err := c.openReauth(ctx, contract.ByPassword); err != nil {
		return nil, err
	}
	return c.start(ctx, contract.Start{Flow: contract.ReauthenticateFlow, Limits: c.Limits("reauthenticate")})
}

// mfaReauth proves with a second factor whose session it is.
func (a *API) mfaReauth(ctx context.Context, c *call) (*answer, error) {
	if err := c.openReauth(ctx, contract.ByFactor); err != nil {
		return nil, err
	}
	return c.start(ctx, contract.Start{Flow: contract.MFAReauthenticateFlow})
}

// openReauth opens the session, for a way to reauthenticate; one that is switched off is a
// 403.
func (c *call) openReauth(ctx context.Context, method string) error {
	if err := c.openSession(ctx); err != nil {
		return err
	}
	if !c.Reauthentication.Has(method) {
		return wire.Forbidden(wire.CodeForbidden, nil)
	}
	return nil
}

// requestReauthCode sends a code to prove with whose session it is. A code that waits is void
// then.
func (a *API) requestReauthCode(ctx context.Context, c *call) (*answer, error) {
	if err := c.openReauth(ctx, contract.ByCode); err != nil {
		return nil, err
	}
	malformed := c.Read(wire.FieldsOf(c.FirstFields(contract.ReauthByCodeStage)))
	ans, err := c.Start(ctx, c.CodeStart(), c.openBefore(malformed))
	if err != nil {
		return nil, err
	}
	return ok(nil), c.adopt(ans)
}

// confirmReauthCode takes the code.
func (a *API) confirmReauthCode(ctx context.Context, c *call) (*answer, error) {
	if err := c.openReauthCode(ctx); err != nil {
		return nil, err
	}
	return c.submit(ctx, contract.ReauthByCodeStage, conflict)
}

// resendReauthCode sends another code in place of the one that waits.
func (a *API) resendReauthCode(ctx context.Context, c *call) (*answer, error) {
	if err := c.openReauthCode(ctx); err != nil {
		return nil, err
	}
	return c.resend(ctx, contract.ReauthByCodeStage)
}

// reauthCodeFirst answers where no code waits, before the method is looked at.
func (a *API) reauthCodeFirst(ctx context.Context, c *call) (*answer, error) {
	return nil, c.openReauthCode(ctx)
}

// provesByProvider opens the session for a proof by a provider.
func (c *call) provesByProvider(ctx context.Context) error {
	if err := c.openSession(ctx); err != nil {
		return err
	}
	return c.CanProveByProvider()
}

// openReauthCode opens the session in which a code waits; else it is a 409.
func (c *call) openReauthCode(ctx context.Context) error {
	if err := c.openReauth(ctx, contract.ByCode); err != nil {
		return err
	}
	if !c.CodeWaits() {
		return wire.Conflict()
	}
	return nil
}
