package headless

import (
	"context"
	"net/http"
	"slices"

	"stagedoor/engine"
	"stagedoor/state"
	"stagedoor/transport/internal/contract"
	"stagedoor/transport/internal/token"
	"stagedoor/transport/internal/wire"
)

// requestData and creationData carry WebAuthn options.
type requestData struct {
	Options any `json:"request_options"`
}

type creationData struct {
	Options any `json:"creation_options"`
}

// addedMeta says whether recovery codes came with a new credential.
type addedMeta struct {
	Codes bool `json:"recovery_codes_generated"`
}

// shown are WebAuthn options as clients get them here.
func (c *call) shown(options any) any {
	if o, ok := options.(interface{ Bare() any }); ok && !c.Extended {
		return o.Bare()
	}
	return options
}

func credentialField() wire.Field {
	return wire.Field{Name: "credential", Type: wire.JSON, Required: true}
}

// loginOptions begins a passkey login.
func (a *API) loginOptions(ctx context.Context, c *call) (*answer, error) {
	if err := c.open(ctx, c.RecordLimits(contract.PasskeyLoginFlow)...); err != nil {
		return nil, err
	}
	options, err := c.options(ctx, contract.PasskeyLoginFlow, engine.MapValues{})
	if err != nil {
		return nil, err
	}
	return &answer{Status: http.StatusOK, Data: requestData{c.shown(options)}, Meta: c.tokenMeta()}, nil
}

// options asks the first stage of a flow for WebAuthn options.
func (c *call) options(ctx context.Context, flow engine.FlowID, values engine.Values) (any, error) {
	if !c.HasFlow(flow) {
		return nil, wire.NotFound()
	}
	return c.ask(ctx, flow, "options", c.TurnWith(values, nil))
}

// tokenMeta hands an app a token that is new to it, where the answer has no other meta.
func (c *call) tokenMeta() any {
	if c.appToken() == "" {
		return nil
	}
	return struct {
		SessionToken string `json:"session_token"`
	}{c.appToken()}
}

// passkeyLogin signs in with a passkey. In a client that is signed in to the account already
// the session goes on; one of another account begins another session, and the old one ends.
// What would wait for another account waits for nobody while the session goes on.
func (a *API) passkeyLogin(ctx context.Context, c *call) (*answer, error) {
	if !a.HasFlow(contract.PasskeyLoginFlow) {
		return nil, wire.NotFound()
	}
	malformed := c.Read(wire.FieldsOf(a.FirstFields(contract.PasskeyLoginFlow)))
	open := c.openBefore(malformed)
	ans, err := c.Start(ctx, contract.Start{
		Flow: contract.PasskeyLoginFlow, Limits: c.AddressLimits(contract.PasskeyLoginLimit), EnteredLimit: tooManyLogins,
	}, func(ctx context.Context, take []engine.Take) (*engine.Refusal, error) {
		refusal, err := open(ctx, take)
		if err == nil {
			err = c.MustBind(c.Client().Key)
		}
		return refusal, err
	})
	if err != nil {
		return nil, err
	}
	switch {
	case c.Visit.SignedIn && ans.TokenID != nil:
		if err := c.endOtherSession(ctx, true); err != nil {
			return nil, err
		}
	case ans.Outcome == engine.Granted && ans.TokenID == nil && c.Kind == token.Browser:
		c.CSRF.Rotate(c.w, c.Request)
	}
	return c.answerAccepted(ans)
}

// factorOptions begins an assertion as second factor of a pending sign-in.
func (a *API) factorOptions(ctx context.Context, c *call) (*answer, error) {
	if err := c.open(ctx); err != nil {
		return nil, err
	}
	if _, pending := c.PendingAt(contract.MFAStage); !pending {
		return unauthorized(c)
	}
	options, err := c.act(ctx, contract.MFAStage, "options", c.EmptyTurn())
	return ok(requestData{c.shown(options)}), err
}

// factorCredential takes an assertion as second factor of a pending sign-in.
func (a *API) factorCredential(ctx context.Context, c *call) (*answer, error) {
	return c.submitFields(ctx, contract.MFAStage, []wire.Field{credentialField()}, unauthorized)
}

// reauthOptions begins an assertion of the signed-in account.
func (a *API) reauthOptions(ctx context.Context, c *call) (*answer, error) {
	if err := c.openReauth(ctx, contract.ByFactor); err != nil {
		return nil, err
	}
	options, err := c.options(ctx, contract.WebAuthnReauthFlow, engine.MapValues{})
	return ok(requestData{c.shown(options)}), err
}

// reauthCredential proves with a WebAuthn credential whose session it is.
func (a *API) reauthCredential(ctx context.Context, c *call) (*answer, error) {
	if err := c.openReauth(ctx, contract.ByFactor); err != nil {
		return nil, err
	}
	return c.start(ctx, contract.Start{Flow: contract.WebAuthnReauthFlow})
}

// openAddable opens the session of an account that may have authenticators.
func (c *call) openAddable(ctx context.Context) error {
	if !c.HasFlow(contract.AddPasskeyFlow) {
		return wire.NotFound()
	}
	account, err := c.account(ctx)
	if err != nil {
		return err
	}
	return c.CanAddAuthenticator(account)
}

// addOptions begins the registration of a credential.
func (a *API) addOptions(ctx context.Context, c *call) (*answer, error) {
	if err := c.openAddable(ctx); err != nil {
		return nil, err
	}
	query := c.Request.URL.Query()
	if err := c.RequireProofForKey(query.Has("conditional")); err != nil {
		return nil, err
	}
	options, err := c.options(ctx, contract.AddPasskeyFlow, engine.MapValues{
		"passwordless": query.Has("passwordless"), "conditional": query.Has("conditional"),
	})
	return ok(creationData{c.shown(options)}), err
}

// addCredential adds a credential to the account.
func (a *API) addCredential(ctx context.Context, c *call) (*answer, error) {
	if err := c.openAddable(ctx); err != nil {
		return nil, err
	}
	if err := c.Read([]wire.Field{{Name: "name", Type: wire.Text}, {Name: "conditional", Type: wire.Bool, Loose: true}, credentialField()}); err != nil {
		return nil, err
	}
	if recent := c.RequireProofForKey(c.Input.Bool("conditional")); recent != nil {
		if err := c.Probe(ctx, contract.AddPasskeyFlow); err != nil {
			return nil, err
		}
		return nil, recent
	}
	reply, err := c.reply(a.Engine.Start(ctx, contract.AddPasskeyFlow, c.Turn()))
	if err != nil {
		return nil, err
	}
	d, codes, err := c.AddedPasskey(reply)
	return &answer{Status: http.StatusOK, Data: a.seen(d), Meta: addedMeta{codes}}, err
}

// credential finds one of the account's WebAuthn credentials.
func credential(a *state.Account, id int64) *state.Authenticator {
	for i := range a.Authenticators {
		if x := &a.Authenticators[i]; x.ID == id && x.Type == state.WebAuthn {
			return x
		}
	}
	return nil
}

// renameCredential renames a credential.
func (a *API) renameCredential(ctx context.Context, c *call) (*answer, error) {
	account, err := c.account(ctx)
	if err != nil {
		return nil, err
	}
	err = c.Read([]wire.Field{
		{Name: "id", Type: wire.ID, Required: true}, {Name: "name", Type: wire.Text, Required: true, MaxLength: 100},
	})
	if err != nil {
		return nil, err
	}
	id, named := c.Input.Int("id")
	if named && credential(account, id) == nil {
		c.Input.Add("id", wire.CodeInvalidChoice)
	}
	if err := c.Input.Err(); err != nil {
		return nil, err
	}
	if err := c.RequireProof(contract.AuthenticatorArea); err != nil {
		return nil, err
	}
	account, err = c.Change(ctx, func(by principal) (*state.Account, error) {
		return a.Accounts.RenameAuthenticator(ctx, by, id, c.Input.Text("name"))
	})
	if err != nil {
		return nil, err
	}
	d, err := a.Accounts.View(account.ID, credential(account, id), false)
	return ok(a.seen(d)), err
}

// deleteCredentials removes credentials of the account.
func (a *API) deleteCredentials(ctx context.Context, c *call) (*answer, error) {
	account, err := c.account(ctx)
	if err != nil {
		return nil, err
	}
	if err := c.Read([]wire.Field{{Name: "authenticators", Type: wire.IDList, Required: true}}); err != nil {
		return nil, err
	}
	ids := c.Input.IDs("authenticators")
	if slices.ContainsFunc(ids, func(id int64) bool { return credential(account, id) == nil }) {
		c.Input.Add("authenticators", wire.CodeInvalidChoice)
	}
	if err := c.Input.Err(); err != nil {
		return nil, err
	}
	if err := c.RequireProof(contract.AuthenticatorArea); err != nil {
		return nil, err
	}
	_, err = c.Change(ctx, func(by principal) (*state.Account, error) {
		return a.Accounts.RemoveAuthenticators(ctx, by, state.WebAuthn, ids...)
	})
	return &answer{Status: http.StatusOK}, err
}

// passkeySignup makes an account that will have a passkey.
func (a *API) passkeySignup(ctx context.Context, c *call) (*answer, error) {
	return c.start(ctx, contract.Start{
		Flow: contract.PasskeySignupStage, Limits: c.Limits("signup"), SignedOutOnly: true, Closed: !a.SignupOpen,
	})
}

// passkeyOptions begins the registration of the passkey of a new account.
func (a *API) passkeyOptions(ctx context.Context, c *call) (*answer, error) {
	if err := c.open(ctx); err != nil {
		return nil, err
	}
	options, err := c.act(ctx, contract.PasskeySignupStage, "options", c.EmptyTurn())
	return ok(creationData{c.shown(options)}), err
}

// passkeyCreated takes the passkey of a new account.
func (a *API) passkeyCreated(ctx context.Context, c *call) (*answer, error) {
	if err := c.open(ctx); err != nil {
		return nil, err
	}
	if err := c.Read(nil); err != nil {
		return nil, err
	}
	return c.submit(ctx, contract.PasskeySignupStage, conflict)
}
