package stages

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"

	"stagedoor/engine"
	"stagedoor/stages/internal/provider"
	"stagedoor/state"
)

type providerToken struct{ vouched }

// Clean says what is wrong with the token before it is verified.
func (t providerToken) Clean(_ context.Context, s engine.Submission) ([]engine.FieldError, error) {
	id, raw := s.Values.Text("provider"), s.Values.JSON("token")
	if id == "" || len(raw) == 0 || bytes.Equal(raw, []byte("{}")) {
		return nil, nil
	}
	_, errs := t.token(id, raw)
	return errs, nil
}

// token reads a token, an object of texts, that came with the id of a provider. The
// client id in it must be one of ours there.
func (t providerToken) token(id string, raw []byte) (provider.Token, []engine.FieldError) {
	refuse := func(param, code string) (provider.Token, []engine.FieldError) {
		return provider.Token{}, []engine.FieldError{{Param: param, Code: code}}
	}
	var in map[string]any
	if json.Unmarshal(raw, &in) != nil {
		return refuse("token", "invalid_token")
	}
	p := t.provider(id)
	clientID, named := in["client_id"].(string)
	switch {
	case !named && (p == nil || !p.Local()):
		return refuse("token", "client_id_required")
	case p == nil, !p.Local() && !oneOfOurs(p, clientID):
		return refuse("token", "invalid_token")
	case !p.SupportsToken():
		return refuse("provider", "token_authentication_not_supported")
	}
	out := provider.Token{ClientID: clientID}
	for name, to := range map[string]*string{"id_token": &out.IDToken, "access_token": &out.AccessToken} {
		text, ok := in[name].(string)
		if in[name] != nil && !ok {
			return refuse("token", "token_required")
		}
		*to = text
	}
	if out.IDToken == "" && out.AccessToken == "" {
		return refuse("token", "token_required")
	}
	return out, nil
}

// oneOfOurs reports whether a provider knows us by the client id; it may be configured
// with several, separated by commas.
func oneOfOurs(p *provider.Provider, clientID string) bool {
	return clientID == p.ClientID() || slices.ContainsFunc(strings.Split(p.ClientID(), ","), func(one string) bool {
		return strings.TrimSpace(one) == clientID && clientID != ""
	})
}

// Submit verifies a token and judges whom it is of.
func (t providerToken) Submit(ctx context.Context, s engine.Submission) (engine.Verdict, error) {
	p := t.provider(s.Values.Text("provider"))
	a, again := s.Memo.(provider.Assertion)
	if !again {
		tok, errs := t.token(s.Values.Text("provider"), s.Values.JSON("token"))
		if errs != nil {
			return engine.Verdict{Errors: errs}, nil
		}
		var err error
		if a, err = p.VerifyToken(ctx, tok); err != nil {
			if code, param := provider.Code(err); code != "" {
				return wrong(param, code), nil
			}
			return engine.Verdict{}, fmt.Errorf("%w: %w", state.ErrProvider, err)
		}
	}
	return t.judge(ctx, s, p, a)
}

type providerRedirect struct{ vouched }

// Act makes the URL to send a browser to.
func (r providerRedirect) Act(ctx context.Context, _ string, s engine.Submission) (engine.Acted, error) {
	p := r.provider(s.Values.Text("provider"))
	if p == nil {
		return engine.Acted{Errors: []engine.FieldError{{Param: "provider", Code: "unknown_provider"}}}, nil
	}
	to, err := p.AuthCodeURL(ctx, provider.Request{
		State: s.Values.Text("state"), Nonce: s.Values.Text("nonce"), Verifier: s.Values.Text("verifier"), RedirectURI: s.Values.Text("redirect_uri"),
	})
	if err != nil {
		return engine.Acted{}, fmt.Errorf("%w: %w", state.ErrProvider, err)
	}
	return engine.Acted{Keep: true, Reply: to}, nil
}

// Submit exchanges what came back and judges whom it is of.
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
		a, err = p.Exchange(ctx, provider.Callback{
			Code: form.Get("code"), Verifier: s.Values.Text("verifier"), Nonce: s.Values.Text("nonce"),
			RedirectURI: s.Values.Text("redirect_uri"), Form: form,
		})
		switch {
		case errors.Is(err, provider.ErrDenied):
			return wrong("", "cancelled"), nil
		case errors.Is(err, provider.ErrRefused):
			return engine.Verdict{}, fmt.Errorf("%w: %w", state.ErrProviderRefused, err)
		case err != nil:
			return engine.Verdict{}, fmt.Errorf("%w: %w", state.ErrProvider, err)
		}
	}
	return r.judge(ctx, s, p, a)
}
