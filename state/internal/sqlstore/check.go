package sqlstore

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"stagedoor/state"
)

// checkBatch refuses a batch that makes no sense, before anything is asked or stored.
func checkBatch(b *state.Batch) error {
	if b.Now.IsZero() {
		return errors.New("batch has no time")
	}
	if err := requireStorable("run", b.Run); err != nil {
		return err
	}
	if b.Account == "" && b.Guard {
		return errors.New("batch guards an epoch but is about no account")
	}
	created := false
	for _, w := range b.Writes {
		if c, ok := w.(state.CreateAccount); ok {
			if created || c.Account.ID != b.Account {
				return fmt.Errorf("batch about account %q creates account %q, or two", b.Account, c.Account.ID)
			}
			created = true
		}
		if err := checkWrite(b, w); err != nil {
			return err
		}
	}
	return checkSession(b)
}

// checkWrite refuses a write that could not be stored as it is.
func checkWrite(b *state.Batch, w state.Write) error {
	switch w := w.(type) {
	case state.Queue:
		if b.Run == "" {
			return errors.New("a message needs the run that will release it")
		}
		return nil
	case state.Audit:
		if len(w.Data) > 0 && !json.Valid(w.Data) {
			return fmt.Errorf("data of event %q is not JSON", w.Event)
		}
		return requireStorable("event", w.Event)
	}
	if b.Account == "" {
		return fmt.Errorf("%T needs an account", w)
	}
	switch w := w.(type) {
	case state.RenewSession:
		if len(w.TokenHash) == 0 {
			return errors.New("a session is renewed with no token")
		}
	case state.BindSession:
		return checkBinding(w.Binding)
	case state.NoteProviderSession:
		return checkNoted(b, &w)
	case state.SpendTOTP:
		return checkSpender(b)
	case state.SpendRecoveryCode:
		if w.Index < 0 || w.Index > 63 {
			return fmt.Errorf("there is no recovery code %d: they count from 0 to 63", w.Index)
		}
		return checkSpender(b)
	case state.CreateAccount:
		return checkAccount(&w.Account)
	case state.AddEmail:
		return requireStorable("address", w.Address)
	case state.ProveContact:
		if (w.Email == "") == (w.Phone == "") {
			return errors.New("one contact is proved at a time, an address or a number")
		}
		return requireStorable("contact", w.Email, w.Phone)
	case state.RemoveEmail:
		return requireStorable("address", w.Address)
	case state.SetPrimaryEmail:
		return requireStorable("address", w.Address)
	case state.SetPhone:
		return requireStorable("number", w.Number)
	case state.ConnectProvider:
		return requireStorable("provider account", w.Account.Provider, w.Account.UID)
	case state.DisconnectProvider:
		return requireStorable("provider account", w.Provider, w.UID)
	case state.SetAttribute:
		return requireStorable("attribute", w.Key, w.Value)
	}
	return nil
}

// checkNoted refuses to note a session at a provider that is nobody's, or to keep it for ever.
func checkNoted(b *state.Batch, w *state.NoteProviderSession) error {
	if w.Provider == "" || w.Subject == "" || w.Until.IsZero() {
		return errors.New("a session at a provider is nobody's, or kept for ever")
	}
	if w.Session == 0 {
		if err := checkSpender(b); err != nil {
			return err
		}
	}
	return requireStorable("session at a provider", w.Provider, w.Issuer, w.Subject, w.SID)
}

func checkSpender(b *state.Batch) error {
	if b.Run == "" {
		return errors.New("the write needs the run that it is of")
	}
	return nil
}

func checkAccount(a *state.Account) error {
	if err := requireStorable("username", a.Username); err != nil {
		return err
	}
	if err := requireStorable("number", a.Phone); err != nil {
		return err
	}
	primary := false
	for i, e := range a.Emails {
		if slices.ContainsFunc(a.Emails[:i], func(other state.Email) bool { return other.Address == e.Address }) {
			return fmt.Errorf("an account has the address %q once at most", e.Address)
		}
		if err := requireStorable("address", e.Address); err != nil {
			return err
		}
		if e.Primary && primary {
			return errors.New("an account has one primary address at most")
		}
		primary = primary || e.Primary
	}
	for _, p := range a.Providers {
		if err := requireStorable("provider account", p.Provider, p.UID); err != nil {
			return err
		}
	}
	for name, value := range a.Attributes {
		if err := requireStorable("attribute", name, value); err != nil {
			return err
		}
	}
	return nil
}

// checkSession refuses a session that would be nobody's, or everybody's.
func checkSession(b *state.Batch) error {
	s := b.Session
	switch {
	case s == nil:
		return nil
	case b.Account == "" || s.Account != b.Account:
		return fmt.Errorf("batch about account %q grants a session to account %q", b.Account, s.Account)
	case b.Run == "" || s.Run != b.Run:
		return fmt.Errorf("run %q grants a session to run %q", b.Run, s.Run)
	case s.ID == 0 || len(s.TokenHash) == 0:
		return errors.New("session has no id or no token")
	case !s.ExpiresAt.After(b.Now):
		return errors.New("session has expired before it begins")
	}
	return nil
}
