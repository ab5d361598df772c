package wire

import "strconv"

// Message gives the text for people of an error code, in plain English, a whole
// sentence or two, which can be understood without what stands beside it. param is the name of
// the field, "" where none is meant; limit is the number that was not kept, 0 where it is not
// known. An unknown code, of a custom stage perhaps, gets a general text, never "".
func Message(code, param string, limit int) string {
	if text := fieldMessage(code, param, limit); text != "" {
		return text
	}
	for _, table := range []func(code, param string) string{
		signInMessage, passwordMessage, addressMessage, factorMessage, providerMessage, requestMessage,
	} {
		if text := table(code, param); text != "" {
			return text
		}
	}
	return "This was not accepted. Check it and try again."
}

// fieldMessage has the codes that Decode gives, and others about the look of a field.
func fieldMessage(code, param string, limit int) string {
	what := called(param)
	switch code {
	case CodeRequired:
		return requiredMessage(param)
	case CodeInvalid:
		return invalidMessage(param)
	case CodeMaxLength:
		return what + " is too long." + characters(" Use at most ", limit, " Use fewer characters.")
	case CodeMinLength:
		return what + " is too short." + characters(" Use at least ", limit, " Use more characters.")
	case "password_too_short":
		return "The password is too short." + characters(" Use at least ", limit, " Use more characters than these.")
	case CodeNull:
		return what + " contains a character that is not allowed."
	case CodeInvalidPhone:
		return "Enter a phone number with its country code and no spaces, for example +12025550123."
	case CodeInvalidChoice:
		return what + " is not one of the possible choices."
	case CodeInvalidList:
		return what + " is not a list."
	case CodeInvalidPK:
		return what + " has an entry that is not an id."
	case "same_as_current":
		return what + " is the one that is set already. Enter another one."
	}
	return ""
}

// characters is a limit in words, or what is said where it is not known.
func characters(before string, limit int, unknown string) string {
	switch limit {
	case 0:
		return unknown
	case 1:
		return before + "1 character."
	}
	return before + strconv.Itoa(limit) + " characters."
}

// called is what people call a field.
func called(param string) string {
	switch param {
	case "":
		return "The value"
	case "email":
		return "The e-mail address"
	case "phone":
		return "The phone number"
	case "password", "new_password":
		return "The password"
	case "username", "name", "code":
		return "The " + param
	}
	return "The value of " + param
}

func invalidMessage(param string) string {
	switch param {
	case "email":
		return "This is not an e-mail address. It should look like name@example.com."
	case "username":
		return "A username may have letters, digits and the signs @ . + - _ only."
	case "credential":
		return "The answer of your device could not be read. Try again."
	}
	return called(param) + " is not valid."
}

func requiredMessage(param string) string {
	switch param {
	case "email":
		return "Enter your e-mail address."
	case "username":
		return "Enter your username."
	case "phone":
		return "Enter your phone number."
	case "password":
		return "Enter your password."
	case "current_password":
		return "Enter your current password."
	case "new_password":
		return "Enter a new password."
	case "code":
		return "Enter the code."
	}
	return called(param) + " is required."
}

// signInMessage has the codes of signing in and up.
func signInMessage(code, _ string) string {
	switch code {
	case "email_password_mismatch":
		return "The e-mail address or the password is wrong."
	case "username_password_mismatch":
		return "The username or the password is wrong."
	case "phone_password_mismatch":
		return "The phone number or the password is wrong."
	case "invalid_login":
		return "Sign in with exactly one of these: e-mail address, username or phone number."
	case "select_only_one":
		return "Give an e-mail address or a phone number, one of them."
	case "too_many_login_attempts":
		return "There were too many failed attempts to sign in. Wait a while and try again."
	case "account_inactive":
		return "This account is disabled."
	case "incorrect_code":
		return "This code is wrong, or no longer valid."
	case "username_taken":
		return "This username is taken. Choose another one."
	case "username_blacklisted":
		return "This username cannot be used. Choose another one."
	case "unknown_phone":
		return "No account has this phone number."
	case "phone_country_not_allowed":
		return "No text messages are sent to numbers of this country. Give another one."
	case "phone_taken":
		return "Another account has this phone number."
	}
	return ""
}

// causeMessage has what stands behind a 503 that is no fault of this server.
func causeMessage(cause string) string {
	switch cause {
	case "provider_unavailable":
		return "The service that was to say who you are cannot be reached. Try again in a while."
	case "not_configured":
		return "This server and the service that was to say who you are do not agree. Only who runs the server can mend that."
	}
	return ""
}

// passwordMessage has the codes of choosing, changing and resetting passwords.
func passwordMessage(code, _ string) string {
	switch code {
	case "password_too_common":
		return "This password is among the first that are guessed. Choose another one."
	case "password_too_similar":
		return "This password is too much like your other data. Choose another one."
	case "password_entirely_numeric":
		return "A password cannot consist of digits only."
	case "incorrect_password":
		return "The password is wrong."
	case "enter_current_password":
		return "The current password is wrong."
	case "invalid_password_reset":
		return "This link to reset the password is not valid any more. Ask for a new one."
	case "no_password":
		return "Your account has no password. Set one first."
	}
	return ""
}

// addressMessage has the codes of managing e-mail addresses and numbers.
func addressMessage(code, _ string) string {
	switch code {
	case "email_taken":
		return "Another account has this e-mail address."
	case "duplicate_email":
		return "Your account has this e-mail address already."
	case "unknown_email":
		return "Your account does not have this e-mail address."
	case "max_email_addresses":
		return "Your account cannot have more e-mail addresses."
	case "cannot_remove_primary_email":
		return "The primary e-mail address cannot be removed. Make another one primary first."
	case "unverified_primary_email":
		return "Verify this e-mail address before you make it the primary one."
	case "unverified_email":
		return "Verify your e-mail address first."
	case "no_verified_email":
		return "Your account has no verified e-mail address. Verify one first."
	case "invalid_or_expired_key":
		return "This link is wrong or has expired. Ask for a new one."
	case "add_email_blocked":
		return "No address can be added to an account that has two-factor authentication."
	}
	return ""
}

// factorMessage has the codes of second factors.
func factorMessage(code, _ string) string {
	switch code {
	case "cannot_delete_authenticator":
		return "This way to sign in cannot be removed."
	case "cannot_remove_last_passkey":
		return "It is the only way in to the account. Add another passkey, or set a password, first."
	case "cannot_generate_recovery_codes":
		return "Recovery codes need two-factor authentication. Turn it on first."
	}
	return ""
}

// providerMessage has the codes of third-party providers.
func providerMessage(code, _ string) string {
	switch code {
	case "account_not_found":
		return "There is no such connected account."
	case "unknown_provider":
		return "There is no such provider."
	case "client_id_required":
		return "The token must come with a client_id."
	case "client_id_mismatch":
		return "The token is meant for another client_id."
	case "token_required":
		return "An id_token or access_token is required."
	case "invalid_token":
		return "The token is not valid."
	case "token_authentication_not_supported":
		return "This provider cannot be used with a token."
	case "incorrect_account":
		return "This account at the provider is not connected to yours."
	case "authentication_too_old":
		return "You signed in at the provider too long ago. Sign in there again."
	case "connected_other":
		return "This account at the provider belongs to another user here."
	case "disconnect_last":
		return "The last connected account cannot be removed, nobody could sign in then."
	case "cancelled":
		return "You came back from the provider without signing in. Nothing has changed."
	case "invalid_url":
		return "This URL is not allowed here."
	}
	return ""
}

// requestMessage has the codes of problems with a request as a whole.
func requestMessage(code, _ string) string {
	switch code {
	case CodeMalformed:
		return "The body of the request is not a JSON object."
	case CodeTooLarge:
		return "The body of the request is too large."
	case CodeEncoding:
		return "The body of the request must not be compressed."
	case CodeUnreadable:
		return "The body of the request did not arrive in full."
	case CodeUnauthorized:
		return "Sign in first."
	case CodeForbidden:
		return "This is not allowed."
	case CodeCSRF:
		return "The request could not be told from a forged one. Reload the page and try again."
	case "invalid_dpop_proof":
		return "The app has not shown the key that this belongs to. Update the app, or sign in again."
	case "use_dpop_nonce":
		return "The app must show its key once more, with what the server has just sent."
	case "dpop_required":
		return "This app cannot show a key of its device, which is needed here. Update the app."
	case CodeNoSecondFactor:
		return "Set up a second factor first."
	case CodeNotFound:
		return "There is nothing here."
	case CodeMethodNotAllowed:
		return "This address does not take requests of this kind."
	case CodeConflict:
		return "This does not fit what is going on at the moment."
	case CodeGone:
		return "This session has ended. Start anew."
	case CodeUnknownOperation:
		return "The OpenAPI document of this server has no operation of that id."
	case CodeRateLimited:
		return "There were too many requests. Wait a while and try again."
	case CodeUnavailable:
		return "The server is busy. Try again in a moment."
	case CodeInternal:
		return "Something went wrong on our side. Try again in a moment."
	}
	return ""
}
