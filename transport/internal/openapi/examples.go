package openapi

import (
	"encoding/json"
	"maps"
	"slices"
	"strconv"
	"strings"
)

// Recorded are exchanges that a server had with a kind of client, by method and route as a
// router has it: "POST /auth/login".
type Recorded map[string]Exchange

// Exchange is what was sent to an operation, and what was answered, by status. Each list has
// what differs in shape.
type Exchange struct {
	Requests []json.RawMessage            `json:"requests,omitempty"`
	Answers  map[string][]json.RawMessage `json:"answers,omitempty"`
}

// Samples are what the examples of a document are taken from.
type Samples struct {
	// Clients are what kinds of clients were answered; "" in a contract that knows no kinds.
	Clients map[string]Recorded
	// Problems are the bodies of answers that do not depend on the operation, by status; 0 is
	// what is not declared otherwise.
	Problems map[int]json.RawMessage
}

// exampleLimit is how many examples there are of one answer.
const exampleLimit = 3

// sampler finds examples for the operations of a kind of client.
type sampler struct {
	recorded Recorded
	problems map[int]json.RawMessage
	// values are what was sent as members of bodies, by name; schemas what was answered, by
	// the schema of the body.
	values, schemas map[string]json.RawMessage
}

func (c Contract) sampler(client string) *sampler {
	out := &sampler{
		recorded: c.Samples.Clients[client], problems: c.Samples.Problems,
		values: make(map[string]json.RawMessage), schemas: make(map[string]json.RawMessage),
	}
	for _, op := range c.Operations {
		for _, a := range op.Answers {
			said := out.said(op, a)
			if op.Client == client && out.schemas[a.Schema] == nil && len(said) > 0 {
				out.schemas[a.Schema] = said[0]
			}
		}
	}
	for _, key := range slices.Sorted(maps.Keys(out.recorded)) {
		for _, body := range out.recorded[key].Requests {
			var members map[string]json.RawMessage
			if json.Unmarshal(body, &members) != nil {
				continue
			}
			for name, value := range members {
				if _, has := out.values[name]; !has && string(value) != "null" && string(value) != `""` {
					out.values[name] = value
				}
			}
		}
	}
	return out
}

// requests are examples of an operation's body: what was sent and fits it, or else the body
// with values that were sent elsewhere.
func (sm *sampler) requests(op Declaration, input *Schema) Ordered[Example] {
	inputs := input.OneOf
	if len(inputs) == 0 {
		inputs = []*Schema{input}
	}
	sent := sm.recorded[op.Method+" "+op.Route].Requests
	for _, one := range inputs {
		if i := slices.IndexFunc(sent, func(body json.RawMessage) bool { return fits(body, one) }); i >= 0 {
			return Ordered[Example]{{"request", Example{Value: sent[i]}}}
		}
	}
	return Ordered[Example]{{"request", Example{Value: sm.body(inputs[0])}}}
}

// body is a body with what must be there, or else with its first member.
func (sm *sampler) body(input *Schema) json.RawMessage {
	var members Ordered[json.RawMessage]
	for _, p := range input.Properties {
		if slices.Contains(input.Required, p.Name) || len(input.Required) == 0 && len(members) == 0 {
			members.Put(p.Name, sm.value(p.Name, p.Value))
		}
	}
	return encodedValue(members)
}

// encodedValue is a plain value as JSON.
func encodedValue(v any) json.RawMessage {
	text, err := json.Marshal(v)
	if err != nil {
		return json.RawMessage("null")
	}
	return text
}

// value is an example of a member of a body.
func (sm *sampler) value(name string, s *Schema) json.RawMessage {
	if sent := sm.values[name]; sent != nil && accepts(s, sent) {
		return sent
	}
	var v any = "text"
	switch {
	case len(s.Enum) > 0:
		v = s.Enum[0]
	case s.Format == "email":
		v = "ada@example.com"
	case s.Pattern == phonePattern:
		v = "+12025550123"
	case s.Type == "integer":
		v = 1
	case s.Type == "boolean":
		v = true
	case s.Type == "array":
		v = []int{1}
	case s.Type == "object":
		v = map[string]string{"id": "text"}
	case s.MinLength > len("text"):
		v = strings.Repeat("x", s.MinLength)
	}
	return encodedValue(v)
}

// said is what an operation was recorded to answer with a status.
func (sm *sampler) said(op Declaration, a Answer) []json.RawMessage {
	status := strconv.Itoa(a.Status)
	if said := sm.recorded[op.Method+" "+op.Route].Answers[status]; said != nil || op.Alike == "" {
		return said
	}
	return sm.recorded[op.Method+" "+op.Alike].Answers[status]
}

// answers are examples of what an operation answers with a status; where nobody has recorded
// one, of what another answers in the same shape.
func (sm *sampler) answers(op Declaration, a Answer) Ordered[Example] {
	said := sm.said(op, a)
	if body := sm.problems[a.Status]; body != nil && len(said) == 0 {
		said = []json.RawMessage{body}
	}
	if body := sm.schemas[a.Schema]; body != nil && len(said) == 0 {
		said = []json.RawMessage{body}
	}
	var out Ordered[Example]
	for _, body := range said[:min(len(said), exampleLimit)] {
		out.Put(exampleName(body, out), Example{Value: body})
	}
	return out
}

// fits reports whether a body has the members that a schema requires, each of its type, and
// none that it does not know.
func fits(body json.RawMessage, s *Schema) bool {
	var members map[string]json.RawMessage
	if json.Unmarshal(body, &members) != nil {
		return false
	}
	for _, name := range s.Required {
		if _, has := members[name]; !has {
			return false
		}
	}
	for name, value := range members {
		p, known := s.Properties.Get(name)
		if known && !accepts(p, value) || !known && s.AdditionalProperties == nil {
			return false
		}
	}
	return true
}

// accepts reports whether a value has the type of a schema, and is as long as it must be.
func accepts(s *Schema, value json.RawMessage) bool {
	var v any
	if json.Unmarshal(value, &v) != nil {
		return false
	}
	switch x := v.(type) {
	case string:
		known := len(s.Enum) == 0 || slices.Contains(s.Enum, any(x))
		return (s.Type == "string" || s.Type == "") && len(x) >= s.MinLength && (s.MaxLength == 0 || len(x) <= s.MaxLength) && known &&
			(s.Format != "email" || strings.Contains(x, "@")) && (s.Pattern == "" || strings.HasPrefix(x, "+"))
	case bool:
		return s.Type == "boolean" || s.Type == ""
	case float64:
		return s.Type == "integer" || s.Type == "number" || s.Type == ""
	case []any:
		return (s.Type == "array" || s.Type == "") && len(x) >= s.MinItems
	case map[string]any:
		return (s.Type == "object" || s.Type == "") && len(x) >= s.MinProperties
	}
	return false
}

// exampleName names an example by what tells it from others: what is pending, or the code of
// what is wrong.
func exampleName(body json.RawMessage, others Ordered[Example]) string {
	var read struct {
		Flow  any
		Codes map[string][]string
		Data  any
		Error []struct{ Code string } `json:"errors"`
	}
	name := "answer"
	_ = json.Unmarshal(body, &read) // what has another shape has another name
	data, _ := read.Data.(map[string]any)
	list, _ := data["flows"].([]any)
	for _, one := range list {
		if flow, _ := one.(map[string]any); flow["is_pending"] == true {
			name, _ = flow["id"].(string)
		}
	}
	switch flow, pending := read.Flow.(string); {
	case pending:
		name = flow
	case len(read.Error) > 0:
		name = read.Error[0].Code
	case len(read.Codes) > 0:
		for _, field := range slices.Sorted(maps.Keys(read.Codes)) {
			name = read.Codes[field][0]
		}
	}
	for n := 2; ; n++ {
		if _, taken := others.Get(name); !taken {
			return name
		}
		name = strings.TrimRight(name, "0123456789") + strconv.Itoa(n)
	}
}
