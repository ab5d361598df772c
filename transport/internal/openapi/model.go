package openapi

import (
	"encoding/json"
	"net/http"
	"slices"
	"strings"
)

// Document is an OpenAPI object. Members are written in the order of the struct; lists and
// mappings in the order in which they were filled.
type Document struct {
	// OpenAPI is a version; encoding sets it.
	OpenAPI string             `json:"openapi"`
	Info    Info               `json:"info"`
	Servers []Server           `json:"servers,omitempty"`
	Tags    []Tag              `json:"tags,omitempty"`
	Paths   Ordered[*PathItem] `json:"paths"`
	// Components are what operations refer to by name.
	Components Components `json:"components"`
}

// Info is an Info object.
type Info struct {
	Title   string `json:"title"`
	Version string `json:"version"`
	// Description is paragraphs of CommonMark, parted by empty lines.
	Description string   `json:"description,omitempty"`
	Contact     *Contact `json:"contact,omitempty"`
	License     *License `json:"license,omitempty"`
}

// Contact is a Contact object: who can be asked about the server.
type Contact struct {
	Name string `json:"name"`
	URL  string `json:"url"`
}

// License is a License object.
type License struct {
	Name string `json:"name"`
	URL  string `json:"url"`
}

// Server is a Server object.
type Server struct {
	// URL is put before the paths; one without a host is of the server that serves the
	// document.
	URL         string `json:"url"`
	Description string `json:"description,omitempty"`
}

// Tag is a Tag object: a group of operations.
type Tag struct {
	Name        string `json:"name"`
	Description string `json:"description"`
}

// PathItem is a Path Item object: the operations of one path by method.
type PathItem struct {
	Get    *Operation `json:"get,omitempty"`
	Put    *Operation `json:"put,omitempty"`
	Post   *Operation `json:"post,omitempty"`
	Delete *Operation `json:"delete,omitempty"`
	Patch  *Operation `json:"patch,omitempty"`
}

// Operation is an Operation object.
type Operation struct {
	Tags []string `json:"tags,omitempty"`
	// ID is unique in the document; generators make method names of it.
	ID          string `json:"operationId"`
	Summary     string `json:"summary"`
	Description string `json:"description,omitempty"`
	// Off says that this server is set up without what the operation is for.
	Off        bool                  `json:"x-switched-off,omitempty"`
	Security   []SecurityRequirement `json:"security,omitzero"`
	Parameters []Parameter           `json:"parameters,omitempty"`
	Body       *RequestBody          `json:"requestBody,omitempty"`
	// Responses are by status, or "default".
	Responses Ordered[*Response] `json:"responses"`

	// Client is the kind of client the operation is for; the page shows one kind at a
	// time. It is "" in a contract that knows no kinds.
	Client string `json:"-"`
}

// SecurityRequirement is a Security Requirement object: scopes by the names of schemes that
// are needed together. The lists are not nil. An empty one means that none is needed.
type SecurityRequirement map[string][]string

// Parameter is a Parameter object, or a reference to one.
type Parameter struct {
	Ref  string `json:"$ref,omitempty"`
	Name string `json:"name,omitempty"`
	// In is path, query, header or cookie.
	In          string  `json:"in,omitempty"`
	Required    bool    `json:"required,omitempty"`
	Description string  `json:"description,omitempty"`
	Schema      *Schema `json:"schema,omitempty"`
}

// RequestBody is a Request Body object.
type RequestBody struct {
	Required bool `json:"required"`
	// Content is by media type.
	Content Ordered[Media] `json:"content"`
}

// Media is a Media Type object.
type Media struct {
	Schema *Schema `json:"schema"`
	// Examples are by names of their own.
	Examples Ordered[Example] `json:"examples,omitempty"`
}

// Example is an Example object.
type Example struct {
	Summary string          `json:"summary,omitempty"`
	Value   json.RawMessage `json:"value"`
}

// Response is a Response object, or a reference to one.
type Response struct {
	Ref         string          `json:"$ref,omitempty"`
	Description string          `json:"description,omitempty"`
	Headers     Ordered[Header] `json:"headers,omitempty"`
	// Content is by media type.
	Content Ordered[Media] `json:"content,omitempty"`
}

// Header is a Header object.
type Header struct {
	Description string  `json:"description"`
	Schema      *Schema `json:"schema"`
}

// Components is a Components object. A mapping that is nil is left out, an empty one is
// written.
type Components struct {
	Parameters      Ordered[Parameter]      `json:"parameters,omitzero"`
	Responses       Ordered[*Response]      `json:"responses,omitzero"`
	SecuritySchemes Ordered[SecurityScheme] `json:"securitySchemes,omitzero"`
	Schemas         Ordered[*Schema]        `json:"schemas,omitzero"`
}

// SecurityScheme is a Security Scheme object.
type SecurityScheme struct {
	// Type is apiKey or http.
	Type string `json:"type"`
	// In and Name say where an apiKey is.
	In   string `json:"in,omitempty"`
	Name string `json:"name,omitempty"`
	// Scheme is the scheme of the Authorization header (RFC 9110, section 11.1), and
	// BearerFormat a hint at what the token is.
	Scheme       string `json:"scheme,omitempty"`
	BearerFormat string `json:"bearerFormat,omitempty"`
	Description  string `json:"description,omitempty"`
}

// JSONMedia is the media type of JSON bodies.
const JSONMedia = "application/json"

// Content returns a mapping with one media type.
func Content(kind string, s *Schema, examples ...Member[Example]) Ordered[Media] {
	return Ordered[Media]{{kind, Media{Schema: s, Examples: examples}}}
}

// Add puts an operation at a method of a path. The path is one of a router: a part that
// begins with a colon is a parameter.
func (d *Document) Add(method, path string, op *Operation) {
	path, _ = Template(path)
	item, known := d.Paths.Get(path)
	if !known {
		item = &PathItem{}
		d.Paths.Put(path, item)
	}
	item.set(method, op)
}

// set puts an operation at a method.
func (p *PathItem) set(method string, op *Operation) {
	switch method {
	case http.MethodGet:
		p.Get = op
	case http.MethodPost:
		p.Post = op
	case http.MethodPut:
		p.Put = op
	case http.MethodPatch:
		p.Patch = op
	case http.MethodDelete:
		p.Delete = op
	}
}

// Operations are the operations of a path by method, in the order of the page.
func (p *PathItem) Operations() Ordered[*Operation] {
	all := Ordered[*Operation]{
		{http.MethodGet, p.Get}, {http.MethodPost, p.Post}, {http.MethodPut, p.Put}, {http.MethodPatch, p.Patch}, {http.MethodDelete, p.Delete},
	}
	return slices.DeleteFunc(all, func(m Member[*Operation]) bool { return m.Value == nil })
}

// Template writes a router's path as documents do, /stages/:stage as /stages/{stage}, and
// names its parameters.
func Template(path string) (templated string, names []string) {
	parts := strings.Split(path, "/")
	for i, part := range parts {
		if name, found := strings.CutPrefix(part, ":"); found {
			parts[i], names = "{"+name+"}", append(names, name)
		}
	}
	return strings.Join(parts, "/"), names
}

// PathParameters are the parameters of a router's path.
func PathParameters(path string) []Parameter {
	var out []Parameter
	_, names := Template(path)
	for _, name := range names {
		out = append(out, Parameter{Name: name, In: "path", Required: true, Schema: &Schema{Type: "string"}})
	}
	return out
}
