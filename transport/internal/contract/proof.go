package contract

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"strings"

	"stagedoor/engine"
	"stagedoor/state"
	"stagedoor/transport/internal/dpop"
	"stagedoor/transport/internal/jws"
	"stagedoor/transport/internal/token"
	"stagedoor/transport/internal/wire"
)

// The schemes of a token in the header Authorization.
const (
	BearerScheme = "Bearer" // RFC 6750, section 2.1
	ProofScheme  = "DPoP"   // RFC 9449, section 7.1
)

// CodeProofRequired refuses a client that must show a key and has not.
const CodeProofRequired = "dpop_required"

// invalidToken is the error of a token that is good, but not for who shows it.
const invalidToken = "invalid_token"

// holding is what a request shows of a key that it holds.
type holding struct {
	// carried is the token in a header of the request, "" for none, and scheme how it came: "" for
	// one in a header of its own.
	carried, scheme string

	// proof and refused are what came of the header DPoP, once it is read; used is set once the
	// proof cannot be shown again, or there is nothing to show it for.
	proof      *dpop.Proof
	refused    *dpop.Error
	read, used bool
}

// Carry says which token a header of the request carries, and by which scheme; a proof that
// comes along must be for it.
func (c *Call) Carry(scheme, tok string) { c.holding.scheme, c.holding.carried = scheme, tok }

// Credential is the token in the header Authorization, and its scheme as it is written here:
// that of bearer tokens under the name bearer, and where clients can show a key, that of tokens
// which are bound to one.
func (c *Call) Credential(bearer string) (scheme, tok string, ok bool) {
	header := c.Request.Header.Get("Authorization")
	if tok, ok = token.Credential(bearer, header); ok {
		return BearerScheme, tok, true
	}
	if c.Proofs == nil {
		return "", "", false
	}
	tok, ok = token.Credential(ProofScheme, header)
	return ProofScheme, tok, ok
}

// TellNonce sends what the client's next proof has for its nonce, where this request has a proof
// (RFC 9449, section 8.2).
func (c *Call) TellNonce(h http.Header) {
	if c.proves() {
		h.Set(dpop.NonceHeader, c.Proofs.Nonce(c.Now))
	}
}

// proves reports whether the request comes with a proof, good or bad, from a client that may show a key.
func (c *Call) proves() bool {
	return c.Proofs != nil && c.Kind != token.Browser && len(c.Request.Header[proofHeader]) > 0
}

// proofHeader is the header DPoP as requests hold it.
const proofHeader = "Dpop"

// show judges the proof of the request, if there is one: Shown is then the key's. What is wrong
// with it is returned.
func (c *Call) show() *dpop.Error {
	h := &c.holding
	if c.Proofs == nil || c.Kind == token.Browser {
		return nil
	}
	if !h.read {
		var err error
		h.read = true
		h.proof, err = c.Proofs.Read(c.Request.Header[proofHeader], dpop.Request{Method: c.Request.Method, Path: requested(c.Request), Now: c.Now})
		errors.As(err, &h.refused)
	}
	if h.refused == nil && h.proof != nil && h.carried != "" {
		errors.As(h.proof.For(h.carried), &h.refused)
	}
	switch {
	case h.refused != nil:
		c.Shown = ""
	case h.proof != nil:
		c.Shown = h.proof.Thumbprint
	}
	return h.refused
}

// requested is the path that the client asked for, whatever became of it on the way to here.
func requested(r *http.Request) string {
	uri := r.RequestURI
	if !strings.HasPrefix(uri, "/") {
		u, err := url.Parse(uri)
		if uri == "" || err != nil {
			u = r.URL
		}
		return u.EscapedPath()
	}
	path, _, _ := strings.Cut(uri, "?")
	return path
}

// once is the use of the proof, which is taken like a limit: of any number of requests with one
// proof, at whatever server, one gets it. It is asked for once in a request.
func (c *Call) once() []engine.Take {
	h := &c.holding
	if h.proof == nil || h.used {
		return nil
	}
	h.used = true
	if c.Request.Context().Value(spentKey{}) == c.Request.Header[proofHeader][0] {
		return nil
	}
	name, lives := h.proof.Once()
	return []engine.Take{{Key: onceKey + name, Max: 1, Per: lives}}
}

// withOnce is once beside limits, for a client that nobody knows. Where there are none, what it may have
// remembered is limited as the records are that it may leave behind.
func (c *Call) withOnce(take []engine.Take) []engine.Take {
	once := c.once()
	if len(once) > 0 && len(take) == 0 {
		take = c.AddressLimits("anonymous")
	}
	return append(once, take...)
}

const onceKey = "dpop:"

// spentKey is the context key of a request's proof that was used up for it.
type spentKey struct{}

// Within is the context in which a request goes on that was let through: who asks once more whose
// request it is, one guard within another, does not take its proof for one that was shown before.
func (c *Call) Within(ctx context.Context) context.Context {
	if c.holding.proof == nil {
		return ctx
	}
	return context.WithValue(ctx, spentKey{}, c.Request.Header[proofHeader][0])
}

// again notes that the proof was shown before: from now on it is none, whoever asks.
func (c *Call) again() *dpop.Error {
	c.holding.refused, c.Shown = dpop.Replayed(), ""
	return c.holding.refused
}

// replayed reports whether what refuses is that the proof was shown before.
func replayed(r *engine.Refusal) bool { return r != nil && strings.HasPrefix(r.Take.Key, onceKey) }

// opening opens a record by a token, for a client that shows the key which it belongs to. With a
// proof that is no good the record is looked at all the same, so that its owner can be told who
// came with its token.
func (c *Call) opening(named bool, take []engine.Take, open func([]engine.Take) (Visit, *engine.Refusal, error)) (*engine.Refusal, error) {
	why := c.show()
	switch {
	case why != nil && why.Code == dpop.CodeNonce:
		return nil, c.refuseProof(why)
	case why != nil:
		take = nil
	case named:
		take = append(c.once(), take...)
	case len(take) == 0 && c.reads():
		c.holding.used = true // nobody looks at nothing: there is nothing to come back for
	default:
		take = c.withOnce(take)
	}
	visit, refusal, err := open(take)
	if err != nil {
		c.holding.used = false
		return nil, err
	}
	if replayed(refusal) {
		why = c.again()
	}
	if why != nil {
		c.Visit = Visit{Withheld: visit.Withheld}
		return nil, c.refuseProof(why)
	}
	c.Visit = visit
	switch {
	case visit.Withheld != nil && c.Kind != token.Browser:
		return nil, c.refuseToken()
	case c.holding.scheme == ProofScheme && visit.SignedIn && visit.Ticket.Binding.Kind != state.BoundDPoP:
		c.Visit = Visit{}
		return nil, c.refuseToken()
	}
	return refusal, c.mustShow()
}

// mustShow refuses to begin anything with a client that shows no key, where that is required.
// Looking is free, and sessions from before go on as they are.
func (c *Call) mustShow() error {
	if c.reads() || c.Visit.SignedIn || c.Stays {
		return nil
	}
	return c.MustBind(c.Shown)
}

// MustBind refuses what ends in a session, whichever the client has now, where that must be bound
// to a key and would not: key is the one that it would be bound to.
func (c *Call) MustBind(key string) error {
	if !c.ProofRequired || c.Kind == token.Browser || key != "" {
		return nil
	}
	return refuse(http.StatusBadRequest, CodeProofRequired, nil)
}

// refuseProof is the answer to a proof that is no good: a 401 to a request with a token, and a 400
// to any other (RFC 9449, sections 5 and 7.1).
func (c *Call) refuseProof(e *dpop.Error) error {
	if c.holding.carried == "" {
		p := refuse(http.StatusBadRequest, e.Code, e)
		p.Errors[0].Cause = e.Reason
		return p
	}
	return c.unproved(e.Code, e)
}

// refuseToken is the answer to a token, or a run, that is bound to another key than was shown.
func (c *Call) refuseToken() error {
	if c.holding.carried == "" {
		return unheld()
	}
	return c.unproved(invalidToken, nil)
}

// unheld is the answer to a token in the body that is bound to another key than was shown.
func unheld() error { return refuse(http.StatusBadRequest, dpop.CodeInvalid, nil) }

func refuse(status int, code string, cause error) *wire.Problem {
	return &wire.Problem{Status: status, Code: code, Errors: []wire.FieldError{{Code: code}}, Cause: cause}
}

// unproved is a 401 that says by which scheme, and why not so (RFC 9449, section 7.1).
func (c *Call) unproved(code string, e *dpop.Error) error {
	p := wire.Unauthorized()
	p.Challenge = ProofScheme + ` error="` + code + `", `
	if e != nil {
		p.Cause = e
		p.Challenge += `error_description="` + e.Reason + `", `
	}
	p.Challenge += Algorithms()
	return p
}

// Algorithms are those of proofs, as a challenge lists them (RFC 9449, section 7.1).
func Algorithms() string { return `algs="` + strings.Join(jws.Algorithms(), " ") + `"` }

// spend has the proof of a request judged and used up that opens no record. What it is for is judged
// first, so that nothing is remembered for what is good for nothing.
func (c *Call) spend(ctx context.Context, judge func() error) error {
	if why := c.show(); why != nil {
		return c.refuseProof(why)
	}
	once := c.once()
	if len(once) == 0 {
		return nil
	}
	if err := judge(); err != nil {
		return err
	}
	_, err := c.taken(ctx, once)
	return err
}

// holdsDPoP says why a session whose tokens are bound by DPoP is not this request's. A token that
// is bound is no bearer token, whatever comes along (RFC 9449, section 7.2).
func (c *Call) holdsDPoP(v *Visit) (why string) {
	switch {
	case c.holding.refused != nil:
		return c.holding.refused.Reason
	case c.Shown == "":
		return "no_proof"
	case c.Shown != v.Ticket.Binding.Thumbprint:
		return WhyWrongKey
	case c.holding.scheme == BearerScheme:
		return "bearer"
	case replayed(v.refused):
		return dpop.Replayed().Reason
	}
	return ""
}

// holdsRecord is the same for the record of a client that is not signed in.
func (c *Call) holdsRecord(v *Visit) (why string) {
	switch c.Shown {
	case "":
		return "no_proof"
	case v.Entry.Record.Holder:
		return ""
	}
	return WhyWrongKey
}

// mustHaveSpent fails where a turn was taken for a request whose proof nobody has looked at: it hands
// out no token then. It is the fault of a route that opens no record and uses no limits.
func (c *Call) mustHaveSpent() error {
	if !c.proves() || c.holding.used {
		return nil
	}
	return errors.New("a turn was taken for a request whose proof was not judged")
}

// shownKey is the key that counts in a turn: the one that the session is bound to, or of a client
// that has no session, the one that was shown. A session is never bound later than it begins.
func (c *Call) shownKey() string {
	if c.Visit.SignedIn && c.Visit.Ticket.Binding.Thumbprint != c.Shown {
		return ""
	}
	return c.Shown
}
