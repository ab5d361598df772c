package stages

import "stagedoor/engine"

// LoginOnReset asks whether a reset signs in.
func LoginOnReset() engine.Stage {
	return engine.Stage{
		ID: "login_on_reset", Kind: engine.Decides, Title: "does a reset sign in?",
		Exits: engine.Exits{"yes": {}, "no": {}},
		Reads: []string{"LoginOnReset"},
		Because: map[engine.Reason]string{
			"setting=on": "a new password signs in here", "setting=off": "a new password does not sign in here",
		},
	}
}

func loginOnReset(f engine.Facts) (engine.Exit, engine.Reason) {
	if f.LoginOnReset {
		return "yes", "setting=on"
	}
	return "no", "setting=off"
}
