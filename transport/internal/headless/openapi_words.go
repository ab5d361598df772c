package headless

import (
	"maps"

	"stagedoor/transport/internal/openapi"
)

// words say what schemas and their members mean.
func words() map[string]string {
	all := wordsOfPeople()
	maps.Copy(all, wordsOfWays())
	maps.Copy(all, wordsOfFactors())
	maps.Copy(all, wordsOfThings())
	return all
}

// wordsOfPeople are about a person.
func wordsOfPeople() map[string]string {
	return map[string]string{
		"User":                     "A person, as they may see themselves.",
		"User.id":                  "The number of the account.",
		"User.display":             "What to call the person.",
		"User.has_usable_password": "False for a person who signs in without a password.",
		"User.name":                "How a provider, or this server's program, calls the person.",
		"User.given_name":          "The part of the name that is the person's own.",
		"User.family_name":         "The part of the name that is the family's.",
		"User.picture":             "Where a picture of the person is, http or https.",
	}
}

// wordsOfWays are about how a person signed in, and what stands between them and a session.
func wordsOfWays() map[string]string {
	return map[string]string{
		"Method":                 "One authentication of this client; what is set depends on the method.",
		"Method.method":          "How the person proved who they are.",
		"Method.at":              "When, in seconds since 1970 (UTC).",
		"Method.type":            "The kind of second factor.",
		"Method.id":              "The number of the authenticator.",
		"Method.provider":        "The provider's id.",
		"Method.uid":             "The id of the account at the provider.",
		"Method.passwordless":    "True for a passkey.",
		"Method.reauthenticated": "True where a signed-in person proved it again.",

		"Flow":            "Something the client can do, or has begun and must finish.",
		"Flow.id":         "The contract's ids, and those of stages this server adds.",
		"Flow.is_pending": "True where the server waits for this step.",
		"Flow.types":      "The kinds of second factor that will do.",
		"Flow.providers":  "The ids of the providers that can be used.",
		"Flow.fields":     "What to answer a pending stage with; only for stages that this server adds to the contract.",
		"Flow.actions":    "What can be done there besides; only for stages that this server adds to the contract.",

		"ForecastAnswer.for":      "The operation, as it was asked for.",
		"ForecastAnswer.required": "True where it would ask to prove again whose session it is.",
		"ForecastAnswer.until":    "When the proof that there is runs out, in seconds since 1970 (UTC).",
		"ForecastAnswer.flows":    "By which flows to prove it, where it would; there may be none.",

		"Field":            "A member of a body that a stage asks for.",
		"Field.name":       "The name of the member.",
		"Field.type":       "text, secret, email, phone, code, bool, number, ids, json or username.",
		"Field.required":   "True where it must be there.",
		"Field.min_length": "The least number of characters.",
		"Field.max_length": "The most characters.",
		"Field.help":       "What belongs in it, in English.",
		"Action":           "A move that does not leave its stage, such as resend.",
		"Action.name":      "The last part of its path.",
		"Action.fields":    "What it takes.",

		"Error":         "What is wrong.",
		"Error.message": "For people, in English. Branch on the code, not on this.",
		"Error.code":    "What is wrong, for programs.",
		"Error.param":   "The field that is wrong; missing where the whole request is meant.",
		"Error.cause":   "What is behind the code, where a third party is: provider_unavailable, token_refused (what came of it is not accepted) or not_configured (it and this server do not agree).",
	}
}

// wordsOfFactors are about second factors and passkeys.
func wordsOfFactors() map[string]string {
	return map[string]string{
		"Authenticator":                   "A second factor or passkey; what is set depends on its type.",
		"Authenticator.id":                "The number of a WebAuthn credential; other types have none.",
		"Authenticator.name":              "The name of a WebAuthn credential.",
		"Authenticator.is_passwordless":   "Whether a WebAuthn credential is a passkey; missing where the browser did not say.",
		"Authenticator.credential_id":     "The id of a WebAuthn credential as its authenticator knows it, in base64url; only with headless.extended.",
		"Authenticator.rp_id":             "The domain that a WebAuthn credential belongs to; only with headless.extended.",
		"Authenticator.user_handle":       "The account as its authenticators know it, in base64url: with the ids of all credentials it is what PublicKeyCredential.signalAllAcceptedCredentials takes; only with headless.extended.",
		"Authenticator.created_at":        "In seconds since 1970 (UTC).",
		"Authenticator.last_used_at":      "In seconds since 1970 (UTC); null if never used.",
		"Authenticator.total_code_count":  "How many recovery codes there were.",
		"Authenticator.unused_code_count": "How many recovery codes are left.",
		"Authenticator.unused_codes":      "The recovery codes that are left, where they may be seen.",
	}
}

// wordsOfThings are about what a person has here, and what the server offers.
func wordsOfThings() map[string]string {
	return map[string]string{
		"Session":              "A place where the person is signed in.",
		"Session.id":           "The number of the session, to end it by.",
		"Session.created_at":   "In seconds since 1970 (UTC).",
		"Session.last_seen_at": "In seconds since 1970 (UTC); only where the server tracks activity.",
		"Session.bound":        "Whether the session is bound to a key of its device, without which it is good for nothing; only with headless.extended.",
		"Session.is_current":   "True for the session that asks.",

		"PhoneNumber":          "A phone number and whether its owner proved it.",
		"PhoneNumber.phone":    "The number in E.164 form.",
		"EmailAddress":         "A mail address of an account.",
		"EmailAddress.primary": "True for the address that messages go to.",
		"Provider":             "A third party whose accounts can be used to sign in.",
		"Provider.client_id":   "The id of this server's application at the provider.",
		"ProviderAccount":      "An account at a third party.",
		"ProviderAccount.uid":  "The id of the account at the provider.",
		"ProviderAccount.name": "How the person is called there; the parts of the name and a picture likewise.",
		"Configuration":        "What the server offers.",
		"AuthenticationMeta":   "What programs need to know about the client.",

		"AuthenticationMeta.is_authenticated": "Whether the client is signed in; null where its token, or the step, is unknown.",
		"AuthenticationMeta.session_token":    "For apps: a token that takes the place of the one sent.",
		"AuthenticationMeta.access_token":     "For apps, where the server hands out JSON Web Tokens.",
		"AuthenticationMeta.refresh_token":    "For apps, where the server hands out JSON Web Tokens.",
		"AuthenticationMeta.logout_url":       "Only for who has signed out: where a browser goes to sign out at the third party, too, by which the session was begun.",
	}
}

// groups are the tags, in the order they are read in.
func groups() []openapi.Tag {
	return []openapi.Tag{
		{Name: "Configuration", Description: "What this server offers."},
		{Name: "Session", Description: "Who is signed in, and signing out."},
		{Name: "Signing in", Description: "Passwords, codes and proving it again."},
		{Name: "Signing up", Description: "New accounts."},
		{Name: "Second factor", Description: "TOTP, recovery codes and trusted browsers."},
		{Name: "Passkeys", Description: "WebAuthn: as second factor, and instead of a password."},
		{Name: "E-mail", Description: "Addresses and their verification."},
		{Name: "Phone", Description: "The number and its verification."},
		{Name: "Password", Description: "Forgotten, changed or set for the first time."},
		{Name: "Providers", Description: "Accounts at third parties."},
		{Name: "Sessions", Description: "Everywhere the person is signed in."},
		{Name: "Tokens", Description: "JSON Web Tokens, for apps."},
		{Name: "Stages", Description: "Steps of a sign-in by their ids, those that this server adds among them."},
	}
}

// statusWords say what a status means where an operation does not say it better.
func statusWords(status int) string {
	switch status {
	case 200:
		return "Done."
	case 400:
		return "The input is wrong; the errors say where."
	case 401:
		return "Not signed in, or not yet: the flows say what can be done and what is pending."
	case 403:
		return "Not allowed."
	case 404:
		return "This is switched off on this server."
	case 405:
		return "There is no such method."
	case 409:
		return "This does not fit the state the client is in."
	case 410:
		return "The session token stands for nothing any more. Drop it and start anew."
	case 429:
		return "Too many requests. Wait as long as Retry-After says."
	case 500:
		return "A fault of the server."
	case 503:
		return "The server is busy or a store is down. Try again after Retry-After."
	}
	return "The answer."
}

// overview is the description of the document.
func overview() string {
	return `Sign-up, sign-in and everything around an account, as JSON.

**Two kinds of client.** A browser is known by its cookies: every request that changes something carries the value of the cookie csrftoken in the header X-CSRFToken; pages of a trusted origin that cannot read the cookie, as it is of another host, find the value in the same header of the answers. An app is known by the header X-Session-Token: it sends the last token it was given in meta.session_token, and drops it on a 410.

**What to do next.** A 401 lists flows. The one with is_pending is what the server waits for; the others can be begun. Each answer repeats its HTTP status as status. Errors have a code for programs, and the field they belong to as param.

**Unknown members.** New members may be added to answers. Ignore what you do not know; the server does the same with requests.`
}
