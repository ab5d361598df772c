package rest

import (
	"reflect"
	"slices"
	"strings"

	"stagedoor/state"
	"stagedoor/state/accounts"
	"stagedoor/transport/internal/contract"
	"stagedoor/transport/internal/openapi"
	"stagedoor/transport/internal/wire"
)

// The shapes of what a client that is not signed in can do. A flow is one of those below it,
// told apart by the members that are always there.
type (
	flowShape      struct{}
	plainFlowShape struct {
		ID string `json:"id"`
	}
	secondFactorFlowShape struct {
		plainFlowShape
		Types []string `json:"types"`
	}
	codeRecipientsFlowShape struct {
		plainFlowShape
		Recipients []contract.Recipient `json:"recipients"`
	}
	providersFlowShape struct {
		plainFlowShape
		Providers []string `json:"providers"`
		Process   string   `json:"process,omitempty"`
	}
	forecastShape struct {
		contract.Forecast
		Flows []flowShape `json:"flows,omitempty"`
	}
	beginShape struct {
		Flow    *string     `json:"flow"`
		Pending bool        `json:"pending"`
		Flows   []flowShape `json:"flows"`
	}
)

// shapeNames are the types that have a schema of their own.
func shapeNames() map[reflect.Type]string {
	return map[reflect.Type]string{
		reflect.TypeFor[flowShape]():                  "Flow",
		reflect.TypeFor[plainFlowShape]():             "PlainFlow",
		reflect.TypeFor[secondFactorFlowShape]():      "SecondFactorFlow",
		reflect.TypeFor[codeRecipientsFlowShape]():    "CodeRecipientsFlow",
		reflect.TypeFor[providersFlowShape]():         "ProvidersFlow",
		reflect.TypeFor[contract.Recipient]():         "Recipient",
		reflect.TypeFor[beginShape]():                 "NotAuthenticated",
		reflect.TypeFor[forecastShape]():              "Forecast",
		reflect.TypeFor[codeSentBody]():               "CodeSent",
		reflect.TypeFor[waitingBody]():                "Waiting",
		reflect.TypeFor[enteredBody]():                "Entered",
		reflect.TypeFor[errorsBody]():                 "Errors",
		reflect.TypeFor[userData]():                   "User",
		reflect.TypeFor[userBody]():                   "UserAnswer",
		reflect.TypeFor[sessionBody]():                "SessionAnswer",
		reflect.TypeFor[endedBody]():                  "LoggedOut",
		reflect.TypeFor[refreshBody]():                "Tokens",
		reflect.TypeFor[sentBody]():                   "VerificationSent",
		reflect.TypeFor[resetBody]():                  "ResetSent",
		reflect.TypeFor[setBody]():                    "PasswordSet",
		reflect.TypeFor[changedBody]():                "PasswordChanged",
		reflect.TypeFor[verifiedBody]():               "Verified",
		reflect.TypeFor[actBody]():                    "Acted",
		reflect.TypeFor[secretBody]():                 "TOTPSecret",
		reflect.TypeFor[addedBody]():                  "AuthenticatorAdded",
		reflect.TypeFor[authenticatorsBody]():         "AuthenticatorsAnswer",
		reflect.TypeFor[accounts.AuthenticatorView](): "Authenticator",
		reflect.TypeFor[creationBody]():               "CreationOptions",
		reflect.TypeFor[providerData]():               "Provider",
		reflect.TypeFor[state.Provider]():             "ProviderDetails",
		reflect.TypeFor[providersBody]():              "ProvidersAnswer",
		reflect.TypeFor[redirectBody]():               "Redirect",
		reflect.TypeFor[connectedBody]():              "ConnectedAccounts",
		reflect.TypeFor[connectedData]():              "ConnectedAccount",
		reflect.TypeFor[contract.Method]():            "Method",
		reflect.TypeFor[wire.FieldView]():             "Field",
		reflect.TypeFor[wire.ActionView]():            "Action",
	}
}

// flowSchemas declares what a client that is not signed in is answered, and how bodies that
// are answered by one route are told apart.
func flowSchemas(s *openapi.Types) {
	one := []*openapi.Schema{
		s.Of(reflect.TypeFor[secondFactorFlowShape](), ""), s.Of(reflect.TypeFor[codeRecipientsFlowShape](), ""),
		s.Of(reflect.TypeFor[providersFlowShape](), ""), s.Of(reflect.TypeFor[plainFlowShape](), ""),
	}
	s.Schemas.Put("Flow", &openapi.Schema{Description: "Something the client can do.", OneOf: one})
	for _, more := range []reflect.Type{reflect.TypeFor[beginShape](), reflect.TypeFor[state.Provider]()} {
		s.Of(more, "")
	}
	for body, without := range map[reflect.Type][]string{
		reflect.TypeFor[plainFlowShape](): {"types", "recipients", "providers"},
		reflect.TypeFor[waitingBody]():    {"flows", "password_set"},
		reflect.TypeFor[userBody]():       {"access_token", "flow"},
	} {
		of, _ := s.Schemas.Get(s.Of(body, "").Referred())
		of.Without = without
	}
}

// shapeWords gives schemas their descriptions, and members that have a set of values those
// there are so far.
func (a *API) shapeWords() func(at string, s *openapi.Schema) {
	all := words()
	factors := []string{string(state.RecoveryCodes), string(state.TOTP), string(state.WebAuthn)}
	var waits, begins []string
	for _, x := range a.stages() {
		waits = append(waits, x.wireID)
	}
	for _, f := range a.offered() {
		begins = append(begins, f.ID)
	}
	return func(at string, s *openapi.Schema) {
		name, member, _ := strings.Cut(at, ".")
		if text := all[at]; text != "" {
			s.Description = text
		}
		if s.Description == "" && strings.HasSuffix(name, "Flow") {
			s.Description = all["PlainFlow."+member]
		}
		switch at {
		case "Waiting.flow", "VerificationSent.flow", "ResetSent.flow", "PasswordSet.flow", "Verified.flow":
			s.Known = waits
		case "PlainFlow.id":
			s.Known = append(slices.Clone(begins), "reauthenticate")
		case "SecondFactorFlow.id":
			s.Known = []string{"mfa_reauthenticate"}
		case "CodeRecipientsFlow.id":
			s.Known = []string{"reauthenticate_by_code"}
		case "SecondFactorFlow.types":
			s.Items.Known = factors
		case "Authenticator.type", "Method.type":
			s.Known = factors
		case "Method.method":
			s.Known = []string{"password", "code", "mfa", "socialaccount", "password_reset"}
		case "Provider.flows":
			s.Items.Known = []string{"provider_redirect", "provider_token"}
		case "CreationOptions.creation_options":
			s.Type, s.AdditionalProperties = "object", &openapi.Schema{}
		}
		if member == "details" {
			*s = openapi.Schema{Type: "object", Description: all["Waiting.details"], Properties: openapi.Ordered[*openapi.Schema]{
				{Name: "types", Value: &openapi.Schema{
					Type: "array", Description: all["SecondFactorFlow.types"], Items: &openapi.Schema{Type: "string", Known: factors},
				}},
				{Name: "provider", Value: openapi.Refer("ProviderDetails")},
			}}
		}
	}
}
