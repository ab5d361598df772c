package openapi

import (
	"maps"
	"slices"
	"strconv"
	"strings"
)

// The versions of the OpenAPI Specification that documents are written in.
const (
	// Version30 is what every generator reads. A OneOf is one object with the members of all
	// there: generators for languages without unions make nothing useful of it.
	Version30 = "3.0.3"
	// Version31 has each schema of a OneOf, and constants.
	Version31 = "3.1.0"
)

// Spelled is the document as a version of the specification writes it. What nothing refers
// to is left out. The document itself stays as it is.
func (d *Document) Spelled(version string) *Document {
	out := *d
	out.OpenAPI = version
	sp := speller{schemas: d.Components.Schemas, version: version, used: make(map[string]bool)}
	out.Paths = nil
	for _, p := range d.Paths {
		out.Paths.Put(p.Name, sp.path(p.Value))
	}
	c := &out.Components
	c.Parameters = sp.parameters(d.Components.Parameters)
	c.Responses = nil
	for _, r := range d.Components.Responses {
		c.Responses.Put(r.Name, sp.response(r.Value))
	}
	c.Schemas = sp.components()
	return &out
}

// speller spells schemas, and notes which of the components are referred to.
type speller struct {
	schemas Ordered[*Schema]
	version string
	used    map[string]bool
}

// components are the schemas that are referred to, by what was spelled so far and by each
// other, in their order.
func (sp *speller) components() Ordered[*Schema] {
	spelled := make(map[string]*Schema)
	for more := true; more; {
		more = false
		for _, name := range slices.Sorted(maps.Keys(sp.used)) {
			if _, done := spelled[name]; done {
				continue
			}
			s, _ := sp.schemas.Get(name)
			if s == nil {
				s = &Schema{} // nothing has that name; validators say so
			}
			spelled[name], more = sp.schema(s), true
		}
	}
	out := Ordered[*Schema]{}
	for _, m := range sp.schemas {
		if s, is := spelled[m.Name]; is {
			out.Put(m.Name, s)
		}
	}
	return out
}

func (sp *speller) path(p *PathItem) *PathItem {
	out := &PathItem{}
	for _, m := range p.Operations() {
		op := *m.Value
		op.Parameters = nil
		for _, x := range m.Value.Parameters {
			x.Schema = sp.schema(x.Schema)
			op.Parameters = append(op.Parameters, x)
		}
		if op.Body != nil {
			op.Body = &RequestBody{Required: op.Body.Required, Content: sp.content(op.Body.Content)}
		}
		op.Responses = nil
		for _, r := range m.Value.Responses {
			op.Responses.Put(r.Name, sp.response(r.Value))
		}
		out.set(m.Name, &op)
	}
	return out
}

func (sp *speller) parameters(all Ordered[Parameter]) Ordered[Parameter] {
	var out Ordered[Parameter]
	for _, m := range all {
		m.Value.Schema = sp.schema(m.Value.Schema)
		out.Put(m.Name, m.Value)
	}
	return out
}

func (sp *speller) response(r *Response) *Response {
	out := *r
	out.Headers, out.Content = nil, sp.content(r.Content)
	for _, h := range r.Headers {
		h.Value.Schema = sp.schema(h.Value.Schema)
		out.Headers.Put(h.Name, h.Value)
	}
	return &out
}

func (sp *speller) content(all Ordered[Media]) Ordered[Media] {
	var out Ordered[Media]
	for _, m := range all {
		m.Value.Schema = sp.schema(m.Value.Schema)
		out.Put(m.Name, m.Value)
	}
	return out
}

// schema spells a schema with all that is inside it.
func (sp *speller) schema(s *Schema) *Schema {
	if s == nil {
		return nil
	}
	if s.Ref != "" {
		sp.used[s.Referred()] = true
		return s
	}
	out := *s
	if len(s.OneOf) > 0 && sp.version == Version30 {
		out = *merged(s, sp.schemas)
	}
	out.Description = openly(out.Description, out.Known)
	if out.Nullable && sp.version == Version31 {
		out.Nullable, out.orNull = false, out.Type != ""
	}
	if out.Const != 0 {
		out.spellConst(sp.version)
	}
	out.Items, out.AdditionalProperties = sp.schema(out.Items), sp.schema(out.AdditionalProperties)
	var inner Ordered[*Schema]
	for _, p := range out.Properties {
		inner.Put(p.Name, sp.schema(p.Value))
	}
	if out.Properties != nil && inner == nil {
		inner = Ordered[*Schema]{}
	}
	out.Properties = inner
	var list []*Schema
	for _, one := range out.OneOf {
		list = append(list, sp.schema(one))
	}
	out.OneOf = list
	if sp.version == Version30 {
		out.Without = nil
	}
	return &out
}

// spellConst writes a constant. Version 3.0 has none, and an enumeration of one number is
// what the decoders of some generators refuse: they expect texts. Both parts of the allOf are
// needed, so that they see the number that it is beside.
func (s *Schema) spellConst(version string) {
	if version == Version31 {
		s.constant = true
		return
	}
	s.allOf = []*Schema{{Type: s.Type}, {Type: s.Type, Enum: []any{s.Const}}}
}

// openly adds the texts there are so far to what is said of them.
func openly(description string, known []string) string {
	if len(known) == 0 {
		return description
	}
	list := make([]string, len(known))
	for i, k := range known {
		list[i] = strconv.Quote(k)
	}
	return strings.TrimSpace(description + " So far: " + strings.Join(list, ", ") + ". Others may be added.")
}
