package stages

import "stagedoor/engine"

// AccountDue asks whether the account may sign in.
func AccountDue() engine.Stage {
	return engine.Stage{
		ID: "account_due", Kind: engine.Decides, Title: "may the account sign in?",
		Exits: engine.Exits{"active": {Proves: []engine.Proof{engine.Active}}, "disabled": {}},
		Reads: []string{"Active"},
	}
}

func accountDue(f engine.Facts) (engine.Exit, engine.Reason) {
	if f.Active {
		return "active", ""
	}
	return "disabled", ""
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
	}
}

func codeDue(f engine.Facts) (engine.Exit, engine.Reason) {
	switch {
	case f.ProvedCode:
		return "proved", ""
	case !f.RequireCode:
		return "not_required", "setting"
	case f.TrustsCode:
		return "trusted", "cookie"
	case f.Email == engine.Missing && f.Phone == engine.Missing:
		return "unreachable", "no_address"
	}
	return "required", "setting"
}

// PhoneDue asks whether the account's number must be verified.
func PhoneDue() engine.Stage {
	return engine.Stage{
		ID: "phone_due", Kind: engine.Decides, Title: "must the number be verified?",
		Exits: engine.Exits{"unverified": {}, "verified": {}, "none": {}, "off": {}, "missing": {}},
		Reads: []string{"Phone", "VerifyPhone", "RequirePhone"},
	}
}

func phoneDue(f engine.Facts) (engine.Exit, engine.Reason) {
	switch {
	case f.Phone == engine.Missing && f.RequirePhone:
		return "missing", "setting"
	case f.Phone == engine.Missing:
		return "none", ""
	case f.Phone == engine.IsVerified:
		return "verified", ""
	case !f.VerifyPhone:
		return "off", "setting"
	}
	return "unverified", ""
}

// EmailDue asks whether the address must be verified.
func EmailDue() engine.Stage {
	return engine.Stage{
		ID: "email_due", Kind: engine.Decides, Title: "must the address be verified?",
		Exits: engine.Exits{"unverified": {}, "verified": {}, "optional": {}, "off": {}},
		Reads: []string{"Email", "VerifyEmail"},
	}
}

func emailDue(f engine.Facts) (engine.Exit, engine.Reason) {
	switch {
	case f.VerifyEmail == engine.Off:
		return "off", "setting"
	case f.Email == engine.IsVerified:
		return "verified", ""
	case f.VerifyEmail == engine.Optional:
		return "optional", "setting"
	case f.Email == engine.Missing:
		return "unverified", "no_address"
	}
	return "unverified", "mandatory"
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
	}
}

func factorDue(f engine.Facts) (engine.Exit, engine.Reason) {
	switch {
	case f.ProvedSecond:
		return "proved", ""
	case !f.SecondFactor:
		return "none", "no_authenticator"
	case f.ProvedAssertion && f.Presence:
		return "presence", "setting"
	case f.TrustsSecond:
		return "trusted", "cookie"
	}
	return "due", "authenticator"
}

// TrustDue asks whether to offer that the browser be trusted from now on.
func TrustDue() engine.Stage {
	return engine.Stage{
		ID: "trust_due", Kind: engine.Decides, Title: "can the browser be trusted from now on?",
		Exits: engine.Exits{"offer": {}, "skip": {}},
		Reads: []string{"OfferTrust", "TrustCode", "Browser", "ProvedSecond", "ProvedAssertion", "ProvedCode", "Asked"},
	}
}

func trustDue(f engine.Facts) (engine.Exit, engine.Reason) {
	switch {
	case !f.OfferTrust && !f.TrustCode:
		return "skip", "setting"
	case !f.Browser:
		return "skip", "no_browser"
	case f.OfferTrust && f.ProvedSecond && !f.ProvedAssertion:
		return "offer", "second"
	case f.TrustCode && f.ProvedCode && !f.Asked:
		return "offer", "code"
	}
	return "skip", "nothing_to_waive"
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
