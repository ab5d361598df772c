package openapi

import "strings"

// Schema is a Schema object, or a reference to one. The zero value accepts anything.
type Schema struct {
	// Ref refers to a schema of the components; make it with Refer.
	Ref         string `json:"$ref,omitempty"`
	Type        string `json:"type,omitempty"`
	Format      string `json:"format,omitempty"`
	Nullable    bool   `json:"nullable,omitempty"`
	Description string `json:"description,omitempty"`
	// Pattern is a regular expression (ECMA 262).
	Pattern string `json:"pattern,omitempty"`
	Enum    []any  `json:"enum,omitempty"`
	// MinLength and MaxLength are in characters, MinItems in items; 0 is no limit.
	MinLength int      `json:"minLength,omitempty"`
	MaxLength int      `json:"maxLength,omitempty"`
	MinItems  int      `json:"minItems,omitempty"`
	Items     *Schema  `json:"items,omitempty"`
	Required  []string `json:"required,omitempty"`
	// Properties are left out if nil, and written if empty.
	Properties           Ordered[*Schema] `json:"properties,omitzero"`
	AdditionalProperties *Schema          `json:"additionalProperties,omitempty"`
	AnyOf                []*Schema        `json:"anyOf,omitempty"`
}

// schemaPath is where references to schemas lead.
const schemaPath = "#/components/schemas/"

// Refer refers to a schema of the components.
func Refer(name string) *Schema { return &Schema{Ref: schemaPath + name} }

// Referred is the name of the schema that a schema refers to, "" if it is no reference.
func (s *Schema) Referred() string { return strings.TrimPrefix(s.Ref, schemaPath) }

// AnyOf is what one of several schemas accepts; of none it is any object.
func AnyOf(list ...*Schema) *Schema {
	switch len(list) {
	case 0:
		return &Schema{Type: "object"}
	case 1:
		return list[0]
	}
	return &Schema{AnyOf: list}
}
