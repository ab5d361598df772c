package statetest

import (
	"errors"
	"fmt"

	"stagedoor/state"
)

func contactTests() []test {
	return []test{
		{"a first proof by somebody else ends all that was set", (*lab).proofEnds},
		{"a first proof of one's own ends what was set since the sign-up", (*lab).proofOfOwn},
		{"what the sign-up's run made is endorsed by its message", (*lab).proofEndorses},
		{"a password that is set with the proof stays", (*lab).proofThenPassword},
		{"a recovery ends what is not endorsed", (*lab).recovery},
		{"a later proof ends nothing", (*lab).laterProof},
		{"what is endorsed outlives its contact", (*lab).outlivesContact},
		{"a reached address is proved and not verified", (*lab).reached},
		{"what is verified is taken from others", (*lab).takesFromOthers},
		{"an import takes what it has verified", (*lab).importTakes},
		{"a session that was left alone goes on", (*lab).leftAlone},
	}
}

// planted is an account of which no contact is proved, with something of everything that
// opens one. made is what its sign-up's run made, session the one that is signed in.
func (l *lab) planted() (made *state.Account, session *state.Session) {
	run := l.run()
	id, n := l.accountID(), l.id()
	a := state.Account{
		ID: id, Active: true, PasswordHash: "planted", CreatedAt: l.now, Phone: fmt.Sprintf("+49%d", n),
		Emails:     []state.Email{email(fmt.Sprintf("victim%d@example.org", n), false, true)},
		Providers:  []state.ProviderAccount{{Provider: "p", UID: fmt.Sprint(id), ConnectedAt: l.now}},
		Attributes: map[string]string{state.GivenNameAttribute: "Free Money", state.PictureAttribute: "https://example.org/pixel"},
	}
	l.commit(state.Batch{Run: run, Account: id, Writes: []state.Write{state.CreateAccount{Account: a}}})
	l.commit(state.Batch{Run: run, Account: id, Guard: true, Writes: []state.Write{
		state.AddAuthenticator{Authenticator: state.Authenticator{
			ID: l.id(), Type: state.WebAuthn, CredentialID: fmt.Append(nil, n), CreatedAt: l.now,
		}},
	}})
	session = l.grant(id)
	l.commit(state.Batch{Run: l.run(), Account: id, Guard: true, Holder: session.ID, Writes: []state.Write{
		state.AddEmail{Address: fmt.Sprintf("evil%d@example.org", n)},
		state.AddAuthenticator{Authenticator: state.Authenticator{ID: l.id(), Type: state.TOTP, CreatedAt: l.now}},
		state.AddAuthenticator{Authenticator: state.Authenticator{ID: l.id(), Type: state.RecoveryCodes, CreatedAt: l.now}},
		state.ConnectProvider{Account: state.ProviderAccount{Provider: "q", UID: fmt.Sprint(id), ConnectedAt: l.now}},
	}})
	return l.load(id), session
}

func (l *lab) proofEnds() {
	for _, c := range []struct {
		name  string
		prove func(a *state.Account) state.ProveContact
	}{
		{"an address", func(a *state.Account) state.ProveContact { return state.ProveContact{Email: a.Emails[0].Address} }},
		{"the second address", func(a *state.Account) state.ProveContact { return state.ProveContact{Email: a.Emails[1].Address} }},
		{"the number", func(a *state.Account) state.ProveContact { return state.ProveContact{Phone: a.Phone} }},
		{"a reset link", func(a *state.Account) state.ProveContact {
			return state.ProveContact{Email: a.Emails[0].Address, Reached: true, Recovers: true}
		}},
	} {
		a, s := l.planted()
		l.changes(a.ID)
		w := c.prove(a)
		want := state.Account{ID: a.ID, Active: true, CreatedAt: a.CreatedAt, Epoch: a.Epoch + 1, Revision: a.Revision + 1}
		if w.Phone != "" {
			want.Phone, want.PhoneVerified = w.Phone, true
		} else {
			want.Emails = []state.Email{{Address: w.Email, Verified: !w.Reached, Reached: w.Reached, Primary: true, Endorsement: state.Endorsed}}
		}
		l.write(a.ID, w)
		l.equal(c.name, l.load(a.ID), &want)
		if l.goesOn(s) {
			l.Errorf("%s: the session goes on", c.name)
		}
		ended := 0
		for _, change := range l.changes(a.ID) {
			if change.Kind == "signed_out" && string(change.TokenHash) == string(s.TokenHash) {
				ended++
			}
		}
		if ended != 1 {
			l.Errorf("%s: the session's record was told %d times that it is signed out", c.name, ended)
		}
		// What waits with the old epoch, or asks with the old session, stores nothing.
		l.refuses(state.Batch{Run: l.run(), Account: a.ID, Guard: true, Epoch: a.Epoch, Writes: []state.Write{
			state.AddEmail{Address: "late@example.org"},
		}}, state.ErrEnded)
		l.refuses(state.Batch{Run: l.run(), Account: a.ID, Guard: true, Epoch: a.Epoch, Holder: s.ID, Writes: []state.Write{
			state.SetPassword{Hash: "late"},
		}}, state.ErrEnded)
	}
}

func (l *lab) proofOfOwn() {
	a, s := l.planted()
	want := a.Clone()
	w := state.ProveContact{Email: a.Emails[0].Address, Own: true}
	w.Apply(want)
	want.Revision++
	got := l.write(a.ID, w).Account
	l.equal("the account", got, want)
	if got.PasswordHash == "" || got.Phone == "" || got.Epoch != a.Epoch || !l.goesOn(s) {
		l.Errorf("something of the sign-up ended: %+v, session %t", got, l.goesOn(s))
	}
	if len(got.Authenticators) != 1 || len(got.Providers) != 1 || len(got.Emails) != 1 {
		l.Errorf("something that was set since is left: %+v", got)
	}
}

// endorsed lists what of an account is endorsed.
func endorsed(a *state.Account) (out []string) {
	for _, x := range a.Authenticators {
		if x.Endorsement == state.Endorsed {
			out = append(out, string(x.Type))
		}
	}
	for _, p := range a.Providers {
		if p.Endorsement == state.Endorsed {
			out = append(out, p.Provider)
		}
	}
	return out
}

func (l *lab) proofEndorses() {
	a, _ := l.planted()
	l.equal("before any proof", endorsed(a), []string(nil))
	a = l.write(a.ID, state.ProveContact{Email: a.Emails[0].Address, Own: true}).Account
	l.equal("after the sign-up's message", endorsed(a), []string{"webauthn", "p"})
	a = l.write(a.ID, state.ConnectProvider{Account: state.ProviderAccount{Provider: "p", UID: fmt.Sprint(a.ID), Display: "new", ConnectedAt: l.now}}).Account
	l.equal("what is known anew of one", endorsed(a), []string{"webauthn", "p"})
	a = l.write(a.ID, state.ConnectProvider{Account: state.ProviderAccount{Provider: "r", UID: fmt.Sprint(a.ID), ConnectedAt: l.now}}).Account
	l.equal("with what was set since", endorsed(a), []string{"webauthn", "p", "r"})
	made := l.full()
	l.commit(l.about(made.ID, state.CreateAccount{Account: made}))
	if got := endorsed(l.load(made.ID)); len(got) != len(made.Authenticators)+len(made.Providers) {
		l.Errorf("of an account that came with a verified address %v is endorsed", got)
	}
}

func (l *lab) proofThenPassword() {
	a, _ := l.planted()
	s := l.session(a.ID, l.run())
	r := l.commit(state.Batch{Run: s.Run, Account: a.ID, Guard: true, Epoch: a.Epoch, Session: s, Writes: []state.Write{
		state.ProveContact{Email: a.Emails[0].Address, Recovers: true}, state.SetPassword{Hash: "the owner's", SignOut: true},
	}})
	if r.Account.PasswordHash != "the owner's" || r.Account.Epoch != a.Epoch+2 || !l.goesOn(s) {
		l.Errorf("hash %q, epoch %d, session %t", r.Account.PasswordHash, r.Account.Epoch, l.goesOn(s))
	}
}

func (l *lab) recovery() {
	a, s := l.planted()
	l.write(a.ID, state.ProveContact{Email: a.Emails[0].Address, Own: true})
	l.write(a.ID, state.ConnectProvider{Account: state.ProviderAccount{Provider: "r", UID: fmt.Sprint(a.ID), ConnectedAt: l.now}})
	got := l.write(a.ID, state.ProveContact{Email: a.Emails[0].Address, Recovers: true}).Account
	l.equal("what is left", endorsed(got), []string{"webauthn", "p", "r"})
	if len(got.Authenticators) != 1 || len(got.Providers) != 2 || len(got.Emails) != 1 || got.Phone != "" {
		l.Errorf("left: %+v", got)
	}
	// The write that sets a new password deals with the password and sessions.
	if got.PasswordHash == "" || !l.goesOn(s) {
		l.Error("the recovery alone ended the password or the session")
	}
}

func (l *lab) laterProof() {
	a, s := l.planted()
	l.write(a.ID, state.ProveContact{Email: a.Emails[0].Address, Own: true})
	before := l.load(a.ID)
	got := l.write(a.ID, state.ProveContact{Phone: a.Phone}).Account
	want := before.Clone()
	want.PhoneVerified, want.Revision = true, before.Revision+1
	l.equal("after the number was proved, too", got, want)
	if !l.goesOn(s) {
		l.Error("the session ended")
	}
}

func (l *lab) outlivesContact() {
	for _, endorsed := range []state.Write{
		state.AddAuthenticator{Authenticator: state.Authenticator{ID: l.id(), Type: state.TOTP, CreatedAt: l.now}},
		state.ConnectProvider{Account: state.ProviderAccount{Provider: "p", UID: "endorsed", ConnectedAt: l.now}},
	} {
		a := l.account(nil)
		l.write(a.ID, endorsed)
		l.write(a.ID, state.RemoveEmail{Address: a.Emails[0].Address})
		l.write(a.ID, state.AddEmail{Address: "new@example.org"}, state.SetPhone{Number: "+441"})
		for kind, value := range map[string]string{"email": "new@example.org", "phone": "+441"} {
			if _, err := l.Accounts.Find(l.ctx, state.Key{Kind: kind, Value: value}); !errors.Is(err, state.ErrNotFound) {
				l.Errorf("%s leads to it: %v", kind, err)
			}
		}
		want := l.load(a.ID)
		got := l.write(a.ID, state.ProveContact{Email: "new@example.org"}).Account
		want.Emails[0].Verified, want.Emails[0].Primary, want.Revision = true, true, want.Revision+1
		l.equal("after another address was proved", got, want)
		l.write(a.ID, state.RemoveEmail{Address: "new@example.org"}, state.SetPhone{})
	}
}

func (l *lab) reached() {
	a, _ := l.planted()
	b := l.account(emails(email(a.Emails[0].Address, false, true)))
	got := l.write(a.ID, state.ProveContact{Email: a.Emails[0].Address, Reached: true}).Account
	if e := got.Emails[0]; e.Verified || !e.Reached || !e.Proved() {
		l.Errorf("the address: %+v", e)
	}
	if l.load(b.ID).Email(a.Emails[0].Address) == nil {
		l.Error("a reached address was taken from another account")
	}
	got = l.write(a.ID, state.ProveContact{Email: a.Emails[0].Address}).Account
	if e := got.Emails[0]; !e.Verified || e.Reached {
		l.Errorf("verified after it was reached: %+v", e)
	}
	got = l.write(a.ID, state.ProveContact{Email: a.Emails[0].Address, Reached: true, Recovers: true}).Account
	if e := got.Emails[0]; !e.Verified || e.Reached {
		l.Errorf("reached after it was verified: %+v", e)
	}
}

func (l *lab) takesFromOthers() {
	x := "x@example.org"
	signedIn := l.account(emails(email(x, false, true), email("s@example.org", false, false), email("v@example.org", true, false)))
	s := l.grant(signedIn.ID)
	lone := l.account(func(a *state.Account) { a.Emails, a.Phone = []state.Email{email(x, false, true)}, "+441" })
	l.changes("")
	owner := l.account(nil)
	l.write(owner.ID, state.ProveContact{Email: x})
	l.write(owner.ID, state.ProveContact{Phone: "+441"})
	want := signedIn.Clone()
	want.Emails = want.Emails[1:]
	want.Emails[1].Primary = true
	want.Revision++
	l.equal("who had it as primary", l.load(signedIn.ID), want)
	want = lone.Clone()
	want.Emails, want.Phone, want.Revision = nil, "", lone.Revision+2
	l.equal("who had nothing else", l.load(lone.ID), want)
	told := l.changes(signedIn.ID)
	if len(told) != 1 || told[0].Kind != "snapshot" || string(told[0].TokenHash) != string(s.TokenHash) || told[0].Snapshot.Email != "v@example.org" {
		l.Errorf("the session of who lost it was told %+v", told)
	}
}

func (l *lab) importTakes() {
	lone := l.account(func(a *state.Account) { a.Emails, a.Phone = []state.Email{email("x@example.org", false, true)}, "+441" })
	l.account(func(a *state.Account) {
		a.Emails, a.Phone, a.PhoneVerified = []state.Email{email("x@example.org", true, true)}, "+441", true
	})
	if got := l.load(lone.ID); len(got.Emails) != 0 || got.Phone != "" {
		l.Errorf("who had them unverified has %v and %q", got.Emails, got.Phone)
	}
}

func (l *lab) leftAlone() {
	a := l.account(nil)
	kept, other := l.grant(a.ID), l.grant(a.ID)
	ask := func(s *state.Session) state.Batch {
		return state.Batch{Run: l.run(), Account: a.ID, Guard: true, Epoch: s.Epoch, Holder: s.ID, Writes: []state.Write{state.NoteLogin{At: l.now}}}
	}
	for range 2 {
		l.write(a.ID, state.SetPassword{Hash: "new", SignOut: true, Keep: kept.ID})
		l.commit(ask(kept))
		l.refuses(ask(other), state.ErrEnded)
	}
	fresh := l.grant(a.ID)
	l.commit(ask(fresh))
	l.write(a.ID, state.RaiseEpoch{Keep: fresh.ID})
	l.commit(ask(fresh))
	l.refuses(ask(kept), state.ErrEnded)
	l.write(a.ID, state.RaiseEpoch{})
	l.refuses(ask(fresh), state.ErrEnded)
}

// crossedTakes makes two accounts take an address of each other at one moment.
func (l *lab) crossedTakes() {
	for i := range 10 {
		x, y := fmt.Sprintf("x%d@example.org", i), fmt.Sprintf("y%d@example.org", i)
		both := emails(email(x, false, true), email(y, false, false))
		a, b := l.account(both), l.account(both)
		errs := together(2, func(i int) error {
			id, address := a.ID, x
			if i == 1 {
				id, address = b.ID, y
			}
			_, err := l.try(l.about(id, state.ProveContact{Email: address, Own: true}))
			return err
		})
		if n, other := count(errs, nil); other != nil {
			l.Errorf("%d refused, %v", n, other)
		}
		for _, c := range []struct {
			id   state.AccountID
			want string
		}{{a.ID, x}, {b.ID, y}} {
			if got := l.load(c.id).Emails; len(got) != 1 || got[0].Address != c.want || !got[0].Verified || !got[0].Primary {
				l.Errorf("addresses %+v, want %s alone", got, c.want)
			}
		}
	}
}

// proofRace lets a stranger who is signed in add an authenticator, set a password and
// sign in at the moment when the owner proves his address: nothing of it is left.
func (l *lab) proofRace() {
	for range 20 {
		a, s := l.planted()
		late := l.session(a.ID, l.run())
		errs := together(4, func(i int) error {
			b := state.Batch{Run: l.run(), Account: a.ID, Guard: true, Epoch: a.Epoch}
			switch i {
			case 0:
				b.Writes = []state.Write{state.ProveContact{Email: a.Emails[0].Address}}
			case 1:
				b.Holder = s.ID
				b.Writes = []state.Write{state.AddAuthenticator{Authenticator: state.Authenticator{
					ID: l.id(), Type: state.WebAuthn, CredentialID: fmt.Append(nil, "late ", a.ID), CreatedAt: l.now,
				}}}
			case 2:
				b.Holder = s.ID
				b.Writes = []state.Write{state.SetPassword{Hash: "late"}, state.AddEmail{Address: "late@example.org"}}
			case 3:
				b.Run, b.Session = late.Run, late
			}
			_, err := l.try(b)
			return err
		})
		if _, other := count(errs, state.ErrEnded); other != nil {
			l.Error(other)
		}
		got := l.load(a.ID)
		if got.PasswordHash != "" || len(got.Authenticators) > 0 || len(got.Providers) > 0 || len(got.Emails) != 1 || l.goesOn(s) || l.goesOn(late) {
			l.Errorf("left of the stranger: %+v, sessions %t, %t", got, l.goesOn(s), l.goesOn(late))
		}
	}
}
