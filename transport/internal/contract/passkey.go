package contract

import (
	"fmt"

	"stagedoor/state"
	"stagedoor/state/accounts"
)

// AddedPasskey shows the credential that a turn added to the account, and reports whether
// recovery codes came with it.
func (c *Call) AddedPasskey(reply any) (v accounts.AuthenticatorView, codes bool, err error) {
	added, is := reply.(*state.Added)
	if !is {
		return v, false, fmt.Errorf("the turn that added a credential replied %T", reply)
	}
	v, err = c.Accounts.View(c.Principal().Account, added.Authenticator, false)
	return v, added.Codes, err
}
