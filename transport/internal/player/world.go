package player

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"time"

	"stagedoor/transport/internal/device"
)

// Target makes ready what a play is played against. An error that wraps [ErrSkip] says
// why this play cannot be played there.
type Target func(ctx context.Context, s *Story, client string) (*World, error)

// ErrSkip says that a play makes no sense on a target.
var ErrSkip = errors.New("not played here")

// World is a server with what surrounds it, as one play meets it. What is nil is what the
// target cannot do.
type World struct {
	// Base is the address the server is reached at, without a slash at its end; Mount
	// where the headless contract stands there, /_allauth if empty. Origin is where the
	// front end stands, as authenticators see it.
	Base, Mount, Origin string
	// HTTP carries requests. It follows no redirect.
	HTTP http.RoundTripper
	// Now is the clock, and Pass lets time go by: at once where the clock is the story's,
	// by waiting where it is not.
	Now  func() time.Time
	Pass func(ctx context.Context, d time.Duration) error
	// Messages takes the messages to an address or a number that came since it was last
	// asked. Where nobody can know whether more are coming it waits until there are n.
	Messages func(ctx context.Context, to string, n int) ([]device.Message, error)
	// Provider is the OpenID provider.
	Provider *device.Provider
	// Add makes an account.
	Add func(ctx context.Context, a Account) (Created, error)
	// Turns takes the turns that runs took since it was last asked, in order.
	Turns func() []Turn
	// Prints are the fingerprints of the server's flows.
	Prints map[string]string
	// Seed is what everything that is made up is made of.
	Seed [32]byte
	// Close ends the world.
	Close func() error
}

// Account is an account to be made before a story begins.
type Account struct {
	Email, Password, Username, Phone string
	EmailVerified, PhoneVerified     bool
	Disabled                         bool
	// TOTP sets up TOTP, RecoveryCodes recovery codes.
	TOTP, RecoveryCodes bool
	// Credentials are made by answering creation options.
	Credentials []Credential
	// Providers are accounts of third parties, by provider.
	Providers map[string]string
	// Attributes belong to custom stages.
	Attributes map[string]string
}

// Credential is a WebAuthn credential to be made.
type Credential struct {
	Name    string
	Passkey bool
	// Answer answers creation options.
	Answer func(options json.RawMessage) (json.RawMessage, error)
}

// Created is what came of an account: its TOTP secret in base32, and its recovery codes.
type Created struct {
	ID            int64
	Secret        string
	RecoveryCodes []string
}

// Turn is what one turn of a run came to.
type Turn struct {
	// Run names the run.
	Run string
	// Flow is the flow, Print the fingerprint of its graph.
	Flow, Print string
	// Marks are the exits the run took in this turn, node/exit or node/exit:reason.
	Marks []string
	// Stage is where the run waits, or End the end it reached.
	Stage, End string
	// Refused says that the run never began: its first submission was wrong.
	Refused bool
}
