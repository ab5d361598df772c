package flows

import (
	"stagedoor/engine"
	"stagedoor/stages"
)

// ChangePhone gives the signed-in account a new number, proved by a code.
func ChangePhone(s stages.Settings) engine.Graph {
	return engine.Graph{
		Flow:      ChangePhoneFlow,
		Title:     "change the phone number",
		Start:     phoneRequest,
		Slot:      engine.SlotPhone,
		Lifetime:  s.PhoneLifetime,
		OfSession: true,
		Nodes: engine.Nodes{
			phoneRequest: {Stage: stages.PhoneRequest(), Next: engine.Next{engine.OK: verifyPhone}},
			verifyPhone:  {Stage: stages.ChangePhone(s), Next: engine.Next{engine.OK: verified}},
			verified:     {Stage: stages.Verified(), Rules: []engine.Rule{{Proof: engine.Phone}}},
		},
	}
}
