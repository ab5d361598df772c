package state

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

// applies holds what a write makes of an account against what it should.
func applies(t *testing.T, name string, start Account, w Write, want Account) {
	t.Helper()
	got := start.Clone()
	w.Apply(got)
	if diff := cmp.Diff(*got, want, cmpopts.EquateEmpty()); diff != "" {
		t.Errorf("%s: got -, want +\n%s", name, diff)
	}
}

func at(minute int) time.Time { return time.Date(2031, 5, 17, 12, minute, 0, 0, time.UTC) }

func TestCreateAccount(t *testing.T) {
	want := Account{
		ID: "7", Username: "ada", Active: true, Emails: []Email{{Address: "x", Endorsement: OfSignup}},
		Providers: []ProviderAccount{{Provider: "p", UID: "1", Endorsement: OfSignup}}, Attributes: map[string]string{"a.b": "c"},
	}
	applies(t, "of nothing", Account{}, CreateAccount{Account: want}, want)

	var made Account
	w := CreateAccount{Account: want}
	w.Apply(&made)
	made.Emails[0].Verified = true
	made.Attributes["a.b"] = "changed"
	if w.Account.Emails[0].Verified || w.Account.Attributes["a.b"] != "c" {
		t.Error("the account shares memory with the write that made it")
	}
}

func TestSetPassword(t *testing.T) {
	start := Account{PasswordHash: "old", Epoch: 4}
	applies(t, "an upgrade", start, SetPassword{Hash: "new"}, Account{PasswordHash: "new", Epoch: 4})
	applies(t, "a change", start, SetPassword{Hash: "new", SignOut: true}, Account{PasswordHash: "new", Epoch: 5})
	applies(t, "replaces what is there", start, SetPassword{Hash: "new", Replaces: "old"}, Account{PasswordHash: "new", Epoch: 4})
	applies(t, "replaces what is gone", start, SetPassword{Hash: "new", Replaces: "older", SignOut: true}, start)
}

func TestAddEmail(t *testing.T) {
	first := Account{Emails: []Email{{Address: "x", Primary: true}}}
	applies(t, "the first", Account{}, AddEmail{Address: "x"}, Account{Emails: []Email{{Address: "x"}}})
	applies(t, "the second", first, AddEmail{Address: "y"}, Account{Emails: []Email{{Address: "x", Primary: true}, {Address: "y"}}})
	there := Account{Emails: []Email{{Address: "x", Verified: true, Primary: true}}}
	applies(t, "one that is there", there, AddEmail{Address: "x"}, there)
}

func TestProveContactMarks(t *testing.T) {
	// All were named by the sign-up, so that none ends.
	named := func(address string, verified, primary bool) Email {
		return Email{Address: address, Verified: verified, Primary: primary, Endorsement: OfSignup}
	}
	x := func(verified, primary bool) Email { return named("x", verified, primary) }
	y := func(verified, primary bool) Email { return named("y", verified, primary) }
	of := func(list ...Email) Account { return Account{Emails: list} }
	for _, c := range []struct {
		name        string
		start, want Account
		replace     bool
	}{
		{"the only one", of(x(false, true)), of(x(true, true)), false},
		{"the only one, not primary", of(x(false, false)), of(x(true, true)), false},
		{"one the account does not have", of(), of(x(true, true)), false},
		{"beside a verified primary", of(y(true, true), x(false, false)), of(y(true, true), x(true, false)), false},
		{"beside an unverified primary", of(y(false, true), x(false, false)), of(y(false, true), x(true, false)), false},
		{"where none is primary", of(y(true, false), x(false, false)), of(y(true, false), x(true, true)), false},
		{"again", of(x(true, true), y(true, false)), of(x(true, true), y(true, false)), false},
		{"in place of another", of(y(true, true), x(false, false)), of(x(true, true)), true},
		{"new, in place of another", of(y(true, true)), of(x(true, true)), true},
	} {
		got := c.start.Clone()
		ProveContact{Email: "x", Own: true, Replace: c.replace}.Apply(got)
		for i := range got.Emails {
			got.Emails[i].Endorsement = OfSignup
		}
		if diff := cmp.Diff(*got, c.want, cmpopts.EquateEmpty()); diff != "" {
			t.Errorf("%s: got -, want +\n%s", c.name, diff)
		}
	}
}

func TestRemoveEmail(t *testing.T) {
	start := Account{Emails: []Email{{Address: "x", Primary: true}, {Address: "y"}}}
	applies(t, "the primary", start, RemoveEmail{Address: "x"}, Account{Emails: []Email{{Address: "y"}}})
	applies(t, "an unknown one", start, RemoveEmail{Address: "z"}, start)
}

func TestSetPrimaryEmail(t *testing.T) {
	start := Account{Emails: []Email{{Address: "x", Primary: true}, {Address: "y"}}}
	applies(t, "the other", start, SetPrimaryEmail{Address: "y"}, Account{Emails: []Email{{Address: "x"}, {Address: "y", Primary: true}}})
	applies(t, "an unknown one", start, SetPrimaryEmail{Address: "z"}, start)
}

func TestSetPhone(t *testing.T) {
	with := Account{Phone: "+1", PhoneVerified: true}
	applies(t, "a number", Account{}, SetPhone{Number: "+1"}, Account{Phone: "+1"})
	applies(t, "a number that is proved", Account{}, ProveContact{Phone: "+1", Own: true}, with)
	applies(t, "another", with, SetPhone{Number: "+2"}, Account{Phone: "+2"})
	applies(t, "none", with, SetPhone{}, Account{})
}

func TestRemoveAuthenticators(t *testing.T) {
	totp, codes := Authenticator{ID: 1, Type: TOTP}, Authenticator{ID: 2, Type: RecoveryCodes}
	key, other := Authenticator{ID: 3, Type: WebAuthn}, Authenticator{ID: 4, Type: WebAuthn}
	of := func(list ...Authenticator) Account { return Account{Authenticators: list} }
	for _, c := range []struct {
		name        string
		ids         []int64
		start, want Account
	}{
		{"one of several", []int64{3}, of(totp, codes, key, other), of(totp, codes, other)},
		{"the last factor takes the codes along", []int64{1}, of(totp, codes), of()},
		{"codes stay while a key does", []int64{1}, of(totp, codes, key), of(codes, key)},
		{"the codes alone", []int64{2}, of(totp, codes), of(totp)},
		{"both keys", []int64{4, 3, 99}, of(codes, key, other), of()},
		{"none", nil, of(totp, codes), of(totp, codes)},
	} {
		applies(t, c.name, c.start, RemoveAuthenticators{IDs: c.ids}, c.want)
	}
}

func TestAuthenticatorWrites(t *testing.T) {
	start := Account{Authenticators: []Authenticator{
		{ID: 1, Type: TOTP, LastStep: -1}, {ID: 2, Type: RecoveryCodes, Used: 1}, {ID: 3, Type: WebAuthn, Name: "key"},
	}}
	with := func(i int, change func(*Authenticator)) Account {
		a := start.Clone()
		change(&a.Authenticators[i])
		return *a
	}
	for _, c := range []struct {
		name string
		w    Write
		want Account
	}{
		{"step", SpendTOTP{ID: 1, Step: 9, At: at(1)}, with(0, func(x *Authenticator) { x.LastStep, x.LastUsedAt = 9, at(1) })},
		{"step of nothing", SpendTOTP{ID: 9, Step: 9, At: at(1)}, start},
		{"code", SpendRecoveryCode{ID: 2, Index: 63, At: at(1)}, with(1, func(x *Authenticator) { x.Used, x.LastUsedAt = 1<<63|1, at(1) })},
		{"code of nothing", SpendRecoveryCode{ID: 9, Index: 1}, start},
		{"code above range", SpendRecoveryCode{ID: 2, Index: 64, At: at(1)}, start},
		{"code below range", SpendRecoveryCode{ID: 2, Index: -1, At: at(1)}, start},
		{"name", RenameAuthenticator{ID: 3, Name: "other"}, with(2, func(x *Authenticator) { x.Name = "other" })},
		{"name of nothing", RenameAuthenticator{ID: 9, Name: "other"}, start},
		{"credential", UpdateCredential{ID: 3, Credential: []byte("{}"), At: at(2)}, with(2, func(x *Authenticator) { x.Credential, x.LastUsedAt = []byte("{}"), at(2) })},
		{"credential of nothing", UpdateCredential{ID: 9}, start},
		{"view", ViewRecoveryCodes{ID: 2, At: at(3)}, with(1, func(x *Authenticator) { x.ViewedAt = at(3) })},
		{"view of nothing", ViewRecoveryCodes{ID: 9, At: at(3)}, start},
	} {
		applies(t, c.name, start, c.w, c.want)
	}
	seen := with(1, func(x *Authenticator) { x.ViewedAt = at(3) })
	applies(t, "a second view", seen, ViewRecoveryCodes{ID: 2, At: at(4)}, seen)
	added := start.Clone()
	added.Authenticators = append(added.Authenticators, Authenticator{ID: 4, Type: WebAuthn})
	applies(t, "one more", start, AddAuthenticator{Authenticator: Authenticator{ID: 4, Type: WebAuthn}}, *added)
}

func TestEpochWrites(t *testing.T) {
	applies(t, "raise", Account{Epoch: 2}, RaiseEpoch{Keep: 1}, Account{Epoch: 3})
	applies(t, "disable", Account{Active: true, Epoch: 2}, SetActive{}, Account{Epoch: 3})
	applies(t, "disable again", Account{Epoch: 3}, SetActive{}, Account{Epoch: 3})
	applies(t, "enable", Account{Epoch: 3}, SetActive{Active: true}, Account{Active: true, Epoch: 3})
	applies(t, "login", Account{Epoch: 3}, NoteLogin{At: at(5)}, Account{Epoch: 3, LastLogin: at(5)})
}

func TestProviderWrites(t *testing.T) {
	p := func(provider, uid, display string) ProviderAccount {
		return ProviderAccount{Provider: provider, UID: uid, Display: display}
	}
	of := func(list ...ProviderAccount) Account { return Account{Providers: list} }
	start := of(p("a", "1", "x"), p("b", "1", "y"))
	applies(t, "one more", start, ConnectProvider{Account: p("a", "2", "z")}, of(p("a", "1", "x"), p("b", "1", "y"), p("a", "2", "z")))
	applies(t, "again, which refreshes it", start, ConnectProvider{Account: p("a", "1", "new")}, of(p("b", "1", "y"), p("a", "1", "new")))
	applies(t, "one less", start, DisconnectProvider{Provider: "b", UID: "1"}, of(p("a", "1", "x")))
	applies(t, "an unknown one", start, DisconnectProvider{Provider: "b", UID: "2"}, start)
}

func TestSetAttribute(t *testing.T) {
	one := Account{Attributes: map[string]string{"a.b": "1"}}
	applies(t, "the first", Account{}, SetAttribute{Key: "a.b", Value: "1"}, one)
	applies(t, "another value", one, SetAttribute{Key: "a.b", Value: "2"}, Account{Attributes: map[string]string{"a.b": "2"}})
	applies(t, "none", one, SetAttribute{Key: "a.b"}, Account{})
	applies(t, "none where there is none", Account{}, SetAttribute{Key: "a.b"}, Account{})
}

func TestWritesThatChangeNoAccount(t *testing.T) {
	start := Account{ID: "7", Active: true, Epoch: 2, Revision: 3, Emails: []Email{{Address: "x"}}}
	for _, w := range []Write{LogMethods{Session: 1, Methods: []byte("[]")}, EndSessions{IDs: []int64{1}}, Queue{}, Audit{Event: "e"}} {
		got := start.Clone()
		w.Apply(got)
		if diff := cmp.Diff(*got, start); diff != "" {
			t.Errorf("%T: got -, want +\n%s", w, diff)
		}
	}
}

// TestApplySharesNothing changes a copy in every way and looks at the original.
func TestApplySharesNothing(t *testing.T) {
	start := Account{
		Emails:         []Email{{Address: "x", Primary: true}, {Address: "y"}},
		Authenticators: []Authenticator{{ID: 1, Type: TOTP}, {ID: 2, Type: RecoveryCodes}, {ID: 3, Type: WebAuthn}},
		Providers:      []ProviderAccount{{Provider: "a", UID: "1"}, {Provider: "b", UID: "1"}},
		Attributes:     map[string]string{"a.b": "1"},
	}
	before := start.Clone()
	for _, w := range []Write{
		ProveContact{Email: "y", Own: true}, ProveContact{Email: "y"}, ProveContact{Phone: "+1", Recovers: true}, SetPrimaryEmail{Address: "y"}, RemoveEmail{Address: "x"}, AddEmail{Address: "z"},
		SpendTOTP{ID: 1, Step: 1}, SpendRecoveryCode{ID: 2}, RenameAuthenticator{ID: 3, Name: "n"}, UpdateCredential{ID: 3, Credential: []byte("c")},
		ViewRecoveryCodes{ID: 2, At: at(1)}, RemoveAuthenticators{IDs: []int64{1}}, AddAuthenticator{},
		ConnectProvider{Account: ProviderAccount{Provider: "a", UID: "1", Display: "new"}}, DisconnectProvider{Provider: "b", UID: "1"},
		SetAttribute{Key: "a.b", Value: "2"}, SetAttribute{Key: "c.d", Value: "1"}, SetAttribute{Key: "a.b"},
	} {
		c := start.Clone()
		w.Apply(c)
		if diff := cmp.Diff(start, *before); diff != "" {
			t.Fatalf("%T on a clone changed the original: got -, want +\n%s", w, diff)
		}
	}
}
