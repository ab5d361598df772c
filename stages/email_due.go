package stages

import "stagedoor/engine"

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
