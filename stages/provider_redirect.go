package stages

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"

	"stagedoor/engine"
	"stagedoor/stages/internal/provider"
	"stagedoor/state"
)

// ProviderRedirect takes what a provider answered to a browser that was sent there. Its
// action makes the URL to send a browser to.
func ProviderRedirect() engine.Stage {
	text := func(name, help string) engine.Field {
		return engine.Field{Name: name, Type: engine.Text, Required: true, Help: help}
	}
	kept := []engine.Field{
		text("provider", "the id of the provider"), text("verifier", "the PKCE code verifier (RFC 7636)"),
		text("nonce", "the nonce of the id_token"), text("redirect_uri", "the callback"),
	}
	return engine.Stage{
		ID: "provider_redirect", Kind: engine.Asks, Title: "a provider's answer", Uses: engine.SlotProviderSignup,
		Exits: providerExits(), Because: providerReasons(),
		Fields: append(slices.Clone(kept), text("process", "login, connect or reauthenticate"), text("query", "the query of the callback")),
		Actions: []engine.Action{{Name: "begin", Fields: append(slices.Clone(kept), text("state", "comes back with the callback"),
			engine.Field{Name: "process", Type: engine.Text, Help: "login, connect or reauthenticate"})}},
	}
}

type providerRedirect struct{ providerAnswer }

// Act makes the URL to send a browser to.
func (r providerRedirect) Act(ctx context.Context, _ string, s engine.Submission) (engine.Acted, error) {
	p := r.provider(s.Values.Text("provider"))
	if p == nil {
		return engine.Acted{Errors: []engine.FieldError{{Param: "provider", Code: "unknown_provider"}}}, nil
	}
	request := provider.Request{
		State: s.Values.Text("state"), Nonce: s.Values.Text("nonce"), Verifier: s.Values.Text("verifier"), RedirectURI: s.Values.Text("redirect_uri"),
	}
	if s.Values.Text("process") == processReauth {
		// The person shall show there, too, that it is still the same one.
		request.MaxAge = r.Social.Recent
	}
	to, err := p.AuthCodeURL(ctx, request)
	if refused, found := refusedAt(err); found {
		// No field is wrong: the person has not been there yet.
		refused.Errors[0].Param, refused.Errors[0].Code = "", "unavailable"
		return engine.Acted{Errors: refused.Errors, Why: refused.Why}, nil
	}
	if err != nil {
		return engine.Acted{}, fmt.Errorf("%w: %w", state.ErrProvider, err)
	}
	return engine.Acted{Keep: true, Reply: to}, nil
}

// refusedAt is the verdict on a provider that was not reached, or whose answer is refused, and
// whether an error says so. Observers learn why, clients what kind of cause it has.
func refusedAt(err error) (engine.Verdict, bool) {
	cause := provider.Cause(err)
	if cause == "" {
		return engine.Verdict{}, false
	}
	e := engine.FieldError{Code: "unavailable", Cause: cause}
	if !errors.Is(err, provider.ErrUnreachable) {
		e.Param, e.Code = "code", "invalid"
	}
	return engine.Verdict{Errors: []engine.FieldError{e}, Why: err.Error()}, true
}

// Submit exchanges what came back and judges the answer.
func (r providerRedirect) Submit(ctx context.Context, s engine.Submission) (engine.Verdict, error) {
	p := r.provider(s.Values.Text("provider"))
	if p == nil {
		return wrong("provider", "unknown_provider"), nil
	}
	a, again := s.Memo.(provider.Assertion)
	if !again {
		form, err := url.ParseQuery(s.Values.Text("query"))
		if err != nil {
			return wrong("query", "invalid"), nil
		}
		if err = r.slippedIn(p, form["iss"]); err == nil {
			a, err = p.Exchange(ctx, provider.Callback{
				Code: form.Get("code"), Verifier: s.Values.Text("verifier"), Nonce: s.Values.Text("nonce"),
				RedirectURI: s.Values.Text("redirect_uri"), Form: form,
			})
		}
		refused, found := refusedAt(err)
		switch {
		case errors.Is(err, provider.ErrDenied):
			return wrong("", "cancelled"), nil
		case found:
			return refused, nil
		case err != nil:
			return engine.Verdict{}, fmt.Errorf("%w: %w", state.ErrProvider, err)
		}
	}
	return r.judge(ctx, s, p, a)
}

// slippedIn refuses an answer that says to be of another of our providers (RFC 9207), where the one that
// was asked has no issuer to be compared to: it may have sent the person on to the other with a request of
// its own making, to be brought the code (RFC 9700, section 4.4). Front ends may have one address for all
// to come back to.
func (r providerRedirect) slippedIn(p *provider.Provider, issuers []string) error {
	if p.Issuer() != "" {
		return nil
	}
	for _, iss := range issuers {
		for _, other := range r.providers {
			if iss != "" && strings.TrimSuffix(other.Issuer(), "/") == strings.TrimSuffix(iss, "/") {
				return fmt.Errorf("provider %s: %w: the callback is of provider %s", p.ID(), provider.ErrRefused, other.ID())
			}
		}
	}
	return nil
}
