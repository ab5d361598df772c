package openapi

import (
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
)

// union is a document whose one answer is a union of three objects, with a constant, an open
// set and something that nothing refers to.
func union() *Document {
	d := &Document{Info: Info{Title: "Union", Version: "1"}, Servers: []Server{{URL: "/"}}}
	d.Add("GET", "/a", &Operation{ID: "a", Responses: Ordered[*Response]{{"200", &Response{Description: "Done.", Content: Content(JSONMedia, Refer("All"))}}}})
	text := func(known ...string) *Schema { return &Schema{Type: "string", Description: "A name.", Known: known} }
	status := &Schema{Type: "integer", Const: 200}
	d.Components.Schemas = Ordered[*Schema]{
		{"All", &Schema{Description: "All.", OneOf: []*Schema{Refer("Types"), Refer("List"), Refer("Plain")}}},
		{"Types", &Schema{Type: "object", Required: []string{"id", "types"}, Properties: Ordered[*Schema]{{"id", text("a", "b")}, {"types", text()}, {"status", status}}}},
		{"List", &Schema{Type: "object", Required: []string{"list", "id"}, Properties: Ordered[*Schema]{{"id", text("b", "c")}, {"list", &Schema{Type: "array", Items: Refer("Either")}}}}},
		{"Plain", &Schema{Type: "object", Required: []string{"id"}, Properties: Ordered[*Schema]{{"id", &Schema{Type: "string", Nullable: true}}}, Without: []string{"types", "list"}}},
		{"Either", &Schema{OneOf: []*Schema{{Type: "integer"}, {Type: "string"}}}},
		{"Unused", &Schema{Type: "object"}},
	}
	return d
}

// TestSpelled30 makes one object of a union, and one type of a union of values.
func TestSpelled30(t *testing.T) {
	const want = `{"All":{"type":"object","description":"All.","required":["id"],"properties":{` +
		`"id":{"type":"string","nullable":true,"description":"A name. So far: \"a\", \"b\", \"c\". Others may be added.","x-extensible-enum":["a","b","c"]},` +
		`"types":{"type":"string","description":"A name."},` +
		`"status":{"type":"integer","allOf":[{"type":"integer"},{"type":"integer","enum":[200]}]},` +
		`"list":{"type":"array","items":{"$ref":"#/components/schemas/Either"}}}},"Either":{"type":"integer"}}`
	if got, err := union().Spelled(Version30).Components.Schemas.MarshalJSON(); err != nil || string(got) != want {
		t.Errorf("%v\ngot  %s\nwant %s", err, got, want)
	}
}

// TestSpelled31 has the union, and a value is exactly one of it.
func TestSpelled31(t *testing.T) {
	text, err := union().JSON(Version31)
	if err != nil {
		t.Fatal(err)
	}
	doc, err := openapi3.NewLoader().LoadFromData(text)
	if err != nil {
		t.Fatal(err)
	}
	if len(doc.Components.Schemas) != 5 {
		t.Errorf("%d schemas", len(doc.Components.Schemas))
	}
	if got := doc.Components.Schemas["Types"].Value.Properties["status"].Value.Const; got != 200. {
		t.Errorf("the constant is %v", got)
	}
	all := doc.Components.Schemas["All"].Value
	for _, c := range []struct {
		value map[string]any
		ok    bool
	}{
		{map[string]any{"id": "a", "types": "x"}, true},
		{map[string]any{"id": "unheard of", "types": "x", "more": 1.}, true},
		{map[string]any{"id": "b", "list": []any{1., "x"}}, true},
		{map[string]any{"id": "b", "list": []any{true}}, false},
		{map[string]any{"id": "c"}, true},
		{map[string]any{"id": nil}, true},
		{map[string]any{"id": nil, "types": "x"}, false},
		{map[string]any{"types": "x"}, false},
		{map[string]any{"id": "b", "types": "x", "list": []any{}}, false},
		{map[string]any{"id": "b", "types": "x", "status": 201.}, false},
	} {
		if err := all.VisitJSON(c.value, openapi3.EnableJSONSchema2020()); (err == nil) != c.ok {
			t.Errorf("%v: %v", c.value, err)
		}
	}
}
