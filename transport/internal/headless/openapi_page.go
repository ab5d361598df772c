package headless

import (
	"html/template"
	"slices"
	"strings"
)

// The page is the document laid out for reading: operations by group, each with both
// kinds of client's requests and answers.
type (
	pageData struct {
		Doc     *document
		Groups  []pageGroup
		Schemas []pageSchema
		Style   template.CSS
		Script  template.JS
	}
	pageGroup struct {
		tag
		Anchor     string
		Operations []pageOperation
	}
	pageOperation struct {
		*described
		Client, Method, Path string
		Headers              []parameter
		Body                 []pageMember
		Answers              []pageAnswer
	}
	pageAnswer struct {
		Status, What, Schema string
	}
	pageSchema struct {
		Name, What string
		Members    []pageMember
	}
	// pageMember is a row of a table: a member of a schema, or of one inside it.
	pageMember struct {
		Name, Type, Ref, What string
		Required              bool
		Choices               []any
	}
)

// Paragraphs are those of the overview, with what is strong in them apart.
func (p pageData) Paragraphs() []struct{ Strong, Text string } {
	var out []struct{ Strong, Text string }
	for _, text := range strings.Split(p.Doc.Info.Description, "\n\n") {
		var one struct{ Strong, Text string }
		one.Text = text
		if rest, found := strings.CutPrefix(text, "**"); found {
			one.Strong, one.Text, _ = strings.Cut(rest, "**")
		}
		out = append(out, one)
	}
	return out
}

// Mount is the path before those of the operations.
func (p pageData) Mount() string { return strings.TrimSuffix(p.Doc.Servers[0].URL, "/") }

// pageGroups sorts the operations by group; within one they keep their order.
func pageGroups(d *document) []pageGroup {
	var out []pageGroup
	for _, t := range d.Tags {
		g := pageGroup{tag: t, Anchor: strings.ReplaceAll(strings.ToLower(t.Name), " ", "-")}
		for _, p := range d.Paths {
			client, _, _ := strings.Cut(strings.TrimPrefix(p.Name, "/"), "/")
			for _, m := range p.Value.methods() {
				if slices.Contains(m.Value.Tags, t.Name) {
					g.Operations = append(g.Operations, d.operation(client, m.Name, p.Name, m.Value))
				}
			}
		}
		out = append(out, g)
	}
	return out
}

// methods are the operations of a path.
func (p *pathItem) methods() ordered[*described] {
	all := ordered[*described]{{"GET", p.Get}, {"POST", p.Post}, {"PUT", p.Put}, {"PATCH", p.Patch}, {"DELETE", p.Delete}}
	return slices.DeleteFunc(all, func(m member[*described]) bool { return m.Value == nil })
}

// operation lays one operation out.
func (d *document) operation(client, method, path string, op *described) pageOperation {
	out := pageOperation{described: op, Client: client, Method: method, Path: path}
	for _, p := range op.Parameters {
		if p.Ref != "" {
			p, _ = d.Components.Parameters.get(p.Ref[strings.LastIndex(p.Ref, "/")+1:])
		}
		out.Headers = append(out.Headers, p)
	}
	if op.Body != nil {
		out.Body = rows(op.Body.Content[0].Value.Schema, "")
	}
	for _, r := range op.Responses {
		answered := r.Value
		if answered.Ref != "" {
			answered, _ = d.Components.Responses.get(answered.Ref[strings.LastIndex(answered.Ref, "/")+1:])
		}
		a := pageAnswer{Status: r.Name, What: answered.Description}
		if len(answered.Content) > 0 {
			a.Schema = named(answered.Content[0].Value.Schema)
		}
		out.Answers = append(out.Answers, a)
	}
	return out
}

// pageSchemas lays the schemas out.
func pageSchemas(d *document) []pageSchema {
	var out []pageSchema
	for _, s := range d.Components.Schemas {
		out = append(out, pageSchema{Name: s.Name, What: s.Value.Description, Members: rows(s.Value, "")})
	}
	return out
}

// rows lists the members of a schema, those of objects inside it below them.
func rows(s *schema, at string) []pageMember {
	var out []pageMember
	for _, p := range s.Properties {
		m := p.Value
		row := pageMember{
			Name: at + p.Name, Type: m.Type, Ref: named(m), What: m.Description, Required: slices.Contains(s.Required, p.Name), Choices: m.Enum,
		}
		if m.Items != nil {
			row.Type, row.Ref = "list of "+m.Items.Type, named(m.Items)
			if row.Ref != "" {
				row.Type = "list of"
			}
			row.Choices = m.Items.Enum
		}
		if m.Nullable {
			row.Type += " or null"
		}
		out = append(out, row)
		out = append(out, rows(m, at+p.Name+".")...)
	}
	return out
}

// named is the name of the schema that is referred to.
func named(s *schema) string { return strings.TrimPrefix(s.Ref, "#/components/schemas/") }
