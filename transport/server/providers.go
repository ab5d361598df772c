package server

import (
	"cmp"
	"context"
	"time"

	"stagedoor/stages"
	"stagedoor/transport/config"
	"stagedoor/transport/internal/devpage"
)

// providers are the configured providers as stages take them.
func providers(c config.Config) []stages.ProviderConfig {
	var out []stages.ProviderConfig
	for _, p := range c.SocialAccount.Providers {
		out = append(out, providerConfig(c, p))
	}
	return out
}

// providerConfig is a provider as stages take it.
func providerConfig(c config.Config, p config.Provider) stages.ProviderConfig {
	cfg := c.ProviderConfig(p)
	if p.Provider == "dummy" && cfg.ServerURL == "" {
		cfg.ServerURL = devpage.DummyPath
	}
	return cfg
}

// callbacks are the paths on which providers send browsers back, by the provider's id.
func callbacks(c config.Config) map[string]string {
	out := make(map[string]string, len(c.SocialAccount.Providers))
	for _, p := range c.SocialAccount.Providers {
		out[p.Key()] = c.SocialAccount.CallbackPath(p)
	}
	return out
}

// once tells whether a name comes for the first time before until, and remembers it till
// then: a token that an app brings works once.
func (s *Server) once(ctx context.Context, name string, until time.Time) (bool, error) {
	return s.records.Once(ctx, name, until, s.options.Now())
}

// socialSettings sets what the stages of providers depend on.
func socialSettings(c config.Config, to *stages.Settings) {
	from, social := c.SocialAccount, &to.Social
	social.SignupOpen, social.AutoSignup = c.SocialSignupOpen(), from.AutoSignup
	social.RequireEmail = c.SocialEmailRequired()
	social.EmailAuthentication, social.AutoConnect = from.EmailAuthentication, from.EmailAuthenticationAutoConnect
	social.VerifyEmail = demand(cmp.Or(from.EmailVerification, c.Account.EmailVerification))
	social.SessionAge = max(c.Session.CookieAge.Duration(), c.Rest.TokenLifetime.Duration())
	social.Reauthenticate, social.Recent = c.ReauthenticatesProviders(), c.Account.ReauthenticationTimeout.Duration()
}
