package flows

import (
	"stagedoor/engine"
	"stagedoor/stages"
)

// The flows by the ids they have on the wire. EmailConfirmation, RequestEmailFlow,
// ResetFlow and ResetRequestFlow have none: links of mails work in any client.
const (
	LoginFlow            engine.FlowID = "login"
	SignupFlow           engine.FlowID = "signup"
	ChangeEmailFlow      engine.FlowID = "change_email"
	AddEmailFlow         engine.FlowID = "add_email"
	ResendEmailFlow      engine.FlowID = "resend_email"
	EmailConfirmation    engine.FlowID = "email_confirmation"
	RequestEmailFlow     engine.FlowID = "request_email"
	DisownFlow           engine.FlowID = "disown"
	LoginByCodeFlow      engine.FlowID = "login_by_code"
	ResetByCodeFlow      engine.FlowID = "password_reset_by_code"
	ResetFlow            engine.FlowID = "password_reset"
	ResetRequestFlow     engine.FlowID = "password_reset_request"
	ChangePhoneFlow      engine.FlowID = "change_phone"
	ProviderTokenFlow                  = stages.ProviderTokenFlow
	ProviderRedirectFlow               = stages.ProviderRedirectFlow
	ProviderSignupFlow                 = stages.ProviderSignupFlow
	PasskeyLoginFlow     engine.FlowID = "mfa_login_webauthn"
	PasskeySignupFlow    engine.FlowID = "mfa_signup_webauthn"
	WebAuthnReauthFlow   engine.FlowID = "webauthn_reauthenticate"
	WebAuthnAddFlow      engine.FlowID = "webauthn_add"
	ReauthenticateFlow   engine.FlowID = "reauthenticate"
	MFAReauthFlow        engine.FlowID = "mfa_reauthenticate"
)

// The nodes.
const (
	passwordForm    engine.NodeID = "password_form"
	signupForm      engine.NodeID = "signup_form"
	pretend         engine.NodeID = "pretend"
	accountDue      engine.NodeID = "account_due"
	codeDue         engine.NodeID = "code_due"
	codeRequest     engine.NodeID = "code_request"
	loginCode       engine.NodeID = "login_code"
	loginByCode     engine.NodeID = "login_by_code"
	verifyPhone     engine.NodeID = "verify_phone"
	phoneRequest    engine.NodeID = "phone_request"
	passkeyLogin    engine.NodeID = "assertion"
	assertion       engine.NodeID = "assertion"
	connectDue      engine.NodeID = "connect_due"
	connected       engine.NodeID = "connected"
	signupWaits     engine.NodeID = "signup_waits"
	providerForm    engine.NodeID = "provider_form"
	passkeyForm     engine.NodeID = "passkey_form"
	passkeySignup   engine.NodeID = "mfa_signup_webauthn"
	webauthnForm    engine.NodeID = "credential"
	added           engine.NodeID = "added"
	mfaTrust        engine.NodeID = "mfa_trust"
	resetRequest    engine.NodeID = "reset_request"
	resetCode       engine.NodeID = "reset_code"
	resetKey        engine.NodeID = "reset_key"
	resetLink       engine.NodeID = "reset_link"
	loginOnReset    engine.NodeID = "login_on_reset"
	passwordSet     engine.NodeID = "password_set"
	phoneDue        engine.NodeID = "phone_due"
	emailDue        engine.NodeID = "email_due"
	verifyEmail     engine.NodeID = "verify_email"
	factorDue       engine.NodeID = "factor_due"
	mfaAuthenticate engine.NodeID = "mfa_authenticate"
	trustDue        engine.NodeID = "trust_due"
	session         engine.NodeID = "session"
	refused         engine.NodeID = "refused"
	done            engine.NodeID = "done"
	verified        engine.NodeID = "verified"
	emailRequest    engine.NodeID = "email_request"
	emailAdd        engine.NodeID = "email_add"
	emailResend     engine.NodeID = "email_resend"
	emailAsked      engine.NodeID = "verification_request"
	emailKey        engine.NodeID = "email_key"
	disownKey       engine.NodeID = "disown_key"
	disowned        engine.NodeID = "disowned"
	reauthForm      engine.NodeID = "reauthenticate"
	mfaReauthForm   engine.NodeID = "mfa_reauthenticate"
	reauthenticated engine.NodeID = "reauthenticated"
)
