package stages

import "stagedoor/engine"

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
