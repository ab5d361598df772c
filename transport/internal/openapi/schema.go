package openapi

import (
	"encoding/json"
	"slices"
	"strings"
)

// Schema is a Schema object, or a reference to one: what is meant by it, in no version of the
// specification. The zero value accepts anything. Spelled says how a version writes it.
type Schema struct {
	// Ref refers to a schema of the components; make it with Refer.
	Ref         string
	Type        string
	Format      string
	Nullable    bool
	Description string
	// Pattern is a regular expression (ECMA 262).
	Pattern string
	// Const is the only whole number that is accepted, 0 where any is: a client that has one
	// of several answers tells them apart by it.
	Const int
	// Enum are the only values that are accepted. A set that grows is Known.
	Enum []any
	// Known are the texts there are so far. Others may come: a client that was made of the
	// document must go on then.
	Known []string
	// MinLength and MaxLength are in characters, MinItems in items, MinProperties in
	// members; 0 is no limit.
	MinLength     int
	MaxLength     int
	MinItems      int
	MinProperties int
	Items         *Schema
	Required      []string
	// Properties are left out if nil, and written if empty.
	Properties           Ordered[*Schema]
	AdditionalProperties *Schema
	// OneOf are what a value has to be exactly one of: objects that are told apart by the
	// members they require, or values of different types.
	OneOf []*Schema
	// Without are members that an object does not have: the other schemas of a OneOf
	// require them.
	Without []string

	spelling
}

// spelling is what a version has besides: Spelled sets it.
type spelling struct {
	// orNull allows null in the type, constant writes Const as such.
	orNull, constant bool
	allOf, anyOf     []*Schema
}

// schemaPath is where references to schemas lead.
const schemaPath = "#/components/schemas/"

// Refer refers to a schema of the components.
func Refer(name string) *Schema { return &Schema{Ref: schemaPath + name} }

// Referred is the name of the schema that a schema refers to, "" if it is no reference.
func (s *Schema) Referred() string { return strings.TrimPrefix(s.Ref, schemaPath) }

// OneOf is what one of several schemas accepts; of none it is any object.
func OneOf(list ...*Schema) *Schema {
	switch len(list) {
	case 0:
		return Free()
	case 1:
		return list[0]
	}
	return &Schema{OneOf: list}
}

// Either is what one of two objects accepts: each is without the members that the other alone
// requires, so that no value is both.
func Either(a, b *Schema) *Schema {
	apart := func(s, other *Schema) *Schema {
		out := *s
		for _, name := range other.Required {
			if _, has := s.Properties.Get(name); !has {
				out.Without = append(slices.Clone(out.Without), name)
			}
		}
		return &out
	}
	return OneOf(apart(a, b), apart(b, a))
}

// Free is an object with any members.
func Free() *Schema { return &Schema{Type: "object", AdditionalProperties: &Schema{}} }

// MarshalJSON writes the schema as it is spelled.
func (s *Schema) MarshalJSON() ([]byte, error) {
	out := struct {
		Ref                  string           `json:"$ref,omitempty"`
		Type                 any              `json:"type,omitempty"`
		Format               string           `json:"format,omitempty"`
		Nullable             bool             `json:"nullable,omitempty"`
		Description          string           `json:"description,omitempty"`
		Pattern              string           `json:"pattern,omitempty"`
		Const                int              `json:"const,omitempty"`
		Enum                 []any            `json:"enum,omitempty"`
		Known                []string         `json:"x-extensible-enum,omitempty"`
		MinLength            int              `json:"minLength,omitempty"`
		MaxLength            int              `json:"maxLength,omitempty"`
		MinItems             int              `json:"minItems,omitempty"`
		MinProperties        int              `json:"minProperties,omitempty"`
		Items                *Schema          `json:"items,omitempty"`
		Required             []string         `json:"required,omitempty"`
		Properties           Ordered[*Schema] `json:"properties,omitzero"`
		AdditionalProperties *Schema          `json:"additionalProperties,omitempty"`
		AllOf                []*Schema        `json:"allOf,omitempty"`
		OneOf                []*Schema        `json:"oneOf,omitempty"`
		AnyOf                []*Schema        `json:"anyOf,omitempty"`
		Not                  *Schema          `json:"not,omitempty"`
	}{
		Ref: s.Ref, Format: s.Format, Nullable: s.Nullable, Description: s.Description, Pattern: s.Pattern, Enum: s.Enum, Known: s.Known,
		MinLength: s.MinLength, MaxLength: s.MaxLength, MinItems: s.MinItems, MinProperties: s.MinProperties, Items: s.Items, Required: s.Required,
		Properties: s.Properties, AdditionalProperties: s.AdditionalProperties, AllOf: s.allOf, OneOf: s.OneOf, AnyOf: s.anyOf,
	}
	switch {
	case s.orNull:
		out.Type = []string{s.Type, "null"}
	case s.Type != "":
		out.Type = s.Type
	}
	if s.constant {
		out.Const = s.Const
	}
	var without []*Schema
	for _, name := range s.Without {
		without = append(without, &Schema{Type: "object", Required: []string{name}, Properties: Ordered[*Schema]{{name, &Schema{}}}})
	}
	switch len(without) {
	case 0:
	case 1:
		out.Not = without[0]
	default:
		out.Not = &Schema{spelling: spelling{anyOf: without}}
	}
	return json.Marshal(out)
}
