package state

// Apply makes the account. What comes with it is endorsed if it comes with a proved
// contact.
func (w CreateAccount) Apply(a *Account) {
	*a = *w.Account.Clone()
	standing := OfSignup
	if a.Proved() {
		standing = Endorsed
	}
	for i := range a.Emails {
		a.Emails[i].Endorsement = standing
	}
	for i := range a.Authenticators {
		a.Authenticators[i].Endorsement = standing
	}
	for i := range a.Providers {
		a.Providers[i].Endorsement = standing
	}
}

// standing is the endorsement of what is set now, past the run that made the account.
func (a *Account) standing() Endorsement {
	if a.Proved() {
		return Endorsed
	}
	return Unendorsed
}

// Apply sets the hash, and raises the epoch if sessions are signed out.
func (w SetPassword) Apply(a *Account) {
	if (w.Replaces != "" || w.Strict) && w.Replaces != a.PasswordHash {
		return
	}
	a.PasswordHash = w.Hash
	if w.SignOut {
		a.Epoch++
	}
}

// Apply adds the address.
func (w AddEmail) Apply(a *Account) {
	if a.Email(w.Address) == nil {
		a.Emails = append(a.Emails, Email{Address: w.Address, Endorsement: a.standing()})
	}
}

// Apply removes the address.
func (w RemoveEmail) Apply(a *Account) {
	kept := a.Emails[:0:0]
	for _, e := range a.Emails {
		if e.Address != w.Address {
			kept = append(kept, e)
		}
	}
	a.Emails = kept
}

// Apply makes the address the only primary one.
func (w SetPrimaryEmail) Apply(a *Account) {
	if a.Email(w.Address) == nil {
		return
	}
	for i := range a.Emails {
		a.Emails[i].Primary = a.Emails[i].Address == w.Address
	}
}

// Apply sets the number.
func (w SetPhone) Apply(a *Account) { a.Phone, a.PhoneVerified, a.PhoneTaken = w.Number, false, false }

// Apply adds the authenticator.
func (w AddAuthenticator) Apply(a *Account) {
	w.Authenticator.Endorsement = a.standing()
	a.Authenticators = append(a.Authenticators, w.Authenticator)
}

// Apply removes the authenticators, and recovery codes that protect nothing any more.
func (w RemoveAuthenticators) Apply(a *Account) {
	gone := make(map[int64]bool, len(w.IDs))
	for _, id := range w.IDs {
		gone[id] = true
	}
	kept := a.Authenticators[:0:0]
	for _, x := range a.Authenticators {
		if !gone[x.ID] {
			kept = append(kept, x)
		}
	}
	a.Authenticators = kept
	if !a.HasSecondFactor() {
		a.Authenticators = nil
	}
}

// Apply renames the credential.
func (w RenameAuthenticator) Apply(a *Account) {
	if x := a.byID(w.ID); x != nil {
		x.Name = w.Name
	}
}

// Apply notes the step.
func (w SpendTOTP) Apply(a *Account) {
	if x := a.byID(w.ID); x != nil {
		x.LastStep, x.LastUsedAt = w.Step, w.At
	}
}

// Apply notes the code; there are none but 0 to 63.
func (w SpendRecoveryCode) Apply(a *Account) {
	if x := a.byID(w.ID); x != nil && w.Index >= 0 && w.Index < 64 {
		x.Used |= 1 << w.Index
		x.LastUsedAt = w.At
	}
}

// Apply stores the credential.
func (w UpdateCredential) Apply(a *Account) {
	if x := a.byID(w.ID); x != nil && !x.LastUsedAt.After(w.At) {
		x.Credential, x.LastUsedAt = w.Credential, w.At
	}
}

// Apply notes the first view.
func (w ViewRecoveryCodes) Apply(a *Account) {
	if x := a.byID(w.ID); x != nil && x.ViewedAt.IsZero() {
		x.ViewedAt = w.At
	}
}

// Apply notes the sign-in.
func (w NoteLogin) Apply(a *Account) { a.LastLogin = w.At }

// Apply raises the epoch.
func (w RaiseEpoch) Apply(a *Account) { a.Epoch++ }

// Apply enables or disables the account.
func (w SetActive) Apply(a *Account) {
	if a.Active && !w.Active {
		a.Epoch++
	}
	a.Active = w.Active
}

// Apply connects the third-party account.
func (w ConnectProvider) Apply(a *Account) {
	w.Account.Endorsement = a.standing()
	for _, p := range a.Providers {
		if p.Provider == w.Account.Provider && p.UID == w.Account.UID {
			w.Account.Endorsement = p.Endorsement
		}
	}
	DisconnectProvider{Provider: w.Account.Provider, UID: w.Account.UID}.Apply(a)
	a.Providers = append(a.Providers, w.Account)
}

// Apply disconnects the third-party account.
func (w DisconnectProvider) Apply(a *Account) {
	kept := a.Providers[:0:0]
	for _, p := range a.Providers {
		if p.Provider != w.Provider || p.UID != w.UID {
			kept = append(kept, p)
		}
	}
	a.Providers = kept
}

// Apply sets the attribute.
func (w SetAttribute) Apply(a *Account) {
	if w.Value == "" {
		delete(a.Attributes, w.Key)
		return
	}
	if a.Attributes == nil {
		a.Attributes = make(map[string]string)
	}
	a.Attributes[w.Key] = w.Value
}

// Apply changes nothing: the log belongs to the session.
func (LogMethods) Apply(*Account) {}

// Apply changes nothing: tokens are not part of the account.
func (RenewSession) Apply(*Account) {}

// Apply changes nothing: keys of sessions are not part of the account.
func (BindSession) Apply(*Account) {}

// Apply changes nothing: sessions are not part of the account.
func (EndSessions) Apply(*Account) {}

// Apply changes nothing: it is about a session.
func (NoteProviderSession) Apply(*Account) {}

// Apply changes nothing.
func (Queue) Apply(*Account) {}

// Apply changes nothing.
func (Audit) Apply(*Account) {}

func (a *Account) byID(id int64) *Authenticator {
	for i := range a.Authenticators {
		if a.Authenticators[i].ID == id {
			return &a.Authenticators[i]
		}
	}
	return nil
}
