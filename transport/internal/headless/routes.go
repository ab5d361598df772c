package headless

import (
	"stagedoor/engine"
	"stagedoor/transport/internal/contract"
)

// routes is the contract. The path is below /{client}/v1. What belongs to a feature that is
// switched off is not there for anybody, whatever the method and the client's state.
func (a *API) routes() []route {
	without, foreign := func(f engine.FlowID) bool { return !a.HasFlow(f) }, !a.Local()
	return []route{
		{path: "/config", harmless: true, methods: map[string]endpoint{"GET": a.config}},
		{path: "/auth/stages/:stage", methods: map[string]endpoint{"POST": a.submitStage}},
		{path: "/auth/stages/:stage/:action", methods: map[string]endpoint{"POST": a.actStage}},
		{path: "/tokens/refresh", methods: map[string]endpoint{"POST": a.refreshTokens}, appOnly: true, form: formOf(refreshForm())},
		{path: "/auth/session", harmless: true, methods: map[string]endpoint{"GET": a.getSession, "DELETE": a.deleteSession}},
		{path: "/auth/login", methods: map[string]endpoint{"POST": a.login}, early: a.loginInput, off: foreign},
		{path: "/auth/signup", methods: map[string]endpoint{"POST": a.signup}, off: foreign},
		{path: "/auth/email/verify", methods: map[string]endpoint{"GET": a.emailInfo, "POST": a.verifyEmail}, early: a.verifyEmailInput, off: foreign},
		{path: "/auth/email/verify/resend", methods: map[string]endpoint{"POST": a.resendEmail}, form: noForm, off: foreign},
		{path: "/auth/2fa/authenticate", methods: map[string]endpoint{"POST": a.mfaAuthenticate}, early: a.mfaAuthenticate, form: formOf(codeForm())},
		{path: "/auth/reauthenticate", methods: map[string]endpoint{"GET": a.foresee, "POST": a.reauth}, early: a.signedInFirst, form: a.proofForm},
		{path: "/auth/reauthenticate/code/request", methods: map[string]endpoint{"POST": a.requestReauthCode}, early: a.signedInFirst, form: a.reauthCodeForm, off: foreign},
		{path: "/auth/reauthenticate/code/confirm", methods: map[string]endpoint{"POST": a.confirmReauthCode}, early: a.reauthCodeFirst, form: formOf(codeForm()), off: foreign},
		{path: "/auth/reauthenticate/code/resend", methods: map[string]endpoint{"POST": a.resendReauthCode}, early: a.signedInFirst, form: noForm, off: foreign},
		{path: "/auth/2fa/reauthenticate", methods: map[string]endpoint{"POST": a.mfaReauth}, early: a.signedInFirst, form: a.firstForm("mfa_reauthenticate")},
		{path: "/auth/code/request", methods: map[string]endpoint{"POST": a.requestCode}, form: a.firstForm(contract.CodeStage), off: without(contract.CodeStage)},
		{path: "/auth/code/confirm", methods: map[string]endpoint{"POST": a.confirmCode}, early: absentFirst(contract.CodeStage, conflict)},
		{path: "/auth/code/resend", methods: map[string]endpoint{"POST": a.resendCode}, form: noForm, off: without(contract.CodeStage)},
		{path: "/auth/webauthn/authenticate", methods: map[string]endpoint{"GET": a.factorOptions, "POST": a.factorCredential}, early: absentFirst(contract.MFAStage, unauthorized), off: without(contract.AddPasskeyFlow)},
		{path: "/auth/webauthn/login", methods: map[string]endpoint{"GET": a.loginOptions, "POST": a.passkeyLogin}, off: without(contract.PasskeyLoginFlow)},
		{path: "/auth/webauthn/reauthenticate", methods: map[string]endpoint{"GET": a.reauthOptions, "POST": a.reauthCredential}, early: a.signedInFirst, off: without(contract.AddPasskeyFlow)},
		{path: "/auth/webauthn/signup", methods: map[string]endpoint{"GET": a.passkeyOptions, "POST": a.passkeySignup, "PUT": a.passkeyCreated}, off: without(contract.PasskeySignupStage)},
		{path: "/account/authenticators/webauthn", methods: map[string]endpoint{
			"GET": a.addOptions, "POST": a.addCredential, "PUT": a.renameCredential, "DELETE": a.deleteCredentials,
		}, early: a.signedInFirst, off: without(contract.AddPasskeyFlow)},
		{path: "/auth/2fa/trust", methods: map[string]endpoint{"POST": a.trust}, early: absentFirst(contract.TrustStage, unauthorized), browserOnly: true, off: !a.OfferTrust},
		{path: "/auth/password/request", methods: map[string]endpoint{"POST": a.requestReset}, form: a.firstForm(a.ResetFlow()), off: foreign},
		{path: "/auth/password/reset", methods: map[string]endpoint{"GET": a.resetInfo, "POST": a.resetPassword}, early: a.resetInput, off: foreign},
		{path: "/auth/phone/verify", methods: map[string]endpoint{"POST": a.verifyPhone}, early: absentFirst(contract.PhoneStage, conflict), form: formOf(codeForm()), off: foreign},
		{path: "/auth/phone/verify/resend", methods: map[string]endpoint{"POST": a.resendPhone}, form: noForm, off: foreign},
		{path: "/auth/provider/redirect", methods: map[string]endpoint{"POST": a.toProvider}, posted: true},
		{path: "/auth/provider/token", methods: map[string]endpoint{"POST": a.providerToken}, form: providerTokenForm},
		{path: "/auth/provider/signup", methods: map[string]endpoint{"GET": a.providerClaim, "POST": a.providerSignup}, early: a.providerSignupFirst},
		{path: "/account/providers", harmless: true, methods: map[string]endpoint{"GET": a.listProviders, "DELETE": a.disconnectProvider}, early: a.signedInFirst},
		{path: "/auth/sessions", harmless: true, methods: map[string]endpoint{"GET": a.listSessions, "DELETE": a.endSessions}, early: a.signedInFirst},
		{path: "/account/password/change", methods: map[string]endpoint{"POST": a.changePassword}, early: a.signedInFirst, form: passwordForm, off: foreign},
		{path: "/account/phone", harmless: true, methods: map[string]endpoint{"GET": a.getPhone, "POST": a.postPhone}, early: a.signedInFirst, form: formOf(phoneForm()), off: foreign},
		{path: "/account/email", harmless: true, methods: map[string]endpoint{
			"GET": a.listEmails, "POST": a.postEmail, "PUT": a.putEmail, "PATCH": a.patchEmail, "DELETE": a.deleteEmail,
		}, early: a.signedInFirst, off: foreign},
		{path: "/account/authenticators", harmless: true, methods: map[string]endpoint{"GET": a.listAuthenticators}, early: a.signedInFirst},
		{path: "/account/authenticators/totp", methods: map[string]endpoint{"GET": a.getTOTP, "POST": a.postTOTP, "DELETE": a.deleteTOTP}, early: a.signedInFirst, off: !a.HasFactor("totp")},
		{path: "/account/authenticators/recovery-codes", methods: map[string]endpoint{"GET": a.getRecoveryCodes, "POST": a.postRecoveryCodes}, early: a.signedInFirst, form: codesForm, off: !a.HasFactor("recovery_codes")},
	}
}
