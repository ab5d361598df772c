package headless

import (
	"context"
	"slices"

	"stagedoor/state"
	"stagedoor/transport/internal/contract"
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
	Bound     *bool    `json:"bound,omitempty"`
}

// listSessions lists the account's sessions.
func (a *API) listSessions(ctx context.Context, c *call) (*answer, error) {
	if err := c.openSession(ctx); err != nil {
		return nil, err
	}
	list, err := c.sessionList(ctx)
	return ok(list), err
}

func (c *call) sessions(ctx context.Context) ([]state.Session, error) {
	return c.Visits.SessionsOf(ctx, c.Visit.Ticket.Account, c.Now)
}

func (c *call) sessionList(ctx context.Context) ([]sessionData, error) {
	sessions, err := c.sessions(ctx)
	list := make([]sessionData, 0, len(sessions))
	for _, s := range sessions {
		d := sessionData{
			ID: s.ID, CreatedAt: wire.Seconds(s.CreatedAt), IP: s.IP, UserAgent: s.UserAgent, Current: s.ID == c.Visit.Ticket.Session,
		}
		if c.TrackActivity {
			d.LastSeen = ref(wire.Seconds(s.LastSeen))
		}
		if c.Extended {
			d.Bound = ref(s.Binding.Bound())
		}
		list = append(list, d)
	}
	return list, err
}

// endSessions ends sessions of the account, this one perhaps among them.
func (a *API) endSessions(ctx context.Context, c *call) (*answer, error) {
	if err := c.openSession(ctx); err != nil {
		return nil, err
	}
	if err := c.Read([]wire.Field{{Name: "sessions", Type: wire.IDList, Required: true}}); err != nil {
		return nil, err
	}
	if err := c.Input.Err(); err != nil {
		return nil, err
	}
	all, err := c.sessions(ctx)
	if err != nil {
		return nil, err
	}
	ids := c.Input.IDs("sessions")
	for _, id := range ids {
		if !slices.ContainsFunc(all, func(s state.Session) bool { return s.ID == id }) {
			return nil, wire.Invalid(wire.FieldError{Param: "sessions", Code: wire.CodeInvalidChoice})
		}
	}
	there, err := c.begunAtOf(ctx, ids)
	if err != nil {
		return nil, err
	}
	if err := a.Accounts.EndSessions(ctx, c.Principal(), all, ids); err != nil {
		return nil, err
	}
	if err := a.PassOn(ctx, c.Visit.Ticket.Account); err != nil {
		return nil, err
	}
	if slices.Contains(ids, c.Visit.Ticket.Session) {
		c.Visit, c.dropped, c.leaveTo = contract.Visit{}, true, c.LeaveTo(ctx, there)
		return c.session(), nil
	}
	list, err := c.sessionList(ctx)
	return ok(list), err
}

// begunAtOf is [contract.Call.BegunAt] where the client's own session is one of those that end.
func (c *call) begunAtOf(ctx context.Context, ids []int64) (*state.ProviderSession, error) {
	if !slices.Contains(ids, c.Visit.Ticket.Session) {
		return nil, nil
	}
	return c.BegunAt(ctx)
}
