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
		{"owners of an address", (*lab).owners},
		{"a key of nothing finds nobody", (*lab).emptyKeys},
	}
}

func (l *lab) nobody() {
	if _, err := l.Accounts.Account(l.ctx, 7); !errors.Is(err, state.ErrNotFound) {
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
	if ids, err := l.Accounts.Owners(l.ctx, "x@example.org"); err != nil || len(ids) != 0 {
		l.Errorf("Owners: %v, %v, want none", ids, err)
	}
}

// full returns an account that has something of everything.
func (l *lab) full() state.Account {
	at := func(d time.Duration) time.Time { return l.now.Add(d) }
	return state.Account{
		ID: l.id(), Username: "Ada", PasswordHash: "$argon2id$v=19$...", Active: true, Epoch: 3, Revision: 8,
		CreatedAt: l.now, LastLogin: at(time.Hour), Phone: "+4915112345678", PhoneVerified: true,
		Emails: []state.Email{
			{Address: "z@example.org", Verified: true},
			{Address: "a@example.org", Verified: true, Primary: true},
			{Address: "m@example.org"},
		},
		Authenticators: []state.Authenticator{
			{ID: l.id() + 9, Type: state.TOTP, Secret: []byte{0, 1, 255}, LastStep: -1, CreatedAt: l.now},
			{ID: l.id(), Type: state.RecoveryCodes, Secret: []byte("sealed"), Used: 1<<63 | 5, CreatedAt: at(time.Second), ViewedAt: at(2 * time.Second)},
			{
				ID: l.id(), Type: state.WebAuthn, Name: "Schlüssel 🔑", CredentialID: []byte{0, 'c', 0},
				Credential: []byte(`{"id":"x"}`), CreatedAt: l.now, LastUsedAt: at(time.Minute),
			},
		},
		Providers: []state.ProviderAccount{
			{Provider: "mock", UID: "2", Display: "B", Extra: []byte(`{"a":1}`), ConnectedAt: at(time.Minute)},
			{Provider: "mock", UID: "1", ConnectedAt: l.now},
		},
		Attributes: map[string]string{"acme.terms": "2031", "acme.empty?": "no"},
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
		{Kind: "email", Value: "m@example.org"},
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
	find := func() int64 {
		a, err := l.Accounts.Find(l.ctx, state.Key{Kind: "email", Value: "x@example.org"})
		if err != nil {
			l.Fatal(err)
		}
		return a.ID
	}
	if got := find(); got != old.ID {
		l.Errorf("found %d, want the oldest %d", got, old.ID)
	}
	l.write(second.ID, state.VerifyEmail{Address: "x@example.org"})
	if got := find(); got != second.ID {
		l.Errorf("found %d, want %d, which verified it", got, second.ID)
	}
}

func (l *lab) verifiedNumberWins() {
	phone := func(a *state.Account) { a.Phone = "+441" }
	old := l.account(phone)
	l.now = l.now.Add(time.Hour)
	second := l.account(phone)
	find := func() int64 {
		a, err := l.Accounts.Find(l.ctx, state.Key{Kind: "phone", Value: "+441"})
		if err != nil {
			l.Fatal(err)
		}
		return a.ID
	}
	if got := find(); got != old.ID {
		l.Errorf("found %d, want the oldest %d", got, old.ID)
	}
	l.write(second.ID, state.SetPhone{Number: "+441", Verified: true})
	if got := find(); got != second.ID {
		l.Errorf("found %d, want %d, which verified it", got, second.ID)
	}
}

func (l *lab) owners() {
	shared := emails(state.Email{Address: "x@example.org"})
	first := l.account(shared)
	l.now = l.now.Add(time.Second)
	second := l.account(shared)
	l.now = l.now.Add(time.Second)
	third := l.account(shared)
	l.account(nil)
	l.write(second.ID, state.VerifyEmail{Address: "x@example.org"})
	got, err := l.Accounts.Owners(l.ctx, "x@example.org")
	if err != nil {
		l.Fatal(err)
	}
	l.equal("owners", got, []int64{second.ID, first.ID, third.ID})
}

func (l *lab) emptyKeys() {
	l.account(func(a *state.Account) { a.Emails = nil }) // no username, no number, nothing
	for _, kind := range []string{"id", "username", "email", "phone", "credential", "provider"} {
		if a, err := l.Accounts.Find(l.ctx, state.Key{Kind: kind}); !errors.Is(err, state.ErrNotFound) {
			l.Errorf("Find(%s, nothing): %v, %v, want ErrNotFound", kind, a, err)
		}
	}
}
