package openapi

import (
	"cmp"
	"slices"
	"strconv"
	"strings"
)

// Contract is what a contract declares, of which its document is made.
type Contract struct {
	Info Info
	// Server is the path before those of the operations.
	Server string
	// Tags are in the order they are read in; those of no operation are left out.
	Tags []Tag
	// Schemes are the ways in which clients are known, Parameters what operations refer to.
	Schemes    Ordered[SecurityScheme]
	Parameters Ordered[Parameter]
	// Schemas are those that answers are made of.
	Schemas    Ordered[*Schema]
	Operations []Declaration
	// Samples are what examples are taken from.
	Samples Samples
}

// Declaration is what a contract declares of an operation. Its body and responses are made of
// Input and Answers.
type Declaration struct {
	Operation
	// Method and Path are those of the router, see [Document.Add]. Examples are those of Route,
	// or of Alike, where there are none.
	Method, Path, Route, Alike string
	// Name names the operation for all kinds of clients; its body is called so.
	Name string
	// Input is the body, nil for none; a form is URL-encoded.
	Input *Schema
	Form  bool
	// Answers are in the order of their statuses.
	Answers []Answer
}

// Answer is what an operation can answer.
type Answer struct {
	// Status is 0 for what is not declared otherwise.
	Status int
	// Common is the name of the response, where operations have it in common.
	Common string
	// Description says what the status means; that of the schema, where it is "".
	Description string
	// Schema is the name of the body's schema, "" where there is no body.
	Schema  string
	Headers Ordered[Header]
}

// Document makes the document.
func (c Contract) Document() *Document {
	d := &Document{
		Info: c.Info, Servers: []Server{{URL: c.Server, Description: "This server."}},
		Components: Components{Parameters: c.Parameters, SecuritySchemes: c.Schemes, Schemas: c.Schemas},
	}
	used, samplers := make(map[string]bool), make(map[string]*sampler)
	for _, op := range c.Operations {
		if samplers[op.Client] == nil {
			samplers[op.Client] = c.sampler(op.Client)
		}
		d.Add(op.Method, op.Path, d.operation(op, samplers[op.Client]))
		for _, tag := range op.Tags {
			used[tag] = true
		}
	}
	for _, t := range c.Tags {
		if used[t.Name] {
			d.Tags = append(d.Tags, t)
		}
	}
	slices.SortFunc(d.Components.Schemas, func(x, y Member[*Schema]) int { return cmp.Compare(x.Name, y.Name) })
	slices.SortFunc(d.Components.Responses, func(x, y Member[*Response]) int { return cmp.Compare(x.Name, y.Name) })
	return d
}

// operation makes an operation, and puts the components that it refers to into the document.
func (d *Document) operation(op Declaration, sm *sampler) *Operation {
	out := op.Operation
	if out.Description == "" {
		out.Description = out.Summary + "."
	}
	if op.Input != nil {
		name := op.Name + "Request"
		if _, has := d.Components.Schemas.Get(name); !has {
			d.Components.Schemas.Put(name, op.Input)
		}
		kind := JSONMedia
		if op.Form {
			kind = formMedia
		}
		out.Body = &RequestBody{Required: len(op.Input.Required) > 0, Content: Content(kind, Refer(name), sm.requests(op, op.Input)...)}
	}
	for _, a := range op.Answers {
		status := "default"
		if a.Status != 0 {
			status = strconv.Itoa(a.Status)
		}
		out.Responses.Put(status, d.response(a, sm.answers(op, a)))
	}
	return &out
}

// formMedia is the media type of forms.
const formMedia = "application/x-www-form-urlencoded"

// response makes a response. Of one that operations have in common the first has the examples.
func (d *Document) response(a Answer, examples Ordered[Example]) *Response {
	r := &Response{Description: a.Description, Headers: a.Headers}
	if a.Schema != "" {
		of, _ := d.Components.Schemas.Get(a.Schema)
		if r.Description == "" && of != nil {
			r.Description = of.Description
		}
		r.Content = Content(JSONMedia, Refer(a.Schema), examples...)
	}
	if a.Common == "" {
		return r
	}
	if _, has := d.Components.Responses.Get(a.Common); !has {
		d.Components.Responses.Put(a.Common, r)
	}
	return &Response{Ref: "#/components/responses/" + a.Common}
}

// About is the Info of a document of this module's: what it is called, its overview, and
// where the server is found.
func About(title, overview, origin string) Info {
	info := Info{
		Title: title, Version: "1", Description: overview,
		License: &License{Name: "MIT", URL: "https://spdx.org/licenses/MIT.html"},
	}
	if origin != "" {
		info.Contact = &Contact{Name: "Who runs this server", URL: origin}
	}
	return info
}

// ProofScheme is the name of what clients show a key by.
const ProofScheme = "proof"

// Proof is the scheme of a client that shows with each request that it holds a key.
func Proof() SecurityScheme {
	return SecurityScheme{
		Type: "apiKey", In: "header", Name: "DPoP",
		Description: "A proof that the client holds its key, made for this one request (RFC 9449). A sign-in with one binds its session: " +
			"its tokens are good with such proofs alone. A request that carries a token needs the token's hash in it (ath). " +
			"Answers bring the nonce of the next proof in DPoP-Nonce. What is wrong is said by WWW-Authenticate of a 401 " +
			"where the request carries a token, else by the errors of a 400: invalid_dpop_proof, use_dpop_nonce.",
	}
}

// BoundToken is the scheme of a token in the Authorization header that goes with a [Proof].
func BoundToken(description string) SecurityScheme {
	return SecurityScheme{Type: "http", Scheme: "DPoP", Description: description}
}

// Bearer is the scheme of access tokens: in the Authorization header, behind the name of a
// scheme. Generators know the usual one; any other is part of the value.
func Bearer(scheme, format, description string) SecurityScheme {
	if strings.EqualFold(scheme, "Bearer") {
		return SecurityScheme{Type: "http", Scheme: "bearer", BearerFormat: format, Description: description}
	}
	return SecurityScheme{Type: "apiKey", In: "header", Name: "Authorization", Description: description + " The value is " + scheme + ", a space and the token."}
}
