package stages

import "stagedoor/engine"

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
