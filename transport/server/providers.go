package server

import (
	"errors"
	"html/template"
	"net/http"
	"strings"

	"stagedoor/stages"
	"stagedoor/stages/provider"
	"stagedoor/state"
	"stagedoor/transport"
)

// dummyPage is where the provider dummy asks who one wants to be.
const dummyPage = "/accounts/dummy/login/"

// providers makes the configured third parties. Nobody is asked anything yet.
func (s *Server) providers() ([]*provider.Provider, error) {
	c := s.config
	deps := provider.Deps{
		Client: &http.Client{Timeout: c.SocialAccount.RequestsTimeout.Duration()}, Now: s.options.Now, Development: c.Dev.Enabled,
	}
	asked, _ := c.Account.SignupField("email")
	var out []*provider.Provider
	var errs []error
	for _, p := range c.SocialAccount.Providers {
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
		one, err := provider.New(cfg, deps)
		out, errs = append(out, one), append(errs, err)
	}
	return out, errors.Join(errs...)
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

// dummyHTML is the page of the provider dummy.
const dummyHTML = `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>Dummy provider</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<style>body{font:16px/1.5 system-ui,sans-serif;max-width:26rem;margin:3rem auto;padding:0 1rem}
label{display:block;margin:.8rem 0}input[type=text],input[type=email]{width:100%;padding:.4rem;box-sizing:border-box}</style></head>
<body><h1>Who do you want to be?</h1>
<p>This provider is for development. It believes everything.</p>
<form method="get" action="{{.Action}}"><input type="hidden" name="state" value="{{.State}}">
<label>Account id <input type="text" name="id" value="1" required></label>
<label>E-mail address <input type="email" name="email"></label>
<label><input type="checkbox" name="email_verified" value="on"> the address is verified</label>
<label>Username <input type="text" name="username"></label>
<label>First name <input type="text" name="first_name"></label>
<label>Last name <input type="text" name="last_name"></label>
<p><button name="action" value="login">Sign in</button>
<button name="action" value="cancel" formnovalidate>Cancel</button></p>
</form></body></html>
`

// dummyLogin makes the page that asks who one wants to be. It leads to callbacks of this
// server only.
func (s *Server) dummyLogin() http.HandlerFunc {
	page := template.Must(template.New("dummy").Parse(dummyHTML))
	return func(w http.ResponseWriter, r *http.Request) {
		q := r.URL.Query()
		back := q.Get("redirect_uri")
		if !strings.HasPrefix(back, s.config.Origin()+"/accounts/") || strings.ContainsAny(back, "?#\\") {
			http.Error(w, "this page is reached by POST auth/provider/redirect", http.StatusBadRequest)
			return
		}
		transport.SetAPIHeaders(w.Header())
		w.Header().Set("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'; form-action *; frame-ancestors 'none'")
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		_ = page.Execute(w, map[string]string{"Action": back, "State": q.Get("state")})
	}
}
