package contract

import "stagedoor/engine"

// The ids on the wire of pending stages that contracts treat by name.
const (
	MFAStage            = "mfa_authenticate"
	TrustStage          = "mfa_trust"
	EmailStage          = "verify_email"
	PhoneStage          = "verify_phone"
	CodeStage           = "login_by_code"
	ResetStage          = "password_reset_by_code"
	ProviderSignupStage = "provider_signup"
	PasskeySignupStage  = "mfa_signup_webauthn"
	ReauthByCodeStage   = "reauthenticate_by_code"
)

// The flows that contracts start by name, besides those called like their pending stage.
const (
	LoginFlow         engine.FlowID = "login"
	SignupFlow        engine.FlowID = "signup"
	PasswordResetFlow engine.FlowID = "password_reset"
	EmailKeyFlow      engine.FlowID = "email_confirmation"
	RedirectFlow      engine.FlowID = "provider_redirect"
	TokenFlow         engine.FlowID = "provider_token"
	PasskeyLoginFlow  engine.FlowID = "mfa_login_webauthn"
	AddPasskeyFlow    engine.FlowID = "webauthn_add"

	ReauthenticateFlow    = "reauthenticate"
	MFAReauthenticateFlow = "mfa_reauthenticate"
	WebAuthnReauthFlow    = "webauthn_reauthenticate"
)

// PasskeyLoginLimit is the action that sign-ins with a passkey are counted as.
const PasskeyLoginLimit = "webauthn_login"

// TrustValue is the name under which a turn hands over what makes a browser a trusted one.
const TrustValue = "mfa_trusted"

// What a sign-in with a provider is for.
const (
	ProcessLogin   = "login"
	ProcessConnect = "connect"
	// ProcessReauthenticate is this server's own.
	ProcessReauthenticate = "reauthenticate"
)

// Processes are what a provider's word can be asked for.
func Processes() []string { return []string{ProcessLogin, ProcessConnect, ProcessReauthenticate} }
