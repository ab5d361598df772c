package headless

import (
	"reflect"
	"slices"
	"strings"

	"stagedoor/engine"
	"stagedoor/state"
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
		User    userData     `json:"user"`
		Methods []methodData `json:"methods"`
		Flows   []flowShape  `json:"flows,omitempty"`
	}
	waitingShape struct {
		Flows   []flowShape   `json:"flows"`
		User    *userData     `json:"user,omitempty"`
		Methods *[]methodData `json:"methods,omitempty"`
	}
	tokenShape struct {
		SessionToken string `json:"session_token"`
	}
)

// schemas derives the schemas of answers from the types they are made of.
type schemas struct {
	named ordered[*schema]
	flows []any
}

// nameOf is the name of a type that has its own schema, "" for one that has none.
func nameOf(t reflect.Type) string {
	switch t {
	case reflect.TypeFor[userData]():
		return "User"
	case reflect.TypeFor[methodData]():
		return "Method"
	case reflect.TypeFor[flowShape]():
		return "Flow"
	case reflect.TypeFor[errorAnswer]():
		return "Error"
	case reflect.TypeFor[authenticatorData]():
		return "Authenticator"
	case reflect.TypeFor[sessionData]():
		return "Session"
	case reflect.TypeFor[phoneData]():
		return "PhoneNumber"
	case reflect.TypeFor[state.Email]():
		return "EmailAddress"
	case reflect.TypeFor[state.Provider]():
		return "Provider"
	case reflect.TypeFor[providerData]():
		return "ProviderAccount"
	case reflect.TypeFor[authMeta]():
		return "AuthenticationMeta"
	case reflect.TypeFor[wire.FieldView]():
		return "Field"
	case reflect.TypeFor[wire.ActionView]():
		return "Action"
	}
	return ""
}

// of returns the schema of a type; at is the name of what it belongs to, for the words
// about its members.
func (s *schemas) of(t reflect.Type, at string) *schema {
	switch t.Kind() {
	case reflect.Pointer:
		return s.of(t.Elem(), at)
	case reflect.Bool:
		return &schema{Type: "boolean"}
	case reflect.Int, reflect.Int64:
		return &schema{Type: "integer", Format: "int64"}
	case reflect.Float64:
		return &schema{Type: "number", Format: "double"}
	case reflect.String:
		return &schema{Type: "string"}
	case reflect.Slice:
		return &schema{Type: "array", Items: s.of(t.Elem(), at)}
	case reflect.Struct:
		name := nameOf(t)
		if name == "" {
			return s.object(t, at)
		}
		if _, known := s.named.get(name); !known {
			s.named.put(name, &schema{})
			o := s.object(t, name)
			o.Description = words()[name]
			s.named.put(name, o)
		}
		return &schema{Ref: "#/components/schemas/" + name}
	}
	return &schema{Type: "object"}
}

// object returns the schema of a struct: what may be left out is not required, and a
// pointer that is never left out may be null.
func (s *schemas) object(t reflect.Type, at string) *schema {
	o := &schema{Type: "object"}
	for i := range t.NumField() {
		f := t.Field(i)
		if f.Anonymous {
			base := s.object(f.Type, at)
			o.Properties = append(o.Properties, base.Properties...)
			o.Required = append(o.Required, base.Required...)
			continue
		}
		name, options, _ := strings.Cut(f.Tag.Get("json"), ",")
		if name == "" || name == "-" {
			continue
		}
		member := s.of(f.Type, at+"."+name)
		left := strings.Contains(options, "omitempty")
		if member.Ref == "" {
			member.Description = words()[at+"."+name]
			member.Nullable = f.Type.Kind() == reflect.Pointer && !left
			s.choices(member, at+"."+name)
		}
		o.Properties.put(name, member)
		if !left && !slices.Contains(o.Required, name) {
			o.Required = append(o.Required, name)
		}
	}
	return o
}

// choices declares the values of members that have a fixed set of them.
func (s *schemas) choices(m *schema, at string) {
	factors := []any{string(state.RecoveryCodes), string(state.TOTP), string(state.WebAuthn)}
	switch at {
	case "Flow.id":
		m.Enum = s.flows
	case "Flow.types", "Configuration.mfa.supported_types":
		m.Items.Enum = factors
	case "Authenticator.type":
		m.Enum = factors
	case "Method.method":
		m.Enum = []any{"password", "code", "mfa", "socialaccount", "password_reset"}
	case "Provider.flows":
		m.Items.Enum = []any{"provider_redirect", "provider_token"}
	}
}

// fieldsSchema is the schema of a body with the declared fields.
func fieldsSchema(fields []engine.Field) *schema {
	o := &schema{Type: "object"}
	for _, f := range fields {
		m := fieldSchema(f)
		o.Properties.put(f.Name, m)
		if f.Required {
			o.Required = append(o.Required, f.Name)
		}
	}
	return o
}

// fieldSchema is the schema of one declared field.
func fieldSchema(f engine.Field) *schema {
	m := &schema{Type: "string", MinLength: f.MinLength, MaxLength: f.MaxLength, Description: f.Help}
	switch f.Type {
	case engine.Secret:
		m.Format = "password"
	case engine.EmailIn:
		m.Format = "email"
	case engine.PhoneIn:
		m.Pattern = `^\+[1-9][0-9]{4,14}$`
	case engine.Bool:
		m.Type = "boolean"
	case engine.Number:
		m.Type, m.Format = "integer", "int64"
	case engine.IDList:
		m.Type, m.Items = "array", &schema{Type: "integer", Format: "int64"}
	case engine.JSONIn:
		m.Type = "object"
	}
	return m
}

// contractFlows are the ids of the contract; a server's stages may add to them.
func contractFlows() []string {
	return []string{
		"login", "login_by_code", "signup", "provider_redirect", "provider_token", "provider_signup", "mfa_login_webauthn",
		"mfa_signup_webauthn", "verify_email", "verify_phone", "mfa_authenticate", "mfa_trust", "reauthenticate", "mfa_reauthenticate",
		"password_reset_by_code",
	}
}

// flowIDs are the ids of flows that this server's answers can have.
func flowIDs(flows *engine.Flows) []any {
	var out []any
	for _, id := range contractFlows() {
		out = append(out, id)
	}
	for _, f := range flows.All() {
		if offered := f.Graph.Offer == engine.Anonymous || f.Graph.Offer == engine.SignedIn; offered && !slices.Contains(out, any(string(f.Graph.Flow))) {
			out = append(out, string(f.Graph.Flow))
		}
	}
	for _, stage := range ownStages(flows) {
		if !slices.Contains(out, any(stage.Wire)) {
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
