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
