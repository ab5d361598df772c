package statetest

import (
	"time"

	"stagedoor/state"
)

func conflictTests() []test {
	return []test{
		{"an account that takes what another has", (*lab).createConflicts},
		{"a shared address", (*lab).sharedAddress},
		{"a verified address", (*lab).verifyConflict},
		{"a verified number", (*lab).phoneConflict},
		{"a third-party account", (*lab).providerConflict},
		{"an authenticator of a kind there is one of", (*lab).authenticatorConflict},
		{"a credential of whomever", (*lab).credentialConflict},
		{"what is free again", (*lab).freedAgain},
	}
}

func conflict(field string) error { return &state.ConflictError{Field: field} }

// about is a batch of writes about an account.
func (l *lab) about(account state.AccountID, writes ...state.Write) state.Batch {
	return state.Batch{Run: l.run(), Account: account, Writes: writes}
}

func (l *lab) createConflicts() {
	other := l.full()
	l.write(other.ID, state.CreateAccount{Account: other})
	for _, c := range []struct {
		name, field string
		change      func(*state.Account)
	}{
		{"username in another case", "username", func(a *state.Account) { a.Username = "aDA" }},
		{"verified address", "email", emails(email("z@example.org", true, true))},
		{"verified number", "phone", func(a *state.Account) { a.Phone, a.PhoneVerified = other.Phone, true }},
		{"third-party account", "provider", func(a *state.Account) { a.Providers = other.Providers[1:] }},
		{"credential", "credential", func(a *state.Account) {
			a.Authenticators = []state.Authenticator{{ID: l.id(), Type: state.WebAuthn, CredentialID: other.Authenticators[2].CredentialID}}
		}},
	} {
		a := state.Account{ID: l.accountID(), Active: true, CreatedAt: l.now}
		c.change(&a)
		if _, err := l.try(l.about(a.ID, state.CreateAccount{Account: a})); !same(err, conflict(c.field)) {
			l.Errorf("%s: %v, want a conflict of %s", c.name, err, c.field)
		}
		if _, err := l.Accounts.Account(l.ctx, a.ID); !same(err, state.ErrNotFound) {
			l.Errorf("%s: half an account is left: %v", c.name, err)
		}
	}
	free := state.Account{ID: l.accountID(), Active: true, CreatedAt: l.now, Phone: other.Phone}
	if _, err := l.try(l.about(free.ID, state.CreateAccount{Account: free})); err != nil {
		l.Errorf("an unverified number belongs to nobody: %v", err)
	}
}

func (l *lab) sharedAddress() {
	open := l.account(emails(email("open@example.org", false, true)))
	l.account(emails(email("closed@example.org", true, true)))
	create := func(address string, verified bool) error {
		a := state.Account{ID: l.accountID(), Active: true, CreatedAt: l.now, Emails: []state.Email{email(address, verified, true)}}
		_, err := l.try(l.about(a.ID, state.CreateAccount{Account: a}))
		return err
	}
	for _, address := range []string{"open@example.org", "closed@example.org"} {
		if err := create(address, false); err != nil {
			l.Errorf("an unverified claim to %s: %v", address, err)
		}
	}
	if err := create("open@example.org", true); err != nil {
		l.Errorf("the first to have verified a shared address: %v", err)
	}
	if got := l.load(open.ID); len(got.Emails) != 0 || got.Revision != open.Revision+1 {
		l.Errorf("who had it unverified still has %v, at revision %d", got.Emails, got.Revision)
	}
	if err := create("open@example.org", true); !same(err, conflict("email")) {
		l.Errorf("the second to have verified a shared address: %v", err)
	}
}

func (l *lab) verifyConflict() {
	a := l.account(emails(email("x@example.org", false, true), email("y@example.org", true, false)))
	l.account(emails(email("x@example.org", true, true)))
	l.refuses(l.about(a.ID, state.ProveContact{Email: "x@example.org"}), conflict("email"))
	l.refuses(l.about(a.ID, state.ProveContact{Email: "x@example.org", Replace: true}), conflict("email"))
	b := l.account(nil)
	l.refuses(l.about(b.ID, state.NoteLogin{At: l.now}, state.ProveContact{Email: "x@example.org"}), conflict("email"))
	l.write(b.ID, state.AddEmail{Address: "x@example.org"}) // unverified, anybody may
}

func (l *lab) phoneConflict() {
	l.account(func(a *state.Account) { a.Phone, a.PhoneVerified = "+41", true })
	a := l.account(nil)
	l.refuses(l.about(a.ID, state.ProveContact{Phone: "+41"}), conflict("phone"))
	l.write(a.ID, state.SetPhone{Number: "+41"}) // unverified, anybody may
	l.refuses(l.about(a.ID, state.ProveContact{Phone: "+41"}), conflict("phone"))
}

func (l *lab) providerConflict() {
	p := state.ProviderAccount{Provider: "p", UID: "1", ConnectedAt: l.now}
	l.account(func(a *state.Account) {
		a.Providers, a.Phone, a.PhoneVerified = []state.ProviderAccount{p}, "+41", true
	})
	a := l.account(nil)
	l.refuses(l.about(a.ID, state.ConnectProvider{Account: p}), conflict("provider"))
	l.write(a.ID, state.DisconnectProvider{Provider: "p", UID: "1"}) // not theirs: nothing happens
	l.refuses(l.about(a.ID, state.ConnectProvider{Account: p}), conflict("provider"))
	p.Provider = "q"
	l.write(a.ID, state.ConnectProvider{Account: p})
	// A sign-up that went no further keeps it from nobody; one that signed in does.
	p.Provider = "r"
	for _, at := range []time.Time{{}, l.now} {
		b := l.account(func(a *state.Account) { a.Providers, a.Emails = []state.ProviderAccount{p}, nil })
		if at.IsZero() {
			l.write(a.ID, state.ConnectProvider{Account: p})
			if left := l.load(b.ID).Providers; len(left) > 0 {
				l.T.Errorf("an account that nobody used keeps %+v", left)
			}
			l.write(a.ID, state.DisconnectProvider{Provider: p.Provider, UID: p.UID})
			continue
		}
		l.write(b.ID, state.NoteLogin{At: at})
		l.refuses(l.about(a.ID, state.ConnectProvider{Account: p}), conflict("provider"))
	}
}

func (l *lab) authenticatorConflict() {
	for _, kind := range []state.AuthenticatorType{state.TOTP, state.RecoveryCodes} {
		a := l.account(nil)
		add := func() state.Write {
			return state.AddAuthenticator{Authenticator: state.Authenticator{ID: l.id(), Type: kind, CreatedAt: l.now}}
		}
		l.write(a.ID, add())
		l.refuses(l.about(a.ID, add()), conflict("authenticator"))
		l.write(l.account(nil).ID, add()) // one for each account
	}
}

func (l *lab) credentialConflict() {
	add := func(id string) state.Write {
		return state.AddAuthenticator{Authenticator: state.Authenticator{ID: l.id(), Type: state.WebAuthn, CredentialID: []byte(id), CreatedAt: l.now}}
	}
	a, b := l.account(nil), l.account(nil)
	l.write(a.ID, add("one"))
	l.write(a.ID, add("two"))
	l.refuses(l.about(a.ID, add("one")), conflict("credential"))
	l.refuses(l.about(b.ID, add("two")), conflict("credential"))
}

func (l *lab) freedAgain() {
	a, b := l.account(nil), l.account(nil)
	p := state.ProviderAccount{Provider: "p", UID: "1", ConnectedAt: l.now}
	key := state.Authenticator{ID: l.id(), Type: state.WebAuthn, CredentialID: []byte("key"), CreatedAt: l.now}
	l.write(a.ID, state.ProveContact{Email: "x@example.org"}, state.ProveContact{Phone: "+1"},
		state.ConnectProvider{Account: p}, state.AddAuthenticator{Authenticator: key})
	l.write(a.ID, state.RemoveEmail{Address: "x@example.org"}, state.SetPhone{},
		state.DisconnectProvider{Provider: "p", UID: "1"}, state.RemoveAuthenticators{IDs: []int64{key.ID}})
	l.write(b.ID, state.ProveContact{Email: "x@example.org"}, state.ProveContact{Phone: "+1"},
		state.ConnectProvider{Account: p}, state.AddAuthenticator{Authenticator: key})
}
