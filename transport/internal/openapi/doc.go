// Package openapi builds the documents that describe the HTTP contracts, and serves them.
// It is for the contracts of this module (headless, rest): each lists its operations and
// answers, and everything that two documents have in common is here.
//
//	model.go      the document as values: paths, operations, responses, components
//	schema.go     the schema object: what is meant, and how it is written
//	spell.go      the document as a version of the specification has it
//	merge.go      one object for a union, where the version's readers have no unions
//	reflect.go    schemas of Go types, as encoding/json writes them
//	input.go      schemas of bodies, from the fields that an endpoint or stage declares
//	build.go      the document of what a contract declares
//	examples.go   examples, from what servers answered
//	encode.go     the document as JSON and YAML
//	serve.go      the forms of a document as HTTP handlers
//	page.go       the document as a page for people
//
// The model says what is meant (a schema is nullable, one of several, a constant; an operation
// belongs to a kind of client), and spelling it how a version of the specification says so.
// Two are served: 3.0.3, which every generator reads, and 3.1.0, in which unions stay unions.
// Members that no contract uses yet are not declared; add them in the order of the
// specification's own tables.
package openapi
