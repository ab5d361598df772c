package stages

import (
	"context"
	"encoding/json"

	"stagedoor/engine"
	"stagedoor/stages/internal/provider"
	"stagedoor/state"
)

// ProviderForm asks for what a provider did not say of a person who has no account yet.
func ProviderForm(s Settings) engine.Stage {
	return engine.Stage{
		ID: "provider_form", Kind: engine.Asks, Wire: "provider_signup", Title: "the rest of a new account",
		Exits: engine.Exits{
			"created": {
				Binds: true, Proves: []engine.Proof{engine.Subject, engine.First, engine.Provider},
				Moves: engine.SlotLogin, Renews: true,
			},
		},
		Because: map[engine.Reason]string{"created": "the account was made"},
		Fields:  providerFields(s),
		Actions: []engine.Action{{Name: "info"}},
	}
}

// providerFields are those of a sign-up, but that the settings of providers say whether there
// must be an address.
func providerFields(s Settings) []engine.Field {
	fields := signupFields(s, false)
	for i := range fields {
		if fields[i].Name == "email" {
			fields[i].Required = s.Social.RequireEmail
		}
	}
	return fields
}

type providerForm struct{ providerAnswer }

// assertion is what the provider said.
func (providerForm) assertion(r *engine.Run) (provider.Assertion, error) {
	var a provider.Assertion
	if r == nil {
		return a, nil
	}
	return a, json.Unmarshal(r.Data, &a)
}

// Describe tells which provider the answer is from.
func (p providerForm) Describe(r engine.Run) map[string]any {
	a, err := p.assertion(&r)
	from := p.provider(a.Provider)
	if err != nil || from == nil {
		return nil
	}
	return map[string]any{"provider": publicProvider(from)}
}

// Act tells what the provider said.
func (p providerForm) Act(_ context.Context, _ string, s engine.Submission) (engine.Acted, error) {
	a, err := p.assertion(s.Run)
	from := p.provider(a.Provider)
	if err != nil || from == nil {
		return engine.Acted{Conflict: true}, err
	}
	claim := &state.ProviderClaim{
		Provider: publicProvider(from), UID: a.UID, Display: a.Display, Username: a.Username, Emails: []state.Email{}, Profile: profileOf(a),
	}
	for _, x := range a.Emails {
		claim.Emails = append(claim.Emails, state.Email{Address: x.Address, Verified: x.Verified, Primary: x.Primary})
	}
	return engine.Acted{Keep: true, Reply: claim}, nil
}

// Clean says of single fields whether they can be had.
func (p providerForm) Clean(ctx context.Context, s engine.Submission) ([]engine.FieldError, error) {
	return signup{p.Env}.Clean(ctx, s)
}

// Submit makes the account of what the provider said and the person added.
func (p providerForm) Submit(ctx context.Context, s engine.Submission) (engine.Verdict, error) {
	a, err := p.assertion(s.Run)
	if err != nil {
		return engine.Verdict{}, err
	}
	owner, err := p.find(ctx, state.KeyProvider, a.Provider+"\x00"+a.UID)
	if err != nil || owner != nil || a.UID == "" || p.provider(a.Provider) == nil {
		return wrong("", "connected_other"), err
	}
	f := form{username: s.Values.Text("username"), email: s.Values.Text("email"), phone: s.Values.Text("phone")}
	v, err := p.createAccount(ctx, s, a, f, wrong("email", "email_taken"))
	p.noteSession(s, a, &v)
	return v, err
}

// Predict: see the answer of the provider; the form makes the account in any case.
func (p providerForm) Predict(engine.FlowID, engine.Edge) []engine.Case { return p.newAccountCases() }
