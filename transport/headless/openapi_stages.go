package headless

import (
	"strings"

	"stagedoor/engine"
)

// stageOperations are those of any stage, by its id on the wire.
func stageOperations() []operation {
	return []operation{
		{
			method: "POST", path: "/auth/stages/:stage", id: "submitStage", group: "Stages", title: "Pass a pending stage",
			text: "Any stage that is pending, by its id. 409 where it is not.", answers: passes(),
		},
		{
			method: "POST", path: "/auth/stages/:stage/:action", id: "actAtStage", group: "Stages", title: "Do something at a pending stage",
			text: "An action that does not leave it, such as resend.", answers: answers{200: "Answer", 400: "", 409: "", 429: ""},
		},
	}
}

// addedOperations are those of the stages that this server adds to the contract, with
// the fields each declares.
func addedOperations(flows *engine.Flows) []operation {
	var out []operation
	for _, stage := range ownStages(flows) {
		id := "pass" + camel(stage.Wire)
		out = append(out, operation{
			method: "POST", path: "/auth/stages/" + stage.Wire, id: id, group: "Stages", title: "Pass the stage " + stage.Wire,
			text: capital(stage.Title) + ". 409 where it is not pending.", fields: stage.Fields, answers: passes(),
		})
		for _, action := range stage.Actions {
			out = append(out, operation{
				method: "POST", path: "/auth/stages/" + stage.Wire + "/" + action.Name, id: id + camel(action.Name), group: "Stages",
				title: capital(action.Name) + " at the stage " + stage.Wire, fields: action.Fields,
				answers: answers{200: "Answer", 400: "", 409: "", 429: ""},
			})
		}
	}
	return out
}

// templated writes the parameters of a route as paths of the document do: {stage}.
func templated(path string) (out string, names []string) {
	parts := strings.Split(path, "/")
	for i, part := range parts {
		if name, found := strings.CutPrefix(part, ":"); found {
			parts[i], names = "{"+name+"}", append(names, name)
		}
	}
	return strings.Join(parts, "/"), names
}

// camel joins the words of an id, each with a capital.
func camel(id string) string {
	var b strings.Builder
	for _, word := range strings.FieldsFunc(id, func(r rune) bool { return r == '.' || r == '_' || r == '-' }) {
		b.WriteString(capital(word))
	}
	return b.String()
}

func capital(s string) string {
	if s == "" {
		return ""
	}
	return strings.ToUpper(s[:1]) + s[1:]
}
