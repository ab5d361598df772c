package headless

// routes is the contract. The path is below /{client}/v1.
func (a *API) routes() []route {
	return []route{
		{path: "/config", methods: map[string]endpoint{"GET": a.config}},
		{path: "/auth/session", methods: map[string]endpoint{"GET": a.getSession, "DELETE": a.deleteSession}},
		{path: "/auth/login", methods: map[string]endpoint{"POST": a.login}, early: a.loginInput},
		{path: "/auth/signup", methods: map[string]endpoint{"POST": a.signup}},
		{path: "/auth/email/verify", methods: map[string]endpoint{"GET": a.emailInfo, "POST": a.verifyEmail}, early: a.verifyEmailInput},
		{path: "/auth/email/verify/resend", methods: map[string]endpoint{"POST": a.resendEmail}},
		{path: "/auth/2fa/authenticate", methods: map[string]endpoint{"POST": a.mfaAuthenticate}, early: a.mfaAuthenticate},
		{path: "/auth/reauthenticate", methods: map[string]endpoint{"POST": a.reauth}, early: a.reauthInput},
		{path: "/auth/2fa/reauthenticate", methods: map[string]endpoint{"POST": a.mfaReauth}, early: a.reauthInput},
		{path: "/account/email", methods: map[string]endpoint{"GET": a.listEmails, "POST": a.postEmail}, early: a.signedInFirst},
		{path: "/account/authenticators", methods: map[string]endpoint{"GET": a.listAuthenticators}},
		{path: "/account/authenticators/totp", methods: map[string]endpoint{"GET": a.getTOTP, "POST": a.postTOTP, "DELETE": a.deleteTOTP}},
		{path: "/account/authenticators/recovery-codes", methods: map[string]endpoint{"GET": a.getRecoveryCodes, "POST": a.postRecoveryCodes}},
	}
}
