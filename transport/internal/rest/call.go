package rest

import (
	"context"
	"io"
	"net/http"
	"time"

	"github.com/julienschmidt/httprouter"

	"stagedoor/engine"
	"stagedoor/state"
	"stagedoor/state/accounts"
	"stagedoor/transport/internal/token"
	"stagedoor/transport/internal/wire"
)

// call is one request on its way.
type call struct {
	*API
	w      http.ResponseWriter
	r      *http.Request
	params httprouter.Params
	now    time.Time
	seed   engine.Seed
	ip     string
	// limitIP is the address as limits count it.
	limitIP string

	body    []byte
	values  wire.Values
	invalid []wire.FieldError

	visit wire.Visit
	// run is the flow_token of the record that is open, "" for one of a session.
	run string
	// entered are the tokens of a client that has just signed in.
	entered *enteredBody
}

// newCall reads where a request comes from.
func (a *API) newCall(w http.ResponseWriter, r *http.Request, params httprouter.Params) (*call, error) {
	addr := wire.ClientIP(r, a.TrustedProxies)
	c := &call{API: a, w: w, r: r, params: params, now: a.Now(), limitIP: wire.LimitKey(addr)}
	if addr.IsValid() {
		c.ip = addr.String()
	}
	if _, err := io.ReadFull(a.Rand, c.seed[:]); err != nil {
		return nil, wire.Internal(err)
	}
	return c, nil
}

// signedIn opens the session of the bearer token (RFC 6750, section 2.1), or fails with
// a 401: a token that was made up, has expired or was meant for a run is no bearer token.
func (c *call) signedIn(ctx context.Context) error {
	bearer, ok := token.Credential("Bearer", c.r.Header.Get("Authorization"))
	if !ok {
		return wire.Unauthorized()
	}
	visit, err := c.session(ctx, bearer)
	if err != nil {
		return err
	}
	if !visit.SignedIn {
		return wire.Unauthorized()
	}
	c.visit, c.run = visit, ""
	return nil
}

// session opens the record of an access token. With signed tokens nothing else is one.
func (c *call) session(ctx context.Context, bearer string) (wire.Visit, error) {
	if c.JWT != nil {
		claims, err := c.JWT.Verify(token.Rest, bearer)
		if err != nil {
			return wire.Visit{}, nil
		}
		visit, _, err := c.Visits.OpenHash(ctx, claims.TokenHash, c.seen(), nil)
		return visit, err
	}
	if _, signedIn, ok := c.Tokens.Parse(token.Rest, bearer); !ok || !signedIn {
		return wire.Visit{}, nil
	}
	visit, _, err := c.Visits.Open(ctx, token.Rest, bearer, c.seen(), nil)
	return visit, err
}

// given reports whether the request names a run by its token, or tries to.
func (c *call) given() bool {
	return c.values.Text(tokenField) != "" || c.values.Given(tokenField) && !c.values.Valid(tokenField)
}

// hasBearer reports whether the request claims to come from somebody signed in.
func (c *call) hasBearer() bool { return c.r.Header.Get("Authorization") != "" }

// openRun opens the record of the flow_token in the body, using up limits beside it. A
// token that stands for nothing, or for a session, is a 410.
func (c *call) openRun(ctx context.Context, take ...engine.Take) (*engine.Refusal, error) {
	tok := c.values.Text(tokenField)
	if !c.values.Valid(tokenField) {
		return nil, invalid(tokenField, wire.CodeInvalid)
	}
	if _, signedIn, ok := c.Tokens.Parse(token.Rest, tok); !ok || signedIn {
		return nil, wire.Gone()
	}
	visit, refusal, err := c.Visits.Open(ctx, token.Rest, tok, c.seen(), take)
	if err != nil {
		return nil, err
	}
	if visit.Unknown {
		return nil, wire.Gone()
	}
	c.visit, c.run = visit, tok
	return refusal, nil
}

func (c *call) seen() state.Seen { return state.Seen{At: c.now, IP: c.ip, UserAgent: c.agent()} }

// agent is what the client calls itself, cut short.
func (c *call) agent() string { return wire.UserAgent(c.r) }

// client is what the engine is told of the client.
func (c *call) client() engine.Client {
	return c.visit.Client(token.Rest.String(), c.limitIP, c.agent(), "")
}

// decode judges the body by other fields than the route's: those of a stage that turned
// out to be pending.
func (c *call) decode(fields []engine.Field) (err error) {
	// The token is looked at by who opens the run; here it only has a place.
	c.values, c.invalid, err = wire.Decode(c.body, wire.FieldsOf(fields))
	return err
}

// turn makes a turn of the visit and the input.
func (c *call) turn() engine.Turn {
	return engine.Turn{
		Key: c.visit.Key, Entry: c.visit.Entry, Values: c.values, Invalid: wire.EngineErrors(c.invalid),
		Client: c.client(), Now: c.now, Seed: c.seed,
		Digest: c.Keys.MAC("digest", []byte(token.Rest.String()), []byte(c.r.Method), []byte(c.r.URL.Path), c.body)[:16],
	}
}

// adopt takes over what a turn stored: the record, and a token that is new.
func (c *call) adopt(ans engine.Answer) error {
	if err := c.visit.Adopt(ans); err != nil {
		return err
	}
	if c.Committed != nil {
		c.Committed()
	}
	switch {
	case ans.TokenID == nil:
		return nil
	case c.visit.SignedIn:
		return c.enter(ans)
	}
	c.run = c.Tokens.Format(token.Rest, ans.TokenID)
	return nil
}

// enter makes the tokens of a client that has just signed in.
func (c *call) enter(ans engine.Answer) error {
	t := c.visit.Ticket
	c.run = ""
	c.entered = &enteredBody{
		Access: c.Tokens.Format(token.Rest|token.SignedIn, ans.TokenID), Type: "Bearer",
		ExpiresIn: int(t.ExpiresAt.Sub(c.now) / time.Second), User: userOf(c.visit.Account),
	}
	if c.JWT == nil {
		return nil
	}
	hash, err := ans.Key.Bytes()
	if err != nil {
		return err
	}
	pair, err := c.JWT.Issue(&state.Session{
		ID: t.Session, Account: t.Account, Run: ans.Run.ID, TokenHash: hash, Client: token.Rest.String(),
		CreatedAt: t.CreatedAt, ExpiresAt: t.ExpiresAt,
	})
	c.entered.Access, c.entered.Refresh, c.entered.ExpiresIn = pair.Access, pair.Refresh, pair.ExpiresIn
	return err
}

// update changes the session's record.
func (c *call) update(ctx context.Context, change func(*engine.Record)) error {
	_, err := c.Visits.Update(ctx, &c.visit, c.seed.Bytes("token", 16), c.Idle, c.now, change)
	return err
}

// account reads the account of the session. One that is gone has nobody signed in.
func (c *call) account(ctx context.Context) (*state.Account, error) {
	account, err := c.Accounts.Account(ctx, c.visit.Ticket.Account)
	if isNotFound(err) {
		return nil, wire.Unauthorized()
	}
	if err != nil {
		return nil, err
	}
	// What the account can prove itself with counts as it is now: the record is told of
	// changes a moment later.
	c.visit.Account = account.Snapshot()
	return account, nil
}

// changed takes over what a change made of the account.
func (c *call) changed(ctx context.Context, account *state.Account) error {
	err := c.Visits.Changed(ctx, &c.visit, account)
	if c.Committed != nil {
		c.Committed()
	}
	return err
}

// doer is what the account service is told of who asks.
func (c *call) doer() accounts.Doer {
	t := c.visit.Ticket
	return accounts.Doer{
		Account: t.Account, Session: t.Session, Epoch: t.Epoch, Now: c.now, Seed: c.seed, IP: c.ip, UserAgent: c.agent(),
	}
}

// recent reports whether the client authenticated recently enough for a change that
// matters.
func (c *call) recent() bool { return c.visit.Recent(c.now, c.ReauthenticationTimeout) }
