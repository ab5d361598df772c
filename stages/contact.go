package stages

import (
	"strings"
	"time"

	"stagedoor/engine"
	"stagedoor/state"
)

// proveContact returns the write that proves a contact of the account, once a client has
// shown that it receives what is sent there, and the notice to the owner. own says that the
// client acts for the account; so does one that is signed in to it. A contact that is proved
// already is not proved again.
func (e *Env) proveContact(a *state.Account, contact string, own bool, s engine.Submission) ([]engine.Write, []engine.Message) {
	prove := state.ProveContact{Own: own || state.AccountID(s.Client.Account) == a.ID}
	switch address := a.Email(contact); {
	case !hasContact(a, contact), address != nil && address.Verified, address == nil && a.PhoneVerified:
		return nil, nil
	case address != nil:
		prove.Email, prove.Replace = contact, e.ReplaceEmail
	default:
		prove.Phone = contact
	}
	return []engine.Write{prove}, removedNotice(a, prove, s)
}

// hasContact reports whether the contact is the account's, and no other account has verified it.
func hasContact(a *state.Account, contact string) bool {
	if m := a.Email(contact); m != nil {
		return !m.Taken
	}
	return contact != "" && a.Phone == contact && !a.PhoneTaken
}

// removedNotice tells the owner of a contact what has ended because he proved it: what
// somebody else may have set up in his name. It goes out whatever notices are on.
func removedNotice(a *state.Account, prove state.ProveContact, s engine.Submission) []engine.Message {
	m, found := removedMail(a, prove, s)
	if !found {
		return nil
	}
	return []engine.Message{m}
}

// removedMail is the message of removedNotice, and whether there is anything to say.
func removedMail(a *state.Account, prove state.ProveContact, s engine.Submission) (state.Message, bool) {
	after := a.Clone()
	prove.Replace = false // that is what the person wants, and is told elsewhere
	prove.Apply(after)
	gone := removed(a, after)
	if len(gone) == 0 {
		return state.Message{}, false
	}
	m := state.Message{Channel: state.BySMS, Template: state.PhoneCredentialsRemovedTemplate, To: prove.Phone}
	if prove.Email != "" {
		m.Channel, m.Template, m.To = state.ByMail, state.CredentialsRemovedTemplate, prove.Email
	}
	m.Data = map[string]string{
		"removed": strings.Join(gone, ", "), "email": prove.Email, "user": after.Snapshot().Display(),
		"at": s.Now.UTC().Format(time.RFC3339), "ip": s.Client.From(), "user_agent": s.Client.UserAgent,
	}
	return m, true
}

// removed lists in words what an account has no more.
func removed(before, after *state.Account) []string {
	var out []string
	if before.PasswordHash != "" && after.PasswordHash == "" {
		out = append(out, "the password")
	}
	kinds := []struct {
		kind state.AuthenticatorType
		name string
	}{{state.TOTP, "the authenticator app"}, {state.RecoveryCodes, "the recovery codes"}, {state.WebAuthn, "security keys and passkeys"}}
	for _, k := range kinds {
		if count(before, k.kind) > count(after, k.kind) {
			out = append(out, k.name)
		}
	}
	for _, p := range before.Providers {
		kept := false
		for _, q := range after.Providers {
			kept = kept || p.Provider == q.Provider && p.UID == q.UID
		}
		if !kept {
			out = append(out, "the account at "+p.Provider)
		}
	}
	for _, m := range before.Emails {
		if after.Email(m.Address) == nil {
			out = append(out, "the address "+m.Address)
		}
	}
	if before.Phone != "" && after.Phone == "" {
		out = append(out, "the number "+before.Phone)
	}
	return out
}

func count(a *state.Account, t state.AuthenticatorType) int {
	n := 0
	for _, x := range a.Authenticators {
		if x.Type == t {
			n++
		}
	}
	return n
}

// contactOf is an address or a number by its look.
func contactOf(to string) named {
	if strings.Contains(to, "@") {
		return named{state.KeyEmail, to}
	}
	return named{state.KeyPhone, to}
}
