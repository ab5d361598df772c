package stages

import (
	"context"
	"slices"
	"time"

	"stagedoor/engine"
	"stagedoor/stages/internal/provider"
	"stagedoor/state"
)

// The processes of a provider's answer: what it is used for.
const (
	processLogin   = "login"
	processConnect = "connect"
	processReauth  = "reauthenticate"
)

// providerExits are the ways out of a stage that takes the answer of a provider.
func providerExits() engine.Exits {
	shown := []engine.Proof{engine.Subject, engine.First, engine.Provider}
	return engine.Exits{
		"known":      {Binds: true, Proves: shown},
		"created":    {Binds: true, Proves: shown},
		"incomplete": {},
		"connect":    {Proves: []engine.Proof{engine.Provider}},
		"closed":     {},
		"again":      {Proves: []engine.Proof{engine.Provider}},
	}
}

func providerReasons() map[engine.Reason]string {
	return map[engine.Reason]string{
		"known":      "the provider vouches for somebody who has an account",
		"created":    "the provider vouches for somebody new, and the account was made",
		"incomplete": "the provider told too little for an account",
		"connect":    "the provider vouches for somebody whose account there is to be connected",
		"again":      "the provider vouches once more for who is signed in",
		"closed":     "the provider vouches for somebody new, and sign-up is closed",
	}
}

// providerAnswer is what the stages that take the answer of a provider have in common.
type providerAnswer struct{ *Env }

// judge says what a provider's assertion comes to.
func (e providerAnswer) judge(ctx context.Context, s engine.Submission, p *provider.Provider, a provider.Assertion) (engine.Verdict, error) {
	if err := e.sealSession(a.Provider, a.Session); err != nil {
		return engine.Verdict{}, err
	}
	owner, err := e.find(ctx, state.KeyProvider, a.Provider+"\x00"+a.UID)
	if err != nil {
		return engine.Verdict{}, err
	}
	by := ""
	if owner == nil {
		if owner, by, err = e.byAddress(ctx, p, a); err != nil {
			return engine.Verdict{}, err
		}
	}
	var v engine.Verdict
	switch {
	case s.Values.Text("process") == processReauth:
		v, err = e.again(ctx, s, a, owner)
	case s.Values.Text("process") == processConnect:
		v, err = e.connect(ctx, s, p, a, owner, by)
	case owner != nil:
		v = e.known(s, p, a, owner, by)
	default:
		v, err = e.signUp(ctx, s, a)
	}
	v.Memo = a
	e.noteSession(s, a, &v)
	return v, err
}

// byAddress finds the account by an address that the provider has verified, where the
// provider is trusted that far. It returns the address, too.
func (e providerAnswer) byAddress(ctx context.Context, p *provider.Provider, a provider.Assertion) (*state.Account, string, error) {
	if !e.Social.EmailAuthentication && !p.EmailAuthentication() {
		return nil, "", nil
	}
	for _, x := range a.Emails {
		if !x.Verified {
			continue
		}
		if found, err := e.find(ctx, state.KeyEmail, x.Address); err != nil || found != nil {
			return found, x.Address, err
		}
	}
	return nil, "", nil
}

// known signs in to an account that is connected, or that has the address by. Where that
// is unverified here the provider's word proves it, to an account that somebody else may
// have made.
func (e providerAnswer) known(s engine.Submission, p *provider.Provider, a provider.Assertion, owner *state.Account, by string) engine.Verdict {
	v := engine.Verdict{
		Exit: "known", Subject: engine.AccountID(owner.ID), Epoch: owner.Epoch, Found: owner, Hint: by, Methods: []engine.Method{providerMethod(s, a)},
	}
	if !owner.Active {
		return v // it is turned away, and nothing about it changes
	}
	if by == "" {
		for _, x := range owner.Providers {
			if x.Provider == a.Provider && x.UID == a.UID && (string(x.Extra) != string(a.Extra) || x.Profile != x.Profile.Renewed(profileOf(a))) {
				x.Extra, x.Display, x.Profile = a.Extra, a.Display, profileOf(a)
				v.Writes = append(v.Writes, e.connectWrites(owner, x)...)
			}
		}
		return v
	}
	v.Writes, v.Messages = e.proveContact(owner, by, false, s)
	if e.Social.AutoConnect {
		v.Writes = append(v.Writes, e.connectWrites(owner, connectionOf(a, s.Now))...)
		v.Messages = append(v.Messages, e.connectedNotice(owner, p, s)...)
	}
	return v
}

// connect connects the provider's account to the one that is signed in, if it may. An
// account that only names the address by, without having verified it, hinders nobody, and
// neither does one that was never used.
func (e providerAnswer) connect(ctx context.Context, s engine.Submission, p *provider.Provider, a provider.Assertion, owner *state.Account, by string) (engine.Verdict, error) {
	account, err := e.account(ctx, s.Client.Account)
	if err != nil {
		return engine.Verdict{}, err
	}
	v := engine.Verdict{Exit: "connect", About: s.Client.Account, Epoch: s.Client.Epoch}
	due := engine.Exit("recent")
	switch {
	case account == nil || !account.Active:
		due, v.About = "anonymous", ""
	case e.Social.Reauthenticate && s.Now.Sub(s.Client.Reauthenticated) >= e.Social.Recent:
		due = "not_recent"
	case owner != nil && owner.ID != account.ID && (by != "" && verified(owner, named{state.KeyEmail, by}) || by == "" && owner.Used()):
		due = "taken"
	default:
		v.Writes = e.connectWrites(account, connectionOf(a, s.Now))
		if !connected(account, a) {
			v.Messages = e.connectedNotice(account, p, s)
		}
	}
	v.Found = &connecting{due: due}
	return v, nil
}

// again proves whose session it is: the provider vouches for the account that is signed in.
// One that says when its person authenticated there (OpenID Connect Core, section 2,
// auth_time) must have seen that lately.
func (e providerAnswer) again(ctx context.Context, s engine.Submission, a provider.Assertion, owner *state.Account) (engine.Verdict, error) {
	account, err := e.account(ctx, s.Client.Account)
	switch {
	case err != nil:
		return engine.Verdict{}, err
	case account == nil || !account.Active || owner == nil || owner.ID != account.ID || !connected(account, a):
		return wrong("", "incorrect_account"), nil
	case a.AuthTime > 0 && s.Now.Sub(time.Unix(a.AuthTime, 0)) > e.Social.Recent+time.Minute:
		return wrong("", "authentication_too_old"), nil
	}
	m := providerMethod(s, a)
	m.Reauthenticated = true
	return engine.Verdict{Exit: "again", About: s.Client.Account, Epoch: s.Client.Epoch, Found: account, Methods: []engine.Method{m}}, nil
}

// connected reports whether the account has the provider's account connected to it.
func connected(account *state.Account, a provider.Assertion) bool {
	return slices.ContainsFunc(account.Providers, func(x state.ProviderAccount) bool { return x.Provider == a.Provider && x.UID == a.UID })
}

// providerMethod is how the log of authentications tells of a provider.
func providerMethod(s engine.Submission, a provider.Assertion) engine.Method {
	return engine.Method{Method: "socialaccount", At: s.Now.UnixMilli(), Provider: a.Provider, UID: a.UID}
}

// connectionOf is the connected account as it is stored.
func connectionOf(a provider.Assertion, now time.Time) state.ProviderAccount {
	return state.ProviderAccount{Provider: a.Provider, UID: a.UID, Display: a.Display, Extra: a.Extra, Profile: profileOf(a), ConnectedAt: now}
}

// verifyEmail is how far addresses are verified after a way in.
func (s *Settings) verifyEmail(flow engine.FlowID) engine.Demand {
	switch flow {
	case ProviderTokenFlow, ProviderRedirectFlow, ProviderSignupFlow:
		return s.Social.VerifyEmail
	}
	return s.VerifyEmail
}

// Predict: an account for a provider's answer may be made at once, with what the answer
// says is verified, or by way of a form. One that is known may be disabled, too.
func (e providerAnswer) Predict(_ engine.FlowID, at engine.Edge) []engine.Case {
	if at.Exit != "created" {
		return []engine.Case{existingAccount()}
	}
	if !e.Social.AutoSignup {
		return []engine.Case{{Stays: "every new account begins with a form"}}
	}
	return e.newAccountCases()
}
