package stages

import "stagedoor/engine"

// Handlers returns the behaviour of the asking stages.
func (e *Env) Handlers() map[engine.StageID]engine.Handler {
	return map[engine.StageID]engine.Handler{
		"password":                password{e},
		"signup_form":             signup{e},
		"verify_email_link":       emailLink{e},
		"verify_email_code":       emailCode{e},
		"email_key":               emailKeyed{emailLink{e}},
		"disown_key":              disown{e},
		"email_request":           emailRequest{e},
		"mfa_authenticate":        factor{e},
		"mfa_reauthenticate":      factor{e},
		"reauthenticate":          reauthenticate{e},
		"email_add":               emailAdd{e},
		"verification_request":    verificationRequest{e},
		"email_resend":            emailResend{e},
		"email_recode":            emailRecode{emailResend{e}},
		"provider_token":          providerToken{vouched{e}},
		"provider_redirect":       providerRedirect{vouched{e}},
		"provider_form":           providerForm{vouched{e}},
		"passkey_login":           passkeyLogin{ceremonies{e}},
		"webauthn_reauthenticate": webauthnReauthenticate{ceremonies{e}},
		"webauthn_add":            webauthnAdd{ceremonies{e}},
		"passkey_form":            signup{e},
		"mfa_signup_webauthn":     passkeySignup{ceremonies{e}},
		"code_request":            codeRequest{e},
		"login_code":              loginCode{e},
		"login_by_code":           loginCode{e},
		"mfa_trust":               mfaTrust{e},
		"reset_request":           resetRequest{e},
		"reset_code":              resetCode{e},
		"reset_link":              resetLink{e},
		"reset_key":               resetKey{e},
		"phone_request":           phoneRequest{e},
		"verify_phone":            phoneCode{e},
		"change_phone":            phoneCode{e},
	}
}
