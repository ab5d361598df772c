package openapi

import (
	"bytes"
	"crypto/sha256"
	_ "embed"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"html/template"
	"slices"
	"strings"
)

//go:embed page/page.html
var pageTemplate string

//go:embed page/page.css
var pageStyle string

//go:embed page/page.js
var pageScript string

// The page is the document laid out for reading: operations by group, each with its
// requests and answers, and the schemas below.
type (
	pageData struct {
		Doc     *Document
		Groups  []pageGroup
		Schemas []pageSchema
		Style   template.CSS
		Script  template.JS
	}
	pageGroup struct {
		Tag
		Anchor     string
		Operations []pageOperation
	}
	pageOperation struct {
		*Operation
		Method, Path string
		Headers      []Parameter
		Body         []pageMember
		Answers      []pageAnswer
		// Sent and Said are an example of a request and of an answer to it, "" for none.
		Sent, Said string
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

// Page renders the document for people: one file of HTML that refers to nothing else.
func (d *Document) Page() ([]byte, error) {
	t, err := template.New("page").Parse(pageTemplate)
	if err != nil {
		return nil, err
	}
	d = d.Spelled(Version30)
	var b bytes.Buffer
	err = t.Execute(&b, pageData{
		Doc: d, Groups: d.pageGroups(), Schemas: d.pageSchemas(),
		Style: template.CSS(pageStyle), Script: template.JS(pageScript),
	})
	return b.Bytes(), err
}

// pagePolicy lets the page run its own style and script, and nothing else.
func pagePolicy() string {
	return fmt.Sprintf("default-src 'none'; style-src '%s'; script-src '%s'; img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
		hashed(pageStyle), hashed(pageScript))
}

// hashed names a text in a content security policy (CSP level 3, section 2.3.1).
func hashed(text string) string {
	sum := sha256.Sum256([]byte(text))
	return "sha256-" + base64.StdEncoding.EncodeToString(sum[:])
}

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
func (p pageData) Mount() string {
	if len(p.Doc.Servers) == 0 {
		return ""
	}
	return strings.TrimSuffix(p.Doc.Servers[0].URL, "/")
}

// pageGroups sorts the operations by tag; within a group they keep their order. Those
// without a tag come last.
func (d *Document) pageGroups() []pageGroup {
	var out []pageGroup
	untagged := pageGroup{Tag: Tag{Name: "Operations"}, Anchor: "operations"}
	for _, t := range d.Tags {
		out = append(out, pageGroup{Tag: t, Anchor: strings.ReplaceAll(strings.ToLower(t.Name), " ", "-")})
	}
	for _, p := range d.Paths {
		for _, m := range p.Value.Operations() {
			laid := d.pageOperation(m.Name, p.Name, m.Value)
			for i := range out {
				if slices.Contains(m.Value.Tags, out[i].Name) {
					out[i].Operations = append(out[i].Operations, laid)
				}
			}
			if len(m.Value.Tags) == 0 {
				untagged.Operations = append(untagged.Operations, laid)
			}
		}
	}
	if len(untagged.Operations) > 0 {
		out = append(out, untagged)
	}
	return out
}

// pageOperation lays one operation out.
func (d *Document) pageOperation(method, path string, op *Operation) pageOperation {
	out := pageOperation{Operation: op, Method: method, Path: path}
	out.Headers = d.pageSecurity(op)
	for _, p := range op.Parameters {
		if p.Ref != "" {
			p, _ = d.Components.Parameters.Get(lastPart(p.Ref))
		}
		out.Headers = append(out.Headers, p)
	}
	if op.Body != nil {
		body := op.Body.Content[0].Value.Schema
		if of, has := d.Components.Schemas.Get(body.Referred()); has {
			body = of
		}
		out.Body, out.Sent = rows(body, ""), pageExample(op.Body.Content)
	}
	for _, r := range op.Responses {
		answered := r.Value
		if answered.Ref != "" {
			answered, _ = d.Components.Responses.Get(lastPart(answered.Ref))
		}
		a := pageAnswer{Status: r.Name, What: answered.Description}
		if len(answered.Content) > 0 {
			a.Schema = answered.Content[0].Value.Schema.Referred()
		}
		if out.Said == "" {
			out.Said = pageExample(answered.Content)
		}
		out.Answers = append(out.Answers, a)
	}
	return out
}

// pageExample is the first example of a body, laid out.
func pageExample(content Ordered[Media]) string {
	if len(content) == 0 || len(content[0].Value.Examples) == 0 {
		return ""
	}
	var out bytes.Buffer
	if json.Indent(&out, content[0].Value.Examples[0].Value.Value, "", "  ") != nil {
		return ""
	}
	return out.String()
}

// lastPart is the name in a reference.
func lastPart(ref string) string { return ref[strings.LastIndex(ref, "/")+1:] }

// pageSchemas lays the schemas out.
func (d *Document) pageSchemas() []pageSchema {
	var out []pageSchema
	for _, s := range d.Components.Schemas {
		out = append(out, pageSchema{Name: s.Name, What: s.Value.Description, Members: rows(s.Value, "")})
	}
	return out
}

// pageSecurity is what shows who asks: required where there is no other way.
func (d *Document) pageSecurity(op *Operation) []Parameter {
	var out []Parameter
	for _, m := range d.Components.SecuritySchemes {
		ways := 0
		for _, one := range op.Security {
			if _, has := one[m.Name]; has {
				ways++
			}
		}
		name, in := m.Value.Name, m.Value.In
		if m.Value.Type == "http" {
			name, in = "Authorization", "header"
		}
		if ways > 0 {
			out = append(out, Parameter{Name: name, In: in, Description: m.Value.Description, Required: ways == len(op.Security)})
		}
	}
	return out
}

// rows lists the members of a schema, those of objects inside it below them.
func rows(s *Schema, at string) []pageMember {
	var out []pageMember
	for _, p := range s.Properties {
		m := p.Value
		row := pageMember{
			Name: at + p.Name, Type: m.Type, Ref: m.Referred(), What: m.Description, Required: slices.Contains(s.Required, p.Name), Choices: m.Enum,
		}
		if m.Items != nil {
			row.Type, row.Ref = "list of "+m.Items.Type, m.Items.Referred()
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
