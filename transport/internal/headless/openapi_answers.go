package headless

import (
	"reflect"

	"stagedoor/state"
	"stagedoor/transport/internal/openapi"
	"stagedoor/transport/internal/token"
)

// answerSchemas declares the bodies of answers.
func (a *API) answerSchemas(s *openapi.Types) {
	flowSchema(s)
	meta := reflect.TypeFor[authMeta]()
	put := func(name, what string, status int, data, meta reflect.Type) {
		o := statusOnly(what, status)
		if data != nil {
			o.Properties.Put("data", s.Of(data, name))
			o.Required = append(o.Required, "data")
		}
		if meta != nil {
			o.Properties.Put("meta", s.Of(meta, name))
			o.Required = append(o.Required, "meta")
		}
		s.Schemas.Put(name, o)
	}
	put("Done", "Done.", 200, nil, nil)
	put("Done404", "There is none.", 404, nil, nil)
	put("Authenticated", "The person who is signed in.", 200, reflect.TypeFor[enteredShape](), meta)
	put("NotAuthenticated", "What a client that is not signed in can do, and what is pending.", 401, reflect.TypeFor[waitingShape](), meta)
	put("AuthenticationRequired", "What can be done about it: to sign in, or, for a signed-in person, to prove again who they are.", 401, reflect.TypeFor[waitingShape](), meta)
	put("Gone", "The session token stands for nothing.", 410, reflect.TypeFor[waitingShape](), meta)
	put("EmailsAnswer", "The addresses of the account.", 200, reflect.TypeFor[[]state.Email](), nil)
	put("EmailVerification", "What a key or code stands for.", 200, reflect.TypeFor[claimData](), reflect.TypeFor[claimMeta]())
	put("PhoneAnswer", "The number of the account.", 200, reflect.TypeFor[[]phoneData](), nil)
	put("PhoneWaitsAnswer", "The number that waits for its code.", 202, reflect.TypeFor[[]phoneData](), nil)
	put("PasswordReset", "Whose password it is.", 200, reflect.TypeFor[userOnly](), nil)
	put("SessionsAnswer", "The sessions of the account.", 200, reflect.TypeFor[[]sessionData](), nil)
	put("AuthenticatorsAnswer", "The authenticators of the account.", 200, reflect.TypeFor[[]authenticatorData](), nil)
	put("AuthenticatorAnswer", "An authenticator.", 200, reflect.TypeFor[authenticatorData](), nil)
	put("KeyAddedAnswer", "The new key.", 200, reflect.TypeFor[authenticatorData](), reflect.TypeFor[addedMeta]())
	put("NoTOTP", "There is none; this is what is needed to set it up.", 404, nil, reflect.TypeFor[secretMeta]())
	put("RequestOptions", "For navigator.credentials.get.", 200, reflect.TypeFor[requestData](), nil)
	put("CreationOptions", "For navigator.credentials.create.", 200, reflect.TypeFor[creationData](), nil)
	put("TokensAnswer", "New tokens.", 200, reflect.TypeFor[token.Pair](), nil)
	put("ForecastAnswer", "Whether the operation would ask for a proof.", 200, reflect.TypeFor[forecastShape](), nil)
	put("ProviderSignup", "What the provider told, and what it did not.", 200, reflect.TypeFor[claimedData](), nil)
	put("ProviderAccountsAnswer", "The connected accounts.", 200, reflect.TypeFor[[]providerData](), nil)
	a.looseSchemas(s, meta)
}

// statusOnly is a body that repeats the HTTP status.
func statusOnly(what string, status int) *openapi.Schema {
	o := &openapi.Schema{Type: "object", Description: what, Required: []string{"status"}}
	o.Properties.Put("status", &openapi.Schema{Type: "integer", Const: status, Description: "The HTTP status."})
	return o
}

// looseSchemas declares the bodies that have members only at times.
func (a *API) looseSchemas(s *openapi.Types, meta reflect.Type) {
	list := func() *openapi.Schema {
		return &openapi.Schema{Type: "array", Items: s.Of(reflect.TypeFor[errorAnswer](), "")}
	}
	for _, status := range []int{403, 404, 405, 408, 409, 429, 500, 503} {
		problem := statusOnly(statusWords(status), status)
		problem.Properties.Put("errors", list())
		s.Schemas.Put(usual(status), problem)
	}

	invalid := statusOnly("What is wrong with the input.", 400)
	wrong := list()
	wrong.MinItems = 1
	invalid.Properties.Put("errors", wrong)
	invalid.Required = append(invalid.Required, "errors")
	s.Schemas.Put("Invalid", invalid)

	refused := statusOnly("The refresh token is good for nothing; or the errors say what is wrong with the input.", 400)
	refused.Properties.Put("errors", list())
	s.Schemas.Put("RefreshRefused", refused)

	if a.Public == nil {
		s.Schemas.Put("Configuration", openapi.Free())
	} else {
		s.Of(reflect.TypeOf(a.Public), "")
	}
	answered := statusOnly("What the server offers everybody.", 200)
	answered.Properties.Put("data", openapi.Refer("Configuration"))
	answered.Required = append(answered.Required, "data")
	s.Schemas.Put("ConfigurationAnswer", answered)

	free := statusOnly("What an action of a stage tells.", 200)
	free.Properties.Put("data", &openapi.Schema{Description: "Whatever the action tells."})
	s.Schemas.Put("Answer", free)
	stage := statusOnly("Who is signed in, as Authenticated has it; or what a flow tells that ends without a session.", 200)
	stage.Properties.Put("data", &openapi.Schema{Description: "The person, or whatever the flow tells."})
	stage.Properties.Put("meta", s.Of(meta, ""))
	s.Schemas.Put("StageAnswer", stage)

	// A request for a reset answers a signed-in client as the session does where resets
	// go by code, and says nothing where they go by link.
	either, _ := s.Schemas.Get("Authenticated")
	loose := *either
	loose.Description, loose.Required = "Done; or, to a signed-in client where resets go by code, who is signed in.", []string{"status"}
	s.Schemas.Put("DoneOrAuthenticated", &loose)

	// New tokens come to an app with options that are its first answer.
	options, _ := s.Schemas.Get("RequestOptions")
	options.Properties.Put("meta", s.Of(reflect.TypeFor[tokenShape](), ""))
}
