package headless

import (
	"context"
	"slices"

	"stagedoor/state"
	"stagedoor/transport/internal/wire"
)

// sessionData is a session as the contract shows one.
type sessionData struct {
	ID        int64    `json:"id"`
	CreatedAt float64  `json:"created_at"`
	IP        string   `json:"ip"`
	UserAgent string   `json:"user_agent"`
	Current   bool     `json:"is_current"`
	LastSeen  *float64 `json:"last_seen_at,omitempty"`
}

// listSessions lists the account's sessions.
func (a *API) listSessions(ctx context.Context, c *call) (*answer, error) {
	if err := c.open(ctx); err != nil {
		return nil, err
	}
	if !c.visit.SignedIn {
		return c.session(), nil
	}
	list, err := c.sessionList(ctx)
	return ok(list), err
}

func (c *call) sessions(ctx context.Context) ([]state.Session, error) {
	return c.Visits.Sessions.SessionsOf(ctx, c.visit.Ticket.Account, c.now)
}

func (c *call) sessionList(ctx context.Context) ([]sessionData, error) {
	sessions, err := c.sessions(ctx)
	list := make([]sessionData, 0, len(sessions))
	for _, s := range sessions {
		d := sessionData{
			ID: s.ID, CreatedAt: seconds(s.CreatedAt.UnixMilli()), IP: s.IP, UserAgent: s.UserAgent, Current: s.ID == c.visit.Ticket.Session,
		}
		if c.TrackActivity {
			d.LastSeen = ref(seconds(s.LastSeen.UnixMilli()))
		}
		list = append(list, d)
	}
	return list, err
}

// endSessions ends sessions of the account, this one perhaps among them.
func (a *API) endSessions(ctx context.Context, c *call) (*answer, error) {
	if err := c.open(ctx); err != nil {
		return nil, err
	}
	if !c.visit.SignedIn {
		return c.session(), nil
	}
	values, invalid, err := c.input([]wire.Field{{Name: "sessions", Type: wire.IDList, Required: true}})
	if err != nil {
		return nil, err
	}
	if len(invalid) > 0 {
		return nil, wire.Invalid(invalid...)
	}
	all, err := c.sessions(ctx)
	if err != nil {
		return nil, err
	}
	ids := values.IDs("sessions")
	for _, id := range ids {
		if !slices.ContainsFunc(all, func(s state.Session) bool { return s.ID == id }) {
			return nil, wire.Invalid(wire.FieldError{Param: "sessions", Code: wire.CodeInvalidChoice})
		}
	}
	if err := a.Accounts.EndSessions(ctx, c.doer(), all, ids); err != nil {
		return nil, err
	}
	if err := a.PassOn(ctx, c.visit.Ticket.Account); err != nil {
		return nil, err
	}
	if slices.Contains(ids, c.visit.Ticket.Session) {
		c.visit, c.dropped = wire.Visit{}, true
		return c.session(), nil
	}
	list, err := c.sessionList(ctx)
	return ok(list), err
}

// sessionsInput answers who is not signed in before the method is looked at.
func (a *API) sessionsInput(ctx context.Context, c *call) (*answer, error) {
	return a.signedInFirst(ctx, c)
}
