package server

import (
	"cmp"
	"context"
	"errors"
	"net/http"
	"time"

	"stagedoor/stages"
	"stagedoor/stages/provider"
	"stagedoor/state"
	"stagedoor/transport/config"
)

// providers makes the configured third parties. Nobody is asked anything yet.
func (s *Server) providers() ([]*provider.Provider, error) {
	c := s.config
	deps := provider.Deps{
		Client: &http.Client{Timeout: c.SocialAccount.RequestsTimeout.Duration(), Transport: s.options.HTTP}, Now: s.options.Now, Development: c.Dev.Enabled, Once: s.once,
	}
	var out []*provider.Provider
	var errs []error
	for _, p := range c.SocialAccount.Providers {
		one, err := provider.New(providerConfig(c, p), deps)
		out, errs = append(out, one), append(errs, err)
	}
	return out, errors.Join(errs...)
}

// providerConfig is a provider as its constructor takes it.
func providerConfig(c config.Config, p config.Provider) provider.Config {
	cfg := c.ProviderConfig(p)
	if p.Provider == "dummy" && cfg.ServerURL == "" {
		cfg.ServerURL = dummyPage
	}
	return cfg
}

// once tells whether a name comes for the first time before until, and remembers it till
// then: a token that an app brings works once.
func (s *Server) once(ctx context.Context, name string, until time.Time) (bool, error) {
	return s.records.Once(ctx, name, until, s.options.Now())
}

// socialSettings is the part of the configuration that the stages of providers depend on.
func socialSettings(c config.Config) stages.Social {
	s := c.SocialAccount
	return stages.Social{
		SignupOpen: s.SignupOpen, AutoSignup: s.AutoSignup,
		EmailAuthentication: s.EmailAuthentication, AutoConnect: s.EmailAuthenticationAutoConnect,
		VerifyEmail:    demand(cmp.Or(s.EmailVerification, c.Account.EmailVerification)),
		Reauthenticate: c.Account.ReauthenticationRequired, Recent: c.Account.ReauthenticationTimeout.Duration(),
	}
}

// publicProviders are what everybody may know of the third parties.
func publicProviders(list []*provider.Provider) []state.Provider {
	out := []state.Provider{}
	for _, p := range list {
		out = append(out, stages.PublicProvider(p))
	}
	return out
}
