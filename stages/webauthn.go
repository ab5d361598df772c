package stages

import (
	"context"
	"encoding/json"
	"errors"
	"strconv"

	"stagedoor/engine"
	"stagedoor/stages/internal/passkey"
	"stagedoor/state"
)

// credentialField carries what the browser answered to WebAuthn options.
func credentialField() engine.Field {
	return engine.Field{Name: "credential", Type: engine.JSONIn, Required: true, Help: "the PublicKeyCredential as JSON"}
}

// optionsAction asks for WebAuthn options; the last ones asked for are the ones that
// count, whatever they were for.
func optionsAction(fields ...engine.Field) []engine.Action {
	return []engine.Action{{Name: "options", Fields: fields}}
}

// PasskeyLogin takes the assertion of a passkey: a first factor, and a second one where
// the authenticator verified who holds it.
func PasskeyLogin() engine.Stage {
	shown := []engine.Proof{engine.Subject, engine.First, engine.Assertion}
	return engine.Stage{
		ID: "passkey_login", Kind: engine.Asks, Title: "a passkey",
		Exits: engine.Exits{
			"verified": {Binds: true, Proves: append([]engine.Proof{engine.Second}, shown...)},
			"present":  {Binds: true, Proves: shown},
		},
		Because: map[engine.Reason]string{
			"verified": "the passkey was used by who it knows", "present": "the passkey was used, and did not ask by whom",
		},
		Fields: []engine.Field{credentialField()}, Actions: optionsAction(), Uses: engine.SlotCeremony,
	}
}

// WebAuthnReauthenticate asks the signed-in account for one of its credentials again.
func WebAuthnReauthenticate() engine.Stage {
	return engine.Stage{
		ID: "webauthn_reauthenticate", Kind: engine.Asks, Title: "a WebAuthn credential, again",
		Exits:  engine.Exits{engine.OK: {Proves: []engine.Proof{engine.Second}}},
		Fields: []engine.Field{credentialField()}, Actions: optionsAction(), Uses: engine.SlotCeremony,
	}
}

// WebAuthnAdd takes a new credential of the signed-in account.
func WebAuthnAdd() engine.Stage {
	return engine.Stage{
		ID: "webauthn_add", Kind: engine.Asks, Title: "a new WebAuthn credential",
		Exits:   engine.Exits{engine.OK: {}},
		Fields:  append(newCredential(), credentialField()),
		Actions: optionsAction(engine.Field{Name: "passwordless", Type: engine.Bool, Help: "a passkey rather than a security key"}),
		Uses:    engine.SlotCeremony,
	}
}

// PasskeyForm asks for what an account without a password is made of.
func PasskeyForm(s Settings) engine.Stage {
	st := SignupForm(s)
	st.ID, st.Title, st.Fields = "passkey_form", "a new account with a passkey", signupFields(s, false)
	return st
}

// MFASignupWebAuthn takes the passkey of an account that has just been made.
func MFASignupWebAuthn() engine.Stage {
	return engine.Stage{
		ID: "mfa_signup_webauthn", Kind: engine.Asks, Wire: "mfa_signup_webauthn", Title: "the passkey of a new account",
		Exits:   engine.Exits{engine.OK: {Proves: []engine.Proof{PasskeyMade}}},
		Fields:  append(newCredential(), credentialField()),
		Actions: optionsAction(), Uses: engine.SlotCeremony,
	}
}

// PasskeyMade is the proof that a passkey was made for the account in this run.
const PasskeyMade engine.Proof = "passkey_made"

func newCredential() []engine.Field {
	return []engine.Field{{Name: "name", Type: engine.Text, Help: "what to call the credential"}}
}

// ceremonies is what the WebAuthn stages have in common.
type ceremonies struct{ *Env }

// begun is what an action answers and leaves in the slot.
func (c ceremonies) begun(reply any, session json.RawMessage, err error) (engine.Acted, error) {
	return engine.Acted{Reply: reply, Used: session, UsedFor: c.passkeys.Timeout()}, err
}

// request begins an assertion of one account.
func (c ceremonies) request(ctx context.Context, s engine.Submission, account int64) (engine.Acted, error) {
	a, err := c.account(ctx, account)
	if err != nil || a == nil {
		return engine.Acted{Conflict: true}, err
	}
	return c.begun(c.passkeys.BeginLogin(a, s.Seed.Bytes("challenge", 32), s.Now))
}

// create begins the registration of a credential.
func (c ceremonies) create(ctx context.Context, s engine.Submission, account int64, passwordless bool) (engine.Acted, error) {
	a, err := c.account(ctx, account)
	if err != nil || a == nil {
		return engine.Acted{Conflict: true}, err
	}
	return c.begun(c.passkeys.BeginRegistration(userOf(a), passkey.Options{Passwordless: passwordless}, s.Seed.Bytes("challenge", 32), s.Now))
}

func userOf(a *state.Account) passkey.User {
	shot := a.Snapshot()
	name := shot.Email
	if name == "" {
		name = shot.Display()
	}
	return passkey.User{ID: a.ID, Name: name, DisplayName: shot.Display(), Credentials: a.Authenticators}
}

// waiting is the session of the last options, nil where none wait.
func waiting(s engine.Submission) json.RawMessage {
	if s.Used == nil {
		return nil
	}
	return s.Used.Data
}

// refusedCredential turns a refusal into a verdict; any other error is the server's.
func refusedCredential(err error, param string) (engine.Verdict, error) {
	if errors.Is(err, passkey.ErrInvalid) {
		return wrong(param, passkey.Code), nil
	}
	return engine.Verdict{}, err
}

// asserted is what a good assertion stores and logs. Verified, it shows more than the key
// alone, and counts beside it.
func asserted(a *passkey.Assertion, s engine.Submission, m engine.Method) engine.Verdict {
	m.Method, m.At, m.ID, m.Type = "mfa", s.Now.UnixMilli(), a.Authenticator.ID, string(state.WebAuthn)
	v := engine.Verdict{
		Exit: engine.OK, Found: a.Account, Methods: []engine.Method{m}, Credential: m.Type + " " + strconv.FormatInt(m.ID, 10),
		Writes: []engine.Write{state.UpdateCredential{ID: a.Authenticator.ID, Credential: a.Updated, At: s.Now}},
	}
	if a.UserVerified {
		v.Credential += " verified"
	}
	return v
}

// assert judges an assertion of one account.
func (c ceremonies) assert(ctx context.Context, s engine.Submission, account int64, m engine.Method) (engine.Verdict, error) {
	a, err := c.account(ctx, account)
	if err != nil {
		return engine.Verdict{}, err
	}
	if a == nil || !a.Active {
		return wrong(passkey.Param, passkey.Code), nil
	}
	got, err := c.passkeys.FinishLogin(a, waiting(s), s.Values.JSON("credential"), s.Now)
	if err != nil {
		return refusedCredential(err, passkey.Param)
	}
	return asserted(got, s, m), nil
}

// register judges a new credential of the account and makes its authenticator.
func (c ceremonies) register(a *state.Account, s engine.Submission) (*state.Authenticator, []engine.FieldError, error) {
	got, err := c.passkeys.FinishRegistration(userOf(a), waiting(s), s.Values.JSON("credential"), s.Now)
	if err != nil {
		v, err := refusedCredential(err, "")
		return nil, v.Errors, err
	}
	made := got.Authenticator
	made.ID, made.CreatedAt, made.LastStep = s.Seed.ID("webauthn"), s.Now, -1
	if made.Name = s.Values.Text("name"); made.Name == "" {
		made.Name = passkey.DefaultName(a)
	}
	return &made, nil, nil
}

// withCodes is the write that adds the credential, and recovery codes where there are
// none.
func (c ceremonies) withCodes(a *state.Account, made *state.Authenticator, s engine.Submission) ([]engine.Write, bool, error) {
	writes := []engine.Write{state.AddAuthenticator{Authenticator: *made}}
	if a.Authenticator(state.RecoveryCodes) != nil {
		return writes, false, nil
	}
	codes, err := c.MFA.NewRecoveryCodes(s.Seed.ID("recovery codes"), s.Seed.Bytes("recovery codes", 32), s.Now)
	return append(writes, state.AddAuthenticator{Authenticator: codes}), true, err
}

type passkeyLogin struct{ ceremonies }

// Act begins a passkey login, whoever it will be.
func (p passkeyLogin) Act(_ context.Context, _ string, s engine.Submission) (engine.Acted, error) {
	return p.begun(p.passkeys.BeginDiscoverable(s.Seed.Bytes("challenge", 32), s.Now))
}

// Submit finds the account that the passkey signs in to.
func (p passkeyLogin) Submit(ctx context.Context, s engine.Submission) (engine.Verdict, error) {
	find := func(ctx context.Context, id []byte) (*state.Account, error) {
		return p.find(ctx, "credential", string(id))
	}
	got, err := p.passkeys.FinishDiscoverable(ctx, waiting(s), s.Values.JSON("credential"), find, s.Now)
	if err != nil {
		return refusedCredential(err, passkey.Param)
	}
	if !got.Account.Active {
		return wrong(passkey.Param, passkey.Code), nil
	}
	v := asserted(got, s, engine.Method{Passwordless: true})
	v.Subject, v.Epoch, v.Exit = got.Account.ID, got.Account.Epoch, "present"
	if got.UserVerified {
		v.Exit = "verified"
	}
	return v, nil
}

type webauthnReauthenticate struct{ ceremonies }

// Act begins an assertion of the signed-in account.
func (r webauthnReauthenticate) Act(ctx context.Context, _ string, s engine.Submission) (engine.Acted, error) {
	return r.request(ctx, s, s.Client.Account)
}

// Submit judges the assertion.
func (r webauthnReauthenticate) Submit(ctx context.Context, s engine.Submission) (engine.Verdict, error) {
	return r.assert(ctx, s, s.Client.Account, engine.Method{Reauthenticated: true})
}

type webauthnAdd struct{ ceremonies }

// Act begins the registration of a credential.
func (w webauthnAdd) Act(ctx context.Context, _ string, s engine.Submission) (engine.Acted, error) {
	return w.create(ctx, s, s.Client.Account, s.Values.Bool("passwordless"))
}

// Submit adds the credential.
func (w webauthnAdd) Submit(ctx context.Context, s engine.Submission) (engine.Verdict, error) {
	a, err := w.account(ctx, s.Client.Account)
	if err != nil || a == nil {
		return wrong("", passkey.Code), err
	}
	made, errs, err := w.register(a, s)
	if err != nil || errs != nil {
		return engine.Verdict{Errors: errs}, err
	}
	writes, generated, err := w.withCodes(a, made, s)
	return engine.Verdict{
		Exit: engine.OK, Found: a, Writes: writes, Messages: w.securityNotice(a, state.WebAuthnAddedTemplate, s),
		Reply: &state.Added{Authenticator: made, Codes: generated}, IfSpent: wrong("", passkey.Code).Errors,
	}, err
}

type passkeySignup struct{ ceremonies }

// Act begins the registration of the passkey.
func (p passkeySignup) Act(ctx context.Context, _ string, s engine.Submission) (engine.Acted, error) {
	return p.create(ctx, s, s.Run.Subject, true)
}

// Submit adds the passkey to the account that was just made.
func (p passkeySignup) Submit(ctx context.Context, s engine.Submission) (engine.Verdict, error) {
	a, err := p.account(ctx, s.Run.Subject)
	if err != nil || a == nil {
		return wrong("", passkey.Code), err
	}
	made, errs, err := p.register(a, s)
	if err != nil || errs != nil {
		return engine.Verdict{Errors: errs}, err
	}
	return engine.Verdict{
		Exit: engine.OK, Found: a, Writes: []engine.Write{state.AddAuthenticator{Authenticator: *made}}, IfSpent: wrong("", passkey.Code).Errors,
	}, nil
}
