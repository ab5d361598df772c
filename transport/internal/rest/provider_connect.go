package rest

import (
	"context"

	"stagedoor/engine"
	"stagedoor/state"
	"stagedoor/transport/internal/contract"
	"stagedoor/transport/internal/wire"
)

// connectedBody lists what is connected to the account.
type connectedBody struct {
	Accounts []connectedData `json:"accounts"`
}

// connectedData is a person's account at a third party.
type connectedData struct {
	Provider string `json:"provider"`
	UID      string `json:"uid"`
	Display  string `json:"display"`
	state.Profile
}

// process reads what the client wants, and opens the session that an account is connected to.
func (c *call) process(ctx context.Context) (string, error) {
	process := c.Input.Text("process")
	switch process {
	case contract.ProcessConnect, contract.ProcessReauthenticate:
	default:
		return contract.ProcessLogin, nil
	}
	if err := c.openSession(ctx); err != nil || process == contract.ProcessConnect {
		return process, err
	}
	return process, c.CanProveByProvider()
}

// connected answers a client that wanted to connect an account.
func (c *call) connected(ctx context.Context, ans engine.Answer) (*answer, error) {
	switch contract.LastExit(ans) {
	case "recent":
	case "not_recent":
		return nil, contract.ErrReauthenticate
	case "taken":
		return nil, invalid("", "connected_other")
	default:
		return nil, wire.Unauthorized()
	}
	account, err := c.Account(ctx)
	if err != nil {
		return nil, err
	}
	body := connectedBody{Accounts: []connectedData{}}
	for _, x := range account.Providers {
		body.Accounts = append(body.Accounts, connectedData{Provider: x.Provider, UID: x.UID, Display: x.Display, Profile: x.Profile})
	}
	return ok(body)
}
