package headless

import (
	"stagedoor/transport/internal/contract"
	"stagedoor/transport/internal/openapi"
	"stagedoor/transport/internal/wire"
)

func emailOperations() []operation {
	return []operation{
		{
			method: "GET", path: "/auth/email/verify", id: "getEmailVerification", group: "E-mail", title: "Ask what a key or code stands for",
			key:     keyHeader(emailKeyHeader, "the key of the link, or the code"),
			answers: answers{200: "EmailVerification", 400: "", 409: "", 429: ""},
		},
		{
			method: "POST", path: "/auth/email/verify", id: "verifyEmail", group: "E-mail", title: "Verify an address",
			text: "With the key of the link, or the code. A link answers 401 with nothing pending: verified, sign in now. A code goes on where the sign-up stopped.",
			wire: contract.EmailStage, answers: passes(),
		},
		{
			method: "POST", path: "/auth/email/verify/resend", id: "resendEmailVerification", group: "E-mail", title: "Have the code sent again",
			text: "409 where no code is waited for, or where it may not be sent again.", answers: answers{200: "Done", 409: "", 429: ""},
		},
		{
			method: "GET", path: "/account/email", id: "listEmails", group: "E-mail", title: "List the addresses",
			answers: owns("EmailsAnswer"),
		},
		{
			method: "POST", path: "/account/email", id: "addEmail", group: "E-mail", title: "Add an address",
			text:   "It must be verified. During a sign-up: verify this address instead; 409 where no sign-up waits for one.",
			fields: emailIn("the address to add"), answers: guards("EmailsAnswer"),
		},
		{
			method: "PUT", path: "/account/email", id: "resendEmail", group: "E-mail", title: "Have an address verified",
			text:   "Sends the link or code again. 403 where no more may be sent for now.",
			fields: emailIn("an address of the account"), answers: guards("Done").with(403, ""),
		},
		{
			method: "PATCH", path: "/account/email", id: "setPrimaryEmail", group: "E-mail", title: "Make an address the primary one",
			fields: []wire.Field{
				emailIn("an address of the account")[0],
				{Name: "primary", Type: wire.Bool, Required: true, Help: "true"},
			},
			answers: guards("EmailsAnswer"),
		},
		{
			method: "DELETE", path: "/account/email", id: "removeEmail", group: "E-mail", title: "Remove an address",
			fields: emailIn("an address of the account"), answers: guards("EmailsAnswer"),
		},
	}
}

func phoneOperations() []operation {
	return []operation{
		{
			method: "POST", path: "/auth/phone/verify", id: "verifyPhone", group: "Phone", title: "Verify a number",
			text: "With the code from the text message; for a sign-up, or for the new number of a signed-in person.",
			wire: contract.PhoneStage, answers: passes(),
		},
		{
			method: "POST", path: "/auth/phone/verify/resend", id: "resendPhoneVerification", group: "Phone", title: "Have the code sent again",
			text: "409 where no code is waited for, or where it may not be sent again.", answers: answers{200: "Done", 409: "", 429: ""},
		},
		{
			method: "GET", path: "/account/phone", id: "getPhone", group: "Phone", title: "Look at the number",
			answers: owns("PhoneAnswer"),
		},
		{
			method: "POST", path: "/account/phone", id: "changePhone", group: "Phone", title: "Change the number",
			text:    "202: the new number waits for its code. During a sign-up: verify this number instead; 409 where no sign-up waits for one.",
			fields:  []wire.Field{{Name: "phone", Type: wire.Phone, Required: true, Help: "the new number, in E.164"}},
			answers: answers{202: "PhoneWaitsAnswer", 400: "", 401: "AuthenticationRequired", 409: "", 429: ""},
		},
	}
}

func passwordOperations() []operation {
	return []operation{
		{
			method: "POST", path: "/auth/password/request", id: "requestPasswordReset", group: "Password", title: "Ask to reset a forgotten password",
			text: "By link the answer is 200, by code 401 with password_reset_by_code pending. An unknown address is answered the same, unless the server is set to say so.",
			flow: "password_reset_by_code", elseFlow: "password_reset_request", answers: enters().with(200, "DoneOrAuthenticated"),
		},
		{
			method: "GET", path: "/auth/password/reset", id: "getPasswordReset", group: "Password", title: "Ask whose password a key or code resets",
			key:     keyHeader(resetKeyHeader, "the key of the link, or the code"),
			answers: answers{200: "PasswordReset", 400: "", 409: "", 429: ""},
		},
		{
			method: "POST", path: "/auth/password/reset", id: "resetPassword", group: "Password", title: "Set a new password",
			text: "With the key of the link, or the code. Every session of the account ends. 401: it is set, sign in now; 200 where a reset signs in.",
			wire: contract.ResetStage, elseFlow: "password_reset", answers: passes(),
		},
		{
			method: "POST", path: "/account/password/change", id: "changePassword", group: "Password", title: "Change the password, or set the first one",
			text: "Every other session of the account ends. An app gets a new session token. 401 where the server ends this session too, and, of a first password, where changes ask for a recent proof.",
			fields: []wire.Field{
				{Name: "current_password", Type: wire.Secret, Help: "needed where the account has a password"},
				secretIn("new_password", "the new password"),
			},
			answers: passes(),
		},
	}
}

func providerOperations() []operation {
	return []operation{
		{
			method: "POST", path: "/auth/provider/redirect", id: "redirectToProvider", group: "Providers", title: "Go to a provider",
			text: "To be sent by a form of the page, not by a script: the browser is led to the provider and comes back to callback_url, which then asks for the session.",
			form: true,
			fields: []wire.Field{
				text("provider", "the provider's id"), text("callback_url", "where to come back to"), processIn(),
				{Name: "csrfmiddlewaretoken", Type: wire.Text, Help: "the value of the cookie csrftoken"},
			},
			answers: answers{302: "", 429: ""},
		},
		{
			method: "POST", path: "/auth/provider/token", id: "providerToken", group: "Providers", title: "Sign in or connect with a provider's token",
			text: "With a token that the app has of the provider: an id_token, or an access_token.",
			fields: []wire.Field{
				text("provider", "the provider's id"), processIn(),
				{Name: "token", Type: wire.JSON, Required: true},
			},
			shapes:  map[string]*openapi.Schema{"token": providerTokenSchema()},
			answers: enters().with(401, "AuthenticationRequired").with(403, "").with(404, "").with(409, ""),
		},
		{
			method: "GET", path: "/auth/provider/signup", id: "getProviderSignup", group: "Providers", title: "Look at the sign-up that a provider began",
			answers: answers{200: "ProviderSignup", 403: "", 409: "", 429: ""},
		},
		{
			method: "POST", path: "/auth/provider/signup", id: "providerSignup", group: "Providers", title: "Complete a sign-up that a provider began",
			wire: "provider_signup", answers: enters().with(403, "").with(409, ""),
		},
		{
			method: "GET", path: "/account/providers", id: "listProviderAccounts", group: "Providers", title: "List the connected accounts",
			answers: owns("ProviderAccountsAnswer"),
		},
		{
			method: "DELETE", path: "/account/providers", id: "disconnectProviderAccount", group: "Providers", title: "Disconnect an account",
			fields:  []wire.Field{text("provider", "the provider's id"), text("account", "the id of the account at the provider")},
			answers: guards("ProviderAccountsAnswer"),
		},
	}
}

// processIn is what a sign-in with a provider is for.
func processIn() wire.Field {
	return wire.Field{
		Name: "process", Type: wire.Choice, Required: true, Choices: contract.Processes(),
		Help: "To sign in, to connect the account to the one that is signed in, or to prove by it that it is still the same person.",
	}
}

// providerTokenSchema is a token as an app has it of a provider.
func providerTokenSchema() *openapi.Schema {
	text := func(what string) *openapi.Schema { return &openapi.Schema{Type: "string", Description: what} }
	return &openapi.Schema{
		Type: "object", Description: "One of the tokens is needed.", Required: []string{"client_id"},
		Properties: openapi.Ordered[*openapi.Schema]{
			{Name: "client_id", Value: &openapi.Schema{Type: "string", MinLength: 1, Description: "The app's id at the provider, which the token is meant for."}},
			{Name: "id_token", Value: text("An ID token (OpenID Connect).")},
			{Name: "access_token", Value: text("An access token.")},
		},
	}
}
