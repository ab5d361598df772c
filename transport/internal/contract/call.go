package contract

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"time"

	"stagedoor/engine"
	"stagedoor/state"
	"stagedoor/transport/internal/token"
	"stagedoor/transport/internal/wire"
)

// Call is one request on its way through a contract. The pieces that it passes follow in
// this file in their order: Open, Read, Judge, Turn, Answer.
type Call struct {
	*Base
	Request *http.Request
	Kind    token.Kind
	Now     time.Time
	// Trust is the token by which a browser was trusted, "" for none.
	Trust string
	// Shown is the thumbprint of the key that the request has shown to hold, "" for none.
	Shown string
	// holding is how it was shown, and for which token.
	holding holding

	// Stays is set where what is asked for ends in the session that the client has, whatever else is open
	// meanwhile.
	Stays bool
	// Harmless is set where the request reads nothing that is secret, and changes nothing.
	Harmless bool
	// bound is set where the session that was found is bound to a browser's key.
	bound bool

	// Visit is what Open found.
	Visit Visit
	// Body and Input are what Read found.
	Body  []byte
	Input Input
	read  bool

	// seed is drawn where it is asked for, as most reads need none.
	seed  engine.Seed
	drawn bool
}

// NewCall begins a call.
func (b *Base) NewCall(r *http.Request, kind token.Kind) Call {
	return Call{Base: b, Request: r, Kind: kind, Now: b.Now()}
}

// Seed is the randomness of this call: the same however often it is asked for. A server whose
// source of it fails can do nothing for anybody; the panic is answered as any other.
func (c *Call) Seed() engine.Seed {
	if !c.drawn {
		if _, err := io.ReadFull(c.Rand, c.seed[:]); err != nil {
			panic(fmt.Errorf("no randomness: %w", err))
		}
		c.drawn = true
	}
	return c.seed
}

// IP is the client's address as sessions keep it, "" where it is not known.
func (c *Call) IP() string {
	if addr := c.Network.ClientIP(c.Request); addr.IsValid() {
		return addr.String()
	}
	return ""
}

// LimitIP is the client's address as limits count it.
func (c *Call) LimitIP() string { return c.Network.LimitKey(c.Network.ClientIP(c.Request)) }

// Agent is what the client calls itself, cut short.
func (c *Call) Agent() string { return wire.UserAgent(c.Request) }

// At is when the call began. With it and Seen a call is the [Use] of a session.
func (c *Call) At() time.Time { return c.Now }

// Seen is when, from where and by what the call was made.
func (c *Call) Seen() state.Seen { return state.Seen{At: c.Now, IP: c.IP(), UserAgent: c.Agent()} }

// reads reports whether the method is one that changes nothing.
func (c *Call) reads() bool {
	return c.Request.Method == http.MethodGet || c.Request.Method == http.MethodHead
}

// Holds says why the record that was found is not this request's.
func (c *Call) Holds(v *Visit) (why string) {
	switch t := &v.Ticket; {
	case !v.SignedIn:
		return c.holdsRecord(v)
	case t.Binding.Kind == state.BoundDBSC:
		return c.holdsDBSC(v)
	case t.Binding.Kind == state.BoundDPoP:
		return c.holdsDPoP(v)
	case t.Binding.Bound():
		return "unknown_binding"
	case c.DeviceBound.requires() && t.Overdue(c.Now):
		return "not_bound"
	}
	return ""
}

// Open reads the record of the client with the token into the visit, using up limits in
// the same round trip. What it returns besides an error is the limit that refuses, if any.
func (c *Call) Open(ctx context.Context, tok string, take []engine.Take) (*engine.Refusal, error) {
	named := tok != ""
	if named && c.proves() {
		_, _, named = c.Tokens.Parse(c.Kind, tok) // one that was made up names nobody
	}
	return c.opening(named, take, func(take []engine.Take) (Visit, *engine.Refusal, error) {
		return c.Visits.Open(ctx, c.Kind, tok, c, take)
	})
}

// OpenAccess is Open for a client that shows a signed access token.
func (c *Call) OpenAccess(ctx context.Context, claims *token.Claims, take []engine.Take) (*engine.Refusal, error) {
	return c.opening(true, take, func(take []engine.Take) (Visit, *engine.Refusal, error) {
		return c.Visits.OpenHash(ctx, claims.TokenHash, c, take)
	})
}

// ReadBody reads the body, once.
func (c *Call) ReadBody() error {
	if c.read {
		return nil
	}
	body, err := wire.ReadBody(c.Request, c.BodyLimit)
	if err != nil {
		return err
	}
	c.Body, c.read = body, true
	return nil
}

// Read reads the body and decodes it by the declared fields into the input. It fails with
// a problem for a body that cannot be read; what is wrong with single fields is in the
// input, for Judge.
func (c *Call) Read(fields []wire.Field) error {
	if err := c.ReadBody(); err != nil {
		return err
	}
	var err error
	c.Input.Values, c.Input.Invalid, err = wire.Decode(c.Body, fields)
	return err
}

// UseLimits uses up limits, and returns the one that refuses, if any. A contract may open
// the client's record in the same round trip.
type UseLimits func(ctx context.Context, take []engine.Take) (*engine.Refusal, error)

// Start is how a route starts a flow.
type Start struct {
	Flow engine.FlowID
	// Limits are used up before anything is judged; a refusal is a 429.
	Limits []engine.Take
	// SignedOutOnly refuses a signed-in client, and Closed everybody, once the input is right.
	SignedOutOnly, Closed bool
	// EnteredLimit is the code of the error where the limit of a stage refuses that is only
	// entered in this turn, and EnteredParam its field; "" is a 429.
	EnteredLimit, EnteredParam string
}

// Judge holds a start against its limits, those of its flow included, and against the state
// that the client is in. The limit that guards a secret is answered like a wrong secret, so
// that it reveals nothing more.
func (c *Call) Judge(ctx context.Context, s Start, use UseLimits) error {
	if err := c.JudgeLimits(ctx, s.Flow, slices.Concat(s.Limits, c.RecordLimits(s.Flow)), use); err != nil {
		return err
	}
	signedIn := s.SignedOutOnly && c.Visit.SignedIn
	if !signedIn && !s.Closed {
		return nil
	}
	if err := c.Probe(ctx, s.Flow); err != nil {
		return err
	}
	if signedIn {
		return wire.Conflict()
	}
	return wire.Forbidden(wire.CodeForbidden, nil)
}

// JudgeLimits uses up limits and those that guard the secret of a flow's first stage.
func (c *Call) JudgeLimits(ctx context.Context, flow engine.FlowID, limits []engine.Take, use UseLimits) error {
	guards, limited := c.Engine.StartLimits(flow, c.Turn())
	refusal, err := use(ctx, slices.Concat(limits, guards))
	switch {
	case refusal != nil && !slices.Contains(guards, refusal.Take):
		// Before the body that the error may be about.
		return wire.Limited(refusal)
	case err != nil:
		return err
	case refusal != nil:
		return invalid(limited)
	}
	return nil
}

// Probe judges the input as the first stage of a flow would, and stores nothing.
func (c *Call) Probe(ctx context.Context, flow engine.FlowID) error {
	errs, err := c.Engine.Probe(ctx, flow, c.Turn())
	if err == nil && len(errs) > 0 {
		err = invalid(errs)
	}
	return err
}

// Turn makes a turn of the visit and the input.
func (c *Call) Turn() engine.Turn { return c.TurnWith(c.Input.Values, c.Input.Invalid) }

// TurnWith makes a turn of the visit and of other values than the input's.
func (c *Call) TurnWith(v engine.Values, invalid []wire.FieldError) engine.Turn {
	return engine.Turn{
		Key: c.Visit.Key, Entry: c.Visit.Entry, Values: v, Invalid: wire.EngineErrors(invalid),
		Client: c.Client(), Now: c.Now, Seed: c.Seed(),
		Digest: c.Keys.MAC("digest", []byte(c.Kind.String()), []byte(c.Request.Method), []byte(c.Request.URL.Path), c.Body)[:16],
	}
}

// EmptyTurn makes a turn of the visit without any values.
func (c *Call) EmptyTurn() engine.Turn { return c.TurnWith(engine.MapValues{}, nil) }

// Client describes the client to the engine.
func (c *Call) Client() engine.Client {
	client := c.Visit.Client(c.Kind.String(), c.LimitIP(), c.Agent(), c.Trust)
	client.Address, client.Reauthenticated = c.IP(), c.provedAt()
	client.Key = c.shownKey()
	c.addBrowser(&client)
	return client
}

// Start judges a start and takes its turn. A turn that was not accepted is an error; one
// that was is not adopted yet.
func (c *Call) Start(ctx context.Context, s Start, use UseLimits) (engine.Answer, error) {
	if err := c.Judge(ctx, s, use); err != nil {
		return engine.Answer{}, err
	}
	ans, err := c.Engine.Start(ctx, s.Flow, c.Turn())
	if err != nil {
		return ans, err
	}
	if ans.Outcome == engine.Limited && s.EnteredLimit != "" {
		return ans, wire.Invalid(wire.FieldError{Code: s.EnteredLimit, Param: s.EnteredParam})
	}
	return ans, Unaccepted(ans)
}

// Unaccepted is the problem of a turn that was not accepted, nil for one that was: nothing
// is stored then, and the run stays where it is.
func Unaccepted(ans engine.Answer) error {
	switch ans.Outcome {
	case engine.Wrong:
		return wrong(ans)
	case engine.Limited:
		return wire.Limited(ans.Refusal)
	case engine.NotWaiting, engine.Conflict:
		return wire.Conflict()
	}
	return nil
}

// Answer takes over what an accepted turn stored: the visit moves on to it, and messages
// are sent. It returns the token that the client does not have yet, "" for none, and, where
// access tokens are signed, the pair of a client that has just signed in.
func (c *Call) Answer(ans engine.Answer) (fresh string, pair token.Pair, err error) {
	if err := c.mustHaveSpent(); err != nil {
		return "", pair, err
	}
	if err := c.Visit.Adopt(ans); err != nil {
		return "", pair, err
	}
	c.Wake()
	if ans.TokenID == nil {
		return "", pair, nil
	}
	if ans.Outcome == engine.Granted {
		pair, err = c.signPair(ans)
	}
	return c.Token(ans.TokenID), pair, err
}

// Token is the token of the visit with the id.
func (c *Call) Token(id []byte) string {
	kind := c.Kind
	if c.Visit.SignedIn {
		kind |= token.SignedIn
	}
	return c.Tokens.Format(kind, id)
}

// signPair signs the tokens of a client that has just signed in. A browser has none.
func (c *Call) signPair(ans engine.Answer) (token.Pair, error) {
	if c.JWT == nil || c.Kind == token.Browser {
		return token.Pair{}, nil
	}
	hash, err := ans.Key.Bytes()
	if err != nil {
		return token.Pair{}, err
	}
	t := c.Visit.Ticket
	return c.JWT.Issue(&state.Session{
		ID: t.Session, Account: t.Account, Run: ans.Run.ID, TokenHash: hash, Client: c.Kind.String(),
		CreatedAt: t.CreatedAt, ExpiresAt: t.ExpiresAt, Binding: t.Binding,
	})
}

// Wake has queued messages and changes sent now rather than a moment later.
func (c *Call) Wake() {
	if c.Committed != nil {
		c.Committed()
	}
}

func invalid(errs []engine.FieldError) error { return wire.Invalid(wire.FieldErrors(errs)...) }

// wrong is the problem of a submission that was refused: a 400, or a 503 where a third party
// that was to be asked has not answered.
func wrong(ans engine.Answer) error {
	p := wire.Invalid(wire.FieldErrors(ans.Errors)...)
	if len(p.Errors) > 0 && p.Errors[0].Code == wire.CodeUnavailable {
		p.Status, p.Code, p.RetryAfter = http.StatusServiceUnavailable, wire.CodeUnavailable, time.Second
	}
	if ans.Why != "" {
		p.Cause = errors.New(ans.Why)
	}
	return p
}
