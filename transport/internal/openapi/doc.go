// Package openapi builds the documents that describe the HTTP contracts, and serves them.
// It is for the contracts of this module (headless, rest): each lists its operations and
// answers, and everything that two documents have in common is here.
//
//	model.go      the document as values: paths, operations, responses, components
//	schema.go     the schema object
//	reflect.go    schemas of Go types, as encoding/json writes them
//	input.go      schemas of bodies, from the fields that an endpoint or stage declares
//	encode.go     the document as JSON and YAML
//	serve.go      the forms of a document as HTTP handlers
//	page.go       the document as a page for people
//
// The model says what is meant (a schema is nullable, an operation belongs to a kind of
// client) and the encoding how the specification spells it, OpenAPI 3.0.3 today: another
// version is another encoding of the same model. Members that no contract uses yet are not
// declared; add them in the order of the specification's own tables.
package openapi
