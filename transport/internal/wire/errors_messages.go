package wire

// Message gives the text for people of an error code, in plain English, a whole
// sentence or two. param is the name of the field, "" where none is meant; it is
// never repeated in the text. An unknown code, of a custom stage perhaps, gets a
// general text, never "".
func Message(code, param string) string {
	for _, table := range []func(code, param string) string{
		fieldMessage, signInMessage, passwordMessage, addressMessage, factorMessage, providerMessage, requestMessage,
	} {
		if text := table(code, param); text != "" {
			return text
		}
	}
	return "This was not accepted. Check it and try again."
}

// fieldMessage has the codes that Decode gives.
func fieldMessage(code, param string) string {
	switch code {
	case CodeRequired:
		return requiredMessage(param)
	case CodeInvalid:
		switch param {
		case "email":
			return "This is not an e-mail address. It should look like name@example.com."
		case "username":
			return "A username may have letters, digits and the signs @ . + - _ only."
		case "credential":
			return "The answer of your device could not be read. Try again."
		}
		return "This value is not valid."
	case CodeMaxLength:
		switch param {
		case "password", "new_password":
			return "This password is too long. Use fewer characters."
		}
		return "This is too long."
	case CodeMinLength:
		return "This is too short."
	case CodeNull:
		return "This contains a character that is not allowed."
	case CodeInvalidPhone:
		return "Enter a phone number with its country code and no spaces, for example +12025550123."
	case CodeInvalidChoice:
		return "This is not one of the possible choices."
	case CodeInvalidList:
		return "A list is expected here."
	case CodeInvalidPK:
		return "This list has an entry that is not an id."
	}
	return ""
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
	return "This is required."
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
		return "Sign in with exactly one of the possible names."
	case "select_only_one":
		return "Give only one of these."
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
	case "phone_taken":
		return "Another account has this phone number."
	}
	return ""
}

// passwordMessage has the codes of choosing, changing and resetting passwords.
func passwordMessage(code, _ string) string {
	switch code {
	case "password_too_short":
		return "This password is too short. Use more characters."
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
	case "same_as_current":
		return "This is what it is already. Enter another one."
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
	case "connected_other":
		return "This account at the provider belongs to another user here."
	case "disconnect_last":
		return "The last connected account cannot be removed, nobody could sign in then."
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
