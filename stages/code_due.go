package stages

import "stagedoor/engine"

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
