package headless

import (
	"context"
	"net/http"

	"stagedoor/engine"
	"stagedoor/transport/internal/contract"
	"stagedoor/transport/internal/wire"
)

// phoneData is a number as the contract shows one.
type phoneData struct {
	Phone    string `json:"phone"`
	Verified bool   `json:"verified"`
}

// verifyPhone takes the code that was sent to a number.
func (a *API) verifyPhone(ctx context.Context, c *call) (*answer, error) {
	return c.submit(ctx, contract.PhoneStage, conflict)
}

// resendPhone sends the code again.
func (a *API) resendPhone(ctx context.Context, c *call) (*answer, error) {
	if err := c.open(ctx); err != nil {
		return nil, err
	}
	if c.Visit.SignedIn {
		return nil, wire.Conflict()
	}
	return c.resend(ctx, contract.PhoneStage)
}

// getPhone lists the account's number.
func (a *API) getPhone(ctx context.Context, c *call) (*answer, error) {
	account, err := c.account(ctx)
	if err != nil {
		return nil, err
	}
	list := []phoneData{}
	if account.Phone != "" {
		list = append(list, phoneData{Phone: account.Phone, Verified: account.PhoneVerified})
	}
	return ok(list), nil
}

func phoneForm() []wire.Field {
	return []wire.Field{{Name: "phone", Type: wire.Phone, Required: true}}
}

// postPhone changes the number of the account, or the one that a sign-up waits for.
func (a *API) postPhone(ctx context.Context, c *call) (*answer, error) {
	if err := c.open(ctx); err != nil {
		return nil, err
	}
	signedIn := c.Visit.SignedIn
	if signedIn {
		if err := c.MustUse(ctx, c.Limits("change_phone")); err != nil {
			return nil, err
		}
	} else if _, pending := c.PendingAt(contract.PhoneStage); !pending {
		return nil, wire.Conflict()
	}
	if err := c.Read(phoneForm()); err != nil {
		return nil, err
	}
	var err error
	if signedIn {
		err = c.startProved(ctx, "change_phone")
	} else {
		_, err = c.act(ctx, contract.PhoneStage, "change", c.Turn())
	}
	// The answer is the number that waits for its code.
	return &answer{Status: http.StatusAccepted, Data: []phoneData{{Phone: c.Input.Text("phone")}}}, err
}

// startProved starts a flow of the session, once its input is right and, where the server
// asks for it, the client has proved lately whose it is.
func (c *call) startProved(ctx context.Context, flow engine.FlowID) error {
	if recent := c.RequireProof(contract.AccountArea); recent != nil {
		if err := c.Probe(ctx, flow); err != nil {
			return err
		}
		return recent
	}
	_, err := c.reply(c.Engine.Start(ctx, flow, c.Turn()))
	return err
}
