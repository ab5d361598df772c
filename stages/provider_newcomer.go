package stages

import (
	"cmp"
	"context"
	"regexp"
	"slices"
	"strings"

	"stagedoor/engine"
	"stagedoor/stages/internal/provider"
	"stagedoor/state"
)

// newAccountCases predict the accounts that are made of answers of providers.
func (e providerAnswer) newAccountCases() []engine.Case {
	if !e.Social.SignupOpen {
		return []engine.Case{{Stays: "sign-up by a third party is closed"}}
	}
	c := newAccountCase()
	var out []engine.Case
	if e.Social.RequireEmail {
		out = append(out, impossible("Email", func(f engine.Facts) bool { return f.Email == engine.Missing }, "a new account must have an address"))
	}
	required, asked := e.SignupFields["phone"]
	switch {
	case !asked:
		c.Sets = append(c.Sets, "Phone")
	case required:
		out = append(out, impossible("Phone", func(f engine.Facts) bool { return f.Phone == engine.Missing }, "a new account must have a number"))
	}
	return append(out, c)
}

// heldBytes is how much of what a provider said a record keeps while its form is filled
// in, as JSON: a record has room for that and for the run it waits in.
const heldBytes = engine.MaxRecord * 5 / 8

// signUp judges the answer about a person without an account here.
func (e providerAnswer) signUp(ctx context.Context, s engine.Submission, a provider.Assertion) (engine.Verdict, error) {
	if !e.Social.SignupOpen {
		return engine.Verdict{Exit: "closed"}, nil
	}
	incomplete := engine.Verdict{Exit: "incomplete", NextData: a.Fit(heldBytes)}
	if !e.Social.AutoSignup || e.isIncomplete(a) {
		return incomplete, nil
	}
	return e.createAccount(ctx, s, a, form{}, incomplete)
}

// isIncomplete reports whether a provider left out what every account must have. A person who
// comes by a provider is given a username, and needs no password.
func (e providerAnswer) isIncomplete(a provider.Assertion) bool {
	return e.Social.RequireEmail && len(a.Emails) == 0 || e.SignupFields["phone"] && !e.usable(a.Phone)
}

// form is what a person has added to what a provider said.
type form struct{ username, email, phone string }

// createAccount makes the account, also where another one has verified the address or the
// number, as a sign-up does. conflict is the verdict where that cannot be hidden.
func (e providerAnswer) createAccount(ctx context.Context, s engine.Submission, a provider.Assertion, f form, conflict engine.Verdict) (engine.Verdict, error) {
	email := f.email
	if email == "" && len(a.Emails) > 0 {
		email = a.Emails[0].Address
	}
	if email != "" && !e.hidesTakenAtProvider() {
		if taken, err := e.verifiedElsewhere(ctx, "", email); err != nil || taken {
			return conflict, err
		}
	}
	account, err := e.newAccount(ctx, s, a, f)
	if err != nil {
		return engine.Verdict{}, err
	}
	if e.SignupFields["phone"] && account.Phone == "" {
		return conflict, nil
	}
	return engine.Verdict{
		Exit: "created", Signup: true, Subject: engine.AccountID(account.ID), Writes: []engine.Write{state.CreateAccount{Account: account}},
		Methods: []engine.Method{providerMethod(s, a)}, Messages: e.signupMessages(&account, e.Social.VerifyEmail, s),
	}, nil
}

// hidesTakenAtProvider reports whether a sign-up by a provider does not show that an address is
// taken.
func (e providerAnswer) hidesTakenAtProvider() bool {
	return e.PreventEnumeration == Strict || e.hidesEmail() && e.Social.VerifyEmail == engine.Mandatory
}

// newAccount is the account as it would be made.
func (e providerAnswer) newAccount(ctx context.Context, s engine.Submission, a provider.Assertion, f form) (state.Account, error) {
	out := state.Account{
		ID: state.AccountID(s.Seed.Account()), Active: true, CreatedAt: s.Now, Providers: []state.ProviderAccount{connectionOf(a, s.Now)},
		Attributes: profileOf(a).Attributes(),
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
		if name, err = e.suggestedUsername(ctx, a.Username, email); err != nil {
			return out, err
		}
	}
	out.Username, err = e.username(ctx, name, append(nameParts(a), email), s.Seed)
	return out, err
}

// nameParts are the given and the family name of a person, as far as a provider said them.
func nameParts(a provider.Assertion) []string {
	given, family, _ := strings.Cut(a.Name, " ")
	return []string{cmp.Or(a.GivenName, given), cmp.Or(a.FamilyName, family)}
}

// addresses are those of a new account: the one of the form first, each once. Of one that
// is somebody else's the provider's word is not heard. The primary one is verified, if any
// is.
func (e providerAnswer) addresses(ctx context.Context, a provider.Assertion, asked string) ([]state.Email, error) {
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
		taken, err := e.verifiedElsewhere(ctx, "", x.Address)
		if err != nil {
			return nil, err
		}
		if x.Taken, x.Verified = taken, x.Verified && !taken; !taken || e.hidesTakenAtProvider() {
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
func (e providerAnswer) number(ctx context.Context, a provider.Assertion, asked string, out *state.Account) error {
	number := asked
	if _, used := e.SignupFields["phone"]; number == "" && used && e.usable(a.Phone) {
		number = a.Phone
	}
	taken, err := e.numberElsewhere(ctx, "", number)
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

// usable reports whether a provider's number can be an account's here.
func (s *Settings) usable(number string) bool { return e164(number) && s.texted(number) }

// suggestedUsername is the username that a provider suggests, if somebody with that address can have
// it.
func (e providerAnswer) suggestedUsername(ctx context.Context, name, own string) (string, error) {
	refused := slices.ContainsFunc(e.UsernameBlacklist, func(b string) bool { return strings.EqualFold(b, name) })
	if !usernameForm.MatchString(name) || len(name) < e.UsernameMin || refused || e.shadows(name, own) {
		return "", nil
	}
	if taken, err := e.find(ctx, state.KeyUsername, strings.ToLower(name)); err != nil || taken != nil {
		return "", err
	}
	return name, nil
}
