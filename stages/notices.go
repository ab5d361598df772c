package stages

import (
	"slices"
	"strings"
	"time"

	"stagedoor/engine"
	"stagedoor/stages/internal/provider"
	"stagedoor/state"
)

// unknownNotice tells the reader of an address that it has no account here.
func (e *Env) unknownNotice(to string) []engine.Message {
	if !e.NoticeUnknown {
		return toNobody()
	}
	m := state.Message{Channel: state.ByMail, Template: state.UnknownAccountTemplate, To: to, Data: map[string]string{"email": to, "signup_url": e.SignupURL}}
	if !strings.Contains(to, "@") {
		m.Channel, m.Template = state.BySMS, state.PhoneUnknownTemplate
	}
	return []engine.Message{e.text(m)}
}

// toNobody is a message that reaches nobody. Where a message would go out if there were
// an account, a run without one stores this: a turn that writes takes longer than one
// that does not, which tells accounts from made-up ones.
func toNobody() []engine.Message {
	return []engine.Message{state.Message{Channel: state.ToNobody, Template: state.NoTemplate}}
}

// insteadOfProof is what is sent in place of what would prove an address of another account. At a
// sign-up its owner has been told already.
func insteadOfProof(a engine.Arrival) []engine.Message {
	if a.Facts.Signup {
		return nil
	}
	return toNobody()
}

// insteadOfNumberProof is what is sent in place of what would prove a number of another account:
// a sign-up tells its owner, once it has come to the stage that counts text messages.
func (e *Env) insteadOfNumberProof(a engine.Arrival) []engine.Message {
	made := func(step engine.TrailEntry) bool { return step.Exit == "created" }
	if !a.Facts.Signup && !slices.ContainsFunc(a.Run.Trail, made) {
		return toNobody()
	}
	return []engine.Message{e.numberNotice(a.Person.Phone)}
}

// connectedNotice tells the owner of an account that another one was connected.
func (e providerAnswer) connectedNotice(a *state.Account, p *provider.Provider, s engine.Submission) []engine.Message {
	to := a.Primary()
	if !e.Notices || to == nil {
		return nil
	}
	return []engine.Message{state.Message{Channel: state.ByMail, Template: state.AccountConnectedTemplate, To: to.Address, Data: map[string]string{
		"user": a.Snapshot().Display(), "email": to.Address, "provider": p.Name(), "at": s.Now.UTC().Format(time.RFC3339),
		"ip": s.Client.From(), "user_agent": s.Client.UserAgent,
	}}}
}

// securityNotice mails the owner that something about security has changed.
func (e *Env) securityNotice(a *state.Account, template state.Template, s engine.Submission) []engine.Message {
	to := a.Primary()
	if !e.Notices || to == nil {
		return nil
	}
	return []engine.Message{noticeTo(a, to, template, s)}
}

// noticeTo is a notice to an address of the account, with when and from where it came to it.
func noticeTo(a *state.Account, to *state.Email, template state.Template, s engine.Submission) state.Message {
	return state.Message{Channel: state.ByMail, Template: template, To: to.Address, Data: map[string]string{
		"user": a.Snapshot().Display(), "email": to.Address, "at": s.Now.UTC().Format(time.RFC3339),
		"ip": s.Client.From(), "user_agent": s.Client.UserAgent,
	}}
}

// numberNotice tells the owner of a number that somebody tried to have it.
func (e *Env) numberNotice(number string) engine.Message {
	return e.text(state.Message{Channel: state.BySMS, Template: state.PhoneTakenTemplate, To: number})
}

// takenNotice tells the owner of an address that somebody tried to sign up with it.
func (e *Env) takenNotice(email string) engine.Message {
	return state.Message{Channel: state.ByMail, Template: state.AccountExistsTemplate, To: email, Data: map[string]string{
		"email": email, "signup_url": e.SignupURL, "reset_url": e.ResetURL,
	}}
}
