package stages

import "stagedoor/engine"

// Disowned is the end of an account that somebody made with another's address.
func Disowned() engine.Stage {
	return engine.Stage{ID: "disowned", Kind: engine.Ends, Title: "nobody has the account any more"}
}

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

// Reauthenticated is the end of a run that authenticates its session again.
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

// Connected is the end of connecting an account.
func Connected() engine.Stage {
	return engine.Stage{ID: "connected", Kind: engine.Ends, Title: "the provider's account is connected"}
}

// SignupWaits is the end of a run whose provider said too little for an account: the
// form for the rest goes on from there.
func SignupWaits() engine.Stage {
	return engine.Stage{ID: "signup_waits", Kind: engine.Ends, Title: "a form for the rest", Begins: ProviderSignupFlow}
}

// PasswordSet is the end of a reset that does not sign in.
func PasswordSet() engine.Stage {
	return engine.Stage{ID: "password_set", Kind: engine.Ends, Title: "the password is new"}
}
