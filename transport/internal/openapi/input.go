package openapi

import "stagedoor/transport/internal/wire"

// Inputs derives schemas from the fields that endpoints and stages declare.
type Inputs struct {
	// Terse leaves out what a field is for, the pattern of phone numbers, and that JSON
	// is an object.
	Terse bool
}

// Of returns the schema of a body with the declared fields.
func (in Inputs) Of(fields []wire.Field) *Schema {
	o := &Schema{Type: "object"}
	for _, f := range fields {
		o.Properties.Put(f.Name, in.field(f))
		if f.Required {
			o.Required = append(o.Required, f.Name)
		}
	}
	return o
}

// field is the schema of one field.
func (in Inputs) field(f wire.Field) *Schema {
	s := &Schema{Type: "string"}
	switch f.Type {
	case wire.Secret:
		s.Format = "password"
	case wire.Email:
		s.Format = "email"
	case wire.Phone:
		if !in.Terse {
			s.Pattern = `^\+[1-9][0-9]{4,14}$`
		}
	case wire.Bool:
		s.Type = "boolean"
	case wire.Number, wire.ID:
		s.Type, s.Format = "integer", "int64"
	case wire.IDList:
		s.Type, s.Items = "array", &Schema{Type: "integer", Format: "int64"}
	case wire.JSON, wire.Any:
		s.Type = "object"
		if in.Terse {
			s.Type = ""
		}
	}
	s.MinLength, s.MaxLength = f.MinLength, f.MaxLength
	for _, choice := range f.Choices {
		s.Enum = append(s.Enum, choice)
	}
	if !in.Terse {
		s.Description = f.Help
	}
	return s
}
