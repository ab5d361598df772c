package openapi

import "stagedoor/transport/internal/wire"

// phonePattern is the form of numbers, E.164.
const phonePattern = `^\+[1-9][0-9]{4,14}$`

// Input returns the schema of a body with the declared fields; shapes are those of fields
// whose objects have known members. What is empty is refused where a field is required.
func Input(fields []wire.Field, shapes map[string]*Schema) *Schema {
	o := &Schema{Type: "object", Properties: Ordered[*Schema]{}}
	for _, f := range fields {
		s := input(f)
		if shape := shapes[f.Name]; shape != nil {
			s = shape
		}
		o.Properties.Put(f.Name, s)
		if f.Required {
			o.Required = append(o.Required, f.Name)
		}
	}
	return o
}

// input is the schema of one field.
func input(f wire.Field) *Schema {
	s := &Schema{Type: "string", Description: f.Help, MinLength: f.MinLength, MaxLength: f.MaxLength}
	switch f.Type {
	case wire.Secret:
		s.Format = "password"
	case wire.Email:
		s.Format = "email"
	case wire.Phone:
		s.Pattern = phonePattern
	case wire.Bool:
		s.Type = "boolean"
	case wire.Number, wire.ID:
		s.Type, s.Format = "integer", "int64"
	case wire.IDList:
		s.Type, s.Items = "array", &Schema{Type: "integer", Format: "int64"}
		if f.Required {
			s.MinItems = 1
		}
	case wire.JSON, wire.Any:
		s.Type, s.AdditionalProperties = "object", &Schema{}
		if f.Required {
			s.MinProperties = 1
		}
	}
	if s.Type == "string" && f.Required && s.MinLength == 0 {
		s.MinLength = 1
	}
	for _, choice := range f.Choices {
		s.Enum = append(s.Enum, choice)
	}
	return s
}

// AnyInput returns the schema of the body of a route that takes the input of any stage: it
// has the fields that are declared somewhere, requires none, and takes others, since a stage
// may come that was not there yet. A field that is declared in several ways may be anything.
func AnyInput(all ...[]wire.Field) *Schema {
	o := Free()
	for _, fields := range all {
		for _, f := range fields {
			f.Required, f.MinLength, f.MaxLength, f.Choices = false, 0, 0, nil
			s := input(f)
			if before, has := o.Properties.Get(f.Name); has && (before.Type != s.Type || before.Format != s.Format) {
				s = &Schema{Type: before.Type}
				if before.Type != input(f).Type {
					s.Type = ""
				}
			} else if has {
				s = before
			}
			o.Properties.Put(f.Name, s)
		}
	}
	return o
}
