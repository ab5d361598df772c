package headless

import (
	"slices"
	"strings"

	"stagedoor/engine"
	"stagedoor/transport/internal/contract"
	"stagedoor/transport/internal/openapi"
	"stagedoor/transport/internal/wire"
)

// operation declares what the document says of one method of a route. What a request
// carries comes from the stage it is for, where there is one.
type operation struct {
	method, path string
	// id is made unique by the client it is put behind: browserLogin, appLogin.
	id, group, title, text string
	// flow is the flow whose first stage declares the body; wire is the stage that does.
	flow, elseFlow engine.FlowID
	wire           string
	// fields are the body where no stage has the same.
	fields []wire.Field
	// shapes are the members of objects among the fields.
	shapes map[string]*openapi.Schema
	// anyStage takes the input of any stage.
	anyStage bool
	// form bodies are URL-encoded.
	form bool
	// key is a header, and query a parameter without a value.
	key, query, another openapi.Parameter
	answers             answers
}

// answers are the schemas by status; "" is the usual one.
type answers map[int]string

// with adds answers.
func (a answers) with(status int, schema string) answers {
	out := answers{status: schema}
	for k, v := range a {
		if k != status {
			out[k] = v
		}
	}
	return out
}

// enters are the answers of what may end signed in.
func enters() answers { return answers{200: "Authenticated", 400: "", 401: "", 429: ""} }

// starts are those of the first step of a sign-in, which a signed-in client may not take.
func starts() answers { return enters().with(409, "") }

// switched are those of a first step that a server may not have.
func switched() answers { return starts().with(404, "") }

// passes are those of a step that may not be pending.
func passes() answers { return enters().with(409, "") }

// owns are those of what only a signed-in client has.
func owns(schema string) answers { return answers{200: schema, 401: "", 429: ""} }

// guards are those of a change that may need a recent authentication.
func guards(schema string) answers {
	return answers{200: schema, 400: "", 401: "AuthenticationRequired", 409: "", 429: ""}
}

// forSession reports whether an operation is for people who are signed in.
func (op operation) forSession() bool {
	for _, prefix := range []string{"/account/", "/auth/sessions", "/auth/reauthenticate", "/auth/2fa/reauthenticate", "/auth/webauthn/reauthenticate"} {
		if strings.HasPrefix(op.path, prefix) {
			return true
		}
	}
	return false
}

func text(name, help string) wire.Field {
	return wire.Field{Name: name, Type: wire.Text, Required: true, Help: help}
}

func secretIn(name, help string) wire.Field {
	return wire.Field{Name: name, Type: wire.Secret, Required: true, Help: help}
}

func emailIn(help string) []wire.Field {
	return []wire.Field{{Name: "email", Type: wire.Email, Required: true, Help: help}}
}

func credentialIn() wire.Field {
	return wire.Field{Name: "credential", Type: wire.JSON, Required: true, Help: "The PublicKeyCredential as JSON."}
}

func keyHeader(name, what string) openapi.Parameter {
	return openapi.Parameter{Name: name, In: "header", Required: true, Description: what, Schema: &openapi.Schema{Type: "string"}}
}

// operations lists the contract, for the document.
func operations() []operation {
	return slices.Concat(
		sessionOperations(), signInOperations(), reauthOperations(), factorOperations(), ceremonyOperations(), keyOperations(),
		emailOperations(), phoneOperations(), passwordOperations(), providerOperations(), stageOperations(),
	)
}

func sessionOperations() []operation {
	return []operation{
		{
			method: "GET", path: "/config", id: "getConfiguration", group: "Configuration", title: "Ask what this server offers",
			text: "The same for everybody, signed in or not. With features, what is switched on and what codes look like, too.",
			query: openapi.Parameter{
				Name: featuresQuery, In: "query", Description: "If there, the answer has features.", Schema: &openapi.Schema{Type: "boolean"},
			},
			answers: answers{200: "ConfigurationAnswer"},
		},
		{
			method: "GET", path: "/auth/session", id: "getSession", group: "Session", title: "Ask who is signed in",
			text:    "200 with the person, or 401 with what can be done and what is pending.",
			answers: answers{200: "Authenticated", 401: ""},
		},
		{
			method: "DELETE", path: "/auth/session", id: "deleteSession", group: "Session", title: "Sign out",
			text:    "Ends the session, and whatever is pending. The answer is 401, as for every client that is not signed in. Where a logout_url is in its meta, a browser goes there next, to sign out at the third party, too.",
			answers: answers{400: "", 401: ""},
		},
		{
			method: "GET", path: "/auth/sessions", id: "listSessions", group: "Sessions", title: "List the sessions",
			answers: owns("SessionsAnswer"),
		},
		{
			method: "DELETE", path: "/auth/sessions", id: "endSessions", group: "Sessions", title: "End sessions",
			text:    "The answer lists those that are left. Who ends the session that asks is answered 401.",
			fields:  []wire.Field{{Name: "sessions", Type: wire.IDList, Required: true, Help: "the numbers of the sessions to end"}},
			answers: owns("SessionsAnswer").with(400, ""),
		},
		{
			method: "POST", path: "/tokens/refresh", id: "refreshTokens", group: "Tokens", title: "Exchange a refresh token",
			text:    "A refresh token that is good for nothing is answered 400 without errors.",
			fields:  []wire.Field{secretIn("refresh_token", "the refresh token")},
			answers: answers{200: "TokensAnswer", 400: "RefreshRefused", 429: ""},
		},
	}
}

func signInOperations() []operation {
	return []operation{
		{
			method: "POST", path: "/auth/login", id: "login", group: "Signing in", title: "Sign in with a password",
			text: "Give exactly one name. 401 says what else is asked for before there is a session.",
			flow: "login", answers: starts(),
		},
		{
			method: "POST", path: "/auth/signup", id: "signup", group: "Signing up", title: "Make an account",
			text: "Where the address is taken the answer is the same, and its owner is told by mail, unless the server is set to say so. 403 where nobody can sign up.",
			flow: "signup", answers: starts().with(403, ""),
		},
		{
			method: "POST", path: "/auth/code/request", id: "requestLoginCode", group: "Signing in", title: "Ask for a code to sign in with",
			text: "The code goes by mail or text message; login_by_code is then pending. An unknown address is answered the same.",
			flow: "login_by_code", answers: switched(),
		},
		{
			method: "POST", path: "/auth/code/confirm", id: "confirmLoginCode", group: "Signing in", title: "Give the code from the message",
			wire: contract.CodeStage, text: "409 where no code is waited for, or after too many wrong ones.", answers: passes(),
		},
		{
			method: "POST", path: "/auth/code/resend", id: "resendLoginCode", group: "Signing in", title: "Have the code sent again",
			text: "409 where no code is waited for, or where it may not be sent again.", answers: answers{200: "Done", 404: "", 409: "", 429: ""},
		},
		{
			method: "POST", path: "/auth/reauthenticate", id: "reauthenticate", group: "Signing in", title: "Give the password again",
			text: "For a signed-in person, before a change that matters.", flow: "reauthenticate", answers: starts(),
		},
	}
}

func reauthOperations() []operation {
	return []operation{
		{
			method: "GET", path: "/auth/reauthenticate", id: "foresee", group: "Signing in", title: "Ask whether an operation would ask for a proof",
			text: "Whether an operation, named by its id in this document, would now ask to prove again whose session it is. " +
				"It is not tried. This is this server's own: clients of django-allauth do not know it.",
			query: openapi.Parameter{
				Name: operationParam, In: "query", Required: true, Description: "The operation's id, with or without the kind of client before it.",
				Schema: &openapi.Schema{Type: "string"},
			},
			answers: owns("ForecastAnswer").with(400, "").with(405, ""),
		},
		{
			method: "POST", path: "/auth/reauthenticate/code/request", id: "requestReauthenticationCode", group: "Signing in",
			title: "Ask for a code to prove again whose session it is", flow: contract.ReauthByCodeStage,
			text:    "The code goes to a verified address or number of the account: give one of the two. A code that waits is void then.",
			answers: owns("Done").with(400, "").with(403, ""),
		},
		{
			method: "POST", path: "/auth/reauthenticate/code/confirm", id: "confirmReauthenticationCode", group: "Signing in",
			title: "Prove it with the code", wire: contract.ReauthByCodeStage,
			answers: owns("Authenticated").with(400, "").with(403, "").with(409, ""),
		},
		{
			method: "POST", path: "/auth/reauthenticate/code/resend", id: "resendReauthenticationCode", group: "Signing in",
			title: "Have another code sent in place of the one that waits", answers: owns("Done").with(403, "").with(409, ""),
		},
	}
}

func factorOperations() []operation {
	code := []wire.Field{secretIn("code", "a TOTP code, or a recovery code")}
	return []operation{
		{
			method: "POST", path: "/auth/2fa/authenticate", id: "authenticateSecondFactor", group: "Second factor", title: "Give a second factor",
			text: "401 also where mfa_authenticate is not pending.", fields: code, answers: passes(),
		},
		{
			method: "POST", path: "/auth/2fa/reauthenticate", id: "reauthenticateSecondFactor", group: "Second factor", title: "Give a second factor again",
			flow: "mfa_reauthenticate", answers: starts(),
		},
		{
			method: "POST", path: "/auth/2fa/trust", id: "trustBrowser", group: "Second factor", title: "Trust this browser, or not",
			text: "The last step of a sign-in where the server offers it. 401 also where mfa_trust is not pending.", wire: "mfa_trust", answers: passes(),
		},
		{
			method: "GET", path: "/account/authenticators", id: "listAuthenticators", group: "Second factor", title: "List the authenticators",
			answers: owns("AuthenticatorsAnswer"),
		},
		{
			method: "GET", path: "/account/authenticators/totp", id: "getTOTP", group: "Second factor", title: "Look at TOTP, or begin to set it up",
			text:    "404 where there is none: with a new secret for the authenticator app. 409 where the mail address must be verified first.",
			answers: owns("AuthenticatorAnswer").with(404, "NoTOTP").with(409, ""),
		},
		{
			method: "POST", path: "/account/authenticators/totp", id: "activateTOTP", group: "Second factor", title: "Set up TOTP",
			text:    "With a code of the secret that the last GET gave.",
			fields:  []wire.Field{secretIn("code", "a code of the new secret")},
			answers: guards("AuthenticatorAnswer"),
		},
		{
			method: "DELETE", path: "/account/authenticators/totp", id: "deactivateTOTP", group: "Second factor", title: "Switch TOTP off",
			text: "The recovery codes go with the last second factor.", answers: guards("Done"),
		},
		{
			method: "GET", path: "/account/authenticators/recovery-codes", id: "getRecoveryCodes", group: "Second factor", title: "See the recovery codes",
			text: "404 where there are none.", answers: guards("AuthenticatorAnswer").with(404, "Done404"),
		},
		{
			method: "POST", path: "/account/authenticators/recovery-codes", id: "renewRecoveryCodes", group: "Second factor", title: "Make new recovery codes",
			text: "The old ones are worth nothing from then on.", answers: guards("AuthenticatorAnswer"),
		},
	}
}

// ceremonyOperations are where a passkey or key signs in, or is made with its account.
func ceremonyOperations() []operation {
	credential := []wire.Field{credentialIn()}
	return []operation{
		{
			method: "GET", path: "/auth/webauthn/login", id: "getPasskeyLoginOptions", group: "Passkeys", title: "Begin to sign in with a passkey",
			text:    "409 where the session of the browser is bound and goes on, and the browser cannot show its key just now.",
			answers: answers{200: "RequestOptions", 404: "", 409: "", 429: ""},
		},
		{
			method: "POST", path: "/auth/webauthn/login", id: "passkeyLogin", group: "Passkeys", title: "Sign in with a passkey",
			flow: "mfa_login_webauthn", answers: switched(),
		},
		{
			method: "GET", path: "/auth/webauthn/authenticate", id: "getSecondFactorOptions", group: "Passkeys", title: "Begin to use a key as second factor",
			text: "401 also where mfa_authenticate is not pending.", answers: answers{200: "RequestOptions", 400: "", 401: "", 409: "", 429: ""},
		},
		{
			method: "POST", path: "/auth/webauthn/authenticate", id: "authenticateWithKey", group: "Passkeys", title: "Use a key as second factor",
			text: "401 also where mfa_authenticate is not pending.", fields: credential, answers: passes(),
		},
		{
			method: "GET", path: "/auth/webauthn/reauthenticate", id: "getReauthenticationOptions", group: "Passkeys", title: "Begin to use a key again",
			answers: owns("RequestOptions").with(404, "").with(400, "").with(409, ""),
		},
		{
			method: "POST", path: "/auth/webauthn/reauthenticate", id: "reauthenticateWithKey", group: "Passkeys", title: "Use a key again",
			flow: "webauthn_reauthenticate", answers: switched(),
		},
		{
			method: "POST", path: "/auth/webauthn/signup", id: "passkeySignup", group: "Passkeys", title: "Make an account with a passkey",
			text: "Begins it; the passkey is asked for once the address is verified. 403 where nobody can sign up.",
			flow: contract.PasskeySignupStage, answers: switched().with(403, ""),
		},
		{
			method: "GET", path: "/auth/webauthn/signup", id: "getPasskeySignupOptions", group: "Passkeys", title: "Begin to make the passkey of a new account",
			answers: answers{200: "CreationOptions", 400: "", 409: "", 429: ""},
		},
		{
			method: "PUT", path: "/auth/webauthn/signup", id: "finishPasskeySignup", group: "Passkeys", title: "Finish an account with its passkey",
			wire: contract.PasskeySignupStage, answers: passes(),
		},
	}
}

// keyOperations are about the keys of a signed-in person.
func keyOperations() []operation {
	return []operation{
		{
			method: "GET", path: "/account/authenticators/webauthn", id: "getKeyOptions", group: "Passkeys", title: "Begin to add a key",
			query:   openapi.Parameter{Name: "passwordless", In: "query", Description: "If there, whatever its value: a passkey rather than a security key.", Schema: &openapi.Schema{Type: "string"}},
			another: openapi.Parameter{Name: "conditional", In: "query", Description: "If there, whatever its value: a passkey that the browser makes by itself (mediation: conditional). A sign-in with a password just now is proof enough for it. 404 where that is switched off.", Schema: &openapi.Schema{Type: "string"}},
			answers: guards("CreationOptions").with(404, ""),
		},
		{
			method: "POST", path: "/account/authenticators/webauthn", id: "addKey", group: "Passkeys", title: "Add a key",
			flow: "webauthn_add", answers: guards("KeyAddedAnswer").with(404, ""),
		},
		{
			method: "PUT", path: "/account/authenticators/webauthn", id: "renameKey", group: "Passkeys", title: "Rename a key",
			fields: []wire.Field{
				{Name: "id", Type: wire.Number, Required: true, Help: "the number of the key"},
				{Name: "name", Type: wire.Text, Required: true, MaxLength: 100, Help: "its new name"},
			},
			answers: guards("AuthenticatorAnswer"),
		},
		{
			method: "DELETE", path: "/account/authenticators/webauthn", id: "deleteKeys", group: "Passkeys", title: "Remove keys",
			text:    "The recovery codes go with the last second factor.",
			fields:  []wire.Field{{Name: "authenticators", Type: wire.IDList, Required: true, Help: "the numbers of the keys"}},
			answers: guards("Done"),
		},
	}
}
