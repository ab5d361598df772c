package flows

import (
	"stagedoor/engine"
	"stagedoor/stages"
)

// Signup makes an account and signs in to it. Where another account has verified the
// address it does the same, so that a client cannot tell: this one never can.
func Signup(s stages.Settings) engine.Graph {
	offer := engine.NotOffered
	if s.SignupOpen {
		offer = engine.Anonymous
	}
	return engine.Graph{
		Flow:     SignupFlow,
		Title:    "make an account",
		Offer:    offer,
		Start:    signupForm,
		Slot:     engine.SlotLogin,
		Lifetime: s.LoginTimeout,
		Nodes: SignIn(s).With(engine.Nodes{
			signupForm: {Stage: stages.SignupForm(s), Next: engine.Next{"created": accountDue}},
		}),
	}
}
