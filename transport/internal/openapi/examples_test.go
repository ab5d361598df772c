package openapi

import (
	"encoding/json"
	"strings"
	"testing"
)

// sampled is a contract with two operations of one kind of client, and what was recorded.
func sampled() Contract {
	c := Contract{
		Server: "/",
		Schemas: Ordered[*Schema]{
			{"Done", &Schema{Type: "object", Description: "Done."}}, {"Problem", &Schema{Type: "object", Description: "A problem."}},
		},
		Samples: Samples{
			Clients: map[string]Recorded{"app": {
				"POST /a": {
					Requests: []json.RawMessage{[]byte(`{"name":"","code":"x"}`), []byte(`{"name":"ada","count":2}`), []byte(`{"name":"bea"}`)},
					Answers: map[string][]json.RawMessage{
						"200": {[]byte(`{"data":{"flows":[{"id":"b"},{"id":"c","is_pending":true}]}}`), []byte(`{"n":1}`), []byte(`{"n":2}`), []byte(`{"n":3}`)},
					},
				},
			}},
			Problems: map[int]json.RawMessage{409: []byte(`{"errors":[{"code":"conflict"}]}`)},
		},
	}
	answers := []Answer{{Status: 200, Schema: "Done"}, {Status: 409, Schema: "Problem", Common: "Conflict", Description: "No."}}
	text := &Schema{Type: "string", MinLength: 1}
	c.Operations = []Declaration{
		{
			Operation: Operation{ID: "appA", Summary: "A", Client: "app"}, Method: "POST", Path: "/app/a", Route: "/a", Name: "A", Answers: answers,
			Input: &Schema{Type: "object", Required: []string{"name"}, Properties: Ordered[*Schema]{{"name", text}}},
		},
		{
			Operation: Operation{ID: "appB", Summary: "B", Client: "app"}, Method: "POST", Path: "/app/b", Route: "/b", Name: "B", Answers: answers,
			Input: &Schema{Type: "object", Required: []string{"count", "name", "pick", "list"}, Properties: Ordered[*Schema]{
				{"count", &Schema{Type: "integer"}}, {"name", text}, {"pick", &Schema{Type: "string", Enum: []any{"one", "two"}}},
				{"list", &Schema{Type: "array", MinItems: 1, Items: &Schema{Type: "integer"}}}, {"more", text},
			}},
		},
	}
	return c
}

// TestExamplesAreFound: what was recorded of an operation and fits it, or else what was sent
// and answered elsewhere in the same shape.
func TestExamplesAreFound(t *testing.T) {
	d := sampled().Document()
	for path, want := range map[string]string{
		"/app/a": `{"request":{"value":{"name":"bea"}}} {"c":{"value":{"data":{"flows":[{"id":"b"},{"id":"c","is_pending":true}]}}},` +
			`"answer":{"value":{"n":1}},"answer2":{"value":{"n":2}}}`,
		"/app/b": `{"request":{"value":{"count":2,"name":"ada","pick":"one","list":[1]}}} {"c":{"value":{"data":{"flows":[{"id":"b"},{"id":"c","is_pending":true}]}}}}`,
	} {
		item, _ := d.Paths.Get(path)
		ok, _ := item.Post.Responses.Get("200")
		var got []string
		for _, x := range []Ordered[Example]{item.Post.Body.Content[0].Value.Examples, ok.Content[0].Value.Examples} {
			text, err := x.MarshalJSON()
			if err != nil {
				t.Fatal(err)
			}
			got = append(got, string(text))
		}
		if text := strings.Join(got, " "); text != want {
			t.Errorf("%s\ngot  %s\nwant %s", path, text, want)
		}
	}
	conflict, _ := d.Components.Responses.Get("Conflict")
	if x := conflict.Content[0].Value.Examples; len(x) != 1 || x[0].Name != "conflict" {
		t.Errorf("the common response has %+v", x)
	}
}

// TestAccepts: an example is no value that a schema refuses.
func TestAccepts(t *testing.T) {
	for _, c := range []struct {
		s    Schema
		json string
		ok   bool
	}{
		{Schema{}, `1`, true}, {Schema{Type: "string"}, `"x"`, true}, {Schema{Type: "string"}, `1`, false}, {Schema{Type: "string"}, `null`, false},
		{Schema{Type: "string", MinLength: 2}, `"x"`, false}, {Schema{Type: "string", MaxLength: 2}, `"xxx"`, false},
		{Schema{Type: "string", Format: "email"}, `"x"`, false}, {Schema{Type: "string", Pattern: phonePattern}, `"+1202"`, true},
		{Schema{Type: "string", Enum: []any{"a"}}, `"b"`, false}, {Schema{Type: "boolean"}, `true`, true}, {Schema{Type: "integer"}, `7`, true},
		{Schema{Type: "array", MinItems: 1}, `[]`, false}, {Schema{Type: "object", MinProperties: 1}, `{}`, false}, {Schema{Type: "object"}, `{`, false},
	} {
		if got := accepts(&c.s, json.RawMessage(c.json)); got != c.ok {
			t.Errorf("%+v and %s: %v", c.s, c.json, got)
		}
	}
}
