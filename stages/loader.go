package stages

import (
	"context"
	"errors"
	"fmt"

	"stagedoor/engine"
	"stagedoor/state"
)

// Facts reads the facts of a turn: of the account as it will be once the turn's own
// writes are stored. It implements engine.Loader.
func (e *Env) Facts(ctx context.Context, q engine.FactQuery) (engine.Facts, engine.Person, error) {
	account, err := e.subject(ctx, q)
	if err != nil {
		return engine.Facts{}, engine.Person{}, err
	}
	for _, w := range q.Writes {
		write, ok := w.(state.Write)
		if !ok {
			return engine.Facts{}, engine.Person{}, fmt.Errorf("facts: %T is no write of an account", w)
		}
		write.Apply(account)
	}
	f, _ := e.FixedFacts(q.Flow)
	f.Active, f.SecondFactor = account.Active, account.HasSecondFactor()
	f.Browser, f.Signup = q.Client.Kind == "browser", q.Signup
	// A browser that signs in shows the key of the session that it leaves, if any.
	f.Bound = q.Client.Key != "" && (!f.Browser || q.Client.Account != "" && q.Client.Account == engine.AccountID(account.ID))
	f.Binds = e.BindsSessions && f.Browser && q.Client.Binds
	earned := e.trusted(account, q.Client.Trust, q.Now)
	f.TrustsCode = e.TrustCode && earned&earnedCode != 0
	f.TrustsSecond = e.OfferTrust && earned&earnedSecond != 0
	address := relevantAddress(account, q.Hint)
	switch {
	case address == nil:
	case address.Verified, q.Hint != address.Address && account.HasVerifiedEmail():
		f.Email = engine.IsVerified
	default:
		f.Email = engine.Unverified
	}
	if account.Phone != "" {
		f.Phone = engine.Unverified
		if account.PhoneVerified {
			f.Phone = engine.IsVerified
		}
	}
	return f, person(account, address), nil
}

// FixedFacts returns the facts of a flow that are settings, and the names of all that are
// fixed by them: where browsers are not trusted, no client shows that it is, and where no
// session is bound, none has a key.
func (s *Settings) FixedFacts(flow engine.FlowID) (engine.Facts, []string) {
	fixed := []string{
		"VerifyEmail", "VerifyPhone", "RequirePhone", "RequireCode", "OfferTrust", "TrustCode", "TrustBound", "Presence",
		"LoginOnReset",
	}
	if !s.OfferTrust {
		fixed = append(fixed, "TrustsSecond")
	}
	if !s.TrustCode {
		fixed = append(fixed, "TrustsCode")
	}
	if !s.BindsSessions {
		fixed = append(fixed, "Binds", "Bound")
	}
	return engine.Facts{
		VerifyEmail: s.verifyEmail(flow), VerifyPhone: s.VerifyPhone, RequirePhone: s.SignupFields["phone"],
		RequireCode: s.RequireCode != nil && s.RequireCode(flow), OfferTrust: s.OfferTrust, TrustCode: s.TrustCode,
		TrustBound: s.TrustBound, Presence: s.Presence, LoginOnReset: s.LoginOnPasswordReset,
	}, fixed
}

// subject returns a copy of the account that facts may be applied to.
func (e *Env) subject(ctx context.Context, q engine.FactQuery) (*state.Account, error) {
	if found, ok := q.Found.(*state.Account); ok && found != nil {
		return found.Clone(), nil
	}
	if q.Subject == "" || q.Signup {
		return &state.Account{}, nil
	}
	account, err := e.Accounts.Account(ctx, state.AccountID(q.Subject))
	if errors.Is(err, state.ErrNotFound) {
		return &state.Account{}, nil
	}
	if err != nil {
		return nil, err
	}
	return account.Clone(), nil
}

// relevantAddress returns the address that counts for a sign-in: the one signed in with, else
// the primary one, else the first, or nil where the account has none.
func relevantAddress(a *state.Account, hint string) *state.Email {
	if e := a.Email(hint); e != nil {
		return e
	}
	if e := a.Primary(); e != nil || len(a.Emails) == 0 {
		return e
	}
	return &a.Emails[0]
}

func person(a *state.Account, address *state.Email) engine.Person {
	p := engine.Person{
		Account: engine.AccountID(a.ID), Name: a.Username, Phone: a.Phone, PhoneTaken: a.PhoneTaken, Epoch: a.Epoch, Attributes: a.Attributes,
		Proved: a.Proved(),
	}
	if address != nil {
		p.Email, p.EmailTaken, p.EmailNamed = address.Address, address.Taken, address.Endorsement != state.Unendorsed
	}
	if p.Name == "" {
		p.Name = p.Email
	}
	for _, t := range a.Snapshot().SecondFactor {
		p.SecondFactors = append(p.SecondFactors, string(t))
	}
	return p
}

// orNil turns "not found" into a nil account.
func orNil(a *state.Account, err error) (*state.Account, error) {
	if errors.Is(err, state.ErrNotFound) {
		return nil, nil
	}
	return a, err
}
