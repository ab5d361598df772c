package wire

import (
	"strings"
	"testing"
)

// readAll reads a text that must be one value.
func readAll(text string) (jsonValue, bool) {
	r := newReader(text, []byte(text))
	t, err := r.value()
	return t, err == nil && r.pos() == len(text)
}

func TestReadNumbers(t *testing.T) {
	for _, text := range []string{"0", "-0", "7", "10", "-10", "1.5", "0.0", "1e5", "1E5", "1e+5", "1e-5", "0e0", "1.25e-10", strings.Repeat("9", 1000)} {
		if got, ok := readAll(text); !ok || got.kind != kindNumber || got.raw != text {
			t.Errorf("%.20s: %v, %v", text, got, ok)
		}
	}
	for _, text := range []string{"", "-", "+1", "00", "01", "-01", "1.", ".5", "1.e5", "1e", "1e+", "e5", "1 ", "1_0", "0x10", "\uff11", "--1", "1.5.5"} {
		if got, ok := readAll(text); ok {
			t.Errorf("%q is no number: %v", text, got)
		}
	}
}

func TestReadStrings(t *testing.T) {
	for text, want := range map[string]string{
		`""`:                         "",
		`"a"`:                        "a",
		`"\""`:                       `"`,
		`"\\"`:                       `\`,
		`"\\\""`:                     `\"`,
		`"\/"`:                       "/",
		`"\b\f\n\r\t"`:               "\b\f\n\r\t",
		`"\u0041\u00e9\u20ac\uFFFd"`: "A\u00e9\u20ac\ufffd",
		`"\ud83d\ude00"`:             "\U0001F600",
		`"x\uD800\uDC00y"`:           "x\U00010000y",
		"\"\x7f\u2028\"":             "\x7f\u2028",
	} {
		got, ok := readAll(text)
		if !ok || got.kind != kindString {
			t.Errorf("%s: %v, %v", text, got, ok)
			continue
		}
		if s, whole := got.unquote(); s != want || !whole {
			t.Errorf("%s: %q, %v; want %q", text, s, whole, want)
		}
	}
	for _, text := range []string{`"`, `"\`, `"\"`, `"\u`, `"\u12`, `"\u123"`, `"\u12G4"`, `"\q"`, `"\U0041"`, "\"\n\"", "\"\x00\"", "\"\x1f\"", `'a'`, `"a""`} {
		if got, ok := readAll(text); ok {
			t.Errorf("%q is no string: %v", text, got)
		}
	}
}

// TestReadHalfPairs: half a surrogate pair is grammar but no character.
func TestReadHalfPairs(t *testing.T) {
	for text, want := range map[string]string{
		`"\ud800"`:             "\ufffd",
		`"\udc00"`:             "\ufffd",
		`"\udc00\ud800"`:       "\ufffd\ufffd",
		`"\ud800x"`:            "\ufffdx",
		`"\ud800\n"`:           "\ufffd\n",
		`"\ud800\u0041"`:       "\ufffdA",
		`"\ud800\ud83d\ude00"`: "\ufffd\U0001F600",
		`"\ud83d\\ude00"`:      "\ufffd\\ude00",
	} {
		got, ok := readAll(text)
		if !ok {
			t.Errorf("%s: not accepted", text)
			continue
		}
		if s, whole := got.unquote(); s != want || whole {
			t.Errorf("%s: %+q, %v; want %+q and not whole", text, s, whole, want)
		}
	}
}

func TestReadMembers(t *testing.T) {
	for text, want := range map[string]string{
		`[]`:                               "",
		`{}`:                               "",
		`[1,"2" , [3] ,{"4":5}]`:           "1;\"2\";[3];{\"4\":5};",
		`{"a":1,"b" : [ ] , "a":null}`:     "a=1;b=[ ];a=null;",
		"[\n\t true , false\r,null ]":      "true;false;null;",
		`{"a":{"b":{"c":[[[]]]}},"d":"}"}`: `a={"b":{"c":[[[]]]}};d="}";`,
	} {
		var got strings.Builder
		r := newReader(text, []byte(text))
		err := r.members(func(key, val jsonValue) {
			if name, _ := key.unquote(); key.kind != kindNone {
				got.WriteString(name + "=")
			}
			got.WriteString(val.raw + ";")
		})
		if err != nil || got.String() != want {
			t.Errorf("%s: %s, %v; want %s", text, got.String(), err, want)
		}
		if whole, ok := readAll(text); !ok || whole.raw != text || whole.empty != (want == "") {
			t.Errorf("%s: %v, %v", text, whole, ok)
		}
	}
}

// TestReadErrorsSayWhere: the error has the place, for the author of a client, and not the content.
func TestReadErrorsSayWhere(t *testing.T) {
	_, _, err := Decode([]byte(`{"password":"SECRET" x}`), nil)
	if err == nil || !strings.Contains(err.Error(), "at byte 21") || strings.Contains(err.Error(), "SECRET") {
		t.Errorf("%v", err)
	}
}
