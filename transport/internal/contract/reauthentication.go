package contract

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"stagedoor/engine"
	"stagedoor/state"
	"stagedoor/transport/internal/token"
	"stagedoor/transport/internal/wire"
)

// ErrReauthenticate says that the client must first prove again whose session it is. Each
// contract answers it with the ways to do so.
var ErrReauthenticate = errors.New("whose session it is was not proved again recently enough")

// ErrSecondFactor is an [ErrReauthenticate] that only a second factor answers.
var ErrSecondFactor = fmt.Errorf("no second factor was shown in this session: %w", ErrReauthenticate)

// Area is what a change is about. Each has a switch for whether it asks for a recent proof.
type Area uint8

// The areas. What is in none never asks.
const (
	NoArea Area = iota
	// AccountArea are addresses and numbers.
	AccountArea
	// FirstPasswordArea is the password of an account that has none, switched with AccountArea.
	FirstPasswordArea
	// ProviderArea are connections to providers.
	ProviderArea
	// AuthenticatorArea are TOTP, passkeys, keys and recovery codes.
	AuthenticatorArea
)

// Reauthentication is how a server asks a signed-in client to prove again whose session it
// is. That it has signed in, however lately, is no such proof.
type Reauthentication struct {
	// Timeout is how long a proof counts.
	Timeout time.Duration
	// Areas are those whose changes ask for one.
	Areas []Area
	// Methods are the ways that there are, of password, code, mfa and socialaccount.
	Methods []string
	// Upgrades lets clients make a passkey by themselves after a sign-in with a password.
	Upgrades bool
}

// The ways to reauthenticate, as settings and the log of authentications name them.
const (
	ByPassword = "password"
	ByCode     = "code"
	ByFactor   = "mfa"
	ByProvider = "socialaccount"
)

// Has reports whether there is the way.
func (r Reauthentication) Has(method string) bool { return slices.Contains(r.Methods, method) }

// Recipient is where a code can be sent to: an address or a number.
type Recipient struct {
	Email string `json:"email,omitempty"`
	Phone string `json:"phone,omitempty"`
}

// Way is a flow by which a signed-in client can reauthenticate.
type Way struct {
	ID string `json:"id"`
	// Recipients are the verified addresses and numbers that a code can be sent to.
	Recipients []Recipient `json:"recipients,omitempty"`
	// Types are the second factors that the account has.
	Types []state.AuthenticatorType `json:"types,omitempty"`
	// Providers are those that can vouch for the account, and Process what to ask them for.
	Providers []string `json:"providers,omitempty"`
	Process   string   `json:"process,omitempty"`
	// Pending is set while a code waits.
	Pending bool `json:"is_pending,omitempty"`
}

// Ways lists the flows by which the client can do what err asks for, an [ErrReauthenticate].
// There may be none: then the account must first get something to prove itself with.
func (c *Call) Ways(err error) []Way {
	ways, a := []Way{}, c.Visit.Account
	if !errors.Is(err, ErrSecondFactor) {
		if a.HasPassword && c.Reauthentication.Has(ByPassword) {
			ways = append(ways, Way{ID: ReauthenticateFlow})
		}
		if to := recipients(a); len(to) > 0 && c.HasFlow(ReauthByCodeStage) {
			ways = append(ways, Way{ID: ReauthByCodeStage, Recipients: to, Pending: c.CodeWaits()})
		}
	}
	if len(a.SecondFactor) > 0 && c.Reauthentication.Has(ByFactor) {
		ways = append(ways, Way{ID: MFAReauthenticateFlow, Types: a.SecondFactor})
	}
	if !errors.Is(err, ErrSecondFactor) && c.provesByProvider(len(ways) == 0) {
		ways = append(ways, c.providerWays()...)
	}
	return ways
}

// provesByProvider reports whether a provider's word is a proof: where that is switched on, and
// for an account that has no other way, also where even its first password asks for a proof.
func (c *Call) provesByProvider(onlyWay bool) bool {
	return c.Reauthentication.Has(ByProvider) || onlyWay && c.asks(FirstPasswordArea)
}

// CanProveByProvider fails with a 403 where a provider's word is no proof of whose session it is.
func (c *Call) CanProveByProvider() error {
	if !slices.ContainsFunc(c.Ways(ErrReauthenticate), func(w Way) bool { return w.Process != "" }) {
		return wire.Forbidden(wire.CodeForbidden, nil)
	}
	return nil
}

// providerWays are the flows by which the providers that the account is connected to vouch for
// it. An app of the headless contract cannot follow a redirect.
func (c *Call) providerWays() []Way {
	var out []Way
	for _, flow := range []engine.FlowID{RedirectFlow, TokenFlow} {
		var ids []string
		for _, p := range c.Providers {
			if slices.Contains(c.Visit.Account.Providers, p.ID) && slices.Contains(p.Flows, string(flow)) {
				ids = append(ids, p.ID)
			}
		}
		if len(ids) > 0 && c.HasFlow(flow) && (flow != RedirectFlow || c.Kind != token.App) {
			out = append(out, Way{ID: string(flow), Providers: ids, Process: ProcessReauthenticate})
		}
	}
	return out
}

// recipients are where an account gets codes to reauthenticate with.
func recipients(a state.Snapshot) []Recipient {
	var out []Recipient
	for _, address := range a.Verified {
		out = append(out, Recipient{Email: address})
	}
	if a.Phone != "" {
		out = append(out, Recipient{Phone: a.Phone})
	}
	return out
}

// CodeWaits reports whether a code waits to be entered: one that went where the account can
// still be reached.
func (c *Call) CodeWaits() bool {
	p, pending := c.PendingAt(ReauthByCodeStage)
	return pending && slices.Contains(c.Visit.Account.Recipients(), p.Run.Hint)
}

// dropCode drops a waiting code whose address or number the account has no more.
func (c *Call) dropCode(ctx context.Context) error {
	if _, pending := c.PendingAt(ReauthByCodeStage); !pending || c.CodeWaits() {
		return nil
	}
	_, err := c.Update(ctx, func(r *engine.Record) { r.Drop(engine.SlotReauth) })
	return err
}

// ProvedAt is when the client last proved again whose session it is, by one of these ways or by a
// provider, which is asked only where its word counts; zero where it never did.
func (v *Visit) ProvedAt(methods []string) time.Time {
	for _, m := range slices.Backward(v.Methods()) {
		if m.Reauthenticated && (slices.Contains(methods, m.Method) || m.Method == ByProvider) {
			return time.UnixMilli(m.At)
		}
	}
	return time.Time{}
}

func (c *Call) provedAt() time.Time { return c.Visit.ProvedAt(c.Reauthentication.Methods) }

// asks reports whether changes in the area ask for a recent proof.
func (c *Call) asks(area Area) bool {
	if area == FirstPasswordArea {
		return !c.Visit.Account.HasPassword && c.asks(AccountArea)
	}
	return slices.Contains(c.Reauthentication.Areas, area)
}

// RequireProof fails with [ErrReauthenticate] where a change in the area asks for a recent
// proof and the client has none.
func (c *Call) RequireProof(area Area) error {
	if !c.asks(area) {
		return nil
	}
	return c.RequireWithin(c.Reauthentication.Timeout)
}

// RequireWithin fails with [ErrReauthenticate] where the client has not proved for so long
// whose session it is.
func (c *Call) RequireWithin(age time.Duration) error {
	if c.Visit.ReadOnly {
		return c.nobody()
	}
	if c.Now.Sub(c.provedAt()) < age {
		return nil
	}
	return ErrReauthenticate
}

// Forecast says whether an operation would ask for a proof, if it were tried now.
type Forecast struct {
	// For is the operation as the client has named it.
	For      string `json:"for"`
	Required bool   `json:"required"`
	// Until is when the proof that there is runs out, in seconds since 1970; nil where there
	// is none, or none is asked for.
	Until *float64 `json:"until,omitempty"`
}

// Foresee says whether an operation in the area would ask for a proof, and returns the error
// that it would fail with then.
func (c *Call) Foresee(operation string, area Area) (Forecast, error) {
	f := Forecast{For: operation}
	if !c.asks(area) {
		return f, nil
	}
	err := c.RequireWithin(c.Reauthentication.Timeout)
	if f.Required = err != nil; !f.Required {
		until := wire.Seconds(c.provedAt().Add(c.Reauthentication.Timeout))
		f.Until = &until
	}
	return f, err
}

// RequireSecondFactor fails where the client has not shown a second factor in its session:
// with [ErrSecondFactor], or with a 403 where the account has none.
func (c *Call) RequireSecondFactor() error {
	switch {
	case c.Visit.ReadOnly:
		return c.nobody()
	case c.Visit.SecondFactor():
		return nil
	case len(c.Visit.Account.SecondFactor) == 0:
		return wire.Forbidden(wire.CodeNoSecondFactor, nil)
	}
	return ErrSecondFactor
}

// CodeStart is how a code to reauthenticate with is asked for, once the input is read. It counts
// with other proofs, and by where the code goes with codes to sign in with.
func (c *Call) CodeStart() Start {
	param := "email"
	if c.Input.Text("phone") != "" {
		param = "phone"
	}
	return Start{
		Flow: ReauthByCodeStage, Limits: c.Limits(ReauthenticateFlow), EnteredLimit: "too_many_login_attempts", EnteredParam: param,
	}
}

// VoidCode reports whether a turn has found that its code went where the account can be
// reached no more.
func VoidCode(ans engine.Answer) bool {
	return ans.Flow == ReauthByCodeStage && LastExit(ans) == "void"
}
