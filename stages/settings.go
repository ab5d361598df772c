package stages

import (
	"context"
	"net/http"
	"time"

	"stagedoor/engine"
	"stagedoor/stages/internal/passkey"
	"stagedoor/stages/internal/provider"
	"stagedoor/state"
	"stagedoor/state/accounts"
)

// Enumeration says how far the server hides whether an address has an account.
type Enumeration string

// How far addresses are hidden.
const (
	// Shown: a taken address is said to be taken.
	Shown Enumeration = "false"
	// Hidden: it is hidden wherever a signup has to verify its address anyway.
	Hidden Enumeration = "true"
	// Strict: it is hidden even at the price of two accounts with one unverified address.
	Strict Enumeration = "strict"
)

// Settings are what the behaviour of stages depends on. The zero value is not useful;
// the server's configuration fills it.
type Settings struct {
	// LoginMethods are the kinds of name one signs in with, of email, phone, username.
	LoginMethods []string
	// SignupFields tells of each field of a signup whether it is required; a field that
	// is missing is not asked for.
	SignupFields map[string]bool

	VerifyEmail   engine.Demand
	EmailByCode   bool
	EmailResend   int // how often a code may be sent again; 0 is never
	EmailChange   int // how often the address may be changed meanwhile
	EmailTries    int
	EmailLifetime time.Duration
	// KeyLifetime is how long a verification link is good.
	KeyLifetime              time.Duration
	LoginOnEmailConfirmation bool
	// MaxEmails is how many addresses an account may have; 0 is any number.
	MaxEmails int
	// UnverifiedWithMFA permits unverified addresses and authenticators together.
	UnverifiedWithMFA bool
	// ReplaceEmail keeps one address per account: verifying a new one removes the others.
	ReplaceEmail bool

	// VerifyPhone asks for a code by text message where an account has a number.
	VerifyPhone   bool
	PhoneResend   int
	PhoneChange   int
	PhoneTries    int
	PhoneLifetime time.Duration

	// LoginByCode offers to sign in by a code.
	LoginByCode bool
	CodeResend  int
	// ReauthByCode lets signed-in clients reauthenticate with a code.
	ReauthByCode bool
	CodeTries    int
	CodeLifetime time.Duration

	// ResetByCode resets passwords by a code, not by a link.
	ResetByCode          bool
	ResetTries           int
	ResetLifetime        time.Duration
	ResetKeyLifetime     time.Duration
	LoginOnPasswordReset bool

	// CodeFormats are how all these codes look.
	CodeFormats CodeFormats

	PreventEnumeration Enumeration
	// NoticeUnknown tells the reader of an unknown address that it has no account.
	NoticeUnknown bool
	SignupOpen    bool
	Notices       bool // mail the owner when something about security changes

	UsernameMin       int
	UsernameBlacklist []string
	KeepUsernameCase  bool

	// RequireCode reports whether a code must be entered after a way in; nil is never.
	RequireCode func(engine.FlowID) bool
	// OfferTrust lets a browser be trusted after a second factor, TrustCode after a code
	// that was required; for TrustLifetime. TrustBound trusts only those whose session was bound
	// to a key of their device.
	OfferTrust    bool
	TrustCode     bool
	TrustBound    bool
	TrustLifetime time.Duration
	// BindsSessions lets sessions be bound to a key of their device.
	BindsSessions bool
	// WebAuthn lets accounts have credentials; PasskeyLogin and PasskeySignup let people
	// sign in and up with them.
	WebAuthn      bool
	PasskeyLogin  bool
	PasskeySignup bool
	// Presence takes passkey logins without user verification, which is required otherwise,
	// and asks for no second factor after them.
	Presence bool
	// UserVerification is what is asked of all but passkeys: "discouraged", "preferred" or
	// "required"; empty is preferred (WebAuthn, section 5.8.6).
	UserVerification string
	// RefuseClones refuses a credential whose signature counter did not go up; otherwise its
	// owner is told (WebAuthn, section 6.1.1).
	RefuseClones bool
	// PasskeyUpgrade lets a client make a passkey by itself, by nobody's touch, after a sign-in
	// with a password.
	PasskeyUpgrade bool

	LoginTimeout time.Duration
	// Providers lets people sign in with the providers that are configured; ProvidersOnly with
	// nothing else.
	Providers     bool
	ProvidersOnly bool
	// Social are the settings of providers.
	Social struct {
		// SignupOpen lets people make accounts by a provider; AutoSignup without a form
		// where nothing is missing.
		SignupOpen bool
		AutoSignup bool
		// RequireEmail wants an address of new accounts, whatever SignupFields say.
		RequireEmail bool
		// EmailAuthentication signs in to the account that has the address a provider calls
		// verified; AutoConnect connects the provider's account then.
		EmailAuthentication bool
		AutoConnect         bool
		// VerifyEmail is how far addresses are verified after these ways in.
		VerifyEmail engine.Demand
		// Reauthenticate asks for an authentication within Recent before an account is
		// connected.
		Reauthenticate bool
		Recent         time.Duration
		// SessionAge is how long a session lives at most: so long it is known by what session of a
		// provider it began.
		SessionAge time.Duration
	}
	MFA accounts.MFAConfig
	// ConfirmURL is the front end's page that a verification link opens, with {key} in it.
	// ResetKeyURL is the one a reset link opens, likewise.
	ConfirmURL  string
	ResetKeyURL string
	SignupURL   string
	ResetURL    string
	// DisownURL is the page where the reader of a sign-up's letter says that it was somebody
	// else's, with {key} in it.
	DisownURL string
	Rates     engine.Rates
	// SMSCountries are where text messages are sent to, as regions of ISO 3166-1 alpha-2 ("CH");
	// none is everywhere.
	SMSCountries []string
}

// Env is what handlers work with.
type Env struct {
	Settings
	Accounts state.Accounts
	Hasher   *accounts.Hasher
	Policy   *accounts.Policy
	Keys     *state.Keyring
	MFA      *accounts.MFA
	// HTTP asks providers: its transport and timeout are used, a timeout of 0 is 10 s for
	// each request. It may be nil. Now is their clock.
	HTTP *http.Client
	Now  func() time.Time
	// Once takes a name that must not come twice before the time until, and tells whether
	// this is the first time: a token that an app brings works once. Nil lets all pass.
	Once func(ctx context.Context, name string, until time.Time) (bool, error)

	// SessionKey is the key of the record of the session that a run is granted. A trust that is
	// for bound sessions alone waits for that one.
	SessionKey func(run string) engine.Key

	passkeys  *passkey.WebAuthn
	providers []*provider.Provider
}

// allowed reports whether a kind of name can be signed in with.
func (s *Settings) allowed(method string) bool {
	for _, m := range s.LoginMethods {
		if m == method {
			return true
		}
	}
	return false
}

// limitKey hides what a limit is counted for from readers of the store.
func (e *Env) limitKey(what string) string { return e.Keys.LimitKey(what) }

// find returns the account with the key, or nil where there is none.
func (e *Env) find(ctx context.Context, kind, value string) (*state.Account, error) {
	if value == "" {
		return nil, nil
	}
	return orNil(e.Accounts.Find(ctx, state.Key{Kind: kind, Value: value}))
}

// account returns the account with the id, or nil where there is none.
func (e *Env) account(ctx context.Context, id engine.AccountID) (*state.Account, error) {
	if id == "" {
		return nil, nil
	}
	return orNil(e.Accounts.Account(ctx, state.AccountID(id)))
}
