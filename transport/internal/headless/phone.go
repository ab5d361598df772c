package headless

import (
	"context"
	"net/http"

	"stagedoor/engine"
	"stagedoor/transport/internal/wire"
)

const phoneWire = "verify_phone"

// phoneData is a number as the contract shows one.
type phoneData struct {
	Phone    string `json:"phone"`
	Verified bool   `json:"verified"`
}

// verifyPhone takes the code that was sent to a number.
func (a *API) verifyPhone(ctx context.Context, c *call) (*answer, error) {
	return c.submit(ctx, phoneWire, conflict)
}

// resendPhone sends the code again.
func (a *API) resendPhone(ctx context.Context, c *call) (*answer, error) {
	if err := c.open(ctx); err != nil {
		return nil, err
	}
	if c.visit.SignedIn {
		return conflict()
	}
	if _, err := c.act(ctx, phoneWire, "resend", engine.MapValues{}, nil); err != nil {
		return nil, err
	}
	return &answer{Status: http.StatusOK}, nil
}

// getPhone lists the account's number.
func (a *API) getPhone(ctx context.Context, c *call) (*answer, error) {
	account, err := c.mine(ctx)
	if err != nil || account == nil {
		return c.session(), err
	}
	list := []phoneData{}
	if account.Phone != "" {
		list = append(list, phoneData{Phone: account.Phone, Verified: account.PhoneVerified})
	}
	return ok(list), nil
}

// postPhone changes the number of the account, or the one that a sign-up waits for.
func (a *API) postPhone(ctx context.Context, c *call) (*answer, error) {
	if err := c.open(ctx); err != nil {
		return nil, err
	}
	fields := []wire.Field{{Name: "phone", Type: wire.Phone, Required: true}}
	if !c.visit.SignedIn {
		if _, pending := c.pendingAt(phoneWire); !pending {
			return conflict()
		}
		values, invalid, err := c.input(fields)
		if err != nil {
			return nil, err
		}
		if _, err := c.act(ctx, phoneWire, "change", values, invalid); err != nil {
			return nil, err
		}
		return wanted(values), nil
	}
	if err := c.open(ctx, a.Rates.Takes("change_phone", engine.Counted{IP: c.limitIP, User: c.visit.Ticket.Account})...); err != nil {
		return nil, err
	}
	values, invalid, err := c.input(fields)
	if err != nil {
		return nil, err
	}
	ans, err := c.startProved(ctx, "change_phone", c.turn(values, invalid))
	if ans != nil || err != nil {
		return ans, err
	}
	return wanted(values), nil
}

// wanted answers the number that waits for its code.
func wanted(v wire.Values) *answer {
	return &answer{Status: http.StatusAccepted, Data: []phoneData{{Phone: v.Text("phone")}}}
}

// startProved starts a flow of the session, once its input is right and, where the server
// asks for it, the client has proved recently who it is. It answers only what stands in
// the way.
func (c *call) startProved(ctx context.Context, flow engine.FlowID, t engine.Turn) (*answer, error) {
	if c.ReauthenticationRequired && !c.recent() {
		errs, err := c.Engine.Probe(ctx, flow, t)
		switch {
		case err != nil:
			return nil, err
		case len(errs) > 0:
			return nil, wrong(errs)
		}
		return c.reauthenticate(), nil
	}
	ans, err := c.Engine.Start(ctx, flow, t)
	if err != nil {
		return nil, err
	}
	_, err = c.acted(ans, nil)
	return nil, err
}
