package stages

import "stagedoor/engine"

// Session is the end that grants a session.
func Session() engine.Stage {
	return engine.Stage{ID: "session", Kind: engine.Ends, Grants: true, Title: "signed in"}
}

// Refused is the end of a run that may not go on.
func Refused() engine.Stage {
	return engine.Stage{ID: "refused", Kind: engine.Ends, Title: "may not sign in"}
}

// Finished is the end of a run that comes to nothing more.
func Finished() engine.Stage {
	return engine.Stage{ID: "done", Kind: engine.Ends, Title: "over, without a session"}
}

// Verified is the end of a run that proves an address or a number.
func Verified() engine.Stage {
	return engine.Stage{ID: "verified", Kind: engine.Ends, Title: "the address or number is theirs"}
}

// Reauthenticated is the end of a run that proves again whose session it is.
func Reauthenticated() engine.Stage {
	return engine.Stage{ID: "reauthenticated", Kind: engine.Ends, Title: "proved again"}
}

// Pretend is where a run without a subject stands. No edge leads from it to a session.
func Pretend() engine.Stage {
	return engine.Stage{
		ID: "pretend", Kind: engine.Asks, Pretending: true,
		Title: "looks like the next stage, and leads nowhere",
		Exits: engine.Exits{engine.Spent: {}},
	}
}

// Added is the end of adding a credential.
func Added() engine.Stage {
	return engine.Stage{ID: "added", Kind: engine.Ends, Title: "the credential is the account's"}
}
