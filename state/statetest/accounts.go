package statetest

import (
	"errors"
	"fmt"
	"time"

	"stagedoor/state"
)

func accountTests() []test {
	return []test{
		{"nobody is found in an empty store", (*lab).nobody},
		{"an account is read as it was made", (*lab).whole},
		{"found by every key", (*lab).everyKey},
		{"a username is found in any case", (*lab).usernameCase},
		{"the verified address wins, else the oldest account", (*lab).verifiedWins},
		{"the verified number wins, else the oldest account", (*lab).verifiedNumberWins},
		{"an unverified contact leads nowhere beside a proved one", (*lab).besideProved},
		{"a reached address leads to the account before others", (*lab).reachedWins},
		{"who claims a name is named", (*lab).claimants},
		{"claimants are bounded", (*lab).boundedClaimants},
		{"what another account has verified is taken", (*lab).taken},
		{"a key of nothing finds nobody", (*lab).emptyKeys},
	}
}

func (l *lab) nobody() {
	if _, err := l.Accounts.Account(l.ctx, "7"); !errors.Is(err, state.ErrNotFound) {
		l.Errorf("Account: %v, want ErrNotFound", err)
	}
	for _, kind := range []string{"id", "username", "email", "phone", "credential", "provider"} {
		for _, value := range []string{"7", "x", "x\x00y", "\xff", "'; DROP TABLE accounts; --"} {
			if _, err := l.Accounts.Find(l.ctx, state.Key{Kind: kind, Value: value}); !errors.Is(err, state.ErrNotFound) {
				l.Errorf("Find(%s, %q): %v, want ErrNotFound", kind, value, err)
			}
		}
	}
	if _, err := l.Accounts.Find(l.ctx, state.Key{Kind: "shoe size", Value: "43"}); err == nil || errors.Is(err, state.ErrNotFound) {
		l.Errorf("Find by an unknown kind: %v, want an error of its own", err)
	}
	for _, kind := range []string{"username", "email", "phone"} {
		if got, err := l.Accounts.Named(l.ctx, state.Key{Kind: kind, Value: "x"}); err != nil || got.Account != nil || got.Others != nil {
			l.Errorf("Named(%s): %v, %v, want nobody", kind, got, err)
		}
	}
}

// full returns an account that has something of everything.
func (l *lab) full() state.Account {
	at := func(d time.Duration) time.Time { return l.now.Add(d) }
	return state.Account{
		ID: l.accountID(), Username: "Ada", PasswordHash: "$argon2id$v=19$...", Active: true, Epoch: 3, Revision: 8,
		CreatedAt: l.now, LastLogin: at(time.Hour), Phone: "+4915112345678", PhoneVerified: true,
		Emails: []state.Email{
			{Address: "z@example.org", Verified: true, Endorsement: state.Endorsed},
			{Address: "a@example.org", Verified: true, Primary: true, Endorsement: state.Endorsed},
			{Address: "m@example.org", Endorsement: state.Endorsed},
		},
		Authenticators: []state.Authenticator{
			{ID: l.id() + 9, Type: state.TOTP, Secret: []byte{0, 1, 255}, LastStep: -1, CreatedAt: l.now, Endorsement: state.Endorsed},
			{ID: l.id(), Type: state.RecoveryCodes, Secret: []byte("sealed"), Used: 1<<63 | 5, CreatedAt: at(time.Second), ViewedAt: at(2 * time.Second), Endorsement: state.Endorsed},
			{
				ID: l.id(), Type: state.WebAuthn, Name: "Schlüssel 🔑", CredentialID: []byte{0, 'c', 0},
				Credential: []byte(`{"id":"x"}`), CreatedAt: l.now, LastUsedAt: at(time.Minute), Endorsement: state.Endorsed,
			},
		},
		Providers: []state.ProviderAccount{
			{Provider: "mock", UID: "2", Display: "B", Extra: []byte(`{"a":1}`), Profile: state.Profile{GivenName: "B"}, ConnectedAt: at(time.Minute), Endorsement: state.Endorsed},
			{Provider: "mock", UID: "1", ConnectedAt: l.now, Endorsement: state.Endorsed},
		},
		Attributes: map[string]string{"acme.terms": "2031", "acme.empty?": "no", state.PictureAttribute: "https://example.org/p"},
	}
}

func (l *lab) whole() {
	want := l.full()
	r := l.commit(state.Batch{Run: "r", Account: want.ID, Writes: []state.Write{state.CreateAccount{Account: want}}})
	want.Revision++
	l.equal("receipt", r.Account, &want)
	l.equal("stored account", l.load(want.ID), &want)
	if r.Session != nil || r.Messages {
		l.Errorf("receipt %+v tells of a session or a message that nobody asked for", r)
	}
}

func (l *lab) everyKey() {
	want := l.full()
	l.account(nil)
	l.write(want.ID, state.CreateAccount{Account: want})
	l.account(nil)
	want.Revision++
	for _, key := range []state.Key{
		{Kind: "id", Value: fmt.Sprint(want.ID)},
		{Kind: "username", Value: "Ada"},
		{Kind: "email", Value: "z@example.org"},
		{Kind: "email", Value: "a@example.org"},
		{Kind: "phone", Value: "+4915112345678"},
		{Kind: "credential", Value: "\x00c\x00"},
		{Kind: "provider", Value: "mock\x002"},
	} {
		got, err := l.Accounts.Find(l.ctx, key)
		if err != nil {
			l.Errorf("Find(%s, %q): %v", key.Kind, key.Value, err)
			continue
		}
		l.equal("account by "+key.Kind, got, &want)
	}
}

func (l *lab) usernameCase() {
	a := l.account(func(a *state.Account) { a.Username = "Zoë" })
	for _, name := range []string{"Zoë", "zoë", "ZOË"} {
		got, err := l.Accounts.Find(l.ctx, state.Key{Kind: "username", Value: name})
		if err != nil || got.ID != a.ID || got.Username != "Zoë" {
			l.Errorf("Find(username, %q): %v, %v", name, got, err)
		}
	}
}

func (l *lab) verifiedWins() {
	old := l.account(emails(state.Email{Address: "x@example.org"}))
	l.now = l.now.Add(time.Hour)
	second := l.account(emails(state.Email{Address: "x@example.org"}))
	find := func() state.AccountID {
		a, err := l.Accounts.Find(l.ctx, state.Key{Kind: "email", Value: "x@example.org"})
		if err != nil {
			l.Fatal(err)
		}
		return a.ID
	}
	if got := find(); got != old.ID {
		l.Errorf("found %s, want the oldest %s", got, old.ID)
	}
	l.write(second.ID, state.ProveContact{Email: "x@example.org", Own: true})
	if got := find(); got != second.ID {
		l.Errorf("found %s, want %s, which verified it", got, second.ID)
	}
}

func (l *lab) verifiedNumberWins() {
	phone := func(a *state.Account) { a.Phone, a.Emails = "+441", nil }
	old := l.account(phone)
	l.now = l.now.Add(time.Hour)
	second := l.account(phone)
	find := func() state.AccountID {
		a, err := l.Accounts.Find(l.ctx, state.Key{Kind: "phone", Value: "+441"})
		if err != nil {
			l.Fatal(err)
		}
		return a.ID
	}
	if got := find(); got != old.ID {
		l.Errorf("found %s, want the oldest %s", got, old.ID)
	}
	l.write(second.ID, state.ProveContact{Phone: "+441"})
	if got := find(); got != second.ID {
		l.Errorf("found %s, want %s, which verified it", got, second.ID)
	}
}

// found returns whom a key leads to, "" for nobody.
func (l *lab) found(kind, value string) state.AccountID {
	l.Helper()
	a, err := l.Accounts.Find(l.ctx, state.Key{Kind: kind, Value: value})
	switch {
	case errors.Is(err, state.ErrNotFound):
		return ""
	case err != nil:
		l.Fatal(err)
	}
	return a.ID
}

func (l *lab) besideProved() {
	x, y := email("x@example.org", false, true), email("y@example.org", true, false)
	l.account(emails(x, y))
	l.account(func(a *state.Account) { a.Phone = "+441" }) // with a verified address
	l.account(func(a *state.Account) {
		a.Emails, a.Phone, a.PhoneVerified = []state.Email{email("z@example.org", false, true)}, "+442", true
	})
	for _, c := range []struct{ kind, value string }{{"email", "x@example.org"}, {"email", "z@example.org"}, {"phone", "+441"}} {
		if got := l.found(c.kind, c.value); got != "" {
			l.Errorf("%s leads to %s, which has proved another contact", c.value, got)
		}
	}
	// Beside contacts that nobody has proved either, each leads there.
	a := l.account(func(a *state.Account) {
		a.Emails, a.Phone = []state.Email{email("x@example.org", false, true), email("w@example.org", false, false)}, "+443"
	})
	for _, c := range []struct{ kind, value string }{{"email", "x@example.org"}, {"email", "w@example.org"}, {"phone", "+443"}} {
		if got := l.found(c.kind, c.value); got != a.ID {
			l.Errorf("%s leads to %s, want %s", c.value, got, a.ID)
		}
	}
}

func (l *lab) reachedWins() {
	x := emails(email("x@example.org", false, true))
	l.account(x)
	l.now = l.now.Add(time.Second)
	second := l.account(x)
	l.write(second.ID, state.ProveContact{Email: "x@example.org", Reached: true})
	if got := l.found("email", "x@example.org"); got != second.ID {
		l.Errorf("it leads to %s, want %s, which was reached there", got, second.ID)
	}
	l.write(second.ID, state.ProveContact{Email: "y@example.org"})
	if got := l.found("email", "x@example.org"); got != second.ID {
		l.Errorf("it leads to %s once another address is verified, want %s", got, second.ID)
	}
}

func (l *lab) claimants() {
	claim := func(change func(*state.Account)) *state.Account {
		l.now = l.now.Add(time.Second)
		return l.account(func(a *state.Account) {
			a.Emails, a.Phone, a.PasswordHash = []state.Email{email("x@example.org", false, true)}, "+441", fmt.Sprint("hash of ", a.ID)
			if change != nil {
				change(a)
			}
		})
	}
	of := func(list ...*state.Account) (out []state.Claimant) {
		for _, a := range list {
			out = append(out, state.Claimant{Account: a.ID, PasswordHash: a.PasswordHash})
		}
		return out
	}
	old, fresh := claim(nil), claim(nil)
	used := claim(func(a *state.Account) { a.LastLogin = l.now })
	claim(func(a *state.Account) { a.Active = false })
	claim(func(a *state.Account) { a.PasswordHash = "" })
	for _, key := range []state.Key{{Kind: "email", Value: "x@example.org"}, {Kind: "phone", Value: "+441"}} {
		got, err := l.Accounts.Named(l.ctx, key)
		if err != nil || got.Account == nil || got.ID != old.ID {
			l.Fatalf("named %v: %v, %v, want the oldest", key, got.Account, err)
		}
		l.equal("the whole account", got.Account, l.load(old.ID))
		l.equal("who claims it besides", got.Others, of(used, fresh))
	}
	owner := l.account(func(a *state.Account) {
		a.Emails, a.Phone, a.PhoneVerified = []state.Email{email("x@example.org", true, true)}, "+442", true
	})
	again := claim(nil)
	got, err := l.Accounts.Named(l.ctx, state.Key{Kind: "email", Value: "x@example.org"})
	if err != nil || got.Account == nil || got.ID != owner.ID {
		l.Fatalf("named %v, %v, want who has verified it", got.Account, err)
	}
	l.equal("who claims it since", got.Others, of(again))
	// A claim beside a proved contact leads nowhere, but is one.
	beside := claim(func(a *state.Account) {
		a.Emails = []state.Email{email("z@example.org", true, true), email("v@example.org", false, false)}
	})
	got, err = l.Accounts.Named(l.ctx, state.Key{Kind: "email", Value: "v@example.org"})
	if err != nil || got.Account != nil {
		l.Fatalf("named %v, %v, want nobody", got.Account, err)
	}
	l.equal("who claims it beside a proved address", got.Others, of(beside))
}

func (l *lab) boundedClaimants() {
	tried := func(kind, value string, owner state.AccountID) (out []state.Claimant) {
		got, err := l.Accounts.Named(l.ctx, state.Key{Kind: kind, Value: value})
		if err != nil || got.Account == nil || owner != "" && got.ID != owner {
			l.Fatalf("named %s: %v, %v, want %s", value, got.Account, err, owner)
		}
		if owner == "" {
			out = append(out, state.Claimant{Account: got.ID, PasswordHash: got.PasswordHash})
		}
		if out = append(out, got.Others...); len(out) != state.MaxClaimants+1 {
			l.Errorf("%d claimants of %s, want %d", len(out), value, state.MaxClaimants+1)
		}
		return out
	}
	// The first of them can be anybody: it is whom the name leads to while nobody has verified it.
	for i, first := range []func(*state.Account){nil, func(a *state.Account) { a.Active = false }, func(a *state.Account) { a.PasswordHash = "" }} {
		address, number := fmt.Sprintf("x%d@example.org", i), fmt.Sprintf("+44%d", i+1)
		var of [2]*state.Account
		var claimed []state.AccountID
		claim := func(change func(*state.Account)) {
			l.now = l.now.Add(time.Second)
			claimed = append(claimed, l.account(func(a *state.Account) {
				a.Emails, a.Phone, a.PasswordHash = []state.Email{email(address, false, true)}, number, fmt.Sprint("hash of ", a.ID)
				if change != nil {
					change(a)
				}
			}).ID)
		}
		for n := range of {
			of[n] = l.account(nil)
		}
		claim(first)
		for range 2 * state.MaxClaimants {
			claim(nil)
		}
		free := [2][]state.Claimant{tried("email", address, ""), tried("phone", number, "")}
		l.write(of[0].ID, state.ProveContact{Email: address})
		l.write(of[1].ID, state.ProveContact{Phone: number})
		for _, id := range claimed {
			l.write(id, state.AddEmail{Address: address}, state.SetPhone{Number: number})
		}
		l.equal("who claims an address that is taken", tried("email", address, of[0].ID), free[0])
		l.equal("who claims a number that is taken", tried("phone", number, of[1].ID), free[1])
	}
}

func (l *lab) taken() {
	l.account(func(a *state.Account) {
		a.Emails, a.Phone, a.PhoneVerified = []state.Email{email("x@example.org", true, true)}, "+441", true
	})
	a := l.account(func(a *state.Account) {
		a.Emails, a.Phone = []state.Email{email("x@example.org", false, true), email("y@example.org", false, false)}, "+441"
	})
	got := l.load(a.ID)
	if !got.Emails[0].Taken || got.Emails[1].Taken || !got.PhoneTaken {
		l.Errorf("%+v, phone taken %t", got.Emails, got.PhoneTaken)
	}
}

func (l *lab) emptyKeys() {
	l.account(func(a *state.Account) { a.Emails = nil }) // no username, no number, nothing
	for _, kind := range []string{"id", "username", "email", "phone", "credential", "provider"} {
		if a, err := l.Accounts.Find(l.ctx, state.Key{Kind: kind}); !errors.Is(err, state.ErrNotFound) {
			l.Errorf("Find(%s, nothing): %v, %v, want ErrNotFound", kind, a, err)
		}
	}
}
