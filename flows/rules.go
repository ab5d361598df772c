package flows

import "stagedoor/engine"

// sessionRules are what every session demands: a proof, or one of the edges that waive
// it. They belong to the end, so no graph can leave one out.
func sessionRules() []engine.Rule {
	return []engine.Rule{
		{Proof: engine.Subject},
		{Proof: engine.Active},
		{Proof: engine.First},
		{Proof: engine.Code, WaivedBy: waivers(codeDue, "not_required", "trusted")},
		{Proof: engine.Phone, WaivedBy: waivers(phoneDue, "verified", "none", "off")},
		{Proof: engine.Email, WaivedBy: waivers(emailDue, "verified", "optional", "off")},
		{Proof: engine.Second, WaivedBy: waivers(factorDue, "none", "trusted", "presence")},
	}
}

func waivers(node engine.NodeID, exits ...engine.Exit) []engine.Edge {
	out := make([]engine.Edge, len(exits))
	for i, x := range exits {
		out[i] = engine.Edge{Node: node, Exit: x}
	}
	return out
}
