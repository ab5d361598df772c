package headless

import (
	"reflect"
	"slices"
	"strings"

	"stagedoor/engine"
	"stagedoor/state"
	"stagedoor/transport/internal/contract"
	"stagedoor/transport/internal/openapi"
	"stagedoor/transport/internal/wire"
)

// The shapes of answers that are made of maps, or of fewer members than their type has. A
// flow is one of those below it, told apart by the members that are always there; one that
// has none of these members is plain.
type (
	flowShape      struct{}
	plainFlowShape struct {
		ID      string `json:"id"`
		Pending *bool  `json:"is_pending,omitempty"`
	}
	secondFactorFlowShape struct {
		plainFlowShape
		Types []string `json:"types"`
	}
	providerListFlowShape struct {
		plainFlowShape
		Providers []string `json:"providers"`
		Process   string   `json:"process,omitempty"`
	}
	providerSignupFlowShape struct {
		plainFlowShape
		Provider state.Provider `json:"provider"`
	}
	codeRecipientsFlowShape struct {
		plainFlowShape
		Recipients []contract.Recipient `json:"recipients"`
	}
	stageFlowShape struct {
		plainFlowShape
		// Fields and Actions are of stages of outside packages.
		Fields  []wire.FieldView  `json:"fields"`
		Actions []wire.ActionView `json:"actions,omitempty"`
	}
	enteredShape struct {
		User    userData          `json:"user"`
		Methods []contract.Method `json:"methods"`
		Flows   []flowShape       `json:"flows,omitempty"`
	}
	waitingShape struct {
		Flows   []flowShape        `json:"flows"`
		User    *userData          `json:"user,omitempty"`
		Methods *[]contract.Method `json:"methods,omitempty"`
	}
	forecastShape struct {
		contract.Forecast
		Flows []flowShape `json:"flows,omitempty"`
	}
	tokenShape struct {
		SessionToken string `json:"session_token"`
	}
)

// shapeNames are the types that have a schema of their own.
func shapeNames() map[reflect.Type]string {
	return map[reflect.Type]string{
		reflect.TypeFor[userData]():                "User",
		reflect.TypeFor[contract.Method]():         "Method",
		reflect.TypeFor[flowShape]():               "Flow",
		reflect.TypeFor[plainFlowShape]():          "PlainFlow",
		reflect.TypeFor[secondFactorFlowShape]():   "SecondFactorFlow",
		reflect.TypeFor[providerListFlowShape]():   "ProviderListFlow",
		reflect.TypeFor[providerSignupFlowShape](): "ProviderSignupFlow",
		reflect.TypeFor[codeRecipientsFlowShape](): "CodeRecipientsFlow",
		reflect.TypeFor[stageFlowShape]():          "StageFlow",
		reflect.TypeFor[contract.Recipient]():      "Recipient",
		reflect.TypeFor[errorAnswer]():             "Error",
		reflect.TypeFor[authenticatorData]():       "Authenticator",
		reflect.TypeFor[sessionData]():             "Session",
		reflect.TypeFor[phoneData]():               "PhoneNumber",
		reflect.TypeFor[state.Email]():             "EmailAddress",
		reflect.TypeFor[state.Provider]():          "Provider",
		reflect.TypeFor[providerData]():            "ProviderAccount",
		reflect.TypeFor[authMeta]():                "AuthenticationMeta",
		reflect.TypeFor[wire.FieldView]():          "Field",
		reflect.TypeFor[wire.ActionView]():         "Action",
	}
}

// flowSchema declares what a flow is.
func flowSchema(s *openapi.Types) {
	one := []*openapi.Schema{
		s.Of(reflect.TypeFor[secondFactorFlowShape](), ""), s.Of(reflect.TypeFor[providerListFlowShape](), ""),
		s.Of(reflect.TypeFor[providerSignupFlowShape](), ""), s.Of(reflect.TypeFor[codeRecipientsFlowShape](), ""),
		s.Of(reflect.TypeFor[stageFlowShape](), ""), s.Of(reflect.TypeFor[plainFlowShape](), ""),
	}
	for _, ref := range one[:4] {
		of, _ := s.Schemas.Get(ref.Referred())
		of.Without = []string{"fields"}
	}
	plain, _ := s.Schemas.Get("PlainFlow")
	plain.Without = []string{"types", "providers", "provider", "recipients", "fields"}
	s.Schemas.Put("Flow", &openapi.Schema{Description: words()["Flow"], OneOf: one})
}

// shapeWords gives schemas their descriptions, and members that have a set of values those
// there are so far; flows are what the ids of this server's flows can be.
func shapeWords(flows *engine.Flows) func(at string, s *openapi.Schema) {
	all := words()
	factors := []string{string(state.RecoveryCodes), string(state.TOTP), string(state.WebAuthn)}
	return func(at string, s *openapi.Schema) {
		name, member, _ := strings.Cut(at, ".")
		if text := all[at]; text != "" {
			s.Description = text
		}
		if s.Description == "" && strings.HasSuffix(name, "Flow") {
			s.Description = all["Flow."+member]
		}
		if strings.HasSuffix(name, "Flow") && member == "id" {
			s.Known = flowsOfShape(name, flows)
		}
		switch at {
		case "CreationOptions.creation_options", "RequestOptions.request_options":
			s.Type, s.AdditionalProperties = "object", &openapi.Schema{}
		case "SecondFactorFlow.types":
			s.Items.Known = factors
		case "Authenticator.type":
			s.Known = factors
		case "Method.method":
			s.Known = []string{"password", "code", "mfa", "socialaccount", "password_reset"}
		case "Method.type":
			s.Known = factors
		case "Field.type":
			s.Known = fieldTypes()
		case "Provider.flows":
			s.Items.Known = []string{"provider_redirect", "provider_token"}
		}
	}
}

// fieldTypes are the types of the fields that a stage declares.
func fieldTypes() []string {
	types := []engine.FieldType{
		engine.Text, engine.Secret, engine.EmailIn, engine.PhoneIn, engine.CodeIn, engine.Bool, engine.Number, engine.IDList, engine.JSONIn, engine.Username,
	}
	out := make([]string, len(types))
	for i, t := range types {
		out[i] = string(t)
	}
	return out
}

// flowsOfShape are the ids of the flows that have the shape.
func flowsOfShape(name string, flows *engine.Flows) []string {
	special := map[string][]string{
		"SecondFactorFlow": {contract.MFAStage, "mfa_reauthenticate"}, "ProviderListFlow": {"provider_redirect", "provider_token"},
		"ProviderSignupFlow": {contract.ProviderSignupStage}, "CodeRecipientsFlow": {"reauthenticate_by_code"},
	}
	if ids, is := special[name]; is {
		return ids
	}
	var out []string
	for _, id := range flowIDs(flows) {
		if wire.Outside(id) == (name == "StageFlow") && !slices.ContainsFunc([]string{"SecondFactorFlow", "ProviderListFlow", "ProviderSignupFlow", "CodeRecipientsFlow"},
			func(other string) bool { return slices.Contains(special[other], id) }) {
			out = append(out, id)
		}
	}
	return out
}
