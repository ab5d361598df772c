package server

import (
	"context"
	"fmt"
	"net/http"
	"os"
	"slices"
	"strings"
	"time"

	"stagedoor/engine"
	"stagedoor/stages"
	"stagedoor/state"
	"stagedoor/state/accounts"
	"stagedoor/transport/config"
	"stagedoor/transport/internal/contract"
	"stagedoor/transport/internal/dpop"
	"stagedoor/transport/internal/headless"
	"stagedoor/transport/internal/rest"
	"stagedoor/transport/internal/token"
	"stagedoor/transport/internal/wire"
)

// contracts is what the contracts with clients share.
type contracts struct {
	tokens   *token.Tokens
	keys     *state.Keyring
	visits   *contract.Visits
	accounts *accounts.Service
	csrf     *wire.CSRF
	// stages registers credentials.
	stages *stages.Env
}

func (s *Server) newContracts(env *stages.Env, tokens *token.Tokens, keys *state.Keyring, csrf *wire.CSRF) contracts {
	c := s.config
	visits := &contract.Visits{Tokens: tokens, Records: s.records, Refresh: s.records, Sessions: s.database}
	if c.UserSessions.TrackActivity {
		visits.Activity = contract.NewActivity(s.database, s.options.Log)
	}
	if env.BindsSessions {
		visits.Attempts = &contract.Attempts{
			Sessions: s.database, Ledger: s.ledger(), Limits: s.records, Keys: keys, Log: s.options.Log, Mail: c.Session.DeviceBoundMail, Committed: s.committed,
		}
	}
	return contracts{
		tokens: tokens, keys: keys, csrf: csrf, stages: env, visits: visits,
		accounts: &accounts.Service{
			Accounts: s.database, Ledger: s.ledger(), MFA: env.MFA, Notices: c.Account.EmailNotifications, AllowUnverified: c.MFA.AllowUnverifiedEmail,
			Hasher: env.Hasher, Policy: env.Policy, EmailOnly: slices.Equal(c.Account.LoginMethods, []string{"email"}),
			ProvidersOnly:  env.ProvidersOnly,
			EmailMandatory: env.VerifyEmail == engine.Mandatory,
			Passwordless:   stages.Passwordless,
			SignsInAlone:   passkeysSignIn(env.Settings),
			CodesSignIn:    env.CodesSignIn(),
			RPID:           c.RPID(),
		},
	}
}

// sessionKeys tells under what key the record of the session will lie that a run is granted.
func sessionKeys(keys *state.Keyring) func(run string) engine.Key {
	tokens := token.New(keys)
	return func(run string) engine.Key { return engine.KeyOf(tokens.Mint(run)) }
}

// passkeysSignIn tells which credentials are a way in by themselves, nil where none is.
func passkeysSignIn(s stages.Settings) func(*state.Authenticator) bool {
	if !s.WebAuthn || !s.PasskeyLogin || s.ProvidersOnly {
		return nil
	}
	return stages.SignsInAlone
}

// sessionAges are the ages of sessions that are not those of the cookie: an access token
// of the plain contract is its session, unless it is a signed one.
func sessionAges(c config.Config) map[string]time.Duration {
	if c.Headless.TokenStrategy == "jwt" {
		return nil
	}
	return map[string]time.Duration{token.Rest.String(): c.Rest.TokenLifetime.Duration()}
}

// base is what both contracts are made of.
func (s *Server) base(env *stages.Env, eng *engine.Engine) contract.Base {
	c, providers := s.config, env.PublicProviders()
	public := newPublicConfig(c, providers)
	base := contract.Base{
		Engine: eng, Visits: s.contracts.visits, Accounts: s.contracts.accounts, Ledger: s.ledger(), Tokens: s.contracts.tokens, Keys: s.contracts.keys,
		Rates: env.Rates, JWT: s.jwt, Public: public, Providers: providers, Origin: c.Origin(), FactorTypes: c.MFA.SupportedTypes, Callbacks: callbacks(c),
		EmailByCode: env.EmailByCode, SignupOpen: env.SignupOpen, PasswordMinLength: c.Account.PasswordMinLength, Reauthentication: reauthentication(c),
		LogoutOnPasswordChange: c.Account.LogoutOnPasswordChange,
		Idle:                   idle, BodyLimit: c.BodyLimit, Network: network(c),
		Now: s.options.Now, Rand: s.options.Rand, Log: s.options.Log, Committed: s.committed, PassOn: s.changes.pass,
	}
	if c.BindsBrowsers() {
		base.DeviceBound = deviceBound(c, s.contracts.keys, providers)
	}
	if c.BindsSessions() {
		base.Proofs, base.ProofRequired = s.proofs, c.BindingRequired()
	}
	if env.SignsOutAtProviders() {
		base.Elsewhere = elsewhere{s.database.ProviderSessions, env}
	}
	base.Offers = public.with(newFeatures(c, base.HasFlow, offersTrust(env)))
	if s.jwt != nil {
		base.Refresher = &token.Refresher{Tokens: s.jwt, Families: s.database, Ledger: s.ledger()}
	}
	return base
}

// offersTrust reports whether browsers can be trusted.
func offersTrust(env *stages.Env) bool { return env.OfferTrust || env.TrustCode }

// keepTrust makes good what browsers have that waits for their session to be bound, nil where
// nothing waits.
func keepTrust(env *stages.Env) func(context.Context, engine.AccountID, engine.Key, string, time.Time) (string, error) {
	if !env.TrustBound {
		return nil
	}
	return env.KeepTrust
}

// reauthentication is what asks signed-in clients to prove again whose session it is.
func reauthentication(c config.Config) contract.Reauthentication {
	out := contract.Reauthentication{
		Timeout: c.Account.ReauthenticationTimeout.Duration(), Methods: c.ProofMethods(), Upgrades: c.MFA.PasskeyUpgradeEnabled,
	}
	for area, required := range map[contract.Area]bool{
		contract.AccountArea: c.Account.ReauthenticationRequired, contract.ProviderArea: c.ReauthenticatesProviders(),
		contract.AuthenticatorArea: c.MFA.ReauthenticationRequired,
	} {
		if required {
			out.Areas = append(out.Areas, area)
		}
	}
	return out
}

// newHeadless makes the contract of browsers and apps.
func (s *Server) newHeadless(env *stages.Env, base contract.Base) (*headless.API, error) {
	c := s.config
	return headless.New(headless.Config{
		Base: base, Mount: c.Headless.Mount, Clients: c.Headless.Clients, CSRF: s.contracts.csrf, Refusals: s.refusals, JWTScheme: c.Headless.JWTHeaderScheme,
		ServeSpecification: c.Headless.ServeSpecification, ProviderSignupOpen: env.Social.SignupOpen, ProviderError: c.Pages().ProviderError,
		Extended: c.Headless.Extended, OfferTrust: offersTrust(env), TrackActivity: c.UserSessions.TrackActivity,
		TrustCookie: trustCookie(c), KeepTrust: keepTrust(env),
		Secure: c.Secure(), CookieDomain: c.Session.CookieDomain, SameSite: sameSite(c.Session.CookieSameSite), SessionAge: c.Session.CookieAge.Duration(),
	})
}

// writeProblem answers a problem in the form of the contract that the path belongs to.
func writeProblem(w http.ResponseWriter, r *http.Request, p *wire.Problem) {
	if strings.HasPrefix(r.URL.Path, rest.Mount+"/") {
		rest.WriteProblem(w, r, p)
		return
	}
	headless.WriteProblem(w, r, p)
}

// newJWT makes the signed tokens of the configuration, nil where it wants none.
func (s *Server) newJWT(keys *state.Keyring) (*token.JWT, error) {
	h := s.config.Headless
	if h.TokenStrategy != "jwt" {
		return nil, nil
	}
	key, err := s.config.SigningKey(s.options.Rand)
	if err != nil {
		return nil, err
	}
	var previous [][]byte
	for _, name := range h.JWTPreviousKeyFiles {
		b, err := os.ReadFile(name)
		if err != nil {
			return nil, fmt.Errorf("headless.jwt_previous_key_files: %w", err)
		}
		previous = append(previous, b)
	}
	return token.NewJWT(token.JWTConfig{
		Algorithm: h.JWTAlgorithm, PrivateKey: []byte(key.Reveal()), PreviousKeys: previous, Issuer: s.config.Origin(),
		AccessAge: h.JWTAccessTokenExpires.Duration(), RefreshAge: h.JWTRefreshTokenExpires.Duration(),
		Rotate: h.JWTRotateRefreshToken, ReuseEndsFamily: h.JWTReuseEndsFamily, Stateful: h.JWTStatefulValidation,
		Keys: keys, Rand: s.options.Rand, Now: s.options.Now,
	})
}

// newProofs makes what judges the keys that apps show, nil where they bind no sessions.
func newProofs(c config.Config, keys *state.Keyring) (*dpop.Verifier, error) {
	if !c.BindsSessions() {
		return nil, nil
	}
	return dpop.New(dpop.Config{
		Origins: c.ProofOrigins(), Window: c.Session.DPoPWindow.Duration(),
		Nonces: dpop.NewNonces(keys), Required: c.Session.DPoPNonceRequired,
	})
}

// relatedOrigins answers which pages of other domains may use the passkeys of this one (WebAuthn
// Level 3, section 5.11). Browsers fetch it from https://RP-ID/.well-known/webauthn.
func (s *Server) relatedOrigins(w http.ResponseWriter, r *http.Request) {
	document, err := stages.RelatedOrigins(s.config.MFA.WebAuthnRelatedOrigins)
	if err != nil { // the configuration was checked
		headless.WriteProblem(w, r, wire.NotFound())
		return
	}
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "public, max-age=300")
	_, _ = w.Write(document)
}

// keySet answers the public keys that verify access tokens (RFC 7517).
func (s *Server) keySet(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "application/jwk-set+json")
	w.Header().Set("Cache-Control", "public, max-age=300")
	_, _ = w.Write(s.jwt.JWKS())
}
