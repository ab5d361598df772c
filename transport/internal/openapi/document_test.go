package openapi

import (
	"encoding/json"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/google/go-cmp/cmp"
	"go.yaml.in/yaml/v3"
)

// sample is a document with one of everything.
func sample() *Document {
	d := &Document{
		Info:    Info{Title: "Sample", Version: "1", Description: "First.\n\n**Strong.** Second.", License: &License{Name: "MIT"}},
		Servers: []Server{{URL: "/mount"}},
		Tags:    []Tag{{Name: "Two words", Description: "A group."}},
	}
	d.Add("POST", "/things/:thing", &Operation{
		Tags: []string{"Two words"}, ID: "putThing", Summary: "Put a thing", Client: "app",
		Security:   []SecurityRequirement{{}, {"key": {}}},
		Parameters: append(PathParameters("/things/:thing"), Parameter{Ref: "#/components/parameters/Trace"}),
		Body:       &RequestBody{Required: true, Content: Content(JSONMedia, OneOf(&Schema{Type: "object", Properties: Ordered[*Schema]{{"z", &Schema{Type: "string", Nullable: true}}}}, Refer("Thing")))},
		Responses: Ordered[*Response]{
			{"200", &Response{Description: "Done.", Headers: Ordered[Header]{{"ETag", Header{Description: "A tag.", Schema: &Schema{Type: "string"}}}}, Content: Content(JSONMedia, Refer("Thing"))}},
			{"default", &Response{Ref: "#/components/responses/Failed"}},
		},
	})
	d.Add("GET", "/things/:thing", &Operation{ID: "getThing", Summary: "Get a thing", Parameters: PathParameters("/things/:thing"), Responses: Ordered[*Response]{{"default", &Response{Ref: "#/components/responses/Failed"}}}})
	d.Components = Components{
		Parameters:      Ordered[Parameter]{{"Trace", Parameter{Name: "X-Trace", In: "header", Description: "A trace.", Schema: &Schema{Type: "string", MaxLength: 10}}}},
		Responses:       Ordered[*Response]{{"Failed", &Response{Description: "It failed."}}},
		SecuritySchemes: Ordered[SecurityScheme]{{"key", SecurityScheme{Type: "apiKey", In: "cookie", Name: "key"}}},
		Schemas: Ordered[*Schema]{{"Thing", &Schema{
			Type: "object", Description: "A thing.", Required: []string{"list"},
			Properties: Ordered[*Schema]{
				{"list", &Schema{Type: "array", MinItems: 1, Items: &Schema{Type: "string", Enum: []any{"a", "b"}}}},
				{"next", &Schema{Type: "array", Items: Refer("Thing")}},
				{"more", &Schema{Type: "object", AdditionalProperties: &Schema{Type: "integer", Format: "int64"}}},
			},
		}}},
	}
	return d
}

// TestEncodingsAgree: both forms of each version load as OpenAPI and say the same.
func TestEncodingsAgree(t *testing.T) {
	for _, version := range []string{Version30, Version31} {
		var trees []any
		for name, write := range map[string]func(string) ([]byte, error){"JSON": sample().JSON, "YAML": sample().YAML} {
			text, err := write(version)
			if err != nil {
				t.Fatal(err)
			}
			loader := openapi3.NewLoader()
			doc, err := loader.LoadFromData(text)
			if err != nil {
				t.Fatalf("%s: %v\n%s", name, err, text)
			}
			if err := doc.Validate(loader.Context); err != nil || doc.OpenAPI != version {
				t.Errorf("%s: version %q, %v", name, doc.OpenAPI, err)
			}
			var tree any
			if err := yaml.Unmarshal(text, &tree); err != nil {
				t.Fatal(err)
			}
			trees = append(trees, tree)
		}
		if !reflect.DeepEqual(trees[0], trees[1]) {
			t.Error(cmp.Diff(trees[0], trees[1]))
		}
	}
}

// TestEncodingChangesNothing: the version is the encoding's, not the document's, and the
// order is the document's.
func TestEncodingChangesNothing(t *testing.T) {
	d := sample()
	before, err := json.Marshal(d.Components.Schemas)
	if err != nil {
		t.Fatal(err)
	}
	text, err := d.YAML(Version31)
	if err != nil || d.OpenAPI != "" || !strings.HasPrefix(string(text), "openapi: 3.1.0\ninfo:\n") {
		t.Errorf("%q, %v, %.40s", d.OpenAPI, err, text)
	}
	if after, err := json.Marshal(d.Components.Schemas); err != nil || string(after) != string(before) {
		t.Errorf("the schemas are %s, were %s, %v", after, before, err)
	}
}

func TestAdd(t *testing.T) {
	d := &Document{}
	for _, method := range []string{"DELETE", "PATCH", "PUT", "POST", "GET", "TRACE"} {
		d.Add(method, "/a/:b/c/:d", &Operation{ID: method})
	}
	item, found := d.Paths.Get("/a/{b}/c/{d}")
	if !found || len(d.Paths) != 1 {
		t.Fatalf("%+v", d.Paths)
	}
	var got []string
	for _, m := range item.Operations() {
		if m.Value.ID != m.Name {
			t.Errorf("%s is %s", m.Name, m.Value.ID)
		}
		got = append(got, m.Name)
	}
	if !slices.Equal(got, []string{"GET", "POST", "PUT", "PATCH", "DELETE"}) {
		t.Errorf("%v", got)
	}
	params := PathParameters("/a/:b/c/:d")
	if len(params) != 2 || params[0].Name != "b" || params[1].Name != "d" || !params[1].Required || params[1].In != "path" {
		t.Errorf("%+v", params)
	}
	if PathParameters("/a") != nil {
		t.Error("parameters of a path without any")
	}
}

func TestOrdered(t *testing.T) {
	var o Ordered[int]
	for _, name := range []string{"b", "a", "b"} {
		o.Put(name, len(o))
	}
	text, err := json.Marshal(o)
	if err != nil || string(text) != `{"b":2,"a":1}` {
		t.Errorf("%s, %v", text, err)
	}
	if v, found := o.Get("a"); v != 1 || !found {
		t.Errorf("a is %d, %v", v, found)
	}
	if _, found := o.Get("c"); found {
		t.Error("c is there")
	}
	if _, err := json.Marshal(Ordered[any]{{"f", func() {}}}); err == nil {
		t.Error("a function was written")
	}
	type both struct {
		Nil   Ordered[int] `json:"nil,omitzero"`
		Empty Ordered[int] `json:"empty,omitzero"`
	}
	if text, _ := json.Marshal(both{Empty: Ordered[int]{}}); string(text) != `{"empty":{}}` {
		t.Errorf("%s", text)
	}
}
