package server

import (
	"context"
	"net/http"
	"slices"
	"time"

	"stagedoor/engine"
	"stagedoor/state"
	"stagedoor/transport/internal/contract"
	"stagedoor/transport/internal/token"
)

// User is a person who is signed in, as a program sees one, and how they came in. In JSON it
// is the person alone.
type User struct {
	ID       state.AccountID `json:"id"`
	Email    string          `json:"email"`
	Username string          `json:"username"`
	Display  string          `json:"display"`
	// Profile is how the person is called and looks, as a provider said; it proves nothing.
	state.Profile

	// Client is whose session it is: browser (a cookie), app (X-Session-Token) or rest (a
	// bearer token).
	Client string `json:"-"`
	// Methods are the session's authentications, oldest first, the latest 20 at most; it is
	// empty in a session that [Server.CreateSessionToken] made.
	Methods []engine.Method `json:"-"`
	// AuthenticatedAt is when the last of them was, zero where there is none.
	AuthenticatedAt time.Time `json:"-"`
	// ReauthenticatedAt is when the client last proved again whose session it is, zero where
	// it never did: that it has signed in does not count. See [Server.RequireRecent].
	ReauthenticatedAt time.Time `json:"-"`
	// SecondFactor says that two factors were shown in this session; see [Server.RequireMFA].
	SecondFactor bool `json:"-"`
	// Bound says that the session is bound to a key of the client's device: a copy of its cookie or
	// token is good for nothing elsewhere.
	Bound bool `json:"-"`
}

// userOf describes the user of a visit; ways are the ways to reauthenticate.
func userOf(kind token.Kind, v *contract.Visit, ways []string) *User {
	a := v.Account
	return &User{
		ID: a.Account, Email: a.Email, Username: a.Username, Display: a.Display(), Profile: a.Profile, Client: kind.String(),
		Methods: slices.Clone(v.Methods()), AuthenticatedAt: v.AuthenticatedAt(), ReauthenticatedAt: v.ProvedAt(ways),
		SecondFactor: v.SecondFactor(), Bound: v.Ticket.Binding.Bound(),
	}
}

// userKey is the context key of the signed-in user.
type userKey struct{}

// UserOf returns the user who is signed in to a request that came through [Server.RequireUser],
// [Server.RequireMFA] or [Server.RequireRecent], nil to any other.
func UserOf(ctx context.Context) *User {
	u, _ := ctx.Value(userKey{}).(*User)
	return u
}

// RequireUser guards a handler: it is reached by signed-in users alone, see [UserOf].
//
// A session is shown as a bearer token in the header Authorization, as an app's
// X-Session-Token, or as the cookie sessionid; a header goes before the cookie. Everybody
// else is answered as the contract of that client answers at its own routes: 401 with the
// flows to sign in by, or 410 to an app whose session is over. To a request that shows
// nothing it is the 401 of a browser.
//
// Where session.device_bound is not off, a session that is bound to a key is shown with it: by an app with
// a proof in the header DPoP (RFC 9449), made for this request and this token, at the public URL or one of
// session.dpop_origins; its token comes as X-Session-Token or by the scheme DPoP, never as a bearer
// token. Without, it is a 401 that says why in WWW-Authenticate. What Go's http.StripPrefix takes off
// the path stays in what the proof is for.
//
// A request with the cookie that is no GET, HEAD, OPTIONS or TRACE must come from a trusted
// origin and carry the token of the cookie csrftoken, in the header X-CSRFToken or, where the
// form was parsed before, in its field csrfmiddlewaretoken; else it is a 403. So a handler must
// change nothing on a GET. The session list follows the request's address and agent, as it
// does in both contracts.
//
// With session.device_bound_grace a GET may be of a browser, or of a thief with its cookies, that has not
// shown the key of a bound session for so long: what is secret goes behind [Server.RequireMFA] or
// [Server.RequireRecent], which refuse it.
func (s *Server) RequireUser(next http.Handler) http.Handler {
	return s.require(next, func(*contract.Call) error { return nil })
}

// RequireMFA is [Server.RequireUser] for users who have shown two factors in this session: a
// TOTP or recovery code, a passkey whose device verified its holder, or a security key beside a
// password, a code or a provider. That a browser is trusted, or a passkey was only touched, does
// not count. Everybody else is answered 401 with the flow mfa_reauthenticate, which the client
// goes through and comes back, or with none where account.reauthentication_methods has no mfa:
// then another sign-in shows it. An account without a second factor is answered 403 with the
// code second_factor_missing.
func (s *Server) RequireMFA(next http.Handler) http.Handler {
	return s.require(next, (*contract.Call).RequireSecondFactor)
}

// RequireRecent is [Server.RequireUser] for users who have proved less than maxAge ago that it is
// still they: by one of account.reauthentication_methods, after they had signed in. As in both
// contracts a sign-in is no such proof, however lately it was. Everybody else is answered 401
// with the flows to reauthenticate by, which the client goes through and comes back. There is
// no flow for an account that has neither a password nor a verified address or number nor a
// second factor: it does not pass until it has one.
func (s *Server) RequireRecent(maxAge time.Duration, next http.Handler) http.Handler {
	return s.require(next, func(c *contract.Call) error { return c.RequireWithin(maxAge) })
}

// CORS answers preflights of a program's own routes, and lets the pages of
// cors_allowed_origins, in development those of this machine as well, read their answers and
// send cookies and the headers of the contracts, as they may at the server's. It goes around
// whatever guards the routes, and around a mux that has them for single methods: CORS(mux).
// It protects nothing; [Server.RequireUser] does.
func (s *Server) CORS(next http.Handler) http.Handler { return s.cors.Handler(next) }

// require has the contract of a request's client open the session and judge it.
func (s *Server) require(next http.Handler, judge func(*contract.Call) error) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var call *contract.Call
		kind := s.clientOf(r)
		if kind == token.Rest {
			call = s.rest.Guard(w, r, judge)
		} else {
			call = s.headless.Guard(w, r, kind, judge)
		}
		if call != nil {
			user := userOf(kind, &call.Visit, s.config.ProofMethods())
			next.ServeHTTP(w, r.WithContext(context.WithValue(call.Within(r.Context()), userKey{}, user)))
		}
	})
}

// clientOf is the kind of client whose token a request shows. What a header says goes before
// the cookie, which a browser sends unasked; a bearer token may be an app's.
func (s *Server) clientOf(r *http.Request) token.Kind {
	authorization := r.Header.Get("Authorization")
	for _, scheme := range []string{contract.BearerScheme, contract.ProofScheme} {
		tok, ok := token.Credential(scheme, authorization)
		switch {
		case !ok, scheme == contract.ProofScheme && s.proofs == nil:
		case s.isApps(tok):
			return token.App
		default:
			return token.Rest
		}
	}
	if tok, ok := token.Credential(s.config.Headless.JWTHeaderScheme, authorization); ok && s.isApps(tok) {
		return token.App
	}
	if r.Header.Get("X-Session-Token") != "" {
		return token.App
	}
	if _, err := r.Cookie(contract.SessionCookie); err == nil || s.config.Serve.Headless {
		return token.Browser
	}
	return token.Rest
}

// isApps reports whether a token is an app's, without asking a store whose.
func (s *Server) isApps(tok string) bool {
	if s.jwt != nil {
		if _, err := s.jwt.Verify(token.App, tok); err == nil {
			return true
		}
	}
	_, _, ok := s.contracts.tokens.Parse(token.App, tok)
	return ok
}
