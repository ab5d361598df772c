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

func newCredential() []engine.Field {
	return []engine.Field{{Name: "name", Type: engine.Text, Help: "what to call the credential"}}
}

// ceremonies is what the WebAuthn stages have in common.
type ceremonies struct{ *Env }

// optionsReply is what an action answers and leaves in the slot.
func (c ceremonies) optionsReply(reply any, session json.RawMessage, err error) (engine.Acted, error) {
	return engine.Acted{Reply: reply, Used: session, UsedFor: c.passkeys.Timeout()}, err
}

// request begins an assertion of one account.
func (c ceremonies) request(ctx context.Context, s engine.Submission, account engine.AccountID) (engine.Acted, error) {
	a, err := c.account(ctx, account)
	if err != nil || a == nil {
		return engine.Acted{Conflict: true}, err
	}
	return c.optionsReply(c.passkeys.BeginLogin(a, s.Seed.Bytes("challenge", 32), s.Now))
}

// create begins the registration of a credential.
func (c ceremonies) create(ctx context.Context, s engine.Submission, account engine.AccountID, passwordless bool) (engine.Acted, error) {
	a, err := c.account(ctx, account)
	if err != nil || a == nil {
		return engine.Acted{Conflict: true}, err
	}
	return c.optionsReply(c.passkeys.BeginRegistration(userOf(a), passkey.Options{Passwordless: passwordless}, s.Seed.Bytes("challenge", 32), s.Now))
}

func userOf(a *state.Account) passkey.User {
	shot := a.Snapshot()
	name := shot.Email
	if name == "" {
		name = shot.Display()
	}
	return passkey.User{ID: a.ID, Name: name, DisplayName: shot.Display(), Credentials: a.Authenticators}
}

// lastOptions is the session of the last options, nil where none wait.
func lastOptions(s engine.Submission) json.RawMessage {
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

// assertionVerdict is what a good assertion stores and logs. Verified, it shows more than the key
// alone, and counts beside it.
func assertionVerdict(a *passkey.Assertion, s engine.Submission, m engine.Method) engine.Verdict {
	m.Method, m.At, m.ID, m.Type = "mfa", s.Now.UnixMilli(), a.Authenticator.ID, string(state.WebAuthn)
	m.Verified = a.UserVerified
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
func (c ceremonies) assert(ctx context.Context, s engine.Submission, account engine.AccountID, m engine.Method) (engine.Verdict, error) {
	a, err := c.account(ctx, account)
	if err != nil {
		return engine.Verdict{}, err
	}
	if a == nil || !a.Active {
		return wrong(passkey.Param, passkey.Code), nil
	}
	got, err := c.passkeys.FinishLogin(a, lastOptions(s), s.Values.JSON("credential"), s.Now)
	if err != nil {
		return refusedCredential(err, passkey.Param)
	}
	return assertionVerdict(got, s, m), nil
}

// register judges a new credential of the account and makes its authenticator.
func (c ceremonies) register(a *state.Account, s engine.Submission) (*state.Authenticator, []engine.FieldError, error) {
	got, err := c.passkeys.FinishRegistration(userOf(a), lastOptions(s), s.Values.JSON("credential"), s.Now)
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
