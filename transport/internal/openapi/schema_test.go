package openapi

import (
	"encoding/json"
	"reflect"
	"slices"
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
	number string
	node   struct {
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
	types = Types{Either: []reflect.Type{reflect.TypeFor[number]()}}
	if got := schemaText(t, types.Of(reflect.TypeFor[number](), "")); got != `{"oneOf":[{"type":"integer","format":"int64"},{"type":"string"}]}` {
		t.Errorf("a number or a text is %s", got)
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

// TestInput describes what fields may hold: of a required one, that it is not empty.
func TestInput(t *testing.T) {
	fields := []wire.Field{
		{Name: "email", Type: wire.Email, Required: true, Help: "an address"}, {Name: "name", MaxLength: 9, MinLength: 2, Required: true},
		{Name: "ids", Type: wire.IDList, Required: true}, {Name: "on", Type: wire.Bool, Required: true}, {Name: "any", Type: wire.JSON, Required: true},
		{Name: "phone", Type: wire.Phone}, {Name: "pick", Type: wire.Choice, Choices: []string{"a", "b"}}, {Name: "n", Type: wire.Number},
		{Name: "pass", Type: wire.Secret}, {Name: "shaped", Type: wire.JSON},
	}
	const want = `{"type":"object","required":["email","name","ids","on","any"],"properties":{` +
		`"email":{"type":"string","format":"email","description":"an address","minLength":1},` +
		`"name":{"type":"string","minLength":2,"maxLength":9},` +
		`"ids":{"type":"array","minItems":1,"items":{"type":"integer","format":"int64"}},"on":{"type":"boolean"},` +
		`"any":{"type":"object","minProperties":1,"additionalProperties":{}},"phone":{"type":"string","pattern":"^\\+[1-9][0-9]{4,14}$"},` +
		`"pick":{"type":"string","enum":["a","b"]},"n":{"type":"integer","format":"int64"},"pass":{"type":"string","format":"password"},` +
		`"shaped":{"$ref":"#/components/schemas/Shape"}}}`
	if got := schemaText(t, Input(fields, map[string]*Schema{"shaped": Refer("Shape")})); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	if got := schemaText(t, Input(nil, nil)); got != `{"type":"object","properties":{}}` {
		t.Errorf("no fields: %s", got)
	}
}

// TestAnyInput: the input of any stage requires nothing and takes what is not declared; what
// is declared twice is as free as both.
func TestAnyInput(t *testing.T) {
	got := schemaText(t, AnyInput(
		[]wire.Field{{Name: "code", Type: wire.Code, Required: true}, {Name: "both", Type: wire.Email, Help: "an address"}, {Name: "free", Type: wire.Number}},
		[]wire.Field{{Name: "both", Type: wire.Secret}, {Name: "free", Type: wire.Bool}, {Name: "code", Type: wire.Code, MaxLength: 6}},
	))
	const want = `{"type":"object","properties":{"code":{"type":"string"},"both":{"type":"string"},"free":{}},"additionalProperties":{}}`
	if got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

func TestOneOf(t *testing.T) {
	a, b := &Schema{Type: "string"}, Refer("B")
	for want, list := range map[string][]*Schema{
		`{"type":"object","additionalProperties":{}}`:                     nil,
		`{"type":"string"}`:                                               {a},
		`{"oneOf":[{"type":"string"},{"$ref":"#/components/schemas/B"}]}`: {a, b},
	} {
		if got := schemaText(t, OneOf(list...)); got != want {
			t.Errorf("%s, want %s", got, want)
		}
	}
	if b.Referred() != "B" || a.Referred() != "" {
		t.Errorf("%q, %q", b.Referred(), a.Referred())
	}
}

// TestEither tells two bodies apart, one of which requires nothing.
func TestEither(t *testing.T) {
	text := &Schema{Type: "string"}
	code := &Schema{Type: "object", Required: []string{"code"}, Properties: Ordered[*Schema]{{"code", text}, {"token", text}}}
	name := &Schema{Type: "object", Properties: Ordered[*Schema]{{"email", text}, {"token", text}}}
	got := Either(code, name)
	if len(got.OneOf) != 2 || len(got.OneOf[0].Without) != 0 || !slices.Equal(got.OneOf[1].Without, []string{"code"}) || len(name.Without) != 0 {
		t.Errorf("%+v", got.OneOf)
	}
}
