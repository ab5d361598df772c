package stages

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"stagedoor/engine"
	"stagedoor/stages/internal/provider"
	"stagedoor/state"
)

// What is wrong with a provider's word that somebody signed out there, besides
// [state.ErrProvider], which says that it cannot be judged now.
var (
	// ErrNoBackchannel says that there is no such provider, or that its words are not taken.
	ErrNoBackchannel = errors.New("no sign-outs of this provider are taken")
	// ErrLogoutToken says that a logout_token is not valid.
	ErrLogoutToken = errors.New("the logout_token is not valid")
)

// logoutSkew is how far a provider's clock may be behind: what began so long after its word is still
// meant. So much longer its words are remembered, too.
const logoutSkew = time.Minute

// hintContext is what a kept id_token is sealed for.
func hintContext(provider string, issuer, subject string) []byte {
	return []byte("id_token_hint\x00" + provider + "\x00" + issuer + "\x00" + subject)
}

// sealSession seals the id_token of a sign-in, so that nothing is kept of it in the clear.
func (e *Env) sealSession(provider string, s *provider.Session) error {
	if s == nil || s.IDToken == "" || s.Hint != nil {
		return nil
	}
	var err error
	s.Hint, err = e.Keys.Seal([]byte(s.IDToken), hintContext(provider, s.Issuer, s.Subject))
	return err
}

// noteSession has a sign-in, or a new proof of the session there is, note by what session of the provider it was.
func (e *Env) noteSession(s engine.Submission, a provider.Assertion, v *engine.Verdict) {
	there := a.Session
	if there == nil {
		return
	}
	note := state.NoteProviderSession{
		ProviderSession: state.ProviderSession{Provider: a.Provider, Issuer: there.Issuer, Subject: there.Subject, SID: there.SID, Hint: there.Hint},
		Until:           s.Now.Add(e.Social.SessionAge + e.LoginTimeout),
	}
	switch {
	case v.Exit == "again":
		note.Session = s.Client.Session
	case v.Exit == "known" && disabled(v), v.Exit != "known" && v.Exit != "created":
		return
	}
	v.Writes = append(v.Writes, note)
}

// disabled reports whether a verdict is about an account that is turned away.
func disabled(v *engine.Verdict) bool {
	found, ok := v.Found.(*state.Account)
	return ok && !found.Active
}

// SignsOutAtProviders reports whether who signs out may have to sign out at a provider, too.
func (e *Env) SignsOutAtProviders() bool {
	return slices.ContainsFunc(e.providers, (*provider.Provider).SignsOut)
}

// TakesSignOuts reports whether any provider may say here that somebody has signed out there.
func (e *Env) TakesSignOuts() bool {
	return slices.ContainsFunc(e.providers, (*provider.Provider).EndsSessions)
}

// SignOutURL is where to send a browser whose session was begun by one at a provider, so that its
// person signs out there, too; "" for nowhere. It fails with [state.ErrProvider] where the provider
// cannot be asked for it.
func (e *Env) SignOutURL(ctx context.Context, there state.ProviderSession) (string, error) {
	p := e.provider(there.Provider)
	if p == nil {
		return "", nil
	}
	// One that was sealed under a key that is gone is no hint any more.
	token, err := e.Keys.Open(there.Hint, hintContext(there.Provider, there.Issuer, there.Subject))
	if err != nil {
		token = nil
	}
	to, err := p.SignOutURL(ctx, string(token))
	if err != nil {
		return "", fmt.Errorf("%w: %w", state.ErrProvider, err)
	}
	return to, nil
}

// VerifyLogout checks what a provider says of a sign-out there, all but whether it said so before.
// Errors: [ErrNoBackchannel], [ErrLogoutToken], [state.ErrProvider].
func (e *Env) VerifyLogout(ctx context.Context, id, token string) (state.ProviderLogout, error) {
	p := e.provider(id)
	if p == nil {
		return state.ProviderLogout{}, ErrNoBackchannel
	}
	l, err := p.VerifyLogout(ctx, token)
	switch {
	case errors.Is(err, provider.ErrUnsupported):
		return state.ProviderLogout{}, fmt.Errorf("%w: %w", ErrNoBackchannel, err)
	case errors.Is(err, provider.ErrInvalidToken), errors.Is(err, provider.ErrRefused):
		return state.ProviderLogout{}, fmt.Errorf("%w: %w", ErrLogoutToken, err)
	case err != nil:
		return state.ProviderLogout{}, fmt.Errorf("%w: %w", state.ErrProvider, err)
	}
	return state.ProviderLogout{
		Provider: id, Issuer: l.Issuer, Subject: l.Subject, SID: l.SID, Token: l.Token,
		Until: l.ExpiresAt.Add(logoutSkew), Before: l.IssuedAt.Add(logoutSkew), Now: e.Now(),
	}, nil
}
