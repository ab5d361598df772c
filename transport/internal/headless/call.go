package headless

import (
	"context"
	"io"
	"net/http"
	"time"

	"github.com/julienschmidt/httprouter"

	"stagedoor/engine"
	"stagedoor/state"
	"stagedoor/transport/internal/token"
	"stagedoor/transport/internal/wire"
)

// The names of the contract.
const (
	sessionCookie = "sessionid"
	sessionHeader = "X-Session-Token"
	trustCookie   = "mfa_trusted"
	maxTrust      = 1024
	// maxToken bounds what is read of a token; a longer one stands for nothing.
	maxToken = 512
)

// call is one request on its way.
type call struct {
	*API
	w    http.ResponseWriter
	r    *http.Request
	kind token.Kind
	// params are the parts of the path that vary.
	params httprouter.Params
	tok    string
	now    time.Time
	seed   engine.Seed
	ip     string
	// limitIP is the address as limits count it.
	limitIP string

	// bearer is what an access token says, nil where the client sent none that is good.
	bearer *token.Claims

	opened bool
	visit  wire.Visit
	// fresh is a token that the client does not have yet; dropped says that its cookie
	// goes.
	fresh   string
	dropped bool
	// pair is an access token and a refresh token that are new.
	pair token.Pair
	// entered is set where this request signed in.
	entered bool

	body []byte
	read bool
}

// newCall reads what identifies the client. A token that was made up is not looked up.
func (a *API) newCall(w http.ResponseWriter, r *http.Request, kind token.Kind) (*call, error) {
	addr := wire.ClientIP(r, a.TrustedProxies)
	c := &call{API: a, w: w, r: r, kind: kind, now: a.Now(), limitIP: wire.LimitKey(addr)}
	if addr.IsValid() {
		c.ip = addr.String()
	}
	if _, err := io.ReadFull(a.Rand, c.seed[:]); err != nil {
		return c, wire.Internal(err)
	}
	if kind == token.App {
		c.tok = r.Header.Get(sessionHeader)
		c.bearer = c.accessToken()
	} else if cookie, err := r.Cookie(sessionCookie); err == nil {
		c.tok = cookie.Value
	}
	if len(c.tok) > maxToken {
		c.tok = c.tok[:maxToken]
	}
	return c, nil
}

// open reads the client's record, using up limits beside it. An app whose token stands
// for nothing is told so, whatever it asked for; a browser is simply not signed in.
func (c *call) open(ctx context.Context, take ...engine.Take) error {
	refusal, err := c.openTaking(ctx, take)
	if err != nil {
		return err
	}
	if refusal != nil {
		return wire.TooManyRequests(refusal.After)
	}
	return nil
}

// openTaking is open for who wants to answer a refusal otherwise.
func (c *call) openTaking(ctx context.Context, take []engine.Take) (*engine.Refusal, error) {
	if c.opened && len(take) == 0 {
		return nil, nil
	}
	if c.opened {
		return c.Visits.Records.Take(ctx, take, c.now)
	}
	seen := state.Seen{At: c.now, IP: c.ip, UserAgent: c.agent()}
	visit, refusal, err := c.visitor(ctx, seen, take)
	if err != nil {
		return nil, err
	}
	c.opened, c.visit, c.dropped = true, visit, visit.SignedOut || visit.Unknown
	if visit.Unknown && c.kind == token.App {
		return nil, wire.Gone()
	}
	return refusal, nil
}

// accessToken reads the access token of a client that sent no session token.
func (c *call) accessToken() *token.Claims {
	if c.JWT == nil || c.tok != "" {
		return nil
	}
	access, ok := token.Credential(c.JWTScheme, c.r.Header.Get("Authorization"))
	if !ok {
		return nil
	}
	claims, err := c.JWT.Verify(token.App, access)
	if err != nil {
		return nil
	}
	return &claims
}

// visitor opens the record of the session token, or of the access token. Where access
// tokens are held against the session each time, one whose session is over is none.
func (c *call) visitor(ctx context.Context, seen state.Seen, take []engine.Take) (wire.Visit, *engine.Refusal, error) {
	if c.bearer == nil {
		return c.Visits.Open(ctx, c.kind, c.tok, seen, take)
	}
	visit, refusal, err := c.Visits.OpenHash(ctx, c.bearer.TokenHash, seen, take)
	if visit.Unknown && c.JWT.Stateful() {
		visit = wire.Visit{}
	}
	return visit, refusal, err
}

// agent is what the client calls itself, cut short.
func (c *call) agent() string { return wire.UserAgent(c.r) }

// client is what the engine is told of the client.
func (c *call) client() engine.Client {
	trust := ""
	if cookie, err := c.r.Cookie(trustCookie); err == nil && c.kind == token.Browser && len(cookie.Value) <= maxTrust {
		trust = cookie.Value
	}
	return c.visit.Client(c.kind.String(), c.limitIP, c.agent(), trust)
}

// input reads and judges the body.
func (c *call) input(fields []wire.Field) (wire.Values, []wire.FieldError, error) {
	if !c.read {
		body, err := wire.ReadBody(c.r, c.BodyLimit)
		if err != nil {
			return wire.Values{}, nil, err
		}
		c.body, c.read = body, true
	}
	return wire.Decode(c.body, fields)
}

// turn makes a turn of the visit and a submission.
func (c *call) turn(v engine.Values, invalid []wire.FieldError) engine.Turn {
	return engine.Turn{
		Key: c.visit.Key, Entry: c.visit.Entry, Values: v, Invalid: wire.EngineErrors(invalid),
		Client: c.client(), Now: c.now, Seed: c.seed,
		Digest: c.Keys.MAC("digest", []byte(c.kind.String()), []byte(c.r.Method), []byte(c.r.URL.Path), c.body)[:16],
	}
}

// adopt takes over what a turn stored: the record, and a token that is new.
func (c *call) adopt(ans engine.Answer) error {
	if err := c.visit.Adopt(ans); err != nil {
		return err
	}
	c.entered = ans.Outcome == engine.Granted
	if c.entered && ans.TokenID != nil {
		if err := c.issuePair(ans); err != nil {
			return err
		}
	}
	if ans.TokenID != nil {
		c.issue(ans.TokenID)
	}
	if value := ans.Values[trustCookie]; value != "" {
		http.SetCookie(c.w, &http.Cookie{
			Name: trustCookie, Value: value, Path: "/", Domain: c.CookieDomain, MaxAge: int(c.TrustAge / time.Second),
			Secure: c.Secure, HttpOnly: true, SameSite: http.SameSiteLaxMode,
		})
	}
	if c.Committed != nil {
		c.Committed()
	}
	return nil
}

// issuePair signs the tokens of a client that has just signed in.
func (c *call) issuePair(ans engine.Answer) error {
	if c.JWT == nil || c.kind != token.App {
		return nil
	}
	hash, err := ans.Key.Bytes()
	if err != nil {
		return err
	}
	pair, err := c.JWT.Issue(&state.Session{
		ID: c.visit.Ticket.Session, Account: c.visit.Ticket.Account, Run: ans.Run.ID, TokenHash: hash, Client: c.kind.String(),
		CreatedAt: c.visit.Ticket.CreatedAt, ExpiresAt: c.visit.Ticket.ExpiresAt,
	})
	c.pair = pair
	return err
}

// issue hands out a token.
func (c *call) issue(id []byte) {
	kind := c.kind
	if c.visit.SignedIn {
		kind |= token.SignedIn
	}
	c.fresh = c.Tokens.Format(kind, id)
}

// recent reports whether the client authenticated recently enough for a change that
// matters. An account that has nothing to prove itself with again cannot be asked to.
func (c *call) recent() bool { return c.visit.Recent(c.now, c.ReauthenticationTimeout) }
