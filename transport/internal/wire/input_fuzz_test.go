package wire

import (
	"bytes"
	"encoding/json"
	"reflect"
	"strings"
	"testing"
	"unicode/utf8"
)

// everyField has one field of each type.
var everyField = []Field{
	{Name: "text", Type: Text, MaxLength: 10}, {Name: "secret", Type: Secret, Required: true},
	{Name: "email", Type: Email}, {Name: "phone", Type: Phone}, {Name: "username", Type: Username, MaxLength: MaxUsername},
	{Name: "code", Type: Code}, {Name: "choice", Type: Choice, Choices: []string{"a", "b"}}, {Name: "bool", Type: Bool},
	{Name: "number", Type: Number}, {Name: "id", Type: ID}, {Name: "ids", Type: IDList}, {Name: "json", Type: JSON}, {Name: "any", Type: Any},
}

// FuzzDecode holds Decode against the standard library's decoder: the same bodies
// are JSON objects, and the last of repeated keys is the same value. An error carries
// no half result, and a field has either an error or a value that is itself when it
// is sent again.
func FuzzDecode(f *testing.F) {
	for _, s := range []string{
		``, `null`, `{}`, `[]`, `{"email":"A@Example.org","phone":"+31612345678","username":"Ünï","code":"ab-cd"}`,
		`{"ids":[1,"2",1],"json":"{\"a\":1}","any":"x\u00e9","bool":"true","number":-0,"id":7,"choice":"b"}`,
		`{"secret":"a","secret":"\ud83d\ude00","text":[1,{"a":null}]}`, `{"secret":"\ud800","text":"\u0000"}`, `{"a":1e5}{`,
	} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		v, errs, err := Decode(body, everyField)
		if ok := isAcceptable(body); ok != (err == nil) {
			t.Fatalf("%q: %v, the standard library says %v", body, err, ok)
		}
		if err != nil {
			if errs != nil || !reflect.DeepEqual(v, Values{}) {
				t.Fatalf("%q: an error with half a result", body)
			}
			return
		}
		compareRaw(t, body, v)
		for _, field := range everyField {
			hasErr := strings.Contains(" "+codes(errs), " "+field.Name+":")
			if v.Valid(field.Name) == hasErr {
				t.Fatalf("%q: %s: valid %v, errors %v", body, field.Name, v.Valid(field.Name), errs)
			}
		}
		sendAgain(t, v)
	})
}

// isAcceptable decides by the standard library alone what Decode should accept.
func isAcceptable(body []byte) bool {
	if len(body) == 0 {
		return true
	}
	trimmed := bytes.TrimLeft(body, " \t\r\n")
	if !json.Valid(body) || !utf8.Valid(body) || trimmed[0] != '{' {
		return false
	}
	depth, deepest := 0, 0
	for dec := json.NewDecoder(bytes.NewReader(body)); ; {
		tok, err := dec.Token()
		if err != nil {
			return deepest <= maxDepth
		}
		switch tok {
		case json.Delim('{'), json.Delim('['):
			depth++
			deepest = max(deepest, depth)
		case json.Delim('}'), json.Delim(']'):
			depth--
		}
	}
}

// compareRaw checks what was found in the body, before it was judged.
func compareRaw(t *testing.T, body []byte, v Values) {
	want := map[string]json.RawMessage{}
	if len(body) > 0 {
		if err := json.Unmarshal(body, &want); err != nil {
			t.Fatal(err)
		}
	}
	for i, field := range everyField {
		raw, given := want[field.Name]
		if found := v.vals[i].kind != kindNone; found != given {
			t.Fatalf("%q: %s found %v, want %v", body, field.Name, found, given)
		}
		if v.Given(field.Name) != (given && string(raw) != "null") {
			t.Fatalf("%q: %s given %v", body, field.Name, v.Given(field.Name))
		}
		if v.vals[i].kind == kindString {
			var s string
			if err := json.Unmarshal(raw, &s); err != nil {
				t.Fatal(err)
			}
			if got, _ := v.vals[i].unquote(); got != s {
				t.Fatalf("%q: %s is %q, want %q", body, field.Name, got, s)
			}
		} else if given && v.vals[i].raw != string(raw) {
			t.Fatalf("%q: %s is %q, want %q", body, field.Name, v.vals[i].raw, raw)
		}
	}
}

// sendAgain posts the cleaned values: they must come out the same.
func sendAgain(t *testing.T, v Values) {
	again := map[string]any{}
	for _, field := range everyField {
		n, isInt := v.Int(field.Name)
		switch {
		case !v.Valid(field.Name):
		case field.Type == Bool:
			again[field.Name] = v.Bool(field.Name)
		case field.Type == IDList:
			again[field.Name] = v.IDs(field.Name)
		case isInt:
			again[field.Name] = n
		case field.Type == JSON || field.Type == Any:
			if js := v.JSON(field.Name); js != nil {
				again[field.Name] = json.RawMessage(js)
			}
		default:
			again[field.Name] = v.Text(field.Name)
		}
	}
	if js, ok := again["json"].(json.RawMessage); ok && js[0] == '"' {
		delete(again, "json") // a text in JSON would be opened once more
	}
	var body bytes.Buffer
	enc := json.NewEncoder(&body)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(again); err != nil {
		t.Fatalf("%v: %v", again, err)
	}
	v2, errs, err := Decode(body.Bytes(), everyField)
	if err != nil {
		t.Fatalf("%s: %v", body.Bytes(), err)
	}
	for name := range again {
		if strings.Contains(" "+codes(errs), " "+name+":") {
			t.Fatalf("%s: sent again, %s has an error: %v", body.Bytes(), name, errs)
		}
		if v.Text(name) != v2.Text(name) && name != "json" && name != "any" {
			t.Fatalf("%s: %s was %q, is %q", body.Bytes(), name, v.Text(name), v2.Text(name))
		}
	}
}
