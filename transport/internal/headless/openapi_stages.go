package headless

import (
	"maps"
	"slices"
	"strings"

	"stagedoor/engine"
	"stagedoor/transport/internal/wire"
)

// stageOperations are those of any stage, by its id on the wire.
func stageOperations() []operation {
	return []operation{
		{
			method: "POST", path: "/auth/stages/:stage", id: "submitStage", group: "Stages", title: "Pass a pending stage",
			text:     "Any stage that is pending, by its id, with the fields that it asks for: those of stages that this server adds are listed where they are pending. 409 where it is not.",
			anyStage: true, answers: passes().with(200, "StageAnswer").with(403, ""),
		},
		{
			method: "POST", path: "/auth/stages/:stage/:action", id: "actAtStage", group: "Stages", title: "Do something at a pending stage",
			text:     "An action that does not leave it, such as resend, with the fields that it takes.",
			anyStage: true, answers: answers{200: "Answer", 400: "", 401: "", 409: "", 429: ""},
		},
	}
}

// addedOperations are those of the stages and flows that this server adds to the contract,
// with the fields each declares.
func addedOperations(flows *engine.Flows) []operation {
	var out []operation
	waits := make(map[string]bool)
	for _, stage := range ownStages(flows) {
		waits[stage.Wire] = true
		out = append(out, operation{
			method: "POST", path: "/auth/stages/" + stage.Wire, id: "pass" + camel(stage.Wire), group: "Stages", title: "Pass the stage " + stage.Wire,
			text: capital(stage.Title) + ". 409 where it is not pending.", fields: wire.FieldsOf(stage.Fields), answers: passes().with(200, ending(flows, stage.Wire)),
		})
		out = append(out, actionOperations("pass", stage.Wire, stage.Actions)...)
	}
	for _, f := range flows.All() {
		id, start := string(f.Graph.Flow), f.Graph.Nodes[f.Graph.Start].Stage
		if !wire.General(f) || waits[id] {
			continue
		}
		out = append(out, operation{
			method: "POST", path: "/auth/stages/" + id, id: "start" + camel(id), group: "Stages", title: "Start the flow " + id,
			text: capital(f.Graph.Title) + ".", fields: wire.FieldsOf(start.Fields), answers: passes().with(200, "StageAnswer"),
		})
		out = append(out, actionOperations("start", id, start.Actions)...)
	}
	return out
}

// actionOperations are those of the actions of a stage, or of the first one of a flow.
func actionOperations(verb, id string, actions []engine.Action) []operation {
	var out []operation
	for _, action := range actions {
		out = append(out, operation{
			method: "POST", path: "/auth/stages/" + id + "/" + action.Name, id: verb + camel(id) + camel(action.Name), group: "Stages",
			title: capital(action.Name) + " at the stage " + id, fields: wire.FieldsOf(action.Fields),
			text:    "It leaves the client where it is.",
			answers: answers{200: "Answer", 400: "", 401: "", 409: "", 429: ""},
		})
	}
	return out
}

// stageInputs are the fields of all stages that can be pending, or of all their actions; and
// those of the first stages of flows that are started by their ids.
func (a *API) stageInputs(ofActions bool) [][]wire.Field {
	var out [][]wire.Field
	add := func(s engine.Stage) {
		if !ofActions {
			out = append(out, wire.FieldsOf(s.Fields))
			return
		}
		for _, x := range s.Actions {
			out = append(out, wire.FieldsOf(x.Fields))
		}
	}
	for _, f := range a.Engine.Flows.All() {
		if wire.General(f) {
			add(f.Graph.Nodes[f.Graph.Start].Stage)
		}
		for _, id := range slices.Sorted(maps.Keys(f.Graph.Nodes)) {
			if s := f.Graph.Nodes[id].Stage; s.Kind == engine.Asks && s.Wire != "" {
				add(s)
			}
		}
	}
	return out
}

// ending is the schema of a success at a stage: any body, where a flow of the general
// route can end there.
func ending(flows *engine.Flows, wireID string) string {
	for _, f := range flows.All() {
		if _, has := f.ByWire(wireID); has && wire.General(f) {
			return "StageAnswer"
		}
	}
	return "Authenticated"
}

// camel joins the words of an id, each with a capital.
func camel(id string) string {
	var b strings.Builder
	for _, word := range strings.FieldsFunc(id, func(r rune) bool { return r == '.' || r == '_' || r == '-' }) {
		b.WriteString(capital(word))
	}
	return b.String()
}

// contractFlows are the ids of the contract; a server's stages may add to them.
func contractFlows() []string {
	return []string{
		"login", "login_by_code", "signup", "provider_redirect", "provider_token", "provider_signup", "mfa_login_webauthn",
		"mfa_signup_webauthn", "verify_email", "verify_phone", "mfa_authenticate", "mfa_trust", "reauthenticate", "reauthenticate_by_code",
		"mfa_reauthenticate",
		"password_reset_by_code",
	}
}

// flowIDs are the ids of flows that this server's answers can have.
func flowIDs(flows *engine.Flows) []string {
	out := contractFlows()
	for _, f := range flows.All() {
		if offered := f.Graph.Offer == engine.Anonymous || f.Graph.Offer == engine.SignedIn; offered && !slices.Contains(out, string(f.Graph.Flow)) {
			out = append(out, string(f.Graph.Flow))
		}
	}
	for _, stage := range ownStages(flows) {
		if !slices.Contains(out, stage.Wire) {
			out = append(out, stage.Wire)
		}
	}
	return out
}

// ownStages are the stages a client can be asked to pass that are not the contract's, in
// the order of their ids on the wire.
func ownStages(flows *engine.Flows) []engine.Stage {
	var out []engine.Stage
	for _, f := range flows.All() {
		for _, n := range f.Graph.Nodes {
			wireID := n.Stage.Wire
			known := slices.ContainsFunc(out, func(s engine.Stage) bool { return s.Wire == wireID })
			if n.Stage.Kind == engine.Asks && wireID != "" && !known && !slices.Contains(contractFlows(), wireID) {
				out = append(out, n.Stage)
			}
		}
	}
	slices.SortFunc(out, func(a, b engine.Stage) int { return strings.Compare(a.Wire, b.Wire) })
	return out
}
