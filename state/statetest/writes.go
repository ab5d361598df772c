package statetest

import (
	"fmt"
	"testing"
	"time"

	"stagedoor/state"
)

func writeTests() []test {
	return []test{
		{"each write does what Apply does", (*lab).eachWrite},
		{"the revision rises once a batch", (*lab).revision},
		{"an upgrade of a hash undoes no change", (*lab).hashUpgrade},
		{"the same run may add an authenticator again", (*lab).addAgain},
		{"the same run may create an account again", (*lab).createAgain},
	}
}

// writeCase is a write and the account it is about.
type writeCase struct {
	name  string
	start func(*state.Account)
	write state.Write
}

// eachWrite holds the store against Apply for one write at a time, so that a failure
// names it. The ids are those of full: TOTP, recovery codes and a credential.
func (l *lab) eachWrite() {
	for i, c := range writeCases(l.now) {
		l.Run(c.name, func(t *testing.T) {
			sub := newLab(t, l.Stores)
			sub.last = int64(i+1) * 1000
			a := sub.account(func(a *state.Account) { prepare(a, c.start) })
			want := a.Clone()
			c.write.Apply(want)
			want.Revision++
			r := sub.write(a.ID, c.write)
			sub.equal("receipt", r.Account, want)
			sub.equal("stored account", sub.load(a.ID), want)
		})
	}
}

// prepare gives an account ids of its own for the parts the cases name by small ones.
func prepare(a *state.Account, start func(*state.Account)) {
	a.Emails = nil
	if start != nil {
		start(a)
	}
}

func email(address string, verified, primary bool) state.Email {
	return state.Email{Address: address, Verified: verified, Primary: primary}
}

func writeCases(now time.Time) []writeCase {
	var out []writeCase
	out = append(out, emailCases()...)
	out = append(out, authenticatorCases(now)...)
	return append(out, otherCases(now)...)
}

func emailCases() []writeCase {
	// Each case has addresses of its own: they share a store.
	n := 0
	of := func(list ...state.Email) func(*state.Account) {
		return func(a *state.Account) { a.Emails = list }
	}
	next := func() (x, y string) {
		n++
		return fmt.Sprintf("x%d@example.org", n), fmt.Sprintf("y%d@example.org", n)
	}
	var out []writeCase
	add := func(name string, make func(x, y string) (func(*state.Account), state.Write)) {
		x, y := next()
		start, w := make(x, y)
		out = append(out, writeCase{name, start, w})
	}
	type f = func(*state.Account)
	add("AddEmail, the first", func(x, _ string) (f, state.Write) { return nil, state.AddEmail{Address: x} })
	add("AddEmail, another", func(x, y string) (f, state.Write) { return of(email(x, true, true)), state.AddEmail{Address: y} })
	add("AddEmail, there already", func(x, _ string) (f, state.Write) { return of(email(x, true, false)), state.AddEmail{Address: x} })
	add("ProveContact, primary", func(x, _ string) (f, state.Write) {
		return of(email(x, false, true)), state.ProveContact{Email: x, Own: true}
	})
	add("ProveContact, beside a verified primary", func(x, y string) (f, state.Write) {
		return of(email(x, true, true), email(y, false, false)), state.ProveContact{Email: y, Own: true}
	})
	add("ProveContact, beside an unverified primary", func(x, y string) (f, state.Write) {
		return of(email(x, false, true), email(y, false, false)), state.ProveContact{Email: y, Own: true}
	})
	add("ProveContact, where none is primary", func(x, y string) (f, state.Write) {
		return of(email(x, true, false), email(y, false, false)), state.ProveContact{Email: y, Own: true}
	})
	add("ProveContact, reached, where none is primary", func(x, y string) (f, state.Write) {
		return of(email(x, false, false), email(y, false, false)), state.ProveContact{Email: y, Own: true, Reached: true}
	})
	add("ProveContact, reached, in place of the primary one", func(x, y string) (f, state.Write) {
		return of(email(x, false, true), email(y, false, false)), state.ProveContact{Email: y, Reached: true, Recovers: true}
	})
	add("ProveContact, a new one", func(x, y string) (f, state.Write) {
		return of(email(x, true, true)), state.ProveContact{Email: y, Own: true}
	})
	add("ProveContact, the only one", func(x, _ string) (f, state.Write) { return nil, state.ProveContact{Email: x, Own: true} })
	add("ProveContact, Replace", func(x, y string) (f, state.Write) {
		return of(email(x, true, true), email(y, false, false)), state.ProveContact{Email: y, Own: true, Replace: true}
	})
	add("ProveContact, Replace by a new one", func(x, y string) (f, state.Write) {
		return of(email(x, true, true)), state.ProveContact{Email: y, Own: true, Replace: true}
	})
	add("RemoveEmail, primary", func(x, y string) (f, state.Write) {
		return of(email(x, true, true), email(y, true, false)), state.RemoveEmail{Address: x}
	})
	add("RemoveEmail, unknown", func(x, y string) (f, state.Write) { return of(email(x, true, true)), state.RemoveEmail{Address: y} })
	add("SetPrimaryEmail", func(x, y string) (f, state.Write) {
		return of(email(x, true, true), email(y, false, false)), state.SetPrimaryEmail{Address: y}
	})
	add("SetPrimaryEmail, unknown", func(x, y string) (f, state.Write) { return of(email(x, true, true)), state.SetPrimaryEmail{Address: y} })
	return out
}

func authenticatorCases(now time.Time) []writeCase {
	at := now.Add(time.Minute)
	id := int64(5000)
	var out []writeCase
	add := func(name string, make func(totp, codes, key state.Authenticator) (list []state.Authenticator, w state.Write)) {
		id += 10
		list, w := make(
			state.Authenticator{ID: id, Type: state.TOTP, Secret: []byte("s"), LastStep: 41, CreatedAt: now},
			state.Authenticator{ID: id + 1, Type: state.RecoveryCodes, Secret: []byte("r"), Used: 4, CreatedAt: now},
			state.Authenticator{ID: id + 2, Type: state.WebAuthn, Name: "key", CredentialID: fmt.Append(nil, id), Credential: []byte("{}"), CreatedAt: now},
		)
		out = append(out, writeCase{name, func(a *state.Account) { a.Authenticators = list }, w})
	}
	type x = state.Authenticator
	type list = []state.Authenticator
	add("AddAuthenticator, TOTP", func(t, _, _ x) (list, state.Write) { return nil, state.AddAuthenticator{Authenticator: t} })
	add("AddAuthenticator, codes", func(t, c, _ x) (list, state.Write) { return list{t}, state.AddAuthenticator{Authenticator: c} })
	add("AddAuthenticator, a key", func(t, c, k x) (list, state.Write) { return list{t, c}, state.AddAuthenticator{Authenticator: k} })
	add("RemoveAuthenticators, one", func(t, c, k x) (list, state.Write) {
		return list{t, c, k}, state.RemoveAuthenticators{IDs: []int64{t.ID}}
	})
	add("RemoveAuthenticators, the last but codes", func(t, c, _ x) (list, state.Write) {
		return list{t, c}, state.RemoveAuthenticators{IDs: []int64{t.ID}}
	})
	add("RemoveAuthenticators, codes", func(t, c, _ x) (list, state.Write) { return list{t, c}, state.RemoveAuthenticators{IDs: []int64{c.ID}} })
	add("RemoveAuthenticators, several and unknown", func(t, c, k x) (list, state.Write) {
		return list{t, c, k}, state.RemoveAuthenticators{IDs: []int64{k.ID, 1, t.ID}}
	})
	add("RenameAuthenticator", func(_, _, k x) (list, state.Write) {
		return list{k}, state.RenameAuthenticator{ID: k.ID, Name: "ключ"}
	})
	add("RenameAuthenticator, unknown", func(_, _, k x) (list, state.Write) { return list{k}, state.RenameAuthenticator{ID: 1, Name: "x"} })
	add("SpendTOTP", func(t, c, _ x) (list, state.Write) { return list{t, c}, state.SpendTOTP{ID: t.ID, Step: 42, At: at} })
	add("SpendRecoveryCode, first", func(t, c, _ x) (list, state.Write) { return list{t, c}, state.SpendRecoveryCode{ID: c.ID, At: at} })
	add("SpendRecoveryCode, last", func(t, c, _ x) (list, state.Write) {
		return list{t, c}, state.SpendRecoveryCode{ID: c.ID, Index: 63, At: at}
	})
	add("UpdateCredential", func(_, _, k x) (list, state.Write) {
		return list{k}, state.UpdateCredential{ID: k.ID, Credential: []byte(`{"n":2}`), At: at}
	})
	add("UpdateCredential, overtaken", func(_, _, k x) (list, state.Write) {
		k.LastUsedAt, k.Credential = at.Add(time.Second), []byte(`{"n":3}`)
		return list{k}, state.UpdateCredential{ID: k.ID, Credential: []byte(`{"n":2}`), At: at}
	})
	add("ViewRecoveryCodes", func(t, c, _ x) (list, state.Write) { return list{t, c}, state.ViewRecoveryCodes{ID: c.ID, At: at} })
	add("ViewRecoveryCodes, again", func(t, c, _ x) (list, state.Write) {
		c.ViewedAt = now
		return list{t, c}, state.ViewRecoveryCodes{ID: c.ID, At: at}
	})
	return out
}

func otherCases(now time.Time) []writeCase {
	with := func(change func(*state.Account)) func(*state.Account) { return change }
	provider := func(uid, display string) state.ProviderAccount {
		return state.ProviderAccount{Provider: "p", UID: uid, Display: display, Extra: []byte(`{}`), ConnectedAt: now}
	}
	return []writeCase{
		{"SetPassword", nil, state.SetPassword{Hash: "new"}},
		{"SetPassword, SignOut", nil, state.SetPassword{Hash: "new", SignOut: true}},
		{"SetPassword, to none", nil, state.SetPassword{}},
		{"SetPassword, Replaces the stored", nil, state.SetPassword{Hash: "new", Replaces: "hash"}},
		{"SetPassword, Strict", nil, state.SetPassword{Hash: "new", Replaces: "hash", Strict: true, SignOut: true}},
		{"SetPassword, Strict, the first one", with(func(a *state.Account) { a.PasswordHash = "" }), state.SetPassword{Hash: "new", Strict: true}},
		{"SetPassword, Replaces another", nil, state.SetPassword{Hash: "new", Replaces: "older", SignOut: true}},
		{"SetPhone", nil, state.SetPhone{Number: "+1"}},
		{"SetPhone, to none", with(func(a *state.Account) { a.Phone, a.PhoneVerified = "+2", true }), state.SetPhone{}},
		{"NoteLogin", nil, state.NoteLogin{At: now.Add(time.Second)}},
		{"RaiseEpoch", nil, state.RaiseEpoch{}},
		{"SetActive, off", nil, state.SetActive{}},
		{"SetActive, off again", with(func(a *state.Account) { a.Active = false }), state.SetActive{}},
		{"SetActive, on", with(func(a *state.Account) { a.Active = false }), state.SetActive{Active: true}},
		{"ConnectProvider", nil, state.ConnectProvider{Account: provider("1", "x")}},
		{"ConnectProvider, with a profile", nil, state.ConnectProvider{Account: state.ProviderAccount{
			Provider: "p", UID: "6", ConnectedAt: now,
			Profile: state.Profile{Name: "Zoë \"Z\" Doe", GivenName: "Zoë", FamilyName: "Doe", Picture: "https://example.org/z?a=1&b=2"},
		}}},
		{
			"ConnectProvider, again", with(func(a *state.Account) { a.Providers = []state.ProviderAccount{provider("2", "x"), provider("3", "y")} }),
			state.ConnectProvider{Account: provider("2", "z")},
		},
		{
			"DisconnectProvider", with(func(a *state.Account) { a.Providers = []state.ProviderAccount{provider("4", "x"), provider("5", "y")} }),
			state.DisconnectProvider{Provider: "p", UID: "4"},
		},
		{"DisconnectProvider, unknown", nil, state.DisconnectProvider{Provider: "p", UID: "4"}},
		{"SetAttribute", nil, state.SetAttribute{Key: "acme.a", Value: "1"}},
		{"SetAttribute, another value", with(func(a *state.Account) { a.Attributes = map[string]string{"acme.a": "1"} }), state.SetAttribute{Key: "acme.a", Value: "2"}},
		{"SetAttribute, to none", with(func(a *state.Account) { a.Attributes = map[string]string{"acme.a": "1"} }), state.SetAttribute{Key: "acme.a"}},
	}
}

func (l *lab) revision() {
	a := l.account(nil)
	l.write(a.ID, state.NoteLogin{At: l.now}, state.AddEmail{Address: "r@example.org"}, state.RaiseEpoch{})
	if got := l.load(a.ID).Revision; got != a.Revision+1 {
		l.Errorf("revision %d after a batch of three, want %d", got, a.Revision+1)
	}
	s := l.grant(a.ID)
	l.write(a.ID, state.LogMethods{Session: s.ID, Methods: []byte("[]")}, state.EndSessions{}, state.Audit{Event: "e"})
	if got := l.load(a.ID).Revision; got != a.Revision+1 {
		l.Errorf("revision %d after writes that change no account, want %d", got, a.Revision+1)
	}
}

func (l *lab) hashUpgrade() {
	a := l.account(nil)
	s := l.grant(a.ID)
	l.write(a.ID, state.SetPassword{Hash: "changed meanwhile"})
	l.write(a.ID, state.SetPassword{Hash: "same password, newer form", Replaces: "hash", SignOut: true})
	if got := l.load(a.ID); got.PasswordHash != "changed meanwhile" || got.Epoch != a.Epoch {
		l.Errorf("hash %q, epoch %d: an upgrade undid a change", got.PasswordHash, got.Epoch)
	}
	if !l.goesOn(s) {
		l.Error("an upgrade that did nothing signed a session out")
	}
}

func (l *lab) addAgain() {
	a := l.account(nil)
	first := state.Authenticator{ID: l.id(), Type: state.TOTP, Secret: []byte("first"), CreatedAt: l.now}
	again := state.Authenticator{ID: l.id(), Type: state.TOTP, Secret: []byte("again"), CreatedAt: l.now}
	add := func(run string, x state.Authenticator) state.Batch {
		return state.Batch{Run: run, Account: a.ID, Writes: []state.Write{state.AddAuthenticator{Authenticator: x}}}
	}
	l.commit(add("r1", first))
	r := l.commit(add("r1", again))
	first.Endorsement = state.Endorsed // the account has a verified address
	l.equal("what the first turn stored", r.Account.Authenticators, []state.Authenticator{first})
	l.refuses(add("r2", again), conflict("authenticator"))
	l.refuses(add("", again), conflict("authenticator"))
	// Nobody is not the same as nobody.
	a = l.account(nil)
	first.ID, again.ID = l.id(), l.id()
	l.commit(add("", first))
	l.refuses(add("", again), conflict("authenticator"))
}

func (l *lab) createAgain() {
	a := l.full()
	create := state.CreateAccount{Account: a}
	l.commit(state.Batch{Run: "r", Account: a.ID, Writes: []state.Write{create}})
	l.write(a.ID, state.AddEmail{Address: "later@example.org"})
	want := l.load(a.ID)
	s := l.session(a.ID, "r")
	l.commit(state.Batch{Run: "r", Account: a.ID, Epoch: a.Epoch, Session: s, Writes: []state.Write{create}})
	want.Revision++
	l.equal("the account after its creation was repeated", l.load(a.ID), want)
	for _, run := range []string{"", "other"} {
		if _, err := l.try(state.Batch{Run: run, Account: a.ID, Writes: []state.Write{create}}); err == nil {
			l.Errorf("run %q created an account that is there", run)
		}
	}
	create.Account = state.Account{ID: l.accountID()}
	b := state.Batch{Account: create.Account.ID, Writes: []state.Write{create}}
	l.commit(b)
	if _, err := l.try(b); err == nil {
		l.Error("no run at all created an account twice")
	}
}
