package stages

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"stagedoor/engine"
	"stagedoor/stages/internal/provider"
	"stagedoor/state"
)

// ProviderToken takes a token that an app got from a provider.
func ProviderToken() engine.Stage {
	return engine.Stage{
		ID: "provider_token", Kind: engine.Asks, Title: "a provider's token", Uses: engine.SlotProviderSignup,
		Exits: providerExits(), Because: providerReasons(),
		Fields: []engine.Field{
			{Name: "provider", Type: engine.Text, Required: true, Help: "the id of the provider"},
			{Name: "process", Type: engine.Text, Required: true, Help: "login, connect or reauthenticate"},
			{Name: "token", Type: engine.JSONIn, Required: true, Help: "client_id, and id_token or access_token"},
		},
	}
}

type providerToken struct{ providerAnswer }

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

// Submit verifies a token and judges its answer.
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
			if refused, found := refusedAt(err); found {
				if code, param := provider.Code(err); code != "" {
					refused.Errors[0].Code, refused.Errors[0].Param = code, param
				}
				return refused, nil
			}
			if code, param := provider.Code(err); code != "" {
				return wrong(param, code), nil
			}
			return engine.Verdict{}, fmt.Errorf("%w: %w", state.ErrProvider, err)
		}
	}
	return t.judge(ctx, s, p, a)
}
