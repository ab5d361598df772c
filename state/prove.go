package state

import "slices"

// Apply proves the contact, and ends what nobody is known to stand behind.
func (w ProveContact) Apply(a *Account) {
	primary := a.hasPrimary()
	switch first := !a.Proved(); {
	case first && !w.Own:
		w.end(a)
	case first:
		endorseSignup(a)
		w.recover(a, !w.Recovers)
	case w.Recovers:
		w.recover(a, false)
	}
	if w.Phone != "" {
		a.Phone, a.PhoneVerified, a.PhoneTaken = w.Phone, true, false
		return
	}
	w.prove(a, primary)
}

// hasPrimary reports whether an address of the account is primary.
func (a *Account) hasPrimary() bool {
	return slices.ContainsFunc(a.Emails, func(e Email) bool { return e.Primary })
}

// prove marks the address. primary says whether one was primary before the write.
func (w ProveContact) prove(a *Account, primary bool) {
	if a.Email(w.Email) == nil {
		a.Emails = append(a.Emails, Email{Address: w.Email})
	}
	e := a.Email(w.Email)
	e.Endorsement = Endorsed
	if w.Reached && !e.Verified {
		e.Reached = true
	} else {
		e.Verified, e.Reached, e.Taken = true, false, false
	}
	if w.Replace {
		only := *e
		only.Primary = true
		a.Emails = []Email{only}
		return
	}
	if !a.hasPrimary() && (e.Verified || primary) {
		SetPrimaryEmail{Address: w.Email}.Apply(a)
	}
}

// end takes away all that the account carries but the contact.
func (w ProveContact) end(a *Account) {
	a.PasswordHash, a.Authenticators, a.Providers = "", nil, nil
	a.dropProfile()
	a.Epoch++
	w.onlyProved(a, false)
}

// recover takes away what is not endorsed. The password is left to the recovery itself.
// signup says that the contacts the sign-up named stay.
func (w ProveContact) recover(a *Account, signup bool) {
	kept := slices.DeleteFunc(slices.Clone(a.Authenticators), func(x Authenticator) bool { return x.Endorsement != Endorsed })
	if len(kept) < len(a.Authenticators) {
		if a.Authenticators = kept; !a.HasSecondFactor() {
			a.Authenticators = nil
		}
	}
	before := len(a.Providers)
	a.Providers = slices.DeleteFunc(slices.Clone(a.Providers), func(p ProviderAccount) bool { return p.Endorsement != Endorsed })
	if before > 0 && len(a.Providers) == 0 {
		a.dropProfile()
	}
	w.onlyProved(a, signup)
}

// onlyProved takes away contacts that are neither proved nor the one that is. Those of a
// sign-up stay where its own message came back.
func (w ProveContact) onlyProved(a *Account, signup bool) {
	a.Emails = slices.DeleteFunc(slices.Clone(a.Emails), func(e Email) bool {
		return !e.Proved() && e.Address != w.Email && !(signup && e.Endorsement != Unendorsed)
	})
	if a.Phone != w.Phone && !a.PhoneVerified && !signup {
		a.Phone, a.PhoneTaken = "", false
	}
}

// endorseSignup endorses what the run that made the account set.
func endorseSignup(a *Account) {
	for i := range a.Authenticators {
		if a.Authenticators[i].Endorsement == OfSignup {
			a.Authenticators[i].Endorsement = Endorsed
		}
	}
	for i := range a.Providers {
		if a.Providers[i].Endorsement == OfSignup {
			a.Providers[i].Endorsement = Endorsed
		}
	}
	for i := range a.Emails {
		if a.Emails[i].Endorsement == OfSignup {
			a.Emails[i].Endorsement = Endorsed
		}
	}
}
