package contract

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"time"

	"stagedoor/state"
	"stagedoor/transport/internal/dbsc"
)

// SessionCookie is the cookie that a browser's session token is in.
const SessionCookie = "sessionid"

// ErrBound says that a session is bound already, or was while the key was registered.
var ErrBound = errors.New("the session is bound to a key")

// RegisterKey binds the session of an offer to the key that the browser has made for it, once.
// It says what the browser is to do from now on, and sets its cookies in the header of the answer.
// Errors besides those of stores: [dbsc.ErrOffer], [dbsc.ErrProof], [ErrBound], [ErrOver].
func (c *Call) RegisterKey(ctx context.Context, h http.Header) (dbsc.Instructions, error) {
	b := c.DeviceBound
	r, err := b.Registration(c.Request.Header.Get(dbsc.ResponseHeader), c.Now)
	if err != nil {
		return dbsc.Instructions{}, err
	}
	if err := c.openKeyed(ctx, keyOfHash(r.Hash)); err != nil {
		return dbsc.Instructions{}, err
	}
	if c.Visit.Ticket.Binding.Bound() {
		return dbsc.Instructions{}, ErrBound
	}
	_, err = c.Ledger.Commit(ctx, state.Batch{
		Account: c.Visit.Ticket.Account, Now: c.Now,
		Writes: []state.Write{
			state.BindSession{Session: c.Visit.Ticket.Session, Binding: r.Binding}, state.Audit{Event: boundEvent, Data: whence(c.Seen())},
		},
	})
	switch {
	case errors.Is(err, state.ErrSpent):
		return dbsc.Instructions{}, ErrBound
	case errors.Is(err, state.ErrEnded), isNotFound(err):
		return dbsc.Instructions{}, ErrOver
	case err != nil:
		return dbsc.Instructions{}, err
	}
	bind := func(t *state.Ticket) bool {
		free := t.GoodUntil.IsZero() && (!t.Binding.Bound() || t.Binding.Same(r.Binding))
		t.Binding, t.BindBy = r.Binding, time.Time{}
		t.GoodUntil = b.Until(dbsc.HolderOf(t), c.Now, c.Seed().Bytes("bound", 4))
		return free
	}
	won, err := c.moveTicket(ctx, bind)
	if err != nil {
		// It is bound all the same, and no other key will ever do: its browser must not go without.
		// The record follows within [RevalidateAfter].
		c.Log.WarnContext(ctx, "a session is bound, and its record does not say so yet", slog.String("error", err.Error()))
		won = bind(&c.Visit.Ticket)
	}
	if !won {
		return dbsc.Instructions{}, ErrBound
	}
	c.Wake()
	addCookie(h, b.DeviceCookie(dbsc.Device{ID: r.Device, Binds: true}, c.Visit.Ticket.Session))
	return c.good(h, r.Device)
}

// good sets the bound cookie of the open session and the challenge that comes next, and says what the
// browser is to do.
func (c *Call) good(h http.Header, device dbsc.ID) (dbsc.Instructions, error) {
	b, t := c.DeviceBound, &c.Visit.Ticket
	hash, err := c.Visit.Key.Bytes()
	if err != nil {
		return dbsc.Instructions{}, err
	}
	holder := dbsc.HolderOf(t)
	addCookie(h, b.Bound(holder, t.GoodUntil, c.Now))
	h.Set(dbsc.ChallengeHeader, dbsc.ChallengeValue(b.Challenge(holder, c.Now), device))
	return b.Instructions(dbsc.Name{Hash: hash, Device: device, Session: t.Session, Account: t.Account})
}

// Refreshed is what came of a refresh.
type Refreshed struct {
	// Challenged is set where the browser has to sign what the header says, and to come again.
	Challenged bool
	// Why says what was wrong with a proof, nil where there was none.
	Why          error
	Instructions dbsc.Instructions
}

// RefreshKey gives the browser of a bound session another bound cookie, where it has signed the
// present challenge, and sets it in the header of the answer: else the challenge. Of two refreshes
// with one challenge one counts. Errors besides those of stores: [ErrOver], with the browser's
// name in what it is told, if that is known.
func (c *Call) RefreshKey(ctx context.Context, h http.Header) (Refreshed, error) {
	n, known := c.DeviceBound.Name(c.Request.URL.Path)
	if !known {
		return Refreshed{}, ErrOver
	}
	out, err := c.refreshKey(ctx, h, n)
	if errors.Is(err, ErrOver) {
		out.Instructions = dbsc.End(n.Device)
	}
	return out, err
}

func (c *Call) refreshKey(ctx context.Context, h http.Header, n dbsc.Name) (Refreshed, error) {
	err := c.openKeyed(ctx, keyOfHash(n.Hash))
	if errors.Is(err, ErrOver) {
		err = c.renewed(ctx, n)
	}
	b, t := c.DeviceBound, &c.Visit.Ticket
	if err == nil && !t.Binding.Bound() { // a record that has missed it
		err = c.confirm(ctx)
	}
	if err != nil {
		return Refreshed{}, err
	}
	if t.Binding.Kind != state.BoundDBSC || t.Session != n.Session || c.elsewhere(n) {
		return Refreshed{}, ErrOver
	}
	response := c.Request.Header.Get(dbsc.ResponseHeader)
	if response == "" {
		return c.challenge(h, n, nil), nil
	}
	before := dbsc.HolderOf(t)
	if err := b.Refresh(response, before, t.Binding.Key, c.Now); err != nil {
		if errors.Is(err, dbsc.ErrProof) {
			c.Visits.Attempts.Note(c.Visit.Key, *t, WhyWrongKey, c.Seen())
		}
		return c.challenge(h, n, err), nil
	}
	// The database is asked for who has shown the key alone.
	if c.Now.Sub(t.CheckedAt) >= RevalidateAfter {
		if err := c.confirm(ctx); err != nil {
			return Refreshed{}, err
		}
	}
	won, err := c.moveTicket(ctx, func(t *state.Ticket) bool {
		same := t.GoodUntil.Equal(before.GoodUntil) && t.Binding.Thumbprint == before.Thumbprint
		t.GoodUntil = b.Until(before, c.Now, c.Seed().Bytes("bound", 4))
		return same
	})
	if err != nil && !errors.Is(err, ErrOver) {
		return Refreshed{}, err
	}
	if !won { // where its token has just been changed, the session is found again by its name
		return c.challenge(h, n, dbsc.ErrChallenge), nil
	}
	c.Visits.used(t.Session, c)
	instructions, err := c.good(h, n.Device)
	return Refreshed{Instructions: instructions}, err
}

// challenge has the browser sign what is to be signed now.
func (c *Call) challenge(h http.Header, n dbsc.Name, why error) Refreshed {
	holder := dbsc.HolderOf(&c.Visit.Ticket)
	h.Set(dbsc.ChallengeHeader, dbsc.ChallengeValue(c.DeviceBound.Challenge(holder, c.Now), n.Device))
	return Refreshed{Challenged: true, Why: why}
}
