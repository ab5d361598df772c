package wire

import (
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

// loginCase is a body and the errors it gets.
type loginCase struct{ body, want string }

func checkLogins(t *testing.T, cases []loginCase) {
	t.Helper()
	for _, tt := range cases {
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

// TestDecodeLogin is what clients of the contract get for odd logins.
func TestDecodeLogin(t *testing.T) {
	const none = "email:required password:required"
	checkLogins(t, []loginCase{
		{``, none},
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
		{`{"email":true,"password":false}`, "email:invalid password:invalid"},
		{`{"email":["a@example.org"],"password":"x"}`, "email:invalid"},
		{`{"email":{"a":1},"password":"x"}`, "email:invalid"},
		{`{"email":[[]],"password":[[]]}`, "email:invalid password:invalid"},
		{`{"email":"a@example.org","password":12345678}`, ""},
		{`{"email":"a@example.org","password":["x"]}`, "password:invalid"},
		{`{"email":"a@example.org","password":{"a":1}}`, "password:invalid"},
	})
}

// TestDecodeLoginCharacters is the same for odd characters, keys and lengths.
func TestDecodeLoginCharacters(t *testing.T) {
	checkLogins(t, []loginCase{
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
	})
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
		" ", "\ufeff{}", "{", "}", "{} {}", "{}x", "null", " null\n", "nul", "nulls", "null null", "[]", `["email"]`, `"x"`, "5", "0", "true", "false", "-", "NaN",
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

func TestDecodeLongUsernameLookup(t *testing.T) {
	long := strings.Repeat("ﷺ", 1000)
	v, errs, err := Decode([]byte(`{"x":"`+long+`"}`), []Field{{Name: "x", Type: Username, Lookup: true}})
	if err != nil || errs != nil || v.Text("x") != long {
		t.Errorf("a name that is nobody's: %v, %v, %d bytes", errs, err, len(v.Text("x")))
	}
}

func TestValuesGivenAndUndeclared(t *testing.T) {
	fields := append([]Field{{Name: "username", Type: Username}, {Name: "phone", Type: Phone}}, loginFields...)
	v, _, err := Decode([]byte(`{"email":null,"extra":"x","username":"","phone":"junk"}`), fields)
	if err != nil {
		t.Fatal(err)
	}
	if !v.Given("username") || !v.Given("phone") || v.Given("email") || v.Given("password") || v.Given("extra") || v.Given("") {
		t.Error("Given must tell which declared keys the body had, with a value that is not null")
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
}

// TestFieldTypeNames: schemas show the names, so they must not move.
func TestFieldTypeNames(t *testing.T) {
	for want, name := range []string{"text", "secret", "email", "phone", "username", "code", "choice", "bool", "number", "id", "ids", "json", "any"} {
		if got := FieldType(want).String(); got != name {
			t.Errorf("type %d is %s, want %s", want, got, name)
		}
	}
	if IDList.String() != "ids" || Any.String() != "any" || FieldType(99).String() != "FieldType(99)" {
		t.Error("the constants and their names do not go together")
	}
}

func TestNumbersAsText(t *testing.T) {
	v, errs, err := Decode([]byte(`{"n":" +042 ","id":0}`), []Field{{Name: "n", Type: Number}, {Name: "id", Type: ID}, {Name: "none", Type: Number}})
	if err != nil || errs != nil || v.Text("n") != "42" || v.Text("id") != "0" || v.Text("none") != "" {
		t.Errorf("%q, %q, %q, %v, %v", v.Text("n"), v.Text("id"), v.Text("none"), errs, err)
	}
}

// loginBody is what most requests that matter for speed carry.
const loginBody = `{"email":"someone@example.org","password":"correct horse battery staple"}`

func TestDecodeAllocations(t *testing.T) {
	for body, most := range map[string]float64{
		// The text of the body, the values, the decoder with its buffer and options.
		loginBody: 6,
		// The decoder's stack besides.
		`{"email":"someone@example.org","password":"correct horse battery staple","extra":[1,{"a":"b"}]}`: 10,
	} {
		text := []byte(body)
		got := testing.AllocsPerRun(100, func() {
			if _, errs, err := Decode(text, loginFields); err != nil || errs != nil {
				t.Fatal(errs, err)
			}
		})
		if got > most {
			t.Errorf("%s takes %v allocations to decode, want at most %v", body, got, most)
		}
	}
}

// TestDecodeLeavesTheBody: contracts make a digest of the body after it was decoded.
func TestDecodeLeavesTheBody(t *testing.T) {
	for _, body := range []string{loginBody, `{"email":{"a":["b"]},"x":"\u0041"}`, `{"broken":`, `[1,2]`} {
		text := []byte(body)
		_, _, _ = Decode(text, loginFields)
		if string(text) != body {
			t.Errorf("%s became %s", body, text)
		}
	}
}

// BenchmarkDecode decodes the body of a login, which may cost 1.5 µs and 10 allocations.
// It took 0.70 µs, 624 bytes and 6 allocations with jsontext (CPU time over 2,000,000
// turns, three times: 0.68, 0.68, 0.75; AMD EPYC, go1.26.8), where a scanner written for
// the purpose took 0.32 µs, 240 bytes and 2 allocations. encoding/json/jsontext of the
// toolchain is the same code, but go1.26 builds it only with GOEXPERIMENT=jsonv2.
func BenchmarkDecode(b *testing.B) {
	body := []byte(loginBody)
	b.ReportAllocs()
	for b.Loop() {
		if _, _, err := Decode(body, loginFields); err != nil {
			b.Fatal(err)
		}
	}
}
