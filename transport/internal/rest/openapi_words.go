package rest

import (
	"maps"

	"stagedoor/transport/internal/openapi"
)

// words say what schemas and their members mean.
func words() map[string]string {
	all := wordsOfSigningIn()
	maps.Copy(all, wordsOfThings())
	return all
}

// wordsOfSigningIn are about a person, and what stands between them and a session.
func wordsOfSigningIn() map[string]string {
	return map[string]string{
		"User":             "A person, as they may see themselves.",
		"User.id":          "The id of the account: a number, or a text where a program has brought its own.",
		"User.display":     "What to call the person.",
		"User.name":        "How a provider, or this server's program, calls the person.",
		"User.given_name":  "The part of the name that is the person's own.",
		"User.family_name": "The part of the name that is the family's.",
		"User.picture":     "Where a picture of the person is, http or https.",

		"UserAnswer":               "Who is signed in.",
		"SessionAnswer":            "The session, and how it began.",
		"SessionAnswer.created_at": "In seconds since 1970 (UTC).",
		"SessionAnswer.expires_at": "In seconds since 1970 (UTC).",
		"SessionAnswer.methods":    "How the person proved who they are, the oldest first.",
		"Entered":                  "Somebody is signed in.",
		"Entered.access_token":     "Goes into the Authorization header, behind its token_type.",
		"Entered.expires_in":       "In seconds.",
		"Entered.refresh_token":    "Where the server hands out JSON Web Tokens.",
		"Tokens":                   "New tokens.",
		"Tokens.expires_in":        "In seconds.",
		"LoggedOut":                "The session is over.",
		"LoggedOut.logout_url":     "Where a browser goes to sign out at the third party, too, by which the session was begun.",

		"Waiting":            "What the server waits for before it goes on.",
		"Waiting.flow":       "The id of the pending stage.",
		"Waiting.flow_token": "Names the run: it goes with what answers the stage, as token. A stage of a session has none.",
		"Waiting.mfa_token":  "The same, where a second factor is waited for.",
		"Waiting.details":    "What the stage says of itself.",
		"Waiting.fields":     "What to answer the stage with; only for stages that this server adds to the contract.",
		"Waiting.actions":    "What can be done there besides; only for stages that this server adds to the contract.",

		"NotAuthenticated":       "What a client that is not signed in can do; or how one that is can prove again who it is.",
		"NotAuthenticated.flow":  "The first way to prove it again; null for a client that is not signed in.",
		"NotAuthenticated.flows": "What can be begun at stages, by these ids.",

		"PlainFlow":                     "A flow by its id alone.",
		"PlainFlow.id":                  "What to begin.",
		"SecondFactorFlow":              "A proof by a second factor.",
		"SecondFactorFlow.types":        "The kinds of second factor that will do.",
		"CodeRecipientsFlow":            "A proof by a code that is sent.",
		"CodeRecipientsFlow.recipients": "Where a code can be sent to.",
		"ProvidersFlow":                 "A proof by a third party.",
		"ProvidersFlow.providers":       "The ids of those that can give it.",
		"ProvidersFlow.process":         "What to ask them for.",
		"Recipient":                     "An address or a number, one of them.",

		"Forecast":          "Whether an operation would ask to prove again whose session it is.",
		"Forecast.for":      "The operation, as it was asked for.",
		"Forecast.required": "True where it would.",
		"Forecast.until":    "When the proof that there is runs out, in seconds since 1970 (UTC).",
		"Forecast.flows":    "By which flows to prove it, where it would; there may be none.",
		"CodeSent":          "A code is on its way.",

		"Method":    "One authentication; what is set depends on the method.",
		"Method.at": "When, in seconds since 1970 (UTC).",
		"Field":     "A member of a body that a stage asks for.",
		"Action":    "A move that does not leave its stage, such as resend.",
	}
}

// wordsOfThings are about what is wrong, what was done, and what a person has here.
func wordsOfThings() map[string]string {
	return map[string]string{
		"Errors":        "What is wrong.",
		"Errors.errors": "For people, in English, by field; __all__ has what belongs to none.",
		"Errors.codes":  "The same for programs.",
		"Errors.cause":  "What is behind a code, by field, where a third party is: provider_unavailable, token_refused (what came of it is not accepted) or not_configured (it and this server do not agree).",

		"SessionAnswer.bound": "Whether the session is bound to a key of its device, without which its tokens are good for nothing.",

		"VerificationSent":   "A mail is on its way, and what waits for it.",
		"ResetSent":          "A mail is on its way, if there is an account; and what waits for its code.",
		"PasswordSet":        "The password is set, and what that led to.",
		"PasswordChanged":    "The password is changed.",
		"Verified":           "The address is verified, and what that led to.",
		"Acted":              "What an action, or the end of a flow, tells.",
		"Acted.flow":         "The stage or flow it is of.",
		"Acted.result":       "Whatever it tells.",
		"TOTPSecret":         "What is needed to set up TOTP.",
		"TOTPSecret.qr_code": "The URL as a picture: a data: URL of a PNG.",
		"AuthenticatorAdded": "The new authenticator.",
		"AuthenticatorAdded.recovery_codes_generated": "True where recovery codes came with it.",
		"AuthenticatorsAnswer":                        "The authenticators of the account.",
		"Authenticator":                               "A second factor or passkey; what is set depends on its type.",
		"Authenticator.id":                            "The number of a WebAuthn credential; other types have none.",
		"Authenticator.is_passwordless":               "Whether a WebAuthn credential is a passkey; missing where the browser did not say.",
		"Authenticator.credential_id":                 "The id of a WebAuthn credential as its authenticator knows it, in base64url.",
		"Authenticator.rp_id":                         "The domain that a WebAuthn credential belongs to.",
		"Authenticator.user_handle":                   "The account as its authenticators know it, in base64url: with the ids of all credentials it is what PublicKeyCredential.signalAllAcceptedCredentials takes.",
		"Authenticator.created_at":                    "In seconds since 1970 (UTC).",
		"Authenticator.last_used_at":                  "In seconds since 1970 (UTC); null if never used.",
		"CreationOptions":                             "For navigator.credentials.create.",

		"Provider":          "A third party to sign in with.",
		"ProviderDetails":   "A third party, as a stage speaks of it.",
		"ProvidersAnswer":   "The third parties to sign in with.",
		"Redirect":          "Where to send the person.",
		"ConnectedAccounts": "What is connected to the account.",
		"ConnectedAccount":  "A person's account at a third party.",
	}
}

// groups are the tags, in the order they are read in.
func groups() []openapi.Tag {
	return []openapi.Tag{
		{Name: "Configuration", Description: "What this server offers."},
		{Name: "Session", Description: "Who is signed in, and signing out."},
		{Name: "Signing in", Description: "Passwords and codes."},
		{Name: "Signing up", Description: "New accounts."},
		{Name: "Second factor", Description: "TOTP and recovery codes."},
		{Name: "Passkeys", Description: "WebAuthn."},
		{Name: "E-mail", Description: "Addresses and their verification."},
		{Name: "Password", Description: "Forgotten, changed or set for the first time."},
		{Name: "Providers", Description: "Accounts at third parties."},
		{Name: "Tokens", Description: "JSON Web Tokens."},
		{Name: "Stages", Description: "Steps by their ids, those that this server adds among them."},
	}
}

// overview is the description of the document.
func overview() string {
	return `Sign-up, sign-in and everything around an account, as plain JSON for scripts and servers.

**Who asks.** A signed-in client sends its access_token as a bearer token. A path may end with a slash.

**What to do next.** A 401 with pending true and a flow_token says what the server waits for: answer at stages, with the flow_token as token. A 401 with flows says what can be begun, or how to prove again who is signed in. Errors have codes for programs, by field.

**Unknown members.** New members may be added to answers, and new ids of flows, types and methods. Ignore what you do not know; the server does the same with requests.`
}
