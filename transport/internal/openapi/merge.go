package openapi

import "slices"

// merged is one schema for a OneOf. Of objects it has the members of all, and requires those
// that all require; of other values it is the first, the usual one.
func merged(s *Schema, components Ordered[*Schema]) *Schema {
	resolve := func(one *Schema) *Schema {
		if one.Ref == "" {
			return one
		}
		found, _ := components.Get(one.Referred())
		return found
	}
	out := &Schema{Type: "object", Nullable: s.Nullable, Description: s.Description, Properties: Ordered[*Schema]{}}
	for i, one := range s.OneOf {
		one = resolve(one)
		if len(one.OneOf) > 0 {
			one = merged(one, components)
		}
		if one.Type != "object" {
			first := *resolve(s.OneOf[0])
			if s.Description != "" {
				first.Description = s.Description
			}
			return &first
		}
		for _, p := range one.Properties {
			out.Properties.Put(p.Name, joined(out.Properties, p))
		}
		if one.AdditionalProperties != nil {
			out.AdditionalProperties = one.AdditionalProperties
		}
		if i == 0 {
			out.Required = slices.Clone(one.Required)
		}
		out.Required = slices.DeleteFunc(out.Required, func(name string) bool { return !slices.Contains(one.Required, name) })
	}
	return out
}

// joined is the schema of a member that several of a OneOf have: what is said of it first,
// and null and texts where any of them has it so.
func joined(so Ordered[*Schema], p Member[*Schema]) *Schema {
	before, has := so.Get(p.Name)
	if !has || before.Ref != "" {
		return p.Value
	}
	if open := p.Value; open.Ref == "" && open.Type == "" && len(open.OneOf) == 0 {
		return open
	}
	both := *before
	both.Nullable = before.Nullable || p.Value.Nullable
	if before.Const != p.Value.Const {
		both.Const = 0
	}
	both.Known = slices.Clone(before.Known)
	for _, k := range p.Value.Known {
		if !slices.Contains(both.Known, k) {
			both.Known = append(both.Known, k)
		}
	}
	if before.Type == "array" && p.Value.Type == "array" && before.Items != nil && p.Value.Items != nil && before.Items.Ref != p.Value.Items.Ref {
		both.Items = &Schema{OneOf: []*Schema{before.Items, p.Value.Items}}
	}
	return &both
}
