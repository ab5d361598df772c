package state

// Template names the words of a message. Those that django-allauth has are called as it
// calls its mails, without their folder; those of a program carry their owner's name
// ("acme.leave").
type Template string

// The templates of what is sent to prove an address or a number, or to sign in.
const (
	EmailConfirmationTemplate       Template = "email_confirmation"
	EmailConfirmationSignupTemplate Template = "email_confirmation_signup"
	EmailCodeTemplate               Template = "email_code"
	LoginCodeTemplate               Template = "login_code"
	PasswordResetKeyTemplate        Template = "password_reset_key"
	PasswordResetCodeTemplate       Template = "password_reset_code"
	PhoneCodeTemplate               Template = "phone_code"
	PhoneLoginCodeTemplate          Template = "phone_login_code"
)

// The templates of what is sent to people who may have no account here.
const (
	AccountExistsTemplate  Template = "account_already_exists"
	UnknownAccountTemplate Template = "unknown_account"
	PhoneTakenTemplate     Template = "phone_taken"
	PhoneUnknownTemplate   Template = "phone_unknown"
)

// The templates of notices: something about the account has changed.
const (
	CredentialsRemovedTemplate      Template = "credentials_removed"
	PhoneCredentialsRemovedTemplate Template = "phone_credentials_removed"
	PasswordChangedTemplate         Template = "password_changed"
	PasswordResetTemplate           Template = "password_reset"
	PasswordSetTemplate             Template = "password_set"
	EmailChangedTemplate            Template = "email_changed"
	EmailConfirmedTemplate          Template = "email_confirmed"
	EmailDeletedTemplate            Template = "email_deleted"
	TOTPActivatedTemplate           Template = "totp_activated"
	TOTPDeactivatedTemplate         Template = "totp_deactivated"
	RecoveryCodesTemplate           Template = "recovery_codes_generated"
	WebAuthnAddedTemplate           Template = "webauthn_added"
	WebAuthnRemovedTemplate         Template = "webauthn_removed"
	AccountConnectedTemplate        Template = "account_connected"
	AccountDisconnectedTemplate     Template = "account_disconnected"
)

// NoTemplate is that of a message to nobody: see [ToNobody]. It has no words.
const NoTemplate Template = "nothing"
