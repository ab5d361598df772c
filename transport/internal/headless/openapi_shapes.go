package headless

import (
	"reflect"

	"stagedoor/state"
	"stagedoor/transport/internal/contract"
	"stagedoor/transport/internal/openapi"
	"stagedoor/transport/internal/wire"
)

// The shapes of answers that are made of maps, or of fewer members than their type has.
type (
	flowShape struct {
		ID        string          `json:"id"`
		Pending   *bool           `json:"is_pending,omitempty"`
		Types     []string        `json:"types,omitempty"`
		Providers []string        `json:"providers,omitempty"`
		Provider  *state.Provider `json:"provider,omitempty"`
		// Fields and Actions are of stages of outside packages.
		Fields  []wire.FieldView  `json:"fields,omitempty"`
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
	tokenShape struct {
		SessionToken string `json:"session_token"`
	}
)

// shapeNames are the types that have a schema of their own.
func shapeNames() map[reflect.Type]string {
	return map[reflect.Type]string{
		reflect.TypeFor[userData]():          "User",
		reflect.TypeFor[contract.Method]():   "Method",
		reflect.TypeFor[flowShape]():         "Flow",
		reflect.TypeFor[errorAnswer]():       "Error",
		reflect.TypeFor[authenticatorData](): "Authenticator",
		reflect.TypeFor[sessionData]():       "Session",
		reflect.TypeFor[phoneData]():         "PhoneNumber",
		reflect.TypeFor[state.Email]():       "EmailAddress",
		reflect.TypeFor[state.Provider]():    "Provider",
		reflect.TypeFor[providerData]():      "ProviderAccount",
		reflect.TypeFor[authMeta]():          "AuthenticationMeta",
		reflect.TypeFor[wire.FieldView]():    "Field",
		reflect.TypeFor[wire.ActionView]():   "Action",
	}
}

// shapeWords gives schemas their descriptions, and members that have a fixed set of values
// those values; flows are the ids of flows that this server's answers can have.
func shapeWords(flows []any) func(at string, s *openapi.Schema) {
	all := words()
	factors := []any{string(state.RecoveryCodes), string(state.TOTP), string(state.WebAuthn)}
	return func(at string, s *openapi.Schema) {
		s.Description = all[at]
		switch at {
		case "CreationOptions.creation_options", "RequestOptions.request_options":
			s.Type = "object"
		case "Flow.id":
			s.Enum = flows
		case "Flow.types", "Configuration.mfa.supported_types":
			s.Items.Enum = factors
		case "Authenticator.type":
			s.Enum = factors
		case "Method.method":
			s.Enum = []any{"password", "code", "mfa", "socialaccount", "password_reset"}
		case "Provider.flows":
			s.Items.Enum = []any{"provider_redirect", "provider_token"}
		}
	}
}
