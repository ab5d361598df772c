package transport

import (
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"reflect"
	"strings"
	"testing"
)

// loginFields are the inputs of a login by address, as the contract has them.
var loginFields = []Field{
	{Name: "email", Type: Email, Required: true},
	{Name: "password", Type: Secret, Required: true},
}

// codes writes errors as "param:code param:code", in their order.
func codes(errs []FieldError) string {
	var b []string
	for _, e := range errs {
		b = append(b, e.Param+":"+e.Code)
	}
	return strings.Join(b, " ")
}

// TestDecodeLogin is what clients of the contract get for odd logins.
func TestDecodeLogin(t *testing.T) {
	const none = "email:required password:required"
	for _, tt := range []struct{ body, want string }{
		{``, none},
		{`null`, none},
		{" \n null\t", none},
		{`{}`, none},
		{`{"email":"","password":""}`, none},
		{`{"email":"   ","password":"   "}`, none},
		{`{"email":null,"password":null}`, none},
		{`{"email":[],"password":[]}`, none},
		{`{"email":{},"password":{}}`, none},
		{`{"email":[ ],"password":{ }}`, none},
		{`{"email":"a@example.org"}`, "password:required"},
		{`{"password":"x"}`, "email:required"},
		{`{"email":"not-an-address","password":"x"}`, "email:invalid"},
		{`{"email":"a@b","password":"x"}`, "email:invalid"},
		{`{"email":"not-an-address"}`, "email:invalid password:required"},
		{`{"username":"someone","password":"x"}`, "email:required"},
		{`{"email":5,"password":"x"}`, "email:invalid"},
		{`{"email":0,"password":0}`, "email:invalid"},
		{`{"email":true,"password":false}`, "email:invalid"},
		{`{"email":["a@example.org"],"password":"x"}`, "email:invalid"},
		{`{"email":{"a":1},"password":"x"}`, "email:invalid"},
		{`{"email":[[]],"password":[[]]}`, "email:invalid"},
		{`{"email":"a@example.org","password":12345678}`, ""},
		{`{"email":"a@example.org","password":["x"]}`, ""},
		{`{"email":"a@example.org","password":{"a":1}}`, ""},
		{`{"email":"a\u0000b@example.org","password":"x"}`, "email:invalid email:null_characters_not_allowed"},
		{`{"email":"a@example.org\u0000","password":"x"}`, "email:invalid email:null_characters_not_allowed"},
		{`{"email":"\u0000","password":"\u0000"}`, "email:invalid email:null_characters_not_allowed password:null_characters_not_allowed"},
		{`{"email":"a@example.org","password":"a\u0000b"}`, "password:null_characters_not_allowed"},
		{`{"email":"a@example.org","password":"\ud800"}`, "password:invalid"},
		{`{"email":"\ud800@example.org","password":"x"}`, "email:invalid"},
		{`{"email":"a@example.org","password":"\ud83d\ude00"}`, ""},
		{`{"email":"\u001ca@example.org\u001f","password":"x"}`, ""},
		{`{"email":"\u00a0a@example.org\u3000","password":"\u0085"}`, "password:required"},
		{`{"email":"a@example.org","password":"\u2028"}`, "password:required"},
		{`{"email":"\u200ba@example.org","password":"\u200b"}`, "email:invalid"},
		{`{"email":"\ufeffa@example.org","password":"\ufeff"}`, "email:invalid"},
		{`{"email":"nonsense","password":"x","email":"a@example.org"}`, ""},
		{`{"email":"a@example.org","password":"x","email":null}`, "email:required"},
		{`{"\u0065mail":"a@example.org","password":"x"}`, ""},
		{`{"email\ud800":"x","Email":"a@example.org","password":"x"}`, "email:required"},
		{`{"email":"` + strings.Repeat("a", 400) + `@example.org","password":"x"}`, "email:invalid email:max_length"},
		{`{"email":"` + strings.Repeat("a", 309) + `@example.org","password":"x"}`, "email:invalid email:max_length"},
		{`{"email":"` + strings.Repeat("a", 308) + `@example.org","password":"x"}`, "email:max_length"},
		{`{"email":"` + strings.Repeat("a", 242) + `@example.org","password":"x"}`, ""},
		{`{"email":"a@example.org","password":"` + strings.Repeat("p", 100000) + `"}`, ""},
	} {
		v, errs, err := Decode([]byte(tt.body), loginFields)
		if err != nil {
			t.Errorf("%.100s: %v", tt.body, err)
			continue
		}
		if got := codes(errs); got != tt.want {
			t.Errorf("%.100s: %s, want %s", tt.body, got, tt.want)
		}
		for _, e := range errs {
			if v.Text(e.Param) != "" || v.Valid(e.Param) {
				t.Errorf("%.100s: %s has an error and still a value", tt.body, e.Param)
			}
		}
	}
}

// TestDecodeText gives what is left of a text value.
func TestDecodeText(t *testing.T) {
	fields := []Field{{Name: "x", Type: Secret}}
	for _, tt := range []struct{ value, want string }{
		{`"plain"`, "plain"},
		{`"  in  the middle  "`, "in  the middle"},
		{`"\t\u000b\f\r\n\u001c\u001d\u001e\u001f\u0085\u00a0\u1680\u2000\u200a\u2028\u2029\u202f\u205f\u3000x"`, "x"},
		{`"\u180ex\u200b\u2060\ufeff"`, "\u180ex\u200b\u2060\ufeff"},
		{`"\"\\\/\b\f\n\r\tz\u00e9\uD83D\uDE00"`, "\"\\/\b\f\n\r\tz\u00e9\U0001F600"},
		{`12345678`, "12345678"},
		{`-1.50e+3`, "-1.50e+3"},
		{`123456789012345678901234567890`, "123456789012345678901234567890"},
		{`true`, "true"},
		{`false`, "false"},
		{`["x"]`, `["x"]`},
		{`{"a": 1}`, `{"a": 1}`},
		{`null`, ""},
	} {
		v, errs, err := Decode([]byte(`{"x":`+tt.value+`}`), fields)
		if err != nil || len(errs) > 0 || v.Text("x") != tt.want {
			t.Errorf("%s: %q, %v, %v; want %q", tt.value, v.Text("x"), errs, err, tt.want)
		}
	}
}

func TestDecodeMalformed(t *testing.T) {
	deep := func(n int) string { return `{"a":` + strings.Repeat("[", n) + strings.Repeat("]", n) + `}` }
	for _, body := range []string{
		" ", "\ufeff{}", "{", "}", "{} {}", "{}x", "nul", "nulls", "null null", "[]", `["email"]`, `"x"`, "5", "0", "true", "false", "-", "NaN",
		`{"email": }`, `email=a&password=b`, `{'email': 'a'}`, "{\"email\": \"\x01\"", `{"a":1} trailing`,
		`{"a":1,}`, `{,}`, `{"a"}`, `{"a":}`, `{"a" 1}`, `{"a":1 "b":2}`, `{a:1}`, `{"a":[1,]}`, `{"a":[,1]}`, `{"a":[1 2]}`, `{"a":[1}`,
		`{"a":NaN}`, `{"a":Infinity}`, `{"a":-Infinity}`, `{"a":01}`, `{"a":1.}`, `{"a":.5}`, `{"a":1e}`, `{"a":1e+}`, `{"a":+1}`, `{"a":0x1}`,
		`{"a":"` + "\n" + `"}`, `{"a":"\x"}`, `{"a":"\u12"}`, `{"a":"\u12g4"}`, `{"a":"`, `{"a":"\`, `{"a":"\"`, `{"a":tru}`, `{"a":truee}`,
		`{"a":1}` + "\x00", "{\"a\":\"\xff\"}", "{\"a\":\"\xed\xa0\x80\"}", `/* */{}`, `{"a":1}//`,
		deep(64), deep(100000), strings.Repeat("[", 100000), strings.Repeat(`{"a":`, 100000),
	} {
		v, errs, err := Decode([]byte(body), loginFields)
		var p *Problem
		if !errors.As(err, &p) || p.Status != 400 || p.Code != CodeMalformed || p.Cause == nil {
			t.Errorf("%.60q: %v, want a 400 %s", body, err, CodeMalformed)
		}
		if errs != nil || !reflect.DeepEqual(v, Values{}) {
			t.Errorf("%.60q: an error came with half a result", body)
		}
	}
	if _, _, err := Decode([]byte(deep(63)), nil); err != nil {
		t.Errorf("64 deep: %v, want it accepted", err)
	}
}

// TestDecodeTypes goes over the fields that are not plain text.
func TestDecodeTypes(t *testing.T) {
	for _, tt := range []struct {
		field Field
		value string
		want  string // the value, or "!code"
	}{
		{Field{Type: Text, MaxLength: 3}, `"äöü"`, "äöü"},
		{Field{Type: Text, MaxLength: 3}, `"äöüß"`, "!max_length"},
		{Field{Type: Text, MaxLength: 3}, `"  a  "`, "a"},
		{Field{Type: Text, MinLength: 3}, `"ab"`, "!min_length"},
		{Field{Type: Text, MinLength: 3}, `""`, ""},
		{Field{Type: Text, MaxLength: 2}, `"a\u0000b"`, "!max_length !null_characters_not_allowed"},
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
		{Field{Type: Code}, `" abcd-efgh "`, "ABCDEFGH"},
		{Field{Type: Code}, `123456`, "123456"},
		{Field{Type: Code, Required: true}, `"-"`, ""},
		{Field{Type: Choice, Choices: []string{"login", "connect"}}, `"login"`, "login"},
		{Field{Type: Choice, Choices: []string{"login", "connect"}}, `" login"`, "!invalid_choice"},
		{Field{Type: Choice, Choices: []string{"login", "connect"}}, `"nonsense"`, "!invalid_choice"},
		{Field{Type: Choice, Choices: []string{"login"}, Required: true}, `{}`, "!required"},
		{Field{Type: Choice, Choices: []string{"login"}}, `null`, ""},
		{Field{Type: Bool}, `true`, "true"},
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
	} {
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

func TestDecodeLongUsernameLookup(t *testing.T) {
	long := strings.Repeat("ﷺ", 1000)
	v, errs, err := Decode([]byte(`{"x":"`+long+`"}`), []Field{{Name: "x", Type: Username, Lookup: true}})
	if err != nil || errs != nil || v.Text("x") != long {
		t.Errorf("a name that is nobody's: %v, %v, %d bytes", errs, err, len(v.Text("x")))
	}
}

func TestValuesGivenAndUndeclared(t *testing.T) {
	v, _, err := Decode([]byte(`{"email":null,"extra":"x"}`), loginFields)
	if err != nil {
		t.Fatal(err)
	}
	if !v.Given("email") || v.Given("password") || v.Given("extra") || v.Given("") {
		t.Error("Given must tell which declared keys the body had, null ones too")
	}
	if v.Valid("extra") || v.Text("extra") != "" || v.IDs("extra") != nil || v.JSON("extra") != nil || v.Bool("extra") {
		t.Error("a field that is not declared has a value")
	}
	if _, ok := v.Int("extra"); ok {
		t.Error("a field that is not declared has a number")
	}
}

// TestValuesAreTheCallersOwn: what one handler does to its values is not seen by another.
func TestValuesAreTheCallersOwn(t *testing.T) {
	body := []byte(`{"ids":[1,2],"j":{"a":1},"t":"text"}`)
	v, _, err := Decode(body, []Field{{Name: "ids", Type: IDList}, {Name: "j", Type: JSON}, {Name: "t"}})
	if err != nil {
		t.Fatal(err)
	}
	clear(body)
	v.IDs("ids")[0] = 9
	clear(v.JSON("j"))
	if v.IDs("ids")[0] != 1 || string(v.JSON("j")) != `{"a":1}` || v.Text("t") != "text" {
		t.Error("values changed behind the caller's back")
	}
}

func TestValuesShowNoSecret(t *testing.T) {
	v, _, err := Decode([]byte(`{"email":"a@example.org","password":"hunter2!"}`), loginFields)
	if err != nil {
		t.Fatal(err)
	}
	var log strings.Builder
	slog.New(slog.NewTextHandler(&log, nil)).Info("turn", "values", v)
	for _, out := range []string{fmt.Sprint(v), fmt.Sprintf("%+v", v), fmt.Sprintf("%#v", v), log.String()} {
		if strings.Contains(out, "hunter2!") || !strings.Contains(out, "password") {
			t.Errorf("%s: want the names of the fields and no value", out)
		}
	}
	if js, _ := json.Marshal(v); strings.Contains(string(js), "hunter2!") {
		t.Errorf("JSON shows a secret: %s", js)
	}
}

func TestFieldTypeString(t *testing.T) {
	if Text.String() != "text" || Any.String() != "any" || IDList.String() != "id_list" || FieldType(99).String() != "FieldType(99)" {
		t.Error("the names of the types moved")
	}
}

func TestDecodeAllocations(t *testing.T) {
	body := []byte(`{"email":"someone@example.org","password":"correct horse battery staple","extra":[1,{"a":"b"}]}`)
	got := testing.AllocsPerRun(100, func() {
		if _, errs, err := Decode(body, loginFields); err != nil || errs != nil {
			t.Fatal(errs, err)
		}
	})
	// The text of the body, the values, and no more than a closure's variables.
	if got > 4 {
		t.Errorf("a good login takes %v allocations to decode, want at most 4", got)
	}
}

func BenchmarkDecode(b *testing.B) {
	body := []byte(`{"email":"someone@example.org","password":"correct horse battery staple"}`)
	b.ReportAllocs()
	for b.Loop() {
		if _, _, err := Decode(body, loginFields); err != nil {
			b.Fatal(err)
		}
	}
}
