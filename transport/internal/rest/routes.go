package rest

import (
	"slices"

	"stagedoor/engine"
	"stagedoor/state/accounts"
	"stagedoor/transport/internal/contract"
	"stagedoor/transport/internal/openapi"
	"stagedoor/transport/internal/wire"
)

// tokenField is the name under which a request carries the flow_token of its run. No
// field of a stage can have it.
const tokenField = "token"

// route is one method of a path, with its input declared.
type route struct {
	method, path string
	// id, group, about and more are for the document of the contract: the operation's name,
	// its tag, what it does, and what there is to say besides.
	id, group, about, more string
	// bearer routes are for signed-in clients.
	bearer bool
	input  []wire.Field
	// query is a parameter of the query, zero for none.
	query openapi.Parameter
	// or, where not nil, is another input it takes.
	or []wire.Field
	// answers are values of the types of its body where it succeeds; none is any object.
	answers []any
	// halfway are those of bodies with which it stops at a stage, besides the usual one.
	halfway []any
	// stops is set where it can end at a pending stage instead, proves where it may ask
	// to prove the account again, closed where it can be shut for strangers, looks
	// where it may find nothing.
	stops, proves, closed, looks bool
	do                           endpoint
}

// routes is the contract: what the flows of this server make of it.
func (a *API) routes() []route {
	table := []route{
		{method: "GET", path: "/config", id: "getConfiguration", group: "Configuration", about: "Ask what this server offers",
			more:    "What is switched on, and what codes look like: the same for everybody.",
			answers: bodies(a.Offers), do: a.config},
		{method: "GET", path: "/user", id: "getUser", group: "Session", about: "Ask who is signed in", bearer: true, answers: bodies(userBody{}), do: a.user},
		{method: "GET", path: "/session", id: "getSession", group: "Session", about: "Look at the session",
			more:   "Whose it is, how it began, and until when it lasts.",
			bearer: true, answers: bodies(sessionBody{}), do: a.getSession},
		{method: "POST", path: "/logout", id: "logout", group: "Session", about: "Sign out",
			more:   "Ends the session; its access token is worth nothing then. Where there is a logout_url, a browser goes there next.",
			bearer: true, answers: bodies(endedBody{}), do: a.logout},
		{method: "GET", path: "/providers", id: "listProviders", group: "Providers", about: "List the third parties to sign in with", answers: bodies(providersBody{}), do: a.listProviders},
		{method: "POST", path: "/stages/:stage", id: "submitStage", group: "Stages", about: "Answer any pending stage",
			more:  "By its id, with the token of the run and the fields that the stage asks for. What can be started by its id is started.",
			input: runField(false), answers: stageBodies(), stops: true, closed: true, do: a.answerStage},
		{method: "POST", path: "/stages/:stage/:action", id: "actAtStage", group: "Stages", about: "Do something at a pending stage",
			more:  "An action that does not leave it, such as resend, with the fields that it takes.",
			input: runField(false), answers: bodies(actBody{}), do: a.actStage},
	}
	table = append(table, a.reauthRoutes()...)
	if a.Local() {
		table = append(table, a.entrance()...)
		table = append(table, a.secrets()...)
	}
	table = append(table, a.factors()...)
	table = append(table, a.providerRoutes()...)
	if a.HasFlow(contract.CodeStage) {
		table = append(table,
			route{method: "POST", path: "/code/request", id: "requestLoginCode", group: "Signing in", about: "Ask for a code to sign in with",
				more:  "The code goes by mail or text message; login_by_code is then pending. An unknown address is answered the same.",
				input: a.startFields("login_by_code"), answers: bodies(enteredBody{}), stops: true, do: a.requestCode})
	}
	if fields, has := a.waitingFields(contract.CodeStage); has {
		table = append(table,
			route{method: "POST", path: "/code/confirm", id: "confirmLoginCode", group: "Signing in", about: "Sign in with the code from the message",
				more:  "With the flow_token of the answer that asked for it.",
				input: append(runField(true), fields...), answers: bodies(enteredBody{}), stops: true, do: a.answers(contract.CodeStage)})
	}
	if a.Refresher != nil {
		table = append(table,
			route{method: "POST", path: "/token/refresh", id: "refreshTokens", group: "Tokens", about: "Exchange a refresh token",
				more:    "The old one is worth nothing then, where the server rotates them.",
				answers: bodies(refreshBody{}), do: a.refresh,
				input: []wire.Field{{Name: "refresh_token", Type: wire.Secret, Required: true}}})
	}
	return table
}

// entrance are the ways in that have no third party in them.
func (a *API) entrance() []route {
	return []route{
		{method: "POST", path: "/login", id: "login", group: "Signing in", about: "Sign in with a password",
			more:  "Give exactly one name. 401 says what else is asked for before there is a session.",
			input: a.startFields("login"), answers: bodies(enteredBody{}), stops: true, do: a.login},
		{method: "POST", path: "/signup", id: "signup", group: "Signing up", about: "Make an account",
			more:  "Where the address is taken the answer is the same, and its owner is told by mail, unless the server is set to say so. Where a mail must be answered first, that is a success. 403 where nobody can sign up.",
			input: a.startFields("signup"), answers: bodies(enteredBody{}, sentBody{}), stops: true, closed: true, do: a.signup},
	}
}

// secrets are the routes about passwords and addresses.
func (a *API) secrets() []route {
	confirm := a.startFields("password_reset")
	if fields, byCode := a.waitingFields(contract.ResetStage); byCode {
		confirm = append(runField(true), fields...)
	}
	return []route{
		{method: "POST", path: "/password/reset", id: "requestPasswordReset", group: "Password", about: "Ask for a link or a code to reset a password with",
			more:  "An unknown address is answered the same, unless the server is set to say so.",
			input: a.startFields(a.ResetFlow()), answers: bodies(resetBody{}), do: a.requestReset},
		{method: "POST", path: "/password/reset/confirm", id: "resetPassword", group: "Password", about: "Set a new password with the key or code of the mail",
			more:  "Every session of the account ends. A reset that signs in may stop at a stage: 401 then, and the password is set.",
			input: confirm, answers: bodies(setBody{}), halfway: bodies(setBody{}), stops: true, do: a.confirmReset},
		{method: "POST", path: "/password/change", id: "changePassword", group: "Password", about: "Change the password, or set the first one",
			more:   "Every other session of the account ends, and this one too where the server is set so.",
			bearer: true, proves: true, answers: bodies(changedBody{}), do: a.changePassword,
			input: []wire.Field{
				{Name: "current_password", Type: wire.Secret}, {Name: "new_password", Type: wire.Secret, Required: true},
			}},
		{method: "POST", path: "/email/verify", id: "verifyEmail", group: "E-mail", about: "Verify an address",
			more:  "With the key of a link, or with a code and the token of its run.",
			input: append(runField(false), wire.Field{Name: "key", Type: wire.Text, Required: true}), answers: bodies(verifiedBody{}), do: a.verifyEmail},
		{method: "POST", path: "/email/request", id: "requestEmailVerification", group: "E-mail", about: "Have a link or a code mailed again",
			more:  "For the run of the token, for an address of the account that is signed in, or, where addresses are verified by links, for any.",
			input: append(runField(false), wire.Field{Name: "email", Type: wire.Email}), answers: bodies(sentBody{}), do: a.requestEmail},
	}
}

// factors are the routes about second factors.
func (a *API) factors() []route {
	fields, _ := a.waitingFields(contract.MFAStage)
	table := []route{
		{method: "POST", path: "/mfa/authenticate", id: "authenticateSecondFactor", group: "Second factor", about: "Show a second factor",
			more:    "With the flow_token of the answer that asked for it.",
			input:   append(runField(true), fields...),
			answers: bodies(enteredBody{}), stops: true, do: a.answers(contract.MFAStage)},
		{method: "GET", path: "/mfa/authenticators", id: "listAuthenticators", group: "Second factor", about: "List the authenticators of the account", bearer: true, answers: bodies(authenticatorsBody{}), do: a.listAuthenticators},
	}
	table = append(table, a.codeFactors()...)
	if !a.HasFlow(contract.AddPasskeyFlow) {
		return table
	}
	return append(table, route{
		method: "POST", path: "/mfa/webauthn/add", id: "addKey", group: "Passkeys", about: "Add a WebAuthn credential",
		more: "Without a credential the answer has the options to make one with; with it, it is added. With conditional, both times, it is a passkey that the browser makes " +
			"by itself (mediation: conditional), for which a sign-in with a password just now is proof enough; 404 where that is switched off.",
		bearer: true,
		input: []wire.Field{
			{Name: "name", Type: wire.Text, MaxLength: 100}, {Name: "passwordless", Type: wire.Bool}, {Name: "conditional", Type: wire.Bool}, {Name: "credential", Type: wire.JSON},
		}, answers: bodies(creationBody{}, addedBody{}), proves: true, do: a.addCredential,
	})
}

// codeFactors are the routes about TOTP and recovery codes, where there are any.
func (a *API) codeFactors() []route {
	totp := []route{
		{method: "POST", path: "/mfa/totp/add", id: "offerTOTP", group: "Second factor", about: "Ask for a new TOTP secret",
			more:   "As text, as a URL for authenticator apps, and as a picture of it. The last one handed out counts.",
			bearer: true, answers: bodies(secretBody{}), do: a.addTOTP},
		{method: "POST", path: "/mfa/totp/confirm", id: "activateTOTP", group: "Second factor", about: "Set up TOTP",
			more:   "With the secret that was handed out and a code of it.",
			bearer: true,
			input: []wire.Field{
				{Name: "secret", Type: wire.Secret, Required: true}, {Name: "code", Type: wire.Code, Required: true},
			}, answers: bodies(addedBody{}), proves: true, do: a.confirmTOTP},
		{method: "DELETE", path: "/mfa/totp", id: "deactivateTOTP", group: "Second factor", about: "Switch TOTP off",
			more:   "The recovery codes go with the last second factor.",
			bearer: true, answers: bodies(authenticatorsBody{}), proves: true, do: a.deleteTOTP},
	}
	recovery := []route{
		{method: "GET", path: "/mfa/recovery-codes", id: "getRecoveryCodes", group: "Second factor", about: "See the recovery codes that are left",
			more:    "404 where there are none.",
			bearer:  true,
			answers: bodies(accounts.AuthenticatorView{}), proves: true, looks: true, do: a.getRecoveryCodes},
		{method: "POST", path: "/mfa/recovery-codes", id: "renewRecoveryCodes", group: "Second factor", about: "Make new recovery codes",
			more:    "The old ones are worth nothing from then on.",
			bearer:  true,
			answers: bodies(accounts.AuthenticatorView{}), proves: true, do: a.newRecoveryCodes},
	}
	var table []route
	if a.HasFactor("totp") {
		table = append(table, totp...)
	}
	if a.HasFactor("recovery_codes") {
		table = append(table, recovery...)
	}
	return table
}

func bodies(types ...any) []any { return types }

// stageBodies are what answering a stage can come to: a session, a change to the one there
// is, or the reply of a flow of the general route.
func stageBodies() []any { return bodies(enteredBody{}, userBody{}, actBody{}) }

// runField is the token of a run.
func runField(required bool) []wire.Field {
	return []wire.Field{{Name: tokenField, Type: wire.Secret, Required: required}}
}

// startFields are the inputs of the first stage of a flow, none where there is no such
// flow.
func (a *API) startFields(flow engine.FlowID) []wire.Field {
	if !a.HasFlow(flow) {
		return nil
	}
	return wire.FieldsOf(a.FirstFields(flow))
}

// stage is a stage that may be pending.
type stage struct {
	wireID, title string
	fields        []engine.Field
	actions       []engine.Action
}

// stages lists the stages that may be pending in any flow, by their ids on the wire.
func (a *API) stages() []stage {
	var out []stage
	for _, f := range a.Engine.Flows.All() {
		for _, n := range f.Graph.Nodes {
			s := n.Stage
			if s.Kind == engine.Asks && s.Wire != "" && !slices.ContainsFunc(out, func(x stage) bool { return x.wireID == s.Wire }) {
				out = append(out, stage{wireID: s.Wire, title: s.Title, fields: s.Fields, actions: s.Actions})
			}
		}
	}
	slices.SortFunc(out, func(x, y stage) int {
		if x.wireID < y.wireID {
			return -1
		}
		return 1
	})
	return out
}

// beginnings lists the flows of the general route by their first stages, each under the
// flow's id, unless a stage that may be pending has the same.
func (a *API) beginnings() []stage {
	var out []stage
	for _, f := range a.Engine.Flows.All() {
		id, first := string(f.Graph.Flow), f.Graph.Nodes[f.Graph.Start].Stage
		if _, waits := a.waitingFields(id); wire.General(f) && !waits {
			out = append(out, stage{wireID: id, title: f.Graph.Title, fields: first.Fields, actions: first.Actions})
		}
	}
	return out
}

// waitingFields are the inputs of the stage with the wire id, false where no flow has it.
func (a *API) waitingFields(wireID string) ([]wire.Field, bool) {
	for _, s := range a.stages() {
		if s.wireID == wireID {
			return wire.FieldsOf(s.fields), true
		}
	}
	return nil, false
}
