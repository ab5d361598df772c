package contract

import (
	"slices"
	"time"

	"stagedoor/engine"
	"stagedoor/transport/internal/wire"
)

// RequireProofForKey is [Call.RequireProof] for a new WebAuthn credential. One that the client
// makes by itself after a sign-in with a password (conditional) takes that for the proof, where
// the configuration says so, for as long as a proof counts; of an account with a second factor
// that must have been shown, too. Where it does not say so, there is no such thing.
func (c *Call) RequireProofForKey(conditional bool) error {
	switch {
	case !conditional:
	case !c.Reauthentication.Upgrades:
		return wire.NotFound()
	case c.passwordShown():
		return nil
	}
	return c.RequireProof(AuthenticatorArea)
}

// passwordShown reports whether the client has signed in with the account's password lately,
// and with all that the account asks for besides.
func (c *Call) passwordShown() bool {
	lately := c.Now.Add(-c.Reauthentication.Timeout)
	return (len(c.Visit.Account.SecondFactor) == 0 || c.Visit.SecondFactor()) &&
		slices.ContainsFunc(c.Visit.Methods(), func(m engine.Method) bool {
			return m.Method == ByPassword && time.UnixMilli(m.At).After(lately)
		})
}
