package headless

import (
	"context"
	"net/http"

	"stagedoor/transport/internal/contract"
	"stagedoor/transport/internal/token"
	"stagedoor/transport/internal/wire"
)

// tooManyLogins is the code of a sign-in that a limit of a later stage refuses.
const tooManyLogins = "too_many_login_attempts"

// config answers what the server offers to anybody.
func (a *API) config(ctx context.Context, c *call) (*answer, error) {
	if c.tok != "" && c.Kind == token.App {
		if err := c.open(ctx); err != nil {
			return nil, err
		}
	}
	f := a.fixed[c.Kind]
	if c.Request.URL.RawQuery == "" {
		return f.public, nil
	}
	if query := c.Request.URL.Query(); query.Has(featuresQuery) && query.Get(featuresQuery) != "false" {
		return f.offers, nil
	}
	return f.public, nil
}

// featuresQuery asks the configuration for what is switched on, too. Clients of before do not
// know those members, so they are asked for.
const featuresQuery = "features"

// getSession answers whose session it is.
func (a *API) getSession(ctx context.Context, c *call) (*answer, error) {
	if err := c.open(ctx); err != nil {
		return nil, err
	}
	return c.session(), nil
}

// deleteSession signs out, or cancels what is pending. The answer is that of a client
// that is not signed in.
func (a *API) deleteSession(ctx context.Context, c *call) (*answer, error) {
	if err := c.open(ctx); err != nil {
		return nil, err
	}
	if err := c.Read(nil); err != nil {
		return nil, err
	}
	if err := c.signOut(ctx); err != nil {
		return nil, err
	}
	return c.anonymous(http.StatusUnauthorized, ref(false)), nil
}

// login signs in with a password.
func (a *API) login(ctx context.Context, c *call) (*answer, error) {
	return c.start(ctx, contract.Start{
		Flow: contract.LoginFlow, Limits: c.Limits("login"), SignedOutOnly: true, EnteredLimit: tooManyLogins,
	})
}

// loginInput judges a login sent with a method the route does not have.
func (a *API) loginInput(ctx context.Context, c *call) (*answer, error) {
	if c.Request.Method == http.MethodGet {
		return nil, nil
	}
	malformed := c.Read(wire.FieldsOf(a.FirstFields(contract.LoginFlow)))
	if err := c.JudgeLimits(ctx, contract.LoginFlow, c.AddressLimits("login"), c.openBefore(malformed)); err != nil {
		return nil, err
	}
	return nil, c.Probe(ctx, contract.LoginFlow)
}

// signup makes an account.
func (a *API) signup(ctx context.Context, c *call) (*answer, error) {
	return c.start(ctx, contract.Start{
		Flow: contract.SignupFlow, Limits: c.Limits("signup"), SignedOutOnly: true, Closed: !a.SignupOpen,
	})
}

// mfaAuthenticate takes the second factor of a pending sign-in.
func (a *API) mfaAuthenticate(ctx context.Context, c *call) (*answer, error) {
	if c.Request.Method != http.MethodPost {
		return absentFirst(contract.MFAStage, unauthorized)(ctx, c)
	}
	return c.submitFields(ctx, contract.MFAStage, codeForm(), unauthorized)
}

func codeForm() []wire.Field {
	return []wire.Field{{Name: "code", Type: wire.Secret, Required: true, Lookup: true}}
}

// signedInFirst answers 401 to a client that is not signed in, before the method is looked
// at.
func (a *API) signedInFirst(ctx context.Context, c *call) (*answer, error) {
	return nil, c.openSession(ctx)
}
