package statetest

import (
	"maps"
	"slices"
	"strings"

	"stagedoor/state"
)

// model is the stupid store: accounts in memory, changed by Write.Apply alone. It knows
// what must be refused, and nothing of transactions.
type model struct {
	accounts map[state.AccountID]*modelAccount
}

// modelAccount is an account with who did what to it.
type modelAccount struct {
	*state.Account
	createdBy string
	// addedBy and stepBy are by authenticator, codeBy by authenticator and index.
	addedBy map[int64]string
	stepBy  map[int64]string
	codeBy  map[[2]int64]string
	// raisedBy raised the epoch last, which was raisedFrom before that run did.
	raisedBy   string
	raisedFrom int64
}

func (a *modelAccount) clone() *modelAccount {
	c := *a
	c.Account = a.Account.Clone()
	c.addedBy, c.stepBy, c.codeBy = maps.Clone(a.addedBy), maps.Clone(a.stepBy), maps.Clone(a.codeBy)
	return &c
}

// commit does what a store must do, or returns what it must say and does nothing.
func (m *model) commit(b state.Batch) error {
	before := make(map[state.AccountID]*modelAccount, len(m.accounts))
	for id, a := range m.accounts {
		before[id] = a.clone()
	}
	err := m.try(b)
	if err != nil {
		m.accounts = before
	}
	return err
}

func (m *model) try(b state.Batch) error {
	stored := m.accounts[b.Account]
	if stored == nil {
		stored = &modelAccount{
			Account: &state.Account{}, addedBy: map[int64]string{}, stepBy: map[int64]string{}, codeBy: map[[2]int64]string{},
		}
	}
	a := stored.clone()
	for _, w := range b.Writes {
		if c, ok := w.(state.CreateAccount); ok {
			if err := m.create(a, c, b.Run); err != nil {
				return err
			}
		}
	}
	if a.ID == "" {
		return state.ErrNotFound
	}
	own := a.raisedBy == b.Run && b.Epoch >= a.raisedFrom && b.Epoch <= a.Epoch
	if b.Guard && (!a.Active || b.Epoch != a.Epoch && !own) {
		return state.ErrEnded
	}
	for _, w := range b.Writes {
		if err := m.write(a, w, b.Run); err != nil {
			return err
		}
	}
	a.Revision++
	m.accounts[b.Account] = a
	return nil
}

func (m *model) create(a *modelAccount, w state.CreateAccount, run string) error {
	if a.ID != "" {
		return nil // the generator repeats creations by the same run only
	}
	for _, other := range m.accounts {
		for _, e := range w.Account.Emails {
			if x := other.Email(e.Address); x != nil && x.Verified && e.Verified {
				return conflict("email")
			}
		}
		if w.Account.Username != "" && strings.EqualFold(other.Username, w.Account.Username) {
			return conflict("username")
		}
	}
	w.Apply(a.Account)
	a.createdBy = run
	for _, x := range a.Authenticators {
		a.addedBy[x.ID] = run
	}
	for _, e := range a.Emails {
		if e.Verified {
			m.take(a, e.Address, "")
		}
	}
	return nil
}

// take takes what an account has verified from all that have it unverified.
func (m *model) take(from *modelAccount, address, phone string) {
	for id, other := range m.accounts {
		if id == from.ID {
			continue
		}
		before := other.Revision
		if e := other.Email(address); e != nil && !e.Verified {
			state.RemoveEmail{Address: address}.Apply(other.Account)
			other.Revision = before + 1
			other.primaryAgain()
		}
		if phone != "" && other.Phone == phone && !other.PhoneVerified {
			state.SetPhone{}.Apply(other.Account)
			other.Revision = before + 1
		}
	}
}

// seen is the account as it is read: with what others have verified.
func (m *model) seen(a *modelAccount) *state.Account {
	out := a.Account.Clone()
	for i := range out.Emails {
		e := &out.Emails[i]
		e.Taken = !e.Verified && m.others(a, func(o *modelAccount) bool { x := o.Email(e.Address); return x != nil && x.Verified })
	}
	out.PhoneTaken = out.Phone != "" && !out.PhoneVerified && m.others(a, func(o *modelAccount) bool { return o.PhoneVerified && o.Phone == out.Phone })
	return out
}

// primaryAgain makes the first verified address primary where none is.
func (a *modelAccount) primaryAgain() {
	if p := a.Primary(); p != nil {
		state.SetPrimaryEmail{Address: p.Address}.Apply(a.Account)
	}
}

// connectable takes a third-party account from a sign-up that went no further.
func (m *model) connectable(a *modelAccount, p state.ProviderAccount) error {
	for _, o := range m.accounts {
		switch {
		case o.ID == a.ID || !o.connected(p.Provider, p.UID):
		case o.Used():
			return conflict("provider")
		default:
			state.DisconnectProvider{Provider: p.Provider, UID: p.UID}.Apply(o.Account)
		}
	}
	return nil
}

// write applies one write, unless it must be refused.
func (m *model) write(a *modelAccount, w state.Write, run string) error {
	before := a.Epoch
	switch w := w.(type) {
	case state.CreateAccount:
		return nil
	case state.SetPassword:
		if w.Strict && w.Replaces != a.PasswordHash && w.Hash != a.PasswordHash {
			return state.ErrSpent
		}
	case state.ProveContact:
		if err := m.provable(a, w); err != nil {
			return err
		}
		if !w.Reached {
			m.take(a, w.Email, w.Phone)
		}
	case state.ConnectProvider:
		if err := m.connectable(a, w.Account); err != nil {
			return err
		}
	case state.AddEmail:
		there := a.Email(w.Address) != nil
		w.Apply(a.Account)
		if e := a.Email(w.Address); !there && run != "" && a.createdBy == run && e.Endorsement == state.Unendorsed {
			e.Endorsement = state.OfSignup
		}
		return nil
	case state.AddAuthenticator:
		if again, err := m.addedBefore(a, w.Authenticator, run); again || err != nil {
			return err
		}
		a.addedBy[w.Authenticator.ID] = run
		w.Apply(a.Account)
		if last := &a.Authenticators[len(a.Authenticators)-1]; run != "" && a.createdBy == run && last.Endorsement == state.Unendorsed {
			last.Endorsement = state.OfSignup
		}
		return nil
	case state.SpendTOTP:
		x := a.byID(w.ID, state.TOTP)
		if x == nil || w.Step < x.LastStep || w.Step == x.LastStep && a.stepBy[w.ID] != run {
			return state.ErrSpent
		}
		a.stepBy[w.ID] = run
	case state.SpendRecoveryCode:
		x := a.byID(w.ID, state.RecoveryCodes)
		code := [2]int64{w.ID, int64(w.Index)}
		if x == nil || x.Used&(1<<w.Index) != 0 && a.codeBy[code] != run {
			return state.ErrSpent
		}
		a.codeBy[code] = run
	}
	w.Apply(a.Account)
	a.forget()
	if a.Epoch != before && a.raisedBy != run {
		a.raisedBy, a.raisedFrom = run, before
	}
	return nil
}

// provable says whether another account has verified the contact.
func (m *model) provable(a *modelAccount, w state.ProveContact) error {
	switch {
	case w.Phone != "" && m.others(a, func(o *modelAccount) bool { return o.PhoneVerified && o.Phone == w.Phone }):
		return conflict("phone")
	case w.Phone == "" && !w.Reached && m.others(a, func(o *modelAccount) bool { e := o.Email(w.Email); return e != nil && e.Verified }):
		return conflict("email")
	}
	return nil
}

// addedBefore says whether the same run has added the like, which is then left as it
// is, or whether it must be refused because somebody else did.
func (m *model) addedBefore(a *modelAccount, x state.Authenticator, run string) (bool, error) {
	alike := func(y state.Authenticator) bool {
		return y.Type == x.Type && (x.Type != state.WebAuthn || string(y.CredentialID) == string(x.CredentialID))
	}
	if i := slices.IndexFunc(a.Authenticators, alike); i >= 0 {
		if a.addedBy[a.Authenticators[i].ID] == run {
			return true, nil
		}
		if x.Type != state.WebAuthn {
			return false, conflict("authenticator")
		}
		return false, conflict("credential")
	}
	if x.Type == state.WebAuthn && m.others(a, func(o *modelAccount) bool { return slices.ContainsFunc(o.Authenticators, alike) }) {
		return false, conflict("credential")
	}
	return false, nil
}

// others says whether any other account is so.
func (m *model) others(a *modelAccount, so func(*modelAccount) bool) bool {
	for id, other := range m.accounts {
		if id != a.ID && so(other) {
			return true
		}
	}
	return false
}

func (a *modelAccount) connected(provider, uid string) bool {
	return slices.ContainsFunc(a.Providers, func(p state.ProviderAccount) bool { return p.Provider == provider && p.UID == uid })
}

func (a *modelAccount) byID(id int64, kind state.AuthenticatorType) *state.Authenticator {
	for i := range a.Authenticators {
		if x := &a.Authenticators[i]; x.ID == id && x.Type == kind {
			return x
		}
	}
	return nil
}

// forget drops what is known of authenticators that are gone.
func (a *modelAccount) forget() {
	there := func(id int64) bool {
		return slices.ContainsFunc(a.Authenticators, func(x state.Authenticator) bool { return x.ID == id })
	}
	maps.DeleteFunc(a.addedBy, func(id int64, _ string) bool { return !there(id) })
	maps.DeleteFunc(a.stepBy, func(id int64, _ string) bool { return !there(id) })
	maps.DeleteFunc(a.codeBy, func(code [2]int64, _ string) bool { return !there(code[0]) })
}
