package flows

import "stagedoor/engine"

// The flows by the ids they have on the wire. EmailConfirmation has none: it is the link
// of a mail, which works in any client.
const (
	LoginFlow          engine.FlowID = "login"
	SignupFlow         engine.FlowID = "signup"
	ChangeEmailFlow    engine.FlowID = "change_email"
	EmailConfirmation  engine.FlowID = "email_confirmation"
	ReauthenticateFlow engine.FlowID = "reauthenticate"
	MFAReauthFlow      engine.FlowID = "mfa_reauthenticate"
)

// The nodes.
const (
	passwordForm    engine.NodeID = "password_form"
	signupForm      engine.NodeID = "signup_form"
	pretend         engine.NodeID = "pretend"
	accountDue      engine.NodeID = "account_due"
	codeDue         engine.NodeID = "code_due"
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
	emailKey        engine.NodeID = "email_key"
	reauthForm      engine.NodeID = "reauthenticate"
	mfaReauthForm   engine.NodeID = "mfa_reauthenticate"
	reauthenticated engine.NodeID = "reauthenticated"
)
