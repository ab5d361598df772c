package stages

import (
	"context"
	"slices"
	"time"

	"stagedoor/engine"
	"stagedoor/stages/internal/provider"
	"stagedoor/state"
)

// Social are the settings of third-party providers.
type Social struct {
	// SignupOpen lets strangers make accounts by a provider; AutoSignup without a form
	// where nothing is missing.
	SignupOpen bool
	AutoSignup bool
	// EmailAuthentication signs in to the account that has the verified address a provider
	// vouches for; AutoConnect connects the provider's account then.
	EmailAuthentication bool
	AutoConnect         bool
	// VerifyEmail is how far addresses are verified after these ways in.
	VerifyEmail engine.Demand
	// Reauthenticate asks for an authentication within Recent before an account is
	// connected.
	Reauthenticate bool
	Recent         time.Duration
}

// Recent is the proof that the client authenticated shortly before.
const Recent engine.Proof = "recent"

// The processes of a provider's answer: what it is used for.
const (
	processLogin   = "login"
	processConnect = "connect"
)

// ProviderToken takes a token that an app got from a provider.
func ProviderToken() engine.Stage {
	return engine.Stage{
		ID: "provider_token", Kind: engine.Asks, Title: "a provider's token", Uses: engine.SlotProviderSignup,
		Exits: vouchedExits(), Because: vouchedBecause(),
		Fields: []engine.Field{
			{Name: "provider", Type: engine.Text, Required: true, Help: "the id of the provider"},
			{Name: "process", Type: engine.Text, Required: true, Help: "login or connect"},
			{Name: "token", Type: engine.JSONIn, Required: true, Help: "client_id, and id_token or access_token"},
		},
	}
}

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
		Exits: vouchedExits(), Because: vouchedBecause(),
		Fields:  append(slices.Clone(kept), text("process", "login or connect"), text("query", "the query of the callback")),
		Actions: []engine.Action{{Name: "begin", Fields: append(slices.Clone(kept), text("state", "comes back with the callback"))}},
	}
}

// vouchedExits are the ways out of a stage where a provider vouches for somebody.
func vouchedExits() engine.Exits {
	shown := []engine.Proof{engine.Subject, engine.First, engine.Provider}
	return engine.Exits{
		"known":      {Binds: true, Proves: shown},
		"created":    {Binds: true, Proves: shown},
		"incomplete": {},
		"connect":    {Proves: []engine.Proof{engine.Provider}},
		"closed":     {},
	}
}

func vouchedBecause() map[engine.Reason]string {
	return map[engine.Reason]string{
		"known":      "the provider vouches for somebody who has an account",
		"created":    "the provider vouches for somebody new, and the account was made",
		"incomplete": "the provider told too little for an account",
		"connect":    "the provider vouches for somebody whose account there is to be connected",
		"closed":     "the provider vouches for somebody new, and sign-up is closed",
	}
}

// ConnectDue asks whether a provider's account may be connected to the one that is
// signed in.
func ConnectDue() engine.Stage {
	return engine.Stage{
		ID: "connect_due", Kind: engine.Decides, Title: "may it be connected?",
		Exits: engine.Exits{"recent": {Proves: []engine.Proof{Recent}}, "not_recent": {}, "anonymous": {}, "taken": {}},
		Reads: []string{"Own"},
		Because: map[engine.Reason]string{
			"connect=recent":     "who is signed in has proved it lately",
			"connect=not_recent": "who is signed in must prove it again first",
			"connect=anonymous":  "nobody is signed in whose account it could be connected to",
			"connect=taken":      "the provider's account is connected to another account",
		},
	}
}

// Connected is the end of connecting an account.
func Connected() engine.Stage {
	return engine.Stage{ID: "connected", Kind: engine.Ends, Title: "the provider's account is connected"}
}

// SignupWaits is the end of a run whose provider said too little for an account: the
// form for the rest goes on from there.
func SignupWaits() engine.Stage {
	return engine.Stage{ID: "signup_waits", Kind: engine.Ends, Title: "a form for the rest", Begins: "provider_signup"}
}

// connecting is the account at a provider that a signed-in client wants, as connect_due
// looks at it.
type connecting struct{ due engine.Exit }

type connectDue struct{}

// FactValues lists the exits.
func (connectDue) FactValues() []string {
	return []string{"recent", "not_recent", "anonymous", "taken"}
}

// LoadFact tells what the handler found out; without one nobody is signed in.
func (connectDue) LoadFact(_ context.Context, q engine.FactQuery) (string, error) {
	if c, ok := q.Found.(*connecting); ok {
		return string(c.due), nil
	}
	return "anonymous", nil
}

// Decide leaves by the exit the fact names.
func (connectDue) Decide(f engine.Facts) (engine.Exit, engine.Reason) {
	return engine.Exit(f.Own), engine.Reason("connect=" + f.Own)
}

// vouched is what the stages have in common at which a provider vouches for somebody.
type vouched struct{ *Env }

// judge says what a provider's assertion comes to.
func (e vouched) judge(ctx context.Context, s engine.Submission, p *provider.Provider, a provider.Assertion) (engine.Verdict, error) {
	owner, err := e.find(ctx, "provider", a.Provider+"\x00"+a.UID)
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
	case s.Values.Text("process") == processConnect:
		v, err = e.connect(ctx, s, p, a, owner, by)
	case owner != nil:
		v = e.known(s, p, a, owner, by)
	default:
		v, err = e.stranger(ctx, s, a)
	}
	v.Memo = a
	return v, err
}

// byAddress finds the account that an address leads to which the provider has verified,
// where the provider is trusted that far. It returns the address, too.
func (e vouched) byAddress(ctx context.Context, p *provider.Provider, a provider.Assertion) (*state.Account, string, error) {
	if !e.Social.EmailAuthentication && !p.EmailAuthentication() {
		return nil, "", nil
	}
	for _, x := range a.Emails {
		if !x.Verified {
			continue
		}
		if found, err := e.find(ctx, "email", x.Address); err != nil || found != nil {
			return found, x.Address, err
		}
	}
	return nil, "", nil
}

// known signs in to an account that is connected, or that has the address by. Where that
// is unverified here the provider's word proves it, to an account that somebody else may
// have made.
func (e vouched) known(s engine.Submission, p *provider.Provider, a provider.Assertion, owner *state.Account, by string) engine.Verdict {
	v := engine.Verdict{
		Exit: "known", Subject: owner.ID, Epoch: owner.Epoch, Found: owner, Hint: by, Methods: []engine.Method{vouchedFor(s, a)},
	}
	if !owner.Active {
		return v // it is turned away, and nothing about it changes
	}
	if by == "" {
		for _, x := range owner.Providers {
			if x.Provider == a.Provider && x.UID == a.UID && string(x.Extra) != string(a.Extra) {
				x.Extra, x.Display = a.Extra, displayOf(a)
				v.Writes = append(v.Writes, state.ConnectProvider{Account: x})
			}
		}
		return v
	}
	v.Writes, v.Messages = e.shown(owner, by, false, s)
	if e.Social.AutoConnect {
		v.Writes = append(v.Writes, state.ConnectProvider{Account: connectionOf(a, s.Now)})
		v.Messages = append(v.Messages, e.connectedNotice(owner, p, s)...)
	}
	return v
}

// connect connects the provider's account to the one that is signed in, if it may. An
// account that only names the address by, without having verified it, hinders nobody, and
// neither does one that was never used.
func (e vouched) connect(ctx context.Context, s engine.Submission, p *provider.Provider, a provider.Assertion, owner *state.Account, by string) (engine.Verdict, error) {
	account, err := e.account(ctx, s.Client.Account)
	if err != nil {
		return engine.Verdict{}, err
	}
	v := engine.Verdict{Exit: "connect", About: s.Client.Account, Epoch: s.Client.Epoch}
	due := engine.Exit("recent")
	switch {
	case account == nil || !account.Active:
		due, v.About = "anonymous", 0
	case e.Social.Reauthenticate && provable(account) && s.Now.Sub(s.Client.Reauthenticated) >= e.Social.Recent:
		due = "not_recent"
	case owner != nil && owner.ID != account.ID && (by != "" && verified(owner, named{"email", by}) || by == "" && owner.Used()):
		due = "taken"
	default:
		v.Writes = []engine.Write{state.ConnectProvider{Account: connectionOf(a, s.Now)}}
		known := func(x state.ProviderAccount) bool { return x.Provider == a.Provider && x.UID == a.UID }
		if !slices.ContainsFunc(account.Providers, known) {
			v.Messages = e.connectedNotice(account, p, s)
		}
	}
	v.Found = &connecting{due: due}
	return v, nil
}

// provable reports whether an account has anything to prove itself with again.
func provable(a *state.Account) bool { return a.PasswordHash != "" || len(a.Authenticators) > 0 }

// connectedNotice tells the owner of an account that another one was connected.
func (e vouched) connectedNotice(a *state.Account, p *provider.Provider, s engine.Submission) []engine.Message {
	to := a.Primary()
	if !e.Notices || to == nil {
		return nil
	}
	return []engine.Message{state.Message{Channel: state.ByMail, Template: state.AccountConnectedTemplate, To: to.Address, Data: map[string]string{
		"user": a.Snapshot().Display(), "email": to.Address, "provider": p.Name(), "at": s.Now.UTC().Format(time.RFC3339),
		"ip": s.Client.IP, "user_agent": s.Client.UserAgent,
	}}}
}

// vouchedFor is how the log of authentications tells of a provider.
func vouchedFor(s engine.Submission, a provider.Assertion) engine.Method {
	return engine.Method{Method: "socialaccount", At: s.Now.UnixMilli(), Provider: a.Provider, UID: a.UID}
}

// connectionOf is the connected account as it is stored.
func connectionOf(a provider.Assertion, now time.Time) state.ProviderAccount {
	return state.ProviderAccount{Provider: a.Provider, UID: a.UID, Display: displayOf(a), Extra: a.Extra, ConnectedAt: now}
}

// displayOf is a name to show for an account at a provider, or "".
func displayOf(a provider.Assertion) string {
	switch {
	case a.Username != "":
		return a.Username
	case len(a.Emails) > 0:
		return a.Emails[0].Address
	}
	return a.Name
}

// FoundAccount marks what the verdict hands to the loader.
func (*connecting) FoundAccount() {}
