package openapi

import (
	"encoding/json"
	"reflect"
	"strings"
	"testing"

	"stagedoor/transport/internal/wire"
)

type (
	base struct {
		ID   int64  `json:"id"`
		Over string `json:"over"`
	}
	maybe struct {
		Extra bool `json:"extra"`
	}
	node struct {
		base
		*maybe
		Over   float64        `json:"over"`
		Null   *string        `json:"null"`
		Left   *string        `json:"left,omitempty"`
		Next   []*node        `json:"next,omitempty"`
		Map    map[string]int `json:"map"`
		Any    any            `json:"any"`
		_      string
		Hidden string `json:"-"`
	}
)

// schemaText is a schema as JSON.
func schemaText(t *testing.T, s *Schema) string {
	t.Helper()
	text, err := json.Marshal(s)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// TestTypes derives the schema of a struct with members of every kind.
func TestTypes(t *testing.T) {
	described := make(map[string]bool)
	types := Types{
		Names:    map[reflect.Type]string{reflect.TypeFor[node](): "Node"},
		Describe: func(at string, s *Schema) { described[at] = true },
	}
	if got := schemaText(t, types.Of(reflect.TypeFor[*node](), "here")); got != `{"$ref":"#/components/schemas/Node"}` {
		t.Errorf("a named type is %s", got)
	}
	s, _ := types.Schemas.Get("Node")
	const want = `{"type":"object","required":["id","over","null","map","any"],"properties":{` +
		`"id":{"type":"integer","format":"int64"},"over":{"type":"number","format":"double"},"extra":{"type":"boolean"},` +
		`"null":{"type":"string","nullable":true},"left":{"type":"string"},` +
		`"next":{"type":"array","items":{"$ref":"#/components/schemas/Node"}},` +
		`"map":{"type":"object","additionalProperties":{"type":"integer","format":"int64"}},"any":{}}}`
	if got := schemaText(t, s); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	for _, at := range []string{"Node", "Node.id", "Node.next", "Node.null"} {
		if !described[at] {
			t.Errorf("%s was not described: %v", at, described)
		}
	}
	types = Types{NullIfOmitted: true}
	if got := schemaText(t, types.Of(reflect.TypeFor[struct {
		Left *string `json:"left,omitempty"`
	}](), "")); !strings.Contains(got, `"left":{"type":"string","nullable":true}`) {
		t.Errorf("may be left out: %s", got)
	}
	if got := schemaText(t, types.Of(reflect.TypeFor[struct{}](), "")); got != `{"type":"object","properties":{}}` {
		t.Errorf("an empty struct is %s", got)
	}
}

// TestTypesWithoutJSON: a type that cannot be written is a mistake of the program.
func TestTypesWithoutJSON(t *testing.T) {
	defer func() {
		if recover() == nil {
			t.Error("a channel has a schema")
		}
	}()
	(&Types{}).Of(reflect.TypeFor[chan int](), "")
}

// TestInputs describes what fields may hold.
func TestInputs(t *testing.T) {
	fields := []wire.Field{
		{Name: "email", Type: wire.Email, Required: true, Help: "an address"}, {Name: "name", MaxLength: 9, MinLength: 2},
		{Name: "ids", Type: wire.IDList}, {Name: "on", Type: wire.Bool}, {Name: "any", Type: wire.JSON}, {Name: "phone", Type: wire.Phone},
		{Name: "pick", Type: wire.Choice, Choices: []string{"a", "b"}}, {Name: "n", Type: wire.Number}, {Name: "pass", Type: wire.Secret},
	}
	const begin, end = `{"type":"object","required":["email"],"properties":{`, `"pick":{"type":"string","enum":["a","b"]},` +
		`"n":{"type":"integer","format":"int64"},"pass":{"type":"string","format":"password"}}}`
	const between = `"name":{"type":"string","minLength":2,"maxLength":9},` +
		`"ids":{"type":"array","items":{"type":"integer","format":"int64"}},"on":{"type":"boolean"},`
	for _, tt := range []struct {
		inputs Inputs
		want   string
	}{
		{Inputs{}, begin + `"email":{"type":"string","format":"email","description":"an address"},` + between +
			`"any":{"type":"object"},"phone":{"type":"string","pattern":"^\\+[1-9][0-9]{4,14}$"},` + end},
		{Inputs{Terse: true}, begin + `"email":{"type":"string","format":"email"},` + between + `"any":{},"phone":{"type":"string"},` + end},
	} {
		if got := schemaText(t, tt.inputs.Of(fields)); got != tt.want {
			t.Errorf("%+v\ngot  %s\nwant %s", tt.inputs, got, tt.want)
		}
	}
}

func TestAnyOf(t *testing.T) {
	a, b := &Schema{Type: "string"}, Refer("B")
	for want, list := range map[string][]*Schema{
		`{"type":"object"}`: nil,
		`{"type":"string"}`: {a},
		`{"anyOf":[{"type":"string"},{"$ref":"#/components/schemas/B"}]}`: {a, b},
	} {
		if got := schemaText(t, AnyOf(list...)); got != want {
			t.Errorf("%s, want %s", got, want)
		}
	}
	if b.Referred() != "B" || a.Referred() != "" {
		t.Errorf("%q, %q", b.Referred(), a.Referred())
	}
}
