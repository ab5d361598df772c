package headless

import (
	"context"
	"errors"
	"net/http"

	"stagedoor/engine"
	"stagedoor/state"
	"stagedoor/transport/internal/wire"
)

const signupWire = "mfa_signup_webauthn"

// requestData and creationData carry WebAuthn options.
type requestData struct {
	Options any `json:"request_options"`
}

type creationData struct {
	Options any `json:"creation_options"`
}

// addedMeta tells whether recovery codes came with a new credential.
type addedMeta struct {
	Codes bool `json:"recovery_codes_generated"`
}

func credentialField() wire.Field {
	return wire.Field{Name: "credential", Type: wire.JSON, Required: true}
}

// options asks the first stage of a flow for WebAuthn options.
func (c *call) options(ctx context.Context, flow engine.FlowID, values engine.Values) (any, error) {
	if c.Engine.Flows.Flow(flow) == nil {
		return nil, wire.NotFound()
	}
	return c.acted(c.Engine.Ask(ctx, flow, "options", c.turn(values, nil)))
}

// loginOptions begins a passkey login.
func (a *API) loginOptions(ctx context.Context, c *call) (*answer, error) {
	if err := c.open(ctx, c.begins("mfa_login_webauthn")...); err != nil {
		return nil, err
	}
	options, err := c.options(ctx, "mfa_login_webauthn", engine.MapValues{})
	if err != nil {
		return nil, err
	}
	return &answer{Status: http.StatusOK, Data: requestData{options}, Meta: c.tokenMeta()}, nil
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

// passkeyLogin signs in with a passkey. Who is signed in is told of a bad credential
// first.
func (a *API) passkeyLogin(ctx context.Context, c *call) (*answer, error) {
	return c.start(ctx, opening{flow: "mfa_login_webauthn", entered: "too_many_login_attempts"})
}

// factorOptions begins an assertion as second factor of a pending sign-in.
func (a *API) factorOptions(ctx context.Context, c *call) (*answer, error) {
	if err := c.open(ctx); err != nil {
		return nil, err
	}
	if _, pending := c.pendingAt("mfa_authenticate"); !pending {
		return c.unauthorized(), nil
	}
	options, err := c.act(ctx, "mfa_authenticate", "options", engine.MapValues{}, nil)
	return ok(requestData{options}), err
}

// factorCredential takes an assertion as second factor of a pending sign-in.
func (a *API) factorCredential(ctx context.Context, c *call) (*answer, error) {
	return c.submitFields(ctx, "mfa_authenticate", []wire.Field{credentialField()}, func() (*answer, error) { return c.unauthorized(), nil })
}

// reauthOptions begins an assertion of the signed-in account.
func (a *API) reauthOptions(ctx context.Context, c *call) (*answer, error) {
	if err := c.open(ctx); err != nil {
		return nil, err
	}
	if !c.visit.SignedIn {
		return c.session(), nil
	}
	options, err := c.options(ctx, "webauthn_reauthenticate", engine.MapValues{})
	return ok(requestData{options}), err
}

// reauthCredential proves with a WebAuthn credential whose session it is.
func (a *API) reauthCredential(ctx context.Context, c *call) (*answer, error) {
	return c.again(ctx, opening{flow: "webauthn_reauthenticate"})
}

// addable opens the session of an account that may have authenticators; the answer is
// what stands in the way.
func (c *call) addable(ctx context.Context) (*answer, error) {
	if c.Engine.Flows.Flow("webauthn_add") == nil {
		return nil, wire.NotFound()
	}
	account, err := c.mine(ctx)
	if err != nil {
		return nil, err
	}
	if account == nil {
		return c.session(), nil
	}
	if code := c.Accounts.CanAdd(account); code != "" {
		return refusal(http.StatusConflict, code), nil
	}
	return nil, nil
}

// addOptions begins the registration of a credential.
func (a *API) addOptions(ctx context.Context, c *call) (*answer, error) {
	if ans, err := c.addable(ctx); ans != nil || err != nil {
		return ans, err
	}
	if !c.recent() {
		return c.reauthenticate(), nil
	}
	options, err := c.options(ctx, "webauthn_add", engine.MapValues{"passwordless": c.r.URL.Query().Has("passwordless")})
	return ok(creationData{options}), err
}

// addCredential adds a credential to the account.
func (a *API) addCredential(ctx context.Context, c *call) (*answer, error) {
	if ans, err := c.addable(ctx); ans != nil || err != nil {
		return ans, err
	}
	values, invalid, err := c.input([]wire.Field{{Name: "name", Type: wire.Text}, credentialField()})
	if err != nil {
		return nil, err
	}
	t := c.turn(values, invalid)
	if !c.recent() {
		if errs, err := a.Engine.Probe(ctx, "webauthn_add", t); err != nil || len(errs) > 0 {
			return nil, errors.Join(err, wrongIfAny(errs))
		}
		return c.reauthenticate(), nil
	}
	ans, err := a.Engine.Start(ctx, "webauthn_add", t)
	reply, err := c.acted(ans, err)
	if err != nil {
		return nil, err
	}
	added, isAdded := reply.(*state.Added)
	if !isAdded {
		return nil, errors.New("headless: a credential was added and is not told of")
	}
	d, err := a.show(added.Authenticator, false)
	return &answer{Status: http.StatusOK, Data: d, Meta: addedMeta{added.Codes}}, err
}

func wrongIfAny(errs []engine.FieldError) error {
	if len(errs) == 0 {
		return nil
	}
	return wrong(errs)
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
	account, err := c.mine(ctx)
	if err != nil || account == nil {
		return c.session(), err
	}
	values, invalid, err := c.input([]wire.Field{
		{Name: "id", Type: wire.ID, Required: true}, {Name: "name", Type: wire.Text, Required: true, MaxLength: 100},
	})
	if err != nil {
		return nil, err
	}
	id, given := values.Int("id")
	if given && credential(account, id) == nil {
		invalid = append(invalid, wire.FieldError{Param: "id", Code: wire.CodeInvalidChoice})
	}
	if len(invalid) > 0 {
		return nil, wire.Invalid(invalid...)
	}
	if !c.recent() {
		return c.reauthenticate(), nil
	}
	account, err = a.Accounts.RenameAuthenticator(ctx, c.doer(), id, values.Text("name"))
	if err != nil {
		return nil, accountError(err)
	}
	if err := c.changed(ctx, account); err != nil {
		return nil, err
	}
	d, err := a.show(credential(account, id), false)
	return ok(d), err
}

// deleteCredentials removes credentials of the account.
func (a *API) deleteCredentials(ctx context.Context, c *call) (*answer, error) {
	account, err := c.mine(ctx)
	if err != nil || account == nil {
		return c.session(), err
	}
	values, invalid, err := c.input([]wire.Field{{Name: "authenticators", Type: wire.IDList, Required: true}})
	if err != nil {
		return nil, err
	}
	ids := values.IDs("authenticators")
	for _, id := range ids {
		if credential(account, id) == nil {
			invalid = append(invalid[:0:0], wire.FieldError{Param: "authenticators", Code: wire.CodeInvalidChoice})
		}
	}
	if len(invalid) > 0 {
		return nil, wire.Invalid(invalid...)
	}
	if !c.recent() {
		return c.reauthenticate(), nil
	}
	account, err = a.Accounts.RemoveAuthenticators(ctx, c.doer(), state.WebAuthn, ids...)
	if err != nil {
		return nil, accountError(err)
	}
	return &answer{Status: http.StatusOK}, c.changed(ctx, account)
}

// passkeySignup makes an account that will have a passkey.
func (a *API) passkeySignup(ctx context.Context, c *call) (*answer, error) {
	return c.start(ctx, opening{flow: signupWire, limit: "signup", closed: !a.SignupOpen})
}

// passkeyOptions begins the registration of the passkey of a new account.
func (a *API) passkeyOptions(ctx context.Context, c *call) (*answer, error) {
	if err := c.open(ctx); err != nil {
		return nil, err
	}
	options, err := c.act(ctx, signupWire, "options", engine.MapValues{}, nil)
	return ok(creationData{options}), err
}

// passkeyCreated takes the passkey of a new account.
func (a *API) passkeyCreated(ctx context.Context, c *call) (*answer, error) {
	return c.submit(ctx, signupWire, conflict)
}
