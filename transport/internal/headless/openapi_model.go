package headless

import (
	"bytes"
	"encoding/json"
)

// The document as values, after the OpenAPI Specification 3.0.3. Only what is used is
// declared; the order of members is the order they are read in.
type document struct {
	OpenAPI    string             `json:"openapi"`
	Info       info               `json:"info"`
	Servers    []serverAt         `json:"servers"`
	Tags       []tag              `json:"tags"`
	Paths      ordered[*pathItem] `json:"paths"`
	Components components         `json:"components"`
}

type info struct {
	Title       string  `json:"title"`
	Version     string  `json:"version"`
	Description string  `json:"description"`
	License     license `json:"license"`
}

type license struct {
	Name string `json:"name"`
}

type serverAt struct {
	URL string `json:"url"`
}

type tag struct {
	Name        string `json:"name"`
	Description string `json:"description"`
}

type pathItem struct {
	Get    *described `json:"get,omitempty"`
	Post   *described `json:"post,omitempty"`
	Put    *described `json:"put,omitempty"`
	Patch  *described `json:"patch,omitempty"`
	Delete *described `json:"delete,omitempty"`
}

// set puts an operation in the place of its method.
func (p *pathItem) set(method string, d *described) {
	switch method {
	case "GET":
		p.Get = d
	case "POST":
		p.Post = d
	case "PUT":
		p.Put = d
	case "PATCH":
		p.Patch = d
	case "DELETE":
		p.Delete = d
	}
}

// described is an operation object.
type described struct {
	Tags        []string            `json:"tags"`
	ID          string              `json:"operationId"`
	Summary     string              `json:"summary"`
	Description string              `json:"description,omitempty"`
	Off         bool                `json:"x-switched-off,omitempty"`
	Security    []map[string][]any  `json:"security,omitempty"`
	Parameters  []parameter         `json:"parameters,omitempty"`
	Body        *requestBody        `json:"requestBody,omitempty"`
	Responses   ordered[*responded] `json:"responses"`
}

type parameter struct {
	Ref         string  `json:"$ref,omitempty"`
	Name        string  `json:"name,omitempty"`
	In          string  `json:"in,omitempty"`
	Required    bool    `json:"required,omitempty"`
	Description string  `json:"description,omitempty"`
	Schema      *schema `json:"schema,omitempty"`
}

type requestBody struct {
	Required bool           `json:"required"`
	Content  ordered[media] `json:"content"`
}

type media struct {
	Schema *schema `json:"schema"`
}

// responded is a response object.
type responded struct {
	Ref         string          `json:"$ref,omitempty"`
	Description string          `json:"description,omitempty"`
	Headers     ordered[header] `json:"headers,omitempty"`
	Content     ordered[media]  `json:"content,omitempty"`
}

type header struct {
	Description string  `json:"description"`
	Schema      *schema `json:"schema"`
}

type components struct {
	Parameters ordered[parameter]      `json:"parameters"`
	Responses  ordered[*responded]     `json:"responses"`
	Security   ordered[securityScheme] `json:"securitySchemes"`
	Schemas    ordered[*schema]        `json:"schemas"`
}

type securityScheme struct {
	Type        string `json:"type"`
	In          string `json:"in,omitempty"`
	Name        string `json:"name,omitempty"`
	Scheme      string `json:"scheme,omitempty"`
	Format      string `json:"bearerFormat,omitempty"`
	Description string `json:"description"`
}

// schema is a schema object, or a reference to one.
type schema struct {
	Ref         string           `json:"$ref,omitempty"`
	Type        string           `json:"type,omitempty"`
	Format      string           `json:"format,omitempty"`
	Nullable    bool             `json:"nullable,omitempty"`
	Description string           `json:"description,omitempty"`
	Pattern     string           `json:"pattern,omitempty"`
	Enum        []any            `json:"enum,omitempty"`
	MinLength   int              `json:"minLength,omitempty"`
	MaxLength   int              `json:"maxLength,omitempty"`
	MinItems    int              `json:"minItems,omitempty"`
	Items       *schema          `json:"items,omitempty"`
	Required    []string         `json:"required,omitempty"`
	Properties  ordered[*schema] `json:"properties,omitempty"`
}

// ordered is an object whose members keep their order.
type ordered[T any] []member[T]

type member[T any] struct {
	Name  string
	Value T
}

// put sets a member, in its old place if it is there.
func (o *ordered[T]) put(name string, value T) {
	for i := range *o {
		if (*o)[i].Name == name {
			(*o)[i].Value = value
			return
		}
	}
	*o = append(*o, member[T]{name, value})
}

// get returns the member with the name.
func (o ordered[T]) get(name string) (value T, found bool) {
	for _, m := range o {
		if m.Name == name {
			return m.Value, true
		}
	}
	return value, false
}

// MarshalJSON writes the members in their order.
func (o ordered[T]) MarshalJSON() ([]byte, error) {
	var b bytes.Buffer
	b.WriteByte('{')
	for i, m := range o {
		if i > 0 {
			b.WriteByte(',')
		}
		name, err := json.Marshal(m.Name)
		if err != nil {
			return nil, err
		}
		value, err := json.Marshal(m.Value)
		if err != nil {
			return nil, err
		}
		b.Write(name)
		b.WriteByte(':')
		b.Write(value)
	}
	b.WriteByte('}')
	return b.Bytes(), nil
}
