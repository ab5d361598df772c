package rest

import (
	"context"

	"stagedoor/engine"
	"stagedoor/transport/internal/wire"
)

// What the word of a third party is used for.
const (
	processLogin   = "login"
	processConnect = "connect"
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
}

// process reads what the client wants, and opens the session of who connects.
func (c *call) process(ctx context.Context) (string, error) {
	if c.values.Text("process") != processConnect {
		return processLogin, nil
	}
	return processConnect, c.signedIn(ctx)
}

// connected answers who wanted to connect an account.
func (c *call) connected(ctx context.Context, ans engine.Answer) (*answer, error) {
	switch last(ans) {
	case "recent":
	case "not_recent":
		return c.proveAgain()
	case "taken":
		return nil, invalid("", "connected_other")
	default:
		return nil, wire.Unauthorized()
	}
	account, err := c.account(ctx)
	if err != nil {
		return nil, err
	}
	body := connectedBody{Accounts: []connectedData{}}
	for _, x := range account.Providers {
		body.Accounts = append(body.Accounts, connectedData{Provider: x.Provider, UID: x.UID, Display: x.Display})
	}
	return ok(body)
}
