package state

import (
	"maps"
	"slices"
)

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
	ProofCodeTemplate               Template = "proof_code"
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
	WebAuthnSuspectedTemplate       Template = "webauthn_suspected"
	AccountConnectedTemplate        Template = "account_connected"
	AccountDisconnectedTemplate     Template = "account_disconnected"
	SessionRefusedTemplate          Template = "session_refused"
)

// NoTemplate is that of a message to nobody: see [ToNobody]. It has no words.
const NoTemplate Template = "nothing"

// letter is what is fixed about a template: how it travels, and whether it brings a code
// or a link. stranger is true where the recipient need not be the person who acted:
// anybody can type an address. A notice tells of what was stored together with it.
type letter struct {
	channel              Channel
	code, link, stranger bool
	notice               bool
}

// letters has every template but [NoTemplate]. The words of each are the files of its name
// in transport/notify/templates.
func letters() map[Template]letter {
	return map[Template]letter{
		EmailConfirmationTemplate:       {channel: ByMail, link: true, stranger: true},
		EmailConfirmationSignupTemplate: {channel: ByMail, link: true, stranger: true},
		EmailCodeTemplate:               {channel: ByMail, code: true, stranger: true},
		LoginCodeTemplate:               {channel: ByMail, code: true},
		ProofCodeTemplate:               {channel: ByMail, code: true},
		PasswordResetKeyTemplate:        {channel: ByMail, link: true},
		PasswordResetCodeTemplate:       {channel: ByMail, code: true},
		PhoneCodeTemplate:               {channel: BySMS, code: true},
		PhoneLoginCodeTemplate:          {channel: BySMS, code: true},

		AccountExistsTemplate:  {channel: ByMail, stranger: true},
		UnknownAccountTemplate: {channel: ByMail, stranger: true},
		PhoneTakenTemplate:     {channel: BySMS},
		PhoneUnknownTemplate:   {channel: BySMS},

		CredentialsRemovedTemplate:      {channel: ByMail, notice: true},
		PhoneCredentialsRemovedTemplate: {channel: BySMS, notice: true},
		PasswordChangedTemplate:         {channel: ByMail, notice: true},
		PasswordResetTemplate:           {channel: ByMail, notice: true},
		PasswordSetTemplate:             {channel: ByMail, notice: true},
		EmailChangedTemplate:            {channel: ByMail, notice: true},
		EmailConfirmedTemplate:          {channel: ByMail, notice: true},
		EmailDeletedTemplate:            {channel: ByMail, notice: true},
		TOTPActivatedTemplate:           {channel: ByMail, notice: true},
		TOTPDeactivatedTemplate:         {channel: ByMail, notice: true},
		RecoveryCodesTemplate:           {channel: ByMail, notice: true},
		WebAuthnAddedTemplate:           {channel: ByMail, notice: true},
		WebAuthnRemovedTemplate:         {channel: ByMail, notice: true},
		WebAuthnSuspectedTemplate:       {channel: ByMail, notice: true},
		AccountConnectedTemplate:        {channel: ByMail, notice: true},
		AccountDisconnectedTemplate:     {channel: ByMail, notice: true},
		SessionRefusedTemplate:          {channel: ByMail, notice: true},
	}
}

// Templates lists the server's own templates, sorted.
func Templates() []Template { return slices.Sorted(maps.Keys(letters())) }

// Channel is how messages of the template travel, empty for one that is not the server's.
func (t Template) Channel() Channel { return letters()[t].channel }

// BringsCode reports whether messages of the template bring a one-time code.
func (t Template) BringsCode() bool { return letters()[t].code }

// BringsLink reports whether messages of the template bring a link to follow.
func (t Template) BringsLink() bool { return letters()[t].link }

// IsNotice reports whether messages of the template tell of what was stored together with
// them. They go out even where nobody lived to release them.
func (t Template) IsNotice() bool { return letters()[t].notice }

// ToStranger reports whether the recipient need not be the person who acted. Such a
// message greets nobody by the name that was typed with it, so that it carries nobody's
// own words.
func (t Template) ToStranger() bool { return letters()[t].stranger }
