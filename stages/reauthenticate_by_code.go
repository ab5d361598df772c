package stages

import (
	"context"
	"slices"

	"stagedoor/engine"
	"stagedoor/state"
)

// ReauthenticateByCode waits for the code. Its time, tries and resends are those of codes to
// sign in with. Void is the way out of a code whose address or number the account has no more.
func ReauthenticateByCode(s Settings) engine.Stage {
	st := codeStage(s)
	st.ID, st.Wire, st.Title = "reauthenticate_by_code", "reauthenticate_by_code", "a code, again"
	st.Exits = engine.Exits{engine.OK: {Proves: []engine.Proof{engine.Code}}, Void: {}}
	st.Because = map[engine.Reason]string{"void": "the account has verified that address or number no more"}
	return st
}

// Void is the exit of a wait that has become pointless.
const Void engine.Exit = "void"

type reauthCode struct{ *Env }

const reauthPurpose = "reauthenticate"

// Enter sends the code. It counts with codes to sign in with, by where it goes only: the
// client is one that is signed in.
func (c reauthCode) Enter(a engine.Arrival) (engine.Entered, error) {
	data, messages := c.send(a.Seed, a.Run.Hint)
	takes := append(c.codeLimits(contactOf(a.Run.Hint), ""), c.textLimits(a.Run.Hint, a.Client)...)
	return engine.Entered{Data: data, Messages: messages, Takes: takes}, nil
}

func (c reauthCode) send(seed engine.Seed, to string) (Code, []engine.Message) {
	return c.sendCode(seed, reauthPurpose, to, state.ProofCodeTemplate, state.PhoneCodeTemplate)
}

// Submit judges the code.
func (c reauthCode) Submit(ctx context.Context, s engine.Submission) (engine.Verdict, error) {
	var data Code
	if err := s.Data(&data); err != nil {
		return engine.Verdict{}, err
	}
	if !c.codes().Right(data, s.Values.Text("code"), reauthPurpose, s.Run.Hint) {
		return wrong("code", "incorrect_code"), nil
	}
	account, err := c.account(ctx, s.Run.Subject)
	if err != nil {
		return engine.Verdict{}, err
	}
	if !receivesAt(account, s.Run.Hint) {
		return engine.Verdict{Exit: Void, Found: account}, nil
	}
	m := codeMethod(s)
	m.Reauthenticated = true
	return engine.Verdict{Exit: engine.OK, Found: account, Methods: []engine.Method{m}}, nil
}

// Act sends another code in place of the first. The time and the tries stay. Where the account
// can be reached no more nothing is sent: somebody else may be there by now.
func (c reauthCode) Act(ctx context.Context, _ string, s engine.Submission) (engine.Acted, error) {
	account, err := c.account(ctx, s.Run.Subject)
	if err != nil || !receivesAt(account, s.Run.Hint) {
		return engine.Acted{Conflict: true}, err
	}
	out := engine.Acted{Takes: c.textLimits(s.Run.Hint, s.Client)}
	out.Data, out.Messages = c.send(s.Seed, s.Run.Hint)
	return out, nil
}

// receivesAt reports whether a code to reauthenticate with may go to the address or number: the
// account has verified it.
func receivesAt(a *state.Account, to string) bool {
	return a != nil && slices.Contains(a.Snapshot().Recipients(), to)
}
