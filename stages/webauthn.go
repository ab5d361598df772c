package stages

import (
	"context"
	"encoding/json"
	"errors"
	"strconv"
	"strings"

	"stagedoor/engine"
	"stagedoor/stages/internal/passkey"
	"stagedoor/state"
)

// credentialField carries what the browser answered to WebAuthn options.
func credentialField() engine.Field {
	return engine.Field{Name: "credential", Type: engine.JSONIn, Required: true, Help: "the PublicKeyCredential as JSON"}
}

// optionsAction asks for WebAuthn options; the last two asked for are the ones that
// count, whatever they were for.
func optionsAction(fields ...engine.Field) []engine.Action {
	return []engine.Action{{Name: "options", Fields: fields}}
}

func newCredential() []engine.Field {
	return []engine.Field{{Name: "name", Type: engine.Text, Help: "what to call the credential"}}
}

// ceremonies is what the WebAuthn stages have in common.
type ceremonies struct{ *Env }

// optionsReply is what an action answers and leaves in the slot, beside the options before.
func (c ceremonies) optionsReply(s engine.Submission, reply any, session json.RawMessage, err error) (engine.Acted, error) {
	if err == nil {
		session, err = passkey.Beside(session, lastOptions(s), s.Now)
	}
	return engine.Acted{Reply: reply, Used: session, UsedFor: c.passkeys.Timeout()}, err
}

// request begins an assertion of one account.
func (c ceremonies) request(ctx context.Context, s engine.Submission, account engine.AccountID) (engine.Acted, error) {
	a, err := c.account(ctx, account)
	if err != nil || a == nil {
		return engine.Acted{Conflict: true}, err
	}
	options, session, err := c.passkeys.BeginLogin(a, s.Seed.Bytes("challenge", 32), s.Now)
	return c.optionsReply(s, options, session, err)
}

// create begins the registration of a credential.
func (c ceremonies) create(ctx context.Context, s engine.Submission, account engine.AccountID, kind passkey.Options) (engine.Acted, error) {
	a, err := c.account(ctx, account)
	if err != nil || a == nil {
		return engine.Acted{Conflict: true}, err
	}
	options, session, err := c.passkeys.BeginRegistration(userOf(a), kind, s.Seed.Bytes("challenge", 32), s.Now)
	return c.optionsReply(s, options, session, err)
}

func userOf(a *state.Account) passkey.User {
	shot := a.Snapshot()
	name := shot.Email
	if name == "" {
		name = shot.Display()
	}
	return passkey.User{ID: a.ID, Name: name, DisplayName: shot.Display(), Credentials: a.Authenticators}
}

// lastOptions are the sessions of the last options, nil where none wait.
func lastOptions(s engine.Submission) json.RawMessage {
	if s.Used == nil {
		return nil
	}
	return s.Used.Data
}

// refusedCredential turns a refusal into a verdict, with why for who runs the server; any other
// error is the server's.
func refusedCredential(err error, param string) (engine.Verdict, error) {
	var why *passkey.Refusal
	if !errors.As(err, &why) {
		return engine.Verdict{}, err
	}
	v := wrong(param, passkey.Code)
	v.Why, v.About = why.Why(), engine.AccountID(why.Account)
	return v, nil
}

// notCredential refuses a credential before it is looked at.
func notCredential(param, why string) engine.Verdict {
	v := wrong(param, passkey.Code)
	v.Why = why
	return v
}

// SuspectsClone reports whether a credential was refused since its signature counter did not go
// up, by why a submission was refused.
func SuspectsClone(why string) bool { return strings.HasPrefix(why, string(passkey.Counter)+": ") }

// CloneSuspected is what is noted where a credential is accepted though its signature counter did
// not go up.
const CloneSuspected = "webauthn_clone_suspected"

// doubts are what a signature counter that did not go up has noted, and told to the owner: not
// again where it stands still.
func (c ceremonies) doubts(a *passkey.Assertion, s engine.Submission) (engine.Write, []engine.Message) {
	data, err := json.Marshal(map[string]any{
		"id": a.Authenticator.ID, "count": a.Count, "before": a.Stored, "ip": s.Client.From(),
	})
	if err != nil {
		data = nil
	}
	noted := state.Audit{Event: CloneSuspected, Data: data}
	to := a.Account.Primary()
	if a.Again || to == nil {
		return noted, nil
	}
	m := noticeTo(a.Account, to, state.WebAuthnSuspectedTemplate, s)
	m.Data["name"] = a.Authenticator.Name
	return noted, []engine.Message{m}
}

// assertionVerdict is what a good assertion stores and logs. Verified, it shows more than the key
// alone, and counts beside it.
func (c ceremonies) assertionVerdict(a *passkey.Assertion, s engine.Submission, m engine.Method) engine.Verdict {
	m.Method, m.At, m.ID, m.Type = "mfa", s.Now.UnixMilli(), a.Authenticator.ID, string(state.WebAuthn)
	m.Verified = a.UserVerified
	v := engine.Verdict{
		Exit: engine.OK, Found: a.Account, Methods: []engine.Method{m}, Credential: m.Type + " " + strconv.FormatInt(m.ID, 10),
		Writes: []engine.Write{state.UpdateCredential{ID: a.Authenticator.ID, Credential: a.Updated, At: s.Now}},
	}
	if a.UserVerified {
		v.Credential += " verified"
	}
	if a.Left != nil {
		v.Left = a.Left
	}
	if a.CloneWarning {
		noted, letters := c.doubts(a, s)
		v.Writes, v.Messages = append(v.Writes, noted), letters
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
		return notCredential(passkey.Param, "the account is disabled, or gone"), nil
	}
	got, err := c.passkeys.FinishLogin(a, lastOptions(s), s.Values.JSON("credential"), s.Now)
	if err != nil {
		return refusedCredential(err, passkey.Param)
	}
	return c.assertionVerdict(got, s, m), nil
}

// register judges a new credential of the account and makes its authenticator; the registration
// is nil where it is refused. The verdict is the refusal, or the beginning of one that adds it.
func (c ceremonies) register(a *state.Account, s engine.Submission) (*passkey.Registration, engine.Verdict, error) {
	got, err := c.passkeys.FinishRegistration(userOf(a), lastOptions(s), s.Values.JSON("credential"), s.Now)
	if err != nil {
		v, err := refusedCredential(err, "")
		return nil, v, err
	}
	made := &got.Authenticator
	made.ID, made.CreatedAt, made.LastStep = s.Seed.ID("webauthn"), s.Now, -1
	if made.Name = s.Values.Text("name"); made.Name == "" {
		made.Name = passkey.DefaultName(a)
	}
	v := engine.Verdict{Exit: engine.OK, Found: a, IfSpent: wrong("", passkey.Code).Errors}
	if got.Left != nil {
		v.Left = got.Left
	}
	return got, v, nil
}
