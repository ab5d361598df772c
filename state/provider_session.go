package state

import (
	"context"
	"time"
)

// ProviderSession is the session at a third party by which a session here was begun, or was
// proved again.
type ProviderSession struct {
	// Provider is the id of the provider in the configuration.
	Provider string
	// Issuer and Subject name the person there, SID the session, "" where the provider does not
	// say it (OpenID Connect Core, section 2: iss and sub; Front-Channel Logout, section 3: sid).
	Issuer  string
	Subject string
	SID     string
	// Hint is the id token, sealed, nil where it is not kept: what the provider wants to see of
	// who signs out there (OpenID Connect RP-Initiated Logout, section 2: id_token_hint).
	Hint []byte
}

// ProviderLogout is a third party's word that somebody has signed out there (OpenID Connect
// Back-Channel Logout, section 2.4).
type ProviderLogout struct {
	// Provider, Issuer, Subject and SID say who, and by which session. One of Subject and SID may
	// be empty: with SID alone it is that session, with Subject alone all sessions of the person.
	Provider string
	Issuer   string
	Subject  string
	SID      string
	// Token is by what the word is known: it counts once. It is remembered till Until.
	Token []byte
	Until time.Time
	// Before is when it was given: what began later is not meant.
	Before time.Time
	// Now is the time it came.
	Now time.Time
}

// ProviderSessions keeps by what sessions at third parties sessions here were begun. They are
// written by [NoteProviderSession].
type ProviderSessions interface {
	// ProviderSession returns what was noted last of a session of the account, or [ErrNotFound].
	ProviderSession(ctx context.Context, account AccountID, session int64) (ProviderSession, error)
	// EndProviderSessions ends the sessions that are meant, as [EndSessions] does, and runs that
	// have yet to be granted theirs; each account that loses any notes the event
	// "provider_signed_out". It returns these accounts, sorted: none where nobody was signed in, which is no
	// error. A word that counted before is [ErrSpent]. In case of an error nothing is stored, so that the same word may
	// come again.
	EndProviderSessions(ctx context.Context, l ProviderLogout) ([]AccountID, error)
}
