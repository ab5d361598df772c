package statetest

import (
	"fmt"
	"testing"
	"time"

	"pgregory.net/rapid"

	"stagedoor/state"
)

// agreesWithApply commits random batches to the store and to the model and compares
// what each says and what is stored after it.
func agreesWithApply(t *testing.T, s Stores) {
	l := newLab(t, s)
	rapid.Check(t, func(t *rapid.T) {
		// All checks share the store; each has accounts and names of its own.
		m := &machine{lab: l, model: &model{accounts: map[state.AccountID]*modelAccount{}}, world: l.id()}
		for range 3 {
			m.ids = append(m.ids, l.accountID())
		}
		t.Repeat(map[string]func(*rapid.T){
			"create": m.create,
			"writes": m.writes,
			"repeat": m.repeat,
			"":       m.compare,
		})
	})
}

// machine is a store and its model side by side.
type machine struct {
	*lab
	model *model
	world int64
	ids   []state.AccountID
	past  []state.Batch
}

// commit does the same to both.
func (m *machine) commit(t *rapid.T, b state.Batch) {
	b.Now = m.now
	want := m.model.commit(b)
	_, got := m.Ledger.Commit(t.Context(), b)
	if want == nil && got != nil || want != nil && !same(got, want) {
		t.Fatalf("the store says %v, the model %v, of %+v", got, want, b)
	}
	if want == nil {
		m.past = append(m.past, b)
	}
}

func (m *machine) create(t *rapid.T) {
	a := state.Account{
		ID: rapid.SampledFrom(m.ids).Draw(t, "id"), Active: true, PasswordHash: m.hash().Draw(t, "hash"),
		Epoch: rapid.Int64Range(0, 5).Draw(t, "epoch"), CreatedAt: m.now,
	}
	if m.model.accounts[a.ID] != nil {
		t.Skip("it is there")
	}
	if rapid.Bool().Draw(t, "named") {
		a.Username = fmt.Sprintf("%s-%d", rapid.SampledFrom([]string{"ada", "ADA", "eve"}).Draw(t, "username"), m.world)
	} else {
		for _, address := range rapid.SliceOfNDistinct(m.address(), 0, 2, rapid.ID).Draw(t, "addresses") {
			a.Emails = append(a.Emails, state.Email{
				Address: address, Primary: len(a.Emails) == 0, Verified: rapid.Bool().Draw(t, "verified"),
			})
		}
		for _, kind := range rapid.SliceOfNDistinct(rapid.SampledFrom([]state.AuthenticatorType{state.TOTP, state.RecoveryCodes}), 0, 2, rapid.ID).Draw(t, "factors") {
			a.Authenticators = append(a.Authenticators, state.Authenticator{ID: m.id(), Type: kind, LastStep: -1, CreatedAt: m.now})
		}
	}
	m.commit(t, state.Batch{Run: m.run(), Account: a.ID, Writes: []state.Write{state.CreateAccount{Account: a}}})
}

func (m *machine) writes(t *rapid.T) {
	b := state.Batch{Run: m.run(), Account: rapid.SampledFrom(m.ids).Draw(t, "account")}
	a := m.model.accounts[b.Account]
	if a == nil {
		a = &modelAccount{Account: &state.Account{}}
	}
	b.Writes = rapid.SliceOfN(m.write(a), 1, 5).Draw(t, "writes")
	if b.Guard = rapid.Bool().Draw(t, "guard"); b.Guard {
		b.Epoch = a.Epoch - rapid.SampledFrom([]int64{0, 0, 0, 1}).Draw(t, "behind")
	}
	m.commit(t, b)
}

// repeat commits once more what a run committed before.
func (m *machine) repeat(t *rapid.T) {
	if len(m.past) == 0 {
		t.Skip("nothing was committed yet")
	}
	m.commit(t, rapid.SampledFrom(m.past).Draw(t, "batch"))
}

// compare holds the accounts against the model.
func (m *machine) compare(t *rapid.T) {
	for _, id := range m.ids {
		got, err := m.Accounts.Account(t.Context(), id)
		want := m.model.accounts[id]
		if want == nil {
			if !same(err, state.ErrNotFound) {
				t.Fatalf("account %s: %v, %v, want ErrNotFound", id, got, err)
			}
			continue
		}
		if err != nil {
			t.Fatalf("account %s: %v", id, err)
		}
		if diff := difference(got, m.model.seen(want)); diff != "" {
			t.Fatalf("account %s: store -, model +\n%s", id, diff)
		}
	}
}

// Few of each, so that they meet.
func (m *machine) address() *rapid.Generator[string] {
	return rapid.Map(rapid.IntRange(0, 3), func(i int) string { return fmt.Sprintf("%d-%d@example.org", i, m.world) })
}

func (m *machine) hash() *rapid.Generator[string] {
	return rapid.SampledFrom([]string{"", "hash 1", "hash 2"})
}

func (m *machine) instant() *rapid.Generator[time.Time] {
	return rapid.Map(rapid.Int64Range(0, 1e9), func(us int64) time.Time { return m.now.Add(time.Duration(us) * time.Microsecond) })
}

// write draws a write about an account.
func (m *machine) write(a *modelAccount) *rapid.Generator[state.Write] {
	return rapid.Custom(func(t *rapid.T) state.Write {
		switch rapid.SampledFrom([]string{"password", "email", "factor", "spend", "other"}).Draw(t, "kind") {
		case "password":
			return state.SetPassword{
				Hash: m.hash().Draw(t, "hash"), Replaces: m.hash().Draw(t, "replaces"), SignOut: rapid.Bool().Draw(t, "sign out"),
				Strict: rapid.Bool().Draw(t, "strict"),
			}
		case "email":
			return m.emailWrite(t)
		case "factor":
			return m.factorWrite(t, a)
		case "spend":
			return m.spendWrite(t, a)
		}
		return m.otherWrite(t)
	})
}

func (m *machine) emailWrite(t *rapid.T) state.Write {
	address := m.address().Draw(t, "address")
	return rapid.SampledFrom([]state.Write{
		state.AddEmail{Address: address}, m.prove(t, state.ProveContact{Email: address}),
		m.prove(t, state.ProveContact{Email: address, Replace: rapid.Bool().Draw(t, "replace")}),
		state.RemoveEmail{Address: address}, state.SetPrimaryEmail{Address: address},
	}).Draw(t, "write")
}

// prove draws who proves a contact, and what for.
func (m *machine) prove(t *rapid.T, w state.ProveContact) state.Write {
	w.Own, w.Recovers = rapid.Bool().Draw(t, "own"), rapid.Bool().Draw(t, "recovers")
	w.Reached = w.Email != "" && rapid.Bool().Draw(t, "reached")
	return w
}

// factor draws the id of an authenticator of the account, or of nobody.
func factor(t *rapid.T, a *modelAccount) int64 {
	ids := []int64{1}
	for _, x := range a.Authenticators {
		ids = append(ids, x.ID)
	}
	return rapid.SampledFrom(ids).Draw(t, "authenticator")
}

func (m *machine) factorWrite(t *rapid.T, a *modelAccount) state.Write {
	x := state.Authenticator{
		ID: m.id(), Type: rapid.SampledFrom([]state.AuthenticatorType{state.TOTP, state.RecoveryCodes, state.WebAuthn}).Draw(t, "type"),
		Secret: rapid.SliceOfN(rapid.Byte(), 0, 4).Draw(t, "secret"), LastStep: -1, CreatedAt: m.instant().Draw(t, "created"),
	}
	if x.Type == state.WebAuthn {
		x.CredentialID = fmt.Appendf(nil, "%d-%d", rapid.IntRange(0, 2).Draw(t, "credential"), m.world)
		x.Name = rapid.SampledFrom([]string{"", "key", "ключ"}).Draw(t, "name")
	}
	id := factor(t, a)
	return rapid.SampledFrom([]state.Write{
		state.AddAuthenticator{Authenticator: x}, state.AddAuthenticator{Authenticator: x},
		state.RemoveAuthenticators{IDs: []int64{id}}, state.RemoveAuthenticators{IDs: []int64{id, factor(t, a)}},
		state.RenameAuthenticator{ID: id, Name: "renamed"}, state.ViewRecoveryCodes{ID: id, At: m.instant().Draw(t, "at")},
		state.UpdateCredential{ID: id, Credential: []byte(`{"n":1}`), At: m.instant().Draw(t, "at")},
	}).Draw(t, "write")
}

func (m *machine) spendWrite(t *rapid.T, a *modelAccount) state.Write {
	id, at := factor(t, a), m.instant().Draw(t, "at")
	if rapid.Bool().Draw(t, "totp") {
		return state.SpendTOTP{ID: id, Step: rapid.Int64Range(0, 4).Draw(t, "step"), At: at}
	}
	return state.SpendRecoveryCode{ID: id, Index: rapid.SampledFrom([]int{0, 1, 63}).Draw(t, "index"), At: at}
}

func (m *machine) otherWrite(t *rapid.T) state.Write {
	phone := rapid.SampledFrom([]string{"", "+1", "+2"}).Draw(t, "number")
	if phone != "" {
		phone += fmt.Sprint(m.world)
	}
	provider := state.ProviderAccount{
		Provider: rapid.SampledFrom([]string{"p", "q"}).Draw(t, "provider"), UID: fmt.Sprint(m.world),
		Display: rapid.SampledFrom([]string{"", "Ada"}).Draw(t, "display"), ConnectedAt: m.instant().Draw(t, "connected"),
		Profile: state.Profile{FamilyName: rapid.SampledFrom([]string{"", "Lovelace"}).Draw(t, "family name")},
	}
	return rapid.SampledFrom([]state.Write{
		state.SetPhone{Number: phone}, m.prove(t, state.ProveContact{Phone: "+1" + fmt.Sprint(m.world)}),
		state.NoteLogin{At: m.instant().Draw(t, "login")},
		state.RaiseEpoch{},
		state.SetActive{Active: rapid.Bool().Draw(t, "active")},
		state.ConnectProvider{Account: provider},
		state.DisconnectProvider{Provider: provider.Provider, UID: provider.UID},
		state.SetAttribute{Key: rapid.SampledFrom([]string{"t.a", "t.b", state.GivenNameAttribute}).Draw(t, "key"), Value: rapid.SampledFrom([]string{"", "1", "2"}).Draw(t, "value")},
	}).Draw(t, "write")
}
