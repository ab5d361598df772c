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
		"code_recipient":          codeRecipient{e},
		"reauthenticate_by_code":  reauthCode{e},
		"email_add":               emailAdd{e},
		"verification_request":    verificationRequest{e},
		"email_resend":            emailResend{e},
		"email_recode":            emailRecode{emailResend{e}},
		"provider_token":          providerToken{providerAnswer{e}},
		"provider_redirect":       providerRedirect{providerAnswer{e}},
		"provider_form":           providerForm{providerAnswer{e}},
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

// Deciders returns the behaviour of the deciding stages.
func Deciders() map[engine.StageID]engine.Decider {
	return map[engine.StageID]engine.Decider{
		"account_due": engine.DecideFunc(accountDue),
		"code_due":    engine.DecideFunc(codeDue),
		"phone_due":   engine.DecideFunc(phoneDue),
		"email_due":   engine.DecideFunc(emailDue),
		"factor_due":  engine.DecideFunc(factorDue),
		"trust_due":   engine.DecideFunc(trustDue),

		"connect_due":    connectDue{},
		"login_on_reset": engine.DecideFunc(loginOnReset),
	}
}

// What handlers and deciders are besides. The engine finds it by assertion, so a method that
// has another name or other parameters than the engine's would be passed over silently.
var (
	_ = []engine.Enterer{emailCode{}, emailLink{}, factor{}, loginCode{}, phoneCode{}, reauthCode{}, resetCode{}}
	_ = []engine.Actor{
		disown{}, emailCode{}, emailLink{}, factor{}, loginCode{}, passkeyLogin{}, passkeySignup{}, phoneCode{},
		providerForm{}, providerRedirect{}, reauthCode{}, resetCode{}, resetKey{}, webauthnAdd{}, webauthnReauthenticate{},
	}
	_ = []engine.Describer{factor{}, providerForm{}}
	_ = []engine.Cleaner{
		emailAdd{}, emailRequest{}, emailResend{}, phoneCode{}, phoneRequest{}, providerForm{}, providerToken{}, resetCode{},
		resetKey{}, signup{},
	}
	_ = []engine.Limiter{codeRequest{}, factor{}, password{}, reauthenticate{}}
	_ = []engine.Predictor{
		codeRequest{}, disown{}, emailCode{}, emailLink{}, loginCode{}, passkeyLogin{}, password{}, providerAnswer{},
		providerForm{}, resetCode{}, resetKey{}, resetRequest{}, signup{},
	}
	_ = []engine.FactLoader{connectDue{}}
)
