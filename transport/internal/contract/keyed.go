package contract

import (
	"context"
	"errors"
	"slices"

	"stagedoor/engine"
	"stagedoor/state"
	"stagedoor/transport/internal/dbsc"
	"stagedoor/transport/internal/token"
)

// ErrOver says that there is no such session any more, or none that is bound to a browser's key.
var ErrOver = errors.New("the session is over")

// maxMoves is how often a ticket is tried to be replaced that others replace at the same time.
const maxMoves = 5

// openKeyed opens the session with the key for a request that shows a device's key itself: its
// cookies are not looked at. [ErrOver] says that it is not there any more.
func (c *Call) openKeyed(ctx context.Context, key engine.Key) error {
	entry, _, err := c.Visits.Records.Load(ctx, key, nil, c.Now)
	if err == nil && !entry.Found {
		entry, err = c.Visits.restore(ctx, key, c.Now)
	}
	if err != nil {
		return err
	}
	if !entry.Found || entry.Tombstone != nil || entry.SignedOut || entry.Session == "" {
		return ErrOver
	}
	c.Visit = Visit{Key: key, Entry: entry}
	if err := c.Visit.readSession(); err != nil {
		return err
	}
	if !c.Visit.Ticket.ExpiresAt.After(c.Now) {
		return ErrOver
	}
	return nil
}

// confirm asks the database whether the session that openKeyed has found goes on, and to which key it
// is bound. What it says is stored with what comes next. The list of sessions does not show where from.
func (c *Call) confirm(ctx context.Context) error {
	t := &c.Visit.Ticket
	binding, err := c.Visits.Sessions.Touch(ctx, t.Session, state.Seen{At: c.Now})
	switch {
	case isNotFound(err):
		return errors.Join(ErrOver, c.Visits.Records.End(ctx, c.Visit.Key, engine.Tombstone{}))
	case err != nil:
		return err
	}
	t.Binding, t.CheckedAt = binding, c.Now
	return nil
}

// moveTicket replaces the ticket of the open session, and reports whether it did: by one
// conditional write, so that of two at once one does. Where only something else of the ticket has changed
// meanwhile, it is tried again; change judges that, and returns false where it is not to be.
func (c *Call) moveTicket(ctx context.Context, change func(*state.Ticket) bool) (bool, error) {
	for range maxMoves {
		t := c.Visit.Ticket
		if !change(&t) {
			return false, nil
		}
		to := t.Encode()
		won, err := c.Visits.Refresh.Touch(ctx, c.Visit.Key, c.Visit.Entry.Session, to, t.ExpiresAt.Sub(c.Now))
		if err != nil {
			return false, err
		}
		if won {
			c.Visit.Ticket, c.Visit.Entry.Session = t, to
			return true, nil
		}
		if err := c.openKeyed(ctx, c.Visit.Key); err != nil {
			return false, err
		}
	}
	return false, engine.ErrContended
}

// renewed finds the session that a browser refreshes by the name of before, when its token was
// another one: after a change of the password, say. [ErrOver] where it is over.
func (c *Call) renewed(ctx context.Context, n dbsc.Name) error {
	all, err := c.Visits.Sessions.SessionsOf(ctx, n.Account, c.Now)
	if err != nil {
		return err
	}
	i := slices.IndexFunc(all, func(s state.Session) bool { return s.ID == n.Session })
	if i < 0 {
		return ErrOver
	}
	return c.openKeyed(ctx, keyOfHash(all[i].TokenHash))
}

// elsewhere reports whether the browser's cookie is of another session than the one it refreshes:
// then that one is of no use to it any more. A cookie of the name that it refreshes by is of that
// session, though it may have another token by now.
func (c *Call) elsewhere(n dbsc.Name) bool {
	others := false
	for _, cookie := range c.Request.CookiesNamed(SessionCookie) {
		id, _, ok := c.Tokens.Parse(token.Browser, cookie.Value)
		if key := engine.KeyOf(id); ok && (key == c.Visit.Key || key == keyOfHash(n.Hash)) {
			return false
		}
		others = others || ok
	}
	return others
}
