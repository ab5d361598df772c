package record

import (
	"context"
	"encoding/base64"

	"stagedoor/state"
)

// account is an account that there was before a story, and of what kind: names are hashes.
type account struct {
	id                             state.AccountID
	emails, passkeys, keys         []string
	username, phone                string
	verified, phoneVerified        bool
	password, totp, codes, dropped bool
	providers                      map[string]string
	attributes                     map[string]string
}

// identify finds out which person a provider has named: the account that came of it knows.
func (r *Recorder) identify(ctx context.Context, e *exchange) {
	if e.account == "" || len(e.turns) == 0 || e.turns[len(e.turns)-1].end == "refused" {
		return
	}
	found, err := r.Accounts.Account(ctx, e.account)
	if err != nil || len(found.Providers) == 0 {
		return
	}
	e.person = &claims{sub: r.redact.hash(aSubject, found.Providers[len(found.Providers)-1].UID)}
	if primary := found.Primary(); primary != nil {
		e.person.email, e.person.verified = r.redact.hash(anEmail, primary.Address), primary.Verified
	}
}

// addAccount notes an account that there was before the story, unless it is known already.
func (r *Recorder) addAccount(st *story, a *state.Account) {
	if st.has(a.ID) {
		return
	}
	g := account{
		id: a.ID, phoneVerified: a.PhoneVerified, password: a.PasswordHash != "", dropped: !a.Active,
		providers: make(map[string]string), attributes: attributesOf(a),
	}
	if a.Username != "" {
		g.username = r.redact.hash(aUsername, a.Username)
	}
	if a.Phone != "" {
		g.phone = r.redact.hash(aPhone, a.Phone)
	}
	primary := a.Primary()
	for i := range a.Emails {
		id := r.redact.hash(anEmail, a.Emails[i].Address)
		if &a.Emails[i] == primary {
			g.emails, g.verified = append([]string{id}, g.emails...), primary.Verified
			continue
		}
		g.emails = append(g.emails, id)
	}
	for i := range a.Authenticators {
		r.addFactor(&g, &a.Authenticators[i])
	}
	for _, p := range a.Providers {
		g.providers[p.Provider] = r.redact.hash(aSubject, p.UID)
	}
	st.accounts = append(st.accounts, g)
}

// attributesOf are the attributes of an account that may be kept: plain words, but none of how
// the person is called.
func attributesOf(a *state.Account) map[string]string {
	out := make(map[string]string)
	of := a.Profile().Attributes()
	for name, text := range a.Attributes {
		if _, private := of[name]; !private && plain.MatchString(text) {
			out[name] = text
		}
	}
	return out
}

func (r *Recorder) addFactor(g *account, f *state.Authenticator) {
	switch f.Type {
	case state.TOTP:
		g.totp = true
	case state.RecoveryCodes:
		g.codes = true
	case state.WebAuthn:
		id := r.redact.hash(aPasskey, base64.RawURLEncoding.EncodeToString(f.CredentialID))
		if p := r.Passwordless(f); p != nil && *p {
			g.passkeys = append(g.passkeys, id)
			return
		}
		g.keys = append(g.keys, id)
	}
}
