package server

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"time"

	"stagedoor/engine"
	"stagedoor/state"
	"stagedoor/transport/internal/contract"
	"stagedoor/transport/internal/token"
)

// ErrNoSession says that a token signs nobody in: it was made up, has expired, was ended,
// or stands for a sign-in that still waits for something.
var ErrNoSession = errors.New("the token is no session's")

// ErrSessionBound says that a token is of a session that is bound to a key of its device, or should be by
// now: whether a request is the session's cannot be told by the token alone. [Server.RequireUser]
// tells.
var ErrSessionBound = errors.New("the session is bound to a key, which a token does not show")

// CreateSessionToken signs an account in by a program's own decision, past every stage,
// and returns the token of the session. The client is browser (also if empty: the token
// is the value of the cookie sessionid), app (of the header X-Session-Token) or rest (a
// bearer token, a signed one where the server makes those). The session lives as long as
// any of its kind, and has no authentication behind it: what matters for security asks for
// one first. Errors: [state.ErrNotFound] for an account there is not, [state.ErrEnded] for
// one that is disabled.
func (s *Server) CreateSessionToken(ctx context.Context, user state.AccountID, client string) (string, error) {
	kind, err := kindOf(client)
	if err != nil {
		return "", err
	}
	var seed engine.Seed
	if _, err := io.ReadFull(s.options.Rand, seed[:]); err != nil {
		return "", err
	}
	account, err := s.database.Account(ctx, user)
	if err != nil {
		return "", err
	}
	now, run := s.options.Now(), base64.RawURLEncoding.EncodeToString(seed.Bytes("run", 16))
	id := s.contracts.tokens.Mint(run)
	hash := sha256.Sum256(id)
	session := &state.Session{
		ID: seed.ID("session"), Account: user, Run: run, TokenHash: hash[:], Client: kind.String(), Epoch: account.Epoch,
		CreatedAt: now, LastSeen: now, ExpiresAt: now.Add(s.sessionAge(kind)), Methods: json.RawMessage("[]"),
	}
	// The record is made when the token is first used, of what the database knows.
	_, err = s.ledger().Commit(ctx, state.Batch{
		Run: run, Account: user, Epoch: account.Epoch, Guard: true, Now: now, Session: session,
		Writes: []state.Write{state.NoteLogin{At: now}, state.Audit{Event: "session_created", Data: json.RawMessage(`{}`)}},
	})
	if err != nil {
		return "", fmt.Errorf("create a session of account %s: %w", user, err)
	}
	if kind == token.Rest && s.jwt != nil {
		pair, err := s.jwt.Issue(session)
		return pair.Access, err
	}
	return s.contracts.tokens.Format(kind|token.SignedIn, id), nil
}

func kindOf(client string) (token.Kind, error) {
	switch client {
	case "", "browser":
		return token.Browser, nil
	case "app":
		return token.App, nil
	case "rest":
		return token.Rest, nil
	}
	return 0, fmt.Errorf("client %q; there are browser, app and rest", client)
}

func (s *Server) sessionAge(kind token.Kind) time.Duration {
	if age, own := sessionAges(s.config)[kind.String()]; own {
		return age
	}
	return s.config.Session.CookieAge.Duration()
}

// ValidateSessionToken returns whose session a token is of: that of any kind of client,
// or a signed access token. What the session list says of the client stays; see
// [Server.RequireUser] where there is a request. It fails with [ErrNoSession] where it is
// nobody's, with [ErrSessionBound] where the token does not say it; any other error means that
// the session lookup failed.
func (s *Server) ValidateSessionToken(ctx context.Context, tok string) (*User, error) {
	for _, kind := range []token.Kind{token.Browser, token.App, token.Rest} {
		visit, err := s.visit(ctx, kind, tok, look{s, s.options.Now()})
		if err != nil {
			return nil, err
		}
		if visit.Withheld != nil {
			return nil, ErrSessionBound
		}
		if visit.SignedIn {
			return userOf(kind, &visit, s.config.ProofMethods()), nil
		}
	}
	return nil, ErrNoSession
}

// look is the use of a session by which nothing is known of the client but the time.
type look struct {
	*Server
	at time.Time
}

// At is the time.
func (l look) At() time.Time { return l.at }

// Seen is the time alone.
func (l look) Seen() state.Seen { return state.Seen{At: l.at} }

// Holds says that a token alone does not show the key of a session that is bound to one. As for
// requests, browsers are asked for theirs where they bind.
func (l look) Holds(v *contract.Visit) string {
	t := &v.Ticket
	binds := l.config.BindsBrowsers()
	bound := t.Binding.Bound() && (binds || t.Binding.Kind != state.BoundDBSC)
	late := binds && l.config.BindingRequired() && t.Overdue(l.at)
	if bound || late {
		return contract.WhyNoRequest
	}
	return ""
}

// visit opens the session of a token of one kind of client. No store is asked about a
// token that the server did not make.
func (s *Server) visit(ctx context.Context, kind token.Kind, tok string, by contract.Use) (contract.Visit, error) {
	if s.jwt != nil && kind != token.Browser {
		if claims, err := s.jwt.Verify(kind, tok); err == nil {
			visit, _, err := s.contracts.visits.OpenHash(ctx, claims.TokenHash, by, nil)
			return visit, err
		}
		if kind == token.Rest {
			return contract.Visit{}, nil
		}
	}
	if _, signedIn, ok := s.contracts.tokens.Parse(kind, tok); !ok || !signedIn {
		return contract.Visit{}, nil
	}
	visit, _, err := s.contracts.visits.Open(ctx, kind, tok, by, nil)
	return visit, err
}
