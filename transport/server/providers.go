package server

import (
	"context"
	"errors"
	"net/http"
	"time"

	"stagedoor/stages"
	"stagedoor/stages/provider"
	"stagedoor/state"
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
		one, err := provider.New(c.provider(p), deps)
		out, errs = append(out, one), append(errs, err)
	}
	return out, errors.Join(errs...)
}

// provider is a provider as its constructor takes it.
func (c Config) provider(p Provider) provider.Config {
	asked, _ := c.Account.SignupField("email")
	cfg := provider.Config{
		ID: p.ID, Kind: p.Provider, Name: p.Name, ClientID: p.ClientID, Secret: p.Secret.Reveal(), ServerURL: p.ServerURL,
		Scope: p.Scope, AuthParams: p.AuthParams, TokenAuthMethod: p.TokenAuthMethod,
		VerifiedEmail: p.VerifiedEmail, EmailAuthentication: p.EmailAuthentication,
		SkipEmail: !c.SocialAccount.QueryEmail.Or(asked), Settings: make(map[string]string),
	}
	for name, value := range p.Settings {
		cfg.Settings[name] = value.Reveal()
	}
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

// social is the part of the configuration that the stages of providers depend on.
func (c Config) social() stages.Social {
	s := c.SocialAccount
	return stages.Social{
		SignupOpen: s.SignupOpen, AutoSignup: s.AutoSignup,
		EmailAuthentication: s.EmailAuthentication, AutoConnect: s.EmailAuthenticationAutoConnect,
		VerifyEmail:    demand(orElse(s.EmailVerification, c.Account.EmailVerification)),
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
