package server

import (
	"time"

	"stagedoor/engine"
	"stagedoor/state"
)

// EventKind says what an [Event] is about.
type EventKind string

// The kinds of events.
const (
	// SignedUp: an account was made. Email is its address, if it has one.
	SignedUp EventKind = "signed_up"
	// SignedIn: a session was granted, by Flow, or without one by the program.
	SignedIn EventKind = "signed_in"
	// SignedOut: sessions of the account were ended, by the person, because of a refresh
	// token that was used twice, or, where Provider is set, because the person has signed out there.
	SignedOut EventKind = "signed_out"
	// Failed: a submission at Stage was refused, for Errors. Where it was the last try the
	// run had, Refused follows.
	Failed EventKind = "failed"
	// Refused: a run ended without what it was for: a disabled account, no tries left.
	Refused EventKind = "refused"
	// Reauthenticated: somebody signed in has proved again who they are.
	Reauthenticated EventKind = "reauthenticated"
	// PasswordChanged: the password was set, changed, reset (see Flow) or taken away.
	PasswordChanged EventKind = "password_changed"
	// EmailAdded, EmailVerified and EmailRemoved are about an address, Email, of the
	// account; EmailChanged: it is the primary one now.
	EmailAdded    EventKind = "email_added"
	EmailVerified EventKind = "email_verified"
	EmailRemoved  EventKind = "email_removed"
	EmailChanged  EventKind = "email_changed"
	// PhoneVerified: Phone was proved to be the account's.
	PhoneVerified EventKind = "phone_verified"
	// AuthenticatorAdded and AuthenticatorRemoved: the account has one more, or less, of the
	// type Authenticator, of all types where that is empty. New recovery codes take the place
	// of old ones: there is an event of both.
	AuthenticatorAdded   EventKind = "authenticator_added"
	AuthenticatorRemoved EventKind = "authenticator_removed"
	// AuthenticatorRenamed: a WebAuthn credential has another name.
	AuthenticatorRenamed EventKind = "authenticator_renamed"
	// AuthenticatorUsed: a second factor of the type Authenticator was shown, and spent.
	AuthenticatorUsed EventKind = "authenticator_used"
	// CloneSuspected: a WebAuthn credential was shown whose signature counter did not go up: it
	// may have been copied, or moved. Whether it was accepted is for mfa.webauthn_counter to say;
	// AuthenticatorUsed or Failed stands beside it.
	CloneSuspected EventKind = "clone_suspected"
	// RecoveryCodesViewed: the recovery codes were shown, for the first time.
	RecoveryCodesViewed EventKind = "recovery_codes_viewed"
	// ProviderConnected and ProviderDisconnected: an account at Provider can, or can no
	// longer, sign in to this one.
	ProviderConnected    EventKind = "provider_connected"
	ProviderDisconnected EventKind = "provider_disconnected"
	// AccountDisabled and AccountEnabled: the account can no longer, or again, sign in. Where
	// Flow is disown it was made by somebody else with the reader's address, and all that it
	// had is gone.
	AccountDisabled EventKind = "account_disabled"
	AccountEnabled  EventKind = "account_enabled"
	// SessionBound: a session was bound to a key of its device, as it was granted or since, in the way
	// Binding says.
	SessionBound EventKind = "session_bound"
	// SessionRefused: a request had the cookie or the token of a session, and not the key it is bound to in
	// the way Binding says; where that is empty the session should have been bound by now. Why is a word:
	// missing, expired, replaced, forged, skipped (a browser says that it could not fetch its cookie), unheld
	// (it says that another site's page has led it here, so that it did not), no_proof and the like. The
	// session goes on, and there is one such event of it in a minute at most. IP and UserAgent are the
	// request's.
	SessionRefused EventKind = "session_refused"
	// TokenReused: a refresh token was used a second time; somebody may have stolen it.
	TokenReused EventKind = "token_reused"
)

// Event is something that has happened and is stored. There is no secret
// in it: no password, code, key or token. Addresses, numbers and network addresses are the
// person's own; a program that passes events on answers for that.
type Event struct {
	Kind EventKind
	At   time.Time
	// Account is the account it is about, "" where none is known.
	Account state.AccountID
	// Flow, Stage and Run say where it happened: they are zero for what is no flow, such
	// as removing an authenticator. Run finds the trail in what explains runs.
	Flow  engine.FlowID
	Stage engine.StageID
	Run   string
	// Client is browser, app or rest, or empty where that is not known, as are IP (for IPv6
	// the /64) and UserAgent.
	Client    string
	IP        string
	UserAgent string
	// Email, Phone, Authenticator, Provider and Binding (dbsc or dpop) are what the kind is about.
	Email         string
	Phone         string
	Authenticator state.AuthenticatorType
	Provider      string
	Binding       string
	// Errors say why a submission failed, Why the same in a line for who runs the server, where
	// there is more to say, or why a session was refused.
	Errors []engine.FieldError
	Why    string
}
