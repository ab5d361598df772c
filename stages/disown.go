package stages

import (
	"context"
	"encoding/json"
	"time"

	"stagedoor/engine"
	"stagedoor/state"
)

// DisownKey takes the key by which the reader of a sign-up's letter says that it was
// somebody else's.
func DisownKey() engine.Stage {
	return engine.Stage{
		ID: "disown_key", Kind: engine.Asks, Title: "the key of a letter about somebody else's sign-up",
		Exits:   engine.Exits{engine.OK: {Binds: true, Proves: []engine.Proof{engine.Subject, engine.Email}}},
		Because: map[engine.Reason]string{"ok": "who receives what is sent to the address says that the account is not theirs"},
		Fields:  keyField(),
		Actions: infoAction(keyField()),
	}
}

// disownedAddress is the reply where an account was disowned: its address, which belongs to
// none now.
type disownedAddress struct {
	Email string `json:"email"`
}

// DisownedAddress returns the address that belongs to no account any more, of the reply of a
// turn that has disowned one; false for any other reply.
func DisownedAddress(reply any) (address string, ok bool) {
	r, ok := reply.(disownedAddress)
	return r.Email, ok
}

// NewDisownKey makes the key by which the reader of a letter to the address says that the
// account is not theirs. It is good for as long as a verification link, also once the
// address is verified and whatever is done with the account, and works once: the account
// does not have the address any more.
func (e *Env) NewDisownKey(a *state.Account, address string, now time.Time) string {
	return e.newLetterKey(disowns, a, address, false, now)
}

type disown struct{ *Env }

// Submit ends the account of a good key, and tells which address is free again. Nobody is
// written to: the holder of the key knows, and nobody else has shown an address of theirs.
func (d disown) Submit(ctx context.Context, s engine.Submission) (engine.Verdict, error) {
	bad := wrong("key", "invalid_or_expired_key")
	key, err := d.openLetterKey(ctx, disowns, s.Values.Text("key"), s.Now)
	if key == nil || err != nil {
		return bad, err
	}
	writes, err := disowned(key.account, key.email.Address, s.Client.From())
	if err != nil {
		return engine.Verdict{}, err
	}
	return engine.Verdict{
		Exit: engine.OK, Subject: engine.AccountID(key.account.ID), Epoch: key.account.Epoch, Found: key.account, Writes: writes,
		IfSpent: bad.Errors, Reply: disownedAddress{key.email.Address},
	}, nil
}

// Act tells which account the key is about without using it.
func (d disown) Act(ctx context.Context, _ string, s engine.Submission) (engine.Acted, error) {
	if len(s.Invalid) > 0 {
		return engine.Acted{Errors: s.Invalid}, nil
	}
	key, err := d.openLetterKey(ctx, disowns, s.Values.Text("key"), s.Now)
	if err != nil {
		return engine.Acted{}, err
	}
	if key == nil {
		return engine.Acted{Errors: wrong("key", "invalid_or_expired_key").Errors}, nil
	}
	return engine.Acted{Keep: true, Reply: &state.Claim{Email: key.email.Address, Account: key.account}}, nil
}

// disowned returns the writes where the address is not that of the person who made the
// account. A person who has proved another contact of it, having mistyped this one, keeps
// the account and loses the address.
func disowned(a *state.Account, address, ip string) ([]engine.Write, error) {
	data, err := json.Marshal(map[string]string{"ip": ip})
	if err != nil {
		return nil, err
	}
	besides := a.Phone != "" && a.PhoneVerified
	other := ""
	for _, m := range a.Emails {
		if m.Address != address && m.Proved() {
			other, besides = m.Address, true
		}
	}
	if !besides {
		return append(endAccount(a), state.Audit{Event: "account_disowned", Data: data}), nil
	}
	var writes []engine.Write
	if other != "" && a.Email(address).Primary {
		writes = append(writes, state.SetPrimaryEmail{Address: other})
	}
	return append(writes, state.RemoveEmail{Address: address}, state.Audit{Event: "address_disowned", Data: data}), nil
}

// endAccount returns the writes that leave an account to nobody: it is disabled, which ends
// its sessions and what was begun, and nothing is left to sign in with or to be found by.
// Operators find the row, and the event.
func endAccount(a *state.Account) []engine.Write {
	writes := []engine.Write{state.SetActive{Active: false}}
	if a.PasswordHash != "" {
		writes = append(writes, state.SetPassword{SignOut: true})
	}
	var ids []int64
	for _, x := range a.Authenticators {
		ids = append(ids, x.ID)
	}
	if len(ids) > 0 {
		writes = append(writes, state.RemoveAuthenticators{IDs: ids})
	}
	for _, p := range a.Providers {
		writes = append(writes, state.DisconnectProvider{Provider: p.Provider, UID: p.UID})
	}
	for _, m := range a.Emails {
		writes = append(writes, state.RemoveEmail{Address: m.Address})
	}
	if a.Phone != "" {
		writes = append(writes, state.SetPhone{})
	}
	return writes
}

// Predict: what disables an account voids its letters.
func (disown) Predict(engine.FlowID, engine.Edge) []engine.Case {
	return []engine.Case{ifDisabled("its letters are void"), ifActive(existingAccount())}
}
