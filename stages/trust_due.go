package stages

import "stagedoor/engine"

// TrustDue asks whether to offer that the browser be trusted from now on.
func TrustDue() engine.Stage {
	return engine.Stage{
		ID: "trust_due", Kind: engine.Decides, Title: "can the browser be trusted from now on?",
		Exits: engine.Exits{"offer": {}, "skip": {}},
		Reads: []string{"OfferTrust", "TrustCode", "Browser", "ProvedSecond", "ProvedAssertion", "ProvedCode", "Asked", "TrustBound", "Binds"},
		Because: map[engine.Reason]string{
			"setting=off":    "browsers are not trusted here",
			"browser=no":     "the client is no browser, and could not keep a trust",
			"binds=no":       "browsers are trusted here where they bind their sessions to a key, and this one has bound none so far",
			"spares=second":  "trust would spare the second factor next time",
			"spares=code":    "trust would spare the code next time",
			"spares=nothing": "there was nothing that trust could spare next time",
		},
	}
}

func trustDue(f engine.Facts) (engine.Exit, engine.Reason) {
	second, code := f.OfferTrust && f.ProvedSecond && !f.ProvedAssertion, f.TrustCode && f.ProvedCode && !f.Asked
	switch {
	case !f.OfferTrust && !f.TrustCode:
		return "skip", "setting=off"
	case !f.Browser:
		return "skip", "browser=no"
	case !second && !code:
		return "skip", "spares=nothing"
	case f.TrustBound && !f.Binds:
		// Its trust would wait for a key that most likely never comes.
		return "skip", "binds=no"
	case second:
		return "offer", "spares=second"
	}
	return "offer", "spares=code"
}
