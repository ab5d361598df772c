package state

import (
	"fmt"
	"slices"
)

// CheckContactRules goes through every account of a small kind and every way to prove one
// of its contacts, and holds what [ProveContact] makes of it against what it promises:
//
//   - a contact is proved afterwards, and no contact that was is lost
//   - a first proof that is not of one's own leaves nothing that was set before
//   - one of one's own leaves what the sign-up made, and nothing that was set since
//   - a recovery leaves nothing that is not endorsed
//   - any other proof takes nothing away
//   - what is endorsed outlives every proof: a mail is never a second factor
//
// It returns how many cases there are, and the first that breaks a promise. Stores are
// held against the same write by their conformance suite.
func CheckContactRules() (cases int, err error) {
	for _, a := range smallAccounts() {
		for _, w := range smallProofs() {
			if a.Email(w.Email) == nil && w.Phone == "" {
				continue
			}
			cases++
			after := a.Clone()
			w.Apply(after)
			if broken := brokenPromise(&a, after, w); broken != "" {
				return cases, fmt.Errorf("%s: %+v on %s comes to %s", broken, w, inShort(&a), inShort(after))
			}
		}
	}
	return cases, nil
}

// smallAccounts are all combinations of two addresses, a number, a password, TOTP and a
// third-party account, each as far as it can be from being anybody's.
func smallAccounts() []Account {
	contacts := []Email{{}, {Endorsement: OfSignup}, {Reached: true, Endorsement: Endorsed}, {Verified: true, Endorsement: Endorsed}}
	standings := []Endorsement{Unendorsed, OfSignup, Endorsed}
	out := []Account{{Active: true}}
	each := func(n int, set func(a *Account, i int)) {
		var more []Account
		for _, a := range out {
			for i := range n {
				c := a.Clone()
				set(c, i)
				more = append(more, *c)
			}
		}
		out = more
	}
	for _, address := range []string{"one@example.org", "two@example.org"} {
		each(len(contacts)+1, func(a *Account, i int) {
			if i > 0 {
				e := contacts[i-1]
				e.Address, e.Primary = address, len(a.Emails) == 0
				a.Emails = append(a.Emails, e)
			}
		})
	}
	each(3, func(a *Account, i int) {
		if i > 0 {
			a.Phone, a.PhoneVerified = "+31600000001", i > 1
		}
	})
	each(2, func(a *Account, i int) { a.PasswordHash = []string{"", "hash"}[i] })
	each(len(standings)+1, func(a *Account, i int) {
		if i > 0 {
			a.Authenticators = []Authenticator{{ID: 1, Type: TOTP, Endorsement: standings[i-1]}}
		}
	})
	each(len(standings)+1, func(a *Account, i int) {
		if i > 0 {
			a.Providers = []ProviderAccount{{Provider: "p", UID: "1", Endorsement: standings[i-1]}}
		}
	})
	return out
}

// smallProofs are all ways to prove one of the contacts of smallAccounts, or a new number.
func smallProofs() []ProveContact {
	var out []ProveContact
	for _, own := range []bool{false, true} {
		for _, recovers := range []bool{false, true} {
			for _, address := range []string{"one@example.org", "two@example.org"} {
				for _, reached := range []bool{false, true} {
					out = append(out, ProveContact{Email: address, Own: own, Recovers: recovers, Reached: reached})
				}
			}
			for _, number := range []string{"+31600000001", "+31600000002"} {
				out = append(out, ProveContact{Phone: number, Own: own, Recovers: recovers})
			}
		}
	}
	return out
}

// brokenPromise says which promise the account after the write breaks, or "".
func brokenPromise(before, after *Account, w ProveContact) string {
	first := !before.Proved()
	ends, sifts := first && !w.Own, first || w.Recovers
	stays := func(e Endorsement) bool {
		return e == Endorsed || !ends && (!sifts || e == OfSignup && first)
	}
	totp, provider := 0, 0
	for _, x := range before.Authenticators {
		if stays(x.Endorsement) {
			totp++
		}
	}
	for _, p := range before.Providers {
		if stays(p.Endorsement) {
			provider++
		}
	}
	lost := func(e Email) bool { return after.Email(e.Address) == nil }
	switch {
	case !after.Proved() || !proves(after, w):
		return "the contact is not proved"
	case slices.ContainsFunc(before.Emails, func(e Email) bool { return e.Proved() && lost(e) }):
		return "a proved address is lost"
	case ends && (after.PasswordHash != "" || after.Epoch <= before.Epoch):
		return "a password or a session outlives a first proof"
	case !ends && (after.PasswordHash != before.PasswordHash || after.Epoch != before.Epoch):
		return "a password or a session ends without need"
	case len(after.Authenticators) != totp:
		return "the second factors are not those that should be left"
	case len(after.Providers) != provider:
		return "the third-party accounts are not those that should be left"
	case (ends || w.Recovers) && slices.ContainsFunc(after.Emails, func(e Email) bool { return !e.Proved() }):
		return "an address is left that nobody has proved"
	case (ends || w.Recovers) && after.Phone != "" && !after.PhoneVerified:
		return "a number is left that nobody has proved"
	case sifts && slices.ContainsFunc(after.Emails, func(e Email) bool { return !e.Proved() && e.Endorsement == Unendorsed }):
		return "an address is left that was named since the sign-up"
	case !ends && !w.Recovers && slices.ContainsFunc(before.Emails, func(e Email) bool { return stays(e.Endorsement) && lost(e) }):
		return "an address ends without need"
	case !ends && !w.Recovers && w.Phone == "" && after.Phone != before.Phone:
		return "a number ends without need"
	}
	return ""
}

// proves reports whether the account has the contact as the write proves it.
func proves(a *Account, w ProveContact) bool {
	if w.Phone != "" {
		return a.Phone == w.Phone && a.PhoneVerified
	}
	e := a.Email(w.Email)
	return e != nil && e.Proved() && (e.Verified || w.Reached)
}

// inShort describes what an account has, for the report of a broken promise.
func inShort(a *Account) string {
	return fmt.Sprintf("{addresses %+v, number %q verified %t, password %t, authenticators %+v, providers %+v, epoch %d}",
		a.Emails, a.Phone, a.PhoneVerified, a.PasswordHash != "", a.Authenticators, a.Providers, a.Epoch)
}
