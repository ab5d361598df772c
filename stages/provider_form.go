package stages

import (
	"context"
	"encoding/json"
	"regexp"
	"slices"
	"strings"

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
		Fields:  signupFields(s, false),
		Actions: []engine.Action{{Name: "info"}},
	}
}

// verifyEmail is how far addresses are verified after a way in.
func (s *Settings) verifyEmail(flow engine.FlowID) engine.Demand {
	switch flow {
	case "provider_token", "provider_redirect", "provider_signup":
		return s.Social.VerifyEmail
	}
	return s.VerifyEmail
}

// heldBytes is how much of what a provider said a record keeps while its form is filled
// in, as JSON: a record has room for that and for the run it waits in.
const heldBytes = engine.MaxRecord * 5 / 8

// stranger says what comes of a person who has no account here.
func (e vouched) stranger(ctx context.Context, s engine.Submission, a provider.Assertion) (engine.Verdict, error) {
	if !e.Social.SignupOpen {
		return engine.Verdict{Exit: "closed"}, nil
	}
	incomplete := engine.Verdict{Exit: "incomplete", NextData: a.Fit(heldBytes)}
	if !e.Social.AutoSignup || e.lacks(a) {
		return incomplete, nil
	}
	return e.newcomer(ctx, s, a, form{}, incomplete)
}

// lacks reports whether a provider left out what every account must have. Whoever comes
// by a provider is given a username, and needs no password.
func (e vouched) lacks(a provider.Assertion) bool {
	return e.SignupFields["email"] && len(a.Emails) == 0 || e.SignupFields["phone"] && !e164(a.Phone)
}

// form is what a person has added to what a provider said.
type form struct{ username, email, phone string }

// newcomer makes the account, also where another one has verified the address or the
// number, as a sign-up does. conflict is the verdict where that cannot be hidden.
func (e vouched) newcomer(ctx context.Context, s engine.Submission, a provider.Assertion, f form, conflict engine.Verdict) (engine.Verdict, error) {
	email := f.email
	if email == "" && len(a.Emails) > 0 {
		email = a.Emails[0].Address
	}
	if email != "" && !e.hidesVouched() {
		if taken, err := e.verifiedElsewhere(ctx, 0, email); err != nil || taken {
			return conflict, err
		}
	}
	account, err := e.draft(ctx, s, a, f)
	if err != nil {
		return engine.Verdict{}, err
	}
	if e.SignupFields["phone"] && account.Phone == "" {
		return conflict, nil
	}
	return engine.Verdict{
		Exit: "created", Signup: true, Subject: account.ID, Writes: []engine.Write{state.CreateAccount{Account: account}},
		Methods: []engine.Method{vouchedFor(s, a)}, Messages: e.signupMessages(&account, e.Social.VerifyEmail, s),
	}, nil
}

// hidesVouched reports whether a sign-up by a provider does not show that an address is
// taken.
func (e vouched) hidesVouched() bool {
	return e.PreventEnumeration == Strict || e.hidesEmail() && e.Social.VerifyEmail == engine.Mandatory
}

// draft is the account as it would be made.
func (e vouched) draft(ctx context.Context, s engine.Submission, a provider.Assertion, f form) (state.Account, error) {
	out := state.Account{
		ID: s.Seed.ID("account"), Active: true, CreatedAt: s.Now, Providers: []state.ProviderAccount{connectionOf(a, s.Now)},
	}
	var err error
	if out.Emails, err = e.addresses(ctx, a, f.email); err != nil {
		return out, err
	}
	if err = e.number(ctx, a, f.phone, &out); err != nil {
		return out, err
	}
	name, email := f.username, f.email
	if email == "" && len(out.Emails) > 0 {
		email = out.Emails[0].Address
	}
	if name == "" {
		if name, err = e.wish(ctx, a.Username, email); err != nil {
			return out, err
		}
	}
	if email == "" {
		email = strings.ReplaceAll(a.Name, " ", ".")
	}
	out.Username, err = e.username(ctx, name, email, s.Seed)
	return out, err
}

// addresses are those of a new account: the one of the form first, each once. Of one that
// is somebody else's the provider's word is not heard. The primary one is verified, if any
// is.
func (e vouched) addresses(ctx context.Context, a provider.Assertion, asked string) ([]state.Email, error) {
	var all, out []state.Email
	if asked != "" {
		all = append(all, state.Email{Address: asked})
	}
	for _, x := range a.Emails {
		all = append(all, state.Email{Address: x.Address, Verified: x.Verified})
	}
	for _, x := range all {
		if i := slices.IndexFunc(out, func(o state.Email) bool { return o.Address == x.Address }); i >= 0 {
			out[i].Verified = !out[i].Taken && (out[i].Verified || x.Verified)
			continue
		}
		taken, err := e.verifiedElsewhere(ctx, 0, x.Address)
		if err != nil {
			return nil, err
		}
		if x.Taken, x.Verified = taken, x.Verified && !taken; !taken || e.hidesVouched() {
			out = append(out, x)
		}
	}
	if len(out) == 0 {
		return nil, nil
	}
	primary := max(0, slices.IndexFunc(out, func(x state.Email) bool { return x.Verified }))
	out[primary].Primary = true
	if e.ReplaceEmail {
		return out[primary : primary+1], nil
	}
	return out, nil
}

// number sets that of the form, or the provider's where sign-ups have one. One that is
// somebody else's is left out, or where that is hidden can never be verified.
func (e vouched) number(ctx context.Context, a provider.Assertion, asked string, out *state.Account) error {
	number := asked
	if _, used := e.SignupFields["phone"]; number == "" && used && e164(a.Phone) {
		number = a.Phone
	}
	taken, err := e.numberElsewhere(ctx, 0, number)
	if err != nil || taken && !e.hidesPhone() {
		return err
	}
	out.Phone, out.PhoneTaken = number, taken
	out.PhoneVerified = number != "" && number == a.Phone && a.PhoneVerified && !taken
	return nil
}

// numberForm is a number in E.164, usernameForm what a username may be made of.
var (
	numberForm   = regexp.MustCompile(`^\+[1-9][0-9]{6,14}$`)
	usernameForm = regexp.MustCompile(`^[A-Za-z0-9._@+-]{1,150}$`)
)

func e164(s string) bool { return numberForm.MatchString(s) }

// wish is the username that a provider suggests, if somebody with that address can have
// it.
func (e vouched) wish(ctx context.Context, name, own string) (string, error) {
	refused := slices.ContainsFunc(e.UsernameBlacklist, func(b string) bool { return strings.EqualFold(b, name) })
	if !usernameForm.MatchString(name) || len(name) < e.UsernameMin || refused || e.shadows(name, own) {
		return "", nil
	}
	if taken, err := e.find(ctx, "username", strings.ToLower(name)); err != nil || taken != nil {
		return "", err
	}
	return name, nil
}

type providerForm struct{ vouched }

// assertion is what the provider said.
func (providerForm) assertion(r *engine.Run) (provider.Assertion, error) {
	var a provider.Assertion
	if r == nil {
		return a, nil
	}
	return a, json.Unmarshal(r.Data, &a)
}

// Describe tells whose person is waiting.
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
		Provider: publicProvider(from), UID: a.UID, Display: displayOf(a), Username: a.Username, Emails: []state.Email{},
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
	owner, err := p.find(ctx, "provider", a.Provider+"\x00"+a.UID)
	if err != nil || owner != nil || a.UID == "" || p.provider(a.Provider) == nil {
		return wrong("", "connected_other"), err
	}
	f := form{username: s.Values.Text("username"), email: s.Values.Text("email"), phone: s.Values.Text("phone")}
	return p.newcomer(ctx, s, a, f, wrong("email", "email_taken"))
}
