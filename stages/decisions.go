package stages

import "stagedoor/engine"

// AccountDue asks whether the account may sign in.
func AccountDue() engine.Stage {
	return engine.Stage{
		ID: "account_due", Kind: engine.Decides, Title: "may the account sign in?",
		Exits: engine.Exits{"active": {Proves: []engine.Proof{engine.Active}}, "disabled": {}},
		Reads: []string{"Active"},
		Because: map[engine.Reason]string{
			"account=active":   "the account may sign in",
			"account=disabled": "the account is disabled, or is not there any more",
		},
	}
}

func accountDue(f engine.Facts) (engine.Exit, engine.Reason) {
	if f.Active {
		return "active", "account=active"
	}
	return "disabled", "account=disabled"
}

// CodeDue asks whether a code must be entered besides the first factor.
func CodeDue() engine.Stage {
	return engine.Stage{
		ID: "code_due", Kind: engine.Decides, Title: "must a code be entered?",
		Exits: engine.Exits{
			"required": {}, "not_required": {}, "trusted": {}, "unreachable": {},
			"proved": {Needs: []engine.Proof{engine.Code}},
		},
		Reads: []string{"RequireCode", "ProvedCode", "TrustsCode", "Email", "Phone"},
		Because: map[engine.Reason]string{
			"proved=code":      "this run has shown a code already",
			"setting=off":      "no code is needed after this way in",
			"trusted=code":     "this browser is trusted: it showed a code before",
			"address=none":     "a code is needed, and the account has neither an address nor a number to send it to",
			"setting=required": "a code is needed after this way in",
		},
	}
}

func codeDue(f engine.Facts) (engine.Exit, engine.Reason) {
	switch {
	case f.ProvedCode:
		return "proved", "proved=code"
	case !f.RequireCode:
		return "not_required", "setting=off"
	case f.TrustsCode:
		return "trusted", "trusted=code"
	case f.Email == engine.Missing && f.Phone == engine.Missing:
		return "unreachable", "address=none"
	}
	return "required", "setting=required"
}

// PhoneDue asks whether the account's number must be verified.
func PhoneDue() engine.Stage {
	return engine.Stage{
		ID: "phone_due", Kind: engine.Decides, Title: "must the number be verified?",
		Exits: engine.Exits{"unverified": {}, "verified": {}, "none": {}, "off": {}, "missing": {}},
		Reads: []string{"Phone", "VerifyPhone", "RequirePhone"},
		Because: map[engine.Reason]string{
			"phone=missing":    "an account needs a number here, and this one has none",
			"phone=none":       "the account has no number",
			"phone=verified":   "the number is verified",
			"setting=off":      "numbers need no verification here",
			"phone=unverified": "numbers must be verified here, and this one is not yet",
		},
	}
}

func phoneDue(f engine.Facts) (engine.Exit, engine.Reason) {
	switch {
	case f.Phone == engine.Missing && f.RequirePhone:
		return "missing", "phone=missing"
	case f.Phone == engine.Missing:
		return "none", "phone=none"
	case f.Phone == engine.IsVerified:
		return "verified", "phone=verified"
	case !f.VerifyPhone:
		return "off", "setting=off"
	}
	return "unverified", "phone=unverified"
}

// EmailDue asks whether the address must be verified.
func EmailDue() engine.Stage {
	return engine.Stage{
		ID: "email_due", Kind: engine.Decides, Title: "must the address be verified?",
		Exits: engine.Exits{"unverified": {}, "verified": {}, "optional": {}, "off": {}},
		Reads: []string{"Email", "VerifyEmail"},
		Because: map[engine.Reason]string{
			"setting=off":      "addresses are not verified here",
			"email=verified":   "the address is verified",
			"setting=optional": "addresses need no verification here",
			"email=missing":    "addresses must be verified here, and the account has none",
			"email=unverified": "addresses must be verified here, and this one is not yet",
		},
	}
}

func emailDue(f engine.Facts) (engine.Exit, engine.Reason) {
	switch {
	case f.VerifyEmail == engine.Off:
		return "off", "setting=off"
	case f.Email == engine.IsVerified:
		return "verified", "email=verified"
	case f.VerifyEmail == engine.Optional:
		return "optional", "setting=optional"
	case f.Email == engine.Missing:
		return "unverified", "email=missing"
	}
	return "unverified", "email=unverified"
}

// FactorDue asks whether a second factor must be shown.
func FactorDue() engine.Stage {
	return engine.Stage{
		ID: "factor_due", Kind: engine.Decides, Title: "must a second factor be shown?",
		Exits: engine.Exits{
			"due": {}, "none": {}, "trusted": {},
			"presence": {Needs: []engine.Proof{engine.Assertion}},
			"proved":   {Needs: []engine.Proof{engine.Second}},
		},
		Reads: []string{"SecondFactor", "ProvedSecond", "ProvedAssertion", "Presence", "TrustsSecond"},
		Because: map[engine.Reason]string{
			"proved=second":    "this run has shown a second factor already",
			"factor=none":      "the account has no second factor",
			"setting=presence": "a passkey that proves presence is enough here",
			"trusted=second":   "this browser is trusted: it showed a second factor before, or the account had none",
			"factor=present":   "the account has a second factor",
		},
	}
}

func factorDue(f engine.Facts) (engine.Exit, engine.Reason) {
	switch {
	case f.ProvedSecond:
		return "proved", "proved=second"
	case !f.SecondFactor:
		return "none", "factor=none"
	case f.ProvedAssertion && f.Presence:
		return "presence", "setting=presence"
	case f.TrustsSecond:
		return "trusted", "trusted=second"
	}
	return "due", "factor=present"
}

// TrustDue asks whether to offer that the browser be trusted from now on.
func TrustDue() engine.Stage {
	return engine.Stage{
		ID: "trust_due", Kind: engine.Decides, Title: "can the browser be trusted from now on?",
		Exits: engine.Exits{"offer": {}, "skip": {}},
		Reads: []string{"OfferTrust", "TrustCode", "Browser", "ProvedSecond", "ProvedAssertion", "ProvedCode", "Asked"},
		Because: map[engine.Reason]string{
			"setting=off":    "browsers are not trusted here",
			"browser=no":     "the client is no browser, and could not keep a trust",
			"spares=second":  "trust would spare the second factor next time",
			"spares=code":    "trust would spare the code next time",
			"spares=nothing": "there was nothing that trust could spare next time",
		},
	}
}

func trustDue(f engine.Facts) (engine.Exit, engine.Reason) {
	switch {
	case !f.OfferTrust && !f.TrustCode:
		return "skip", "setting=off"
	case !f.Browser:
		return "skip", "browser=no"
	case f.OfferTrust && f.ProvedSecond && !f.ProvedAssertion:
		return "offer", "spares=second"
	case f.TrustCode && f.ProvedCode && !f.Asked:
		return "offer", "spares=code"
	}
	return "skip", "spares=nothing"
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
