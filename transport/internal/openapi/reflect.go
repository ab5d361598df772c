package openapi

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
)

// Types derives schemas from Go types by their json tags: what encoding/json writes of a
// value of the type, the schema accepts.
type Types struct {
	// Names are the names of the types that become schemas of their own, besides those that
	// have a method SchemaName; any other type is written out wherever it is used. A field says
	// in its tags what it means (about) and which texts there are so far (known, with commas).
	Names map[reflect.Type]string
	// Describe, if not nil, completes the schemas of members and of named types: at is
	// the name of the named type, or what the caller said, with the members down to this
	// one behind points ("Flow.id").
	Describe func(at string, s *Schema)
	// Either are types that are written as whole numbers where they can be, and else as texts.
	Either []reflect.Type

	// Schemas are the named ones that were met so far.
	Schemas Ordered[*Schema]
}

// Of returns the schema of a type, at the place called at. It panics on a type that has no
// JSON, such as a channel.
func (r *Types) Of(t reflect.Type, at string) *Schema {
	if slices.Contains(r.Either, t) {
		return &Schema{OneOf: []*Schema{{Type: "integer", Format: "int64"}, {Type: "string"}}}
	}
	switch t.Kind() {
	case reflect.Pointer:
		s := r.Of(t.Elem(), at)
		s.Nullable = s.Ref == ""
		return s
	case reflect.Bool:
		return &Schema{Type: "boolean"}
	case reflect.Int, reflect.Int64:
		return &Schema{Type: "integer", Format: "int64"}
	case reflect.Float64:
		return &Schema{Type: "number", Format: "double"}
	case reflect.String:
		return &Schema{Type: "string"}
	case reflect.Slice:
		return &Schema{Type: "array", Items: r.Of(t.Elem(), at)}
	case reflect.Struct:
		return r.structure(t, at)
	case reflect.Map:
		return &Schema{Type: "object", AdditionalProperties: r.Of(t.Elem(), at)}
	case reflect.Interface:
		return &Schema{}
	}
	panic(fmt.Sprintf("openapi: no schema for %s", t))
}

// structure returns the schema of a struct: a reference if it has a name.
func (r *Types) structure(t reflect.Type, at string) *Schema {
	name, about := r.Names[t], ""
	if named, is := reflect.Zero(t).Interface().(interface{ SchemaName() (name, about string) }); is {
		name, about = named.SchemaName()
	}
	if name == "" {
		return r.object(t, at)
	}
	if _, known := r.Schemas.Get(name); !known {
		r.Schemas.Put(name, &Schema{}) // a type may have members of its own type
		s := r.object(t, name)
		s.Description = about
		r.describe(name, s)
		r.Schemas.Put(name, s)
	}
	return Refer(name)
}

// object writes a struct out: what may be left out is not required, and a pointer that is
// never left out may be null. An embedded pointer may be left out as a whole.
func (r *Types) object(t reflect.Type, at string) *Schema {
	o := &Schema{Type: "object", Properties: Ordered[*Schema]{}}
	for i := range t.NumField() {
		f := t.Field(i)
		if f.Anonymous {
			base := f.Type
			if base.Kind() == reflect.Pointer {
				base = base.Elem()
			}
			inner := r.object(base, at)
			for _, m := range inner.Properties {
				o.Properties.Put(m.Name, m.Value)
			}
			if f.Type.Kind() != reflect.Pointer {
				o.Required = append(o.Required, inner.Required...)
			}
			continue
		}
		name, options, _ := strings.Cut(f.Tag.Get("json"), ",")
		if name == "" || name == "-" {
			continue
		}
		member := r.Of(f.Type, at+"."+name)
		omitted := strings.Contains(options, "omitempty")
		if member.Ref == "" {
			member.Nullable = member.Nullable && !omitted
			tagged(f.Tag, member)
			r.describe(at+"."+name, member)
		}
		o.Properties.Put(name, member)
		if !omitted && !slices.Contains(o.Required, name) {
			o.Required = append(o.Required, name)
		}
	}
	return o
}

// tagged says of a member what its field says: about, and the texts there are so far.
func tagged(tag reflect.StructTag, s *Schema) {
	s.Description = tag.Get("about")
	known := tag.Get("known")
	if known == "" {
		return
	}
	if s.Items != nil {
		s = s.Items
	}
	s.Known = strings.Split(known, ",")
}

func (r *Types) describe(at string, s *Schema) {
	if r.Describe != nil {
		r.Describe(at, s)
	}
}
