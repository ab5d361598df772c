package wire

import (
	"fmt"
	"strings"
	"testing"
)

// typeCase is one value of a field named x; want is what comes out, or "!code !code".
type typeCase struct {
	field Field
	value string
	want  string
}

func checkTypes(t *testing.T, cases []typeCase) {
	t.Helper()
	for _, tt := range cases {
		tt.field.Name = "x"
		v, errs, err := Decode([]byte(`{"x":`+tt.value+`}`), []Field{tt.field})
		if err != nil {
			t.Errorf("%s %s: %v", tt.field.Type, tt.value, err)
			continue
		}
		if got := show(v, tt.field.Type, errs); got != tt.want {
			t.Errorf("%s %.80s: %s, want %s", tt.field.Type, tt.value, got, tt.want)
		}
	}
}

// show writes the value of field x, or its errors.
func show(v Values, ft FieldType, errs []FieldError) string {
	if len(errs) > 0 {
		return "!" + strings.ReplaceAll(codes(errs), "x:", "!")[1:]
	}
	switch ft {
	case Bool:
		return fmt.Sprint(v.Bool("x"))
	case Number, ID:
		n, ok := v.Int("x")
		if !ok {
			return "none"
		}
		return fmt.Sprint(n)
	case IDList:
		return fmt.Sprint(v.IDs("x"))
	case JSON, Any:
		return string(v.JSON("x"))
	}
	return v.Text("x")
}

// TestDecodeTextFields goes over plain texts and codes.
func TestDecodeTextFields(t *testing.T) {
	checkTypes(t, []typeCase{
		{Field{Type: Text, MaxLength: 3}, `"äöü"`, "äöü"},
		{Field{Type: Text, MaxLength: 3}, `"äöüß"`, "!max_length"},
		{Field{Type: Text, MaxLength: 3}, `"  a  "`, "a"},
		{Field{Type: Text, MinLength: 3}, `"ab"`, "!min_length"},
		{Field{Type: Text, MinLength: 3}, `""`, ""},
		{Field{Type: Text, MaxLength: 2}, `"a\u0000b"`, "!max_length !null_characters_not_allowed"},
		{Field{Type: Code}, `" abcd-efgh "`, "ABCDEFGH"},
		{Field{Type: Code}, `123456`, "123456"},
		{Field{Type: Code, Required: true}, `"-"`, ""},
	})
}

// TestDecodeNoText: what is not text is refused by every field of text.
func TestDecodeNoText(t *testing.T) {
	for _, kind := range []FieldType{Text, Secret, Email, Phone, Username, Code} {
		for _, value := range []string{`["x"]`, `["123456"]`, `[[]]`, `{"a":1}`, `{"":null}`, `true`, `false`, `[null]`} {
			checkTypes(t, []typeCase{
				{Field{Type: kind}, value, "!invalid"},
				{Field{Type: kind, Required: true, MinLength: 3, MaxLength: 5}, value, "!invalid"},
			})
		}
		for _, value := range []string{`[]`, `{}`, `[ ]`} {
			checkTypes(t, []typeCase{{Field{Type: kind}, value, "!invalid"}, {Field{Type: kind, Required: true}, value, "!required"}})
		}
		checkTypes(t, []typeCase{{Field{Type: kind}, `null`, ""}, {Field{Type: kind}, `""`, ""}})
	}
	for _, value := range []string{`["x"]`, `{"a":1}`, `true`, `[]`} {
		checkTypes(t, []typeCase{
			{Field{Type: Secret, Lookup: true}, value, noSecret},
			{Field{Type: Username, Lookup: true}, value, "!invalid"},
		})
	}
	checkTypes(t, []typeCase{{Field{Type: Secret}, `"\u0000"`, "!null_characters_not_allowed"}})
}

// TestDecodeNames goes over numbers and names.
func TestDecodeNames(t *testing.T) {
	checkTypes(t, []typeCase{
		{Field{Type: Phone}, `"+31612345678"`, "+31612345678"},
		{Field{Type: Phone}, `" +31612345678\n"`, "+31612345678"},
		{Field{Type: Phone}, `"abc"`, "!invalid_phone"},
		{Field{Type: Phone}, `31612345678`, "!invalid_phone"},
		{Field{Type: Phone}, `"+3161\u0000"`, "!invalid_phone !null_characters_not_allowed"},
		{Field{Type: Phone, Required: true}, `""`, "!required"},
		{Field{Type: Username, MaxLength: 150}, `"Ünï.-+_@x9"`, "Ünï.-+_@x9"},
		{Field{Type: Username, MaxLength: 150}, `"with space"`, "!invalid"},
		{Field{Type: Username, MaxLength: 150}, `"a\u0000b"`, "!null_characters_not_allowed"},
		{Field{Type: Username, MaxLength: 150}, `"` + strings.Repeat("u", 151) + `"`, "!max_length"},
		{Field{Type: Username, MaxLength: 150}, `5`, "5"},
		{Field{Type: Username, MaxLength: 150}, `["x"]`, "!invalid"},
		{Field{Type: Username, MaxLength: 3}, `"aaﬃ"`, "!max_length"},
		{Field{Type: Username, Lookup: true}, `"with space"`, "with space"},
		{Field{Type: Username, Lookup: true}, `"ａlice"`, "alice"},
	})
}

// TestDecodeChoices goes over choices.
func TestDecodeChoices(t *testing.T) {
	checkTypes(t, []typeCase{
		{Field{Type: Choice, Choices: []string{"login", "connect"}}, `"login"`, "login"},
		{Field{Type: Choice, Choices: []string{"login", "connect"}}, `" login"`, "!invalid_choice"},
		{Field{Type: Choice, Choices: []string{"login", "connect"}}, `"nonsense"`, "!invalid_choice"},
		{Field{Type: Choice, Choices: []string{"login"}, Required: true}, `{}`, "!required"},
		{Field{Type: Choice, Choices: []string{"login"}}, `null`, ""},
		{Field{Type: Bool}, `true`, "true"},
		{Field{Type: Bool, Loose: true}, `"1"`, "true"},
		{Field{Type: Bool, Loose: true}, `"maybe"`, "false"},
		{Field{Type: Bool, Loose: true}, `2`, "false"},
		{Field{Type: Bool, Loose: true}, `[true]`, "false"},
		{Field{Type: Bool}, `"TRUE"`, "true"},
		{Field{Type: Bool}, `1`, "true"},
		{Field{Type: Bool}, `false`, "false"},
		{Field{Type: Bool}, `"False"`, "false"},
		{Field{Type: Bool}, `0`, "false"},
		{Field{Type: Bool}, `[]`, "false"},
		{Field{Type: Bool}, `"no"`, "!invalid"},
		{Field{Type: Bool}, `[true]`, "!invalid"},
		{Field{Type: Bool, Required: true}, `false`, "!required"},
		{Field{Type: Bool, Required: true}, `null`, "!required"},
	})
}

// TestDecodeNumbers goes over whole numbers.
func TestDecodeNumbers(t *testing.T) {
	checkTypes(t, []typeCase{
		{Field{Type: Number}, `42`, "42"},
		{Field{Type: Number}, `" -42 "`, "-42"},
		{Field{Type: Number}, `0`, "0"},
		{Field{Type: Number}, `4.2`, "!invalid"},
		{Field{Type: Number}, `9223372036854775808`, "!invalid"},
		{Field{Type: Number}, `true`, "!invalid"},
		{Field{Type: Number}, `[4]`, "!invalid"},
		{Field{Type: Number, Required: true}, `""`, "!required"},
		{Field{Type: Number}, `""`, "none"},
		{Field{Type: ID}, `"7"`, "7"},
		{Field{Type: ID}, `"abc"`, "!invalid_choice"},
		{Field{Type: ID, Required: true}, `[]`, "!required"},
	})
}

// TestDecodeLists goes over lists of ids.
func TestDecodeLists(t *testing.T) {
	checkTypes(t, []typeCase{
		{Field{Type: IDList}, `[3,"1",3,1]`, "[3 1]"},
		{Field{Type: IDList}, `[]`, "[]"},
		{Field{Type: IDList, Required: true}, `[]`, "!required"},
		{Field{Type: IDList, Required: true}, `null`, "!required"},
		{Field{Type: IDList}, `"abc"`, "!invalid_list"},
		{Field{Type: IDList}, `7`, "!invalid_list"},
		{Field{Type: IDList}, `{"a":1}`, "!invalid_pk_value"},
		{Field{Type: IDList}, `[1,"abc"]`, "!invalid_pk_value"},
		{Field{Type: IDList}, `["abc",[1],"x"]`, "!invalid_list"},
		{Field{Type: IDList}, `[[1],"abc"]`, "!invalid_list"},
		{Field{Type: IDList}, `[null]`, "!invalid_choice"},
		{Field{Type: IDList}, `[1.5,2]`, "!invalid_choice"},
		{Field{Type: IDList}, `[1.5,"x"]`, "!invalid_pk_value"},
		{Field{Type: IDList}, `["99999999999999999999"]`, "!invalid_choice"},
	})
}

// TestDecodeJSON goes over JSON values.
func TestDecodeJSON(t *testing.T) {
	checkTypes(t, []typeCase{
		{Field{Type: JSON}, ` {"id" : "x"} `, `{"id" : "x"}`},
		{Field{Type: JSON}, `"{\"id\":\"\\u00e9\"}"`, `{"id":"\u00e9"}`},
		{Field{Type: JSON}, `"\"text\""`, `"text"`},
		{Field{Type: JSON}, `"nonsense"`, "!invalid"},
		{Field{Type: JSON}, `"{} {}"`, "!invalid"},
		{Field{Type: JSON}, `"[\"\ud800\"]"`, "!invalid"},
		{Field{Type: JSON}, `"` + strings.Repeat("[", 100) + strings.Repeat("]", 100) + `"`, "!invalid"},
		{Field{Type: JSON}, `5`, `5`},
		{Field{Type: JSON}, `true`, `true`},
		{Field{Type: JSON, Required: true}, `{}`, "!required"},
		{Field{Type: JSON, Required: true}, `"{}"`, "!required"},
		{Field{Type: JSON, Required: true}, `"null"`, "!required"},
		{Field{Type: JSON, Required: true}, `""`, "!required"},
		{Field{Type: JSON}, `null`, ""},
		{Field{Type: Any}, `"x\n"`, `"x\n"`},
		{Field{Type: Any}, `{"a":[1]}`, `{"a":[1]}`},
		{Field{Type: Any, Required: true}, `[]`, "!required"},
	})
}
