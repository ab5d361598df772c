package wire

import (
	"fmt"
	"log/slog"
	"slices"
	"strings"
)

// FieldType says how a value is judged, and which method of [Values] reads it.
type FieldType uint8

// The types of fields. Except where it says otherwise, a value that is null, "",
// [] or {}, and a key that is not there, all count as empty.
const (
	// Text is stripped of surrounding space. A number counts as its JSON text; a
	// boolean, list or object is not text, so that the text of a structure cannot
	// become a password. Read it with [Values.Text], as the next six.
	Text FieldType = iota
	// Secret is Text that is never shown: passwords, keys.
	Secret
	// Email is an address, see [CleanEmail].
	Email
	// Phone is a number in E.164 form, see [CleanPhone].
	Phone
	// Username is a name to sign in with, see [CleanUsername].
	Username
	// Code is a one-time code, see [CleanCode].
	Code
	// Choice is one of Field.Choices, exactly as written there.
	Choice
	// Bool is true, false, or their texts; empty is false. A required Bool must
	// be true. Read it with [Values.Bool].
	Bool
	// Number is a whole number, also as text, of 64 bits. [Values.Int], or its
	// decimal digits with [Values.Text].
	Number
	// ID is the number of a thing that exists; anything else is invalid_choice. [Values.Int].
	ID
	// IDList is a list of IDs, each once. [Values.IDs].
	IDList
	// JSON is any JSON value, or text that holds one. [Values.JSON].
	JSON
	// Any is any JSON value as it stands. [Values.JSON].
	Any
)

// String names the type as stages and schemas do: "text", "secret", ...
func (t FieldType) String() string {
	names := [...]string{"text", "secret", "email", "phone", "username", "code", "choice",
		"bool", "number", "id", "ids", "json", "any"}
	if int(t) < len(names) {
		return names[t]
	}
	return fmt.Sprintf("FieldType(%d)", uint8(t))
}

// The contract's codes of field errors that [Decode] returns.
const (
	CodeRequired      = "required"
	CodeInvalid       = "invalid"
	CodeMaxLength     = "max_length"
	CodeMinLength     = "min_length"
	CodeNull          = "null_characters_not_allowed"
	CodeInvalidPhone  = "invalid_phone"
	CodeInvalidChoice = "invalid_choice"
	CodeInvalidList   = "invalid_list"
	CodeInvalidPK     = "invalid_pk_value"
)

// Field declares one input of an endpoint or stage.
type Field struct {
	// Name is the key in the body, and the param of its errors.
	Name string
	Type FieldType
	// Required refuses empty values.
	Required bool
	// MinLength and MaxLength count characters (code points) of the stripped
	// text; 0 is no limit.
	MinLength, MaxLength int
	// Choices are the values of a Choice.
	Choices []string
	// Help says what belongs in it, for documents.
	Help string
	// Lookup marks a value that is compared with a stored one rather than stored: a
	// Username is normalised alike but may be any text, and a Secret that is not text
	// is a wrong one, not an invalid one.
	Lookup bool
	// Loose takes whatever does not say true for false, of a Bool.
	Loose bool
}

// Values are the judged inputs of one request. Its zero value has none. It never
// prints or logs what it holds.
type Values struct {
	fields []Field
	vals   []value
}

// value is one field's input: as found, then as judged.
type value struct {
	jsonValue
	valid bool
	flag  bool
	text  string
	num   int64
	ids   []int64
}

// Limit is the number that an error of a declared field is about, 0 where it is about none.
func (v Values) Limit(e FieldError) int {
	for _, f := range v.fields {
		switch {
		case f.Name != e.Param:
		case e.Code == CodeMinLength:
			return f.MinLength
		case e.Code == CodeMaxLength && f.MaxLength == 0 && f.Type == Email:
			return MaxEmail
		case e.Code == CodeMaxLength:
			return f.MaxLength
		}
	}
	return 0
}

// Decode judges a JSON body by the declared fields. The content type does not
// matter. No body counts as {}, null does not; of a repeated key the last value
// counts; keys that no field declares are ignored.
//
// The error is a [Problem], 400 with [CodeMalformed], for a body that is not one
// JSON object in valid UTF-8 nested at most 64 deep; there are no values then.
// Otherwise the field errors come in the order of the fields, and the values of
// fields without an error are good even when others have some, because a contract
// adds errors of its own and reports all of them together.
func Decode(body []byte, fields []Field) (Values, []FieldError, error) {
	v := Values{fields: fields, vals: make([]value, len(fields))}
	if err := readBody(body, v); err != nil {
		return Values{}, nil, BadRequest(CodeMalformed, err)
	}
	var errs []FieldError
	for i := range fields {
		val := &v.vals[i]
		before := len(errs)
		errs = val.judge(&fields[i], errs)
		val.valid = len(errs) == before
		if !val.valid {
			val.text, val.flag, val.num, val.ids = "", false, 0, nil
		}
	}
	return v, errs, nil
}

// find returns the value of a declared field, nil for any other name.
func (v Values) find(name string) *value {
	for i := range v.fields {
		if v.fields[i].Name == name {
			return &v.vals[i]
		}
	}
	return nil
}

// Given reports whether the body had this key with a value that is not null; it may
// be empty, or wrong.
func (v Values) Given(name string) bool {
	val := v.find(name)
	return val != nil && val.kind > kindNull
}

// Valid reports whether the field is declared and had no error; it may be empty.
func (v Values) Valid(name string) bool {
	val := v.find(name)
	return val != nil && val.valid
}

// Text returns the cleaned text of a field, "" if it was empty or had an error.
func (v Values) Text(name string) string {
	if val := v.find(name); val != nil {
		return val.text
	}
	return ""
}

// Bool returns a Bool field, false if it was empty or had an error.
func (v Values) Bool(name string) bool {
	val := v.find(name)
	return val != nil && val.flag
}

// Int returns a Number or ID field; ok is false if it was empty or had an error.
func (v Values) Int(name string) (n int64, ok bool) {
	val := v.find(name)
	if val == nil || !val.flag {
		return 0, false
	}
	return val.num, true
}

// IDs returns an IDList field in the order of the body, nil if it was empty or had an error.
func (v Values) IDs(name string) []int64 {
	if val := v.find(name); val != nil {
		return slices.Clone(val.ids)
	}
	return nil
}

// JSON returns the JSON text of a JSON or Any field, nil if it was empty or had an
// error. The text is valid JSON, may have repeated keys, and belongs to the caller.
func (v Values) JSON(name string) []byte {
	if val := v.find(name); val != nil && val.text != "" {
		return []byte(val.text)
	}
	return nil
}

// String names the fields that were given, never their values.
func (v Values) String() string {
	var names []string
	for i := range v.fields {
		if v.vals[i].kind > kindNull {
			names = append(names, v.fields[i].Name)
		}
	}
	return "fields given: " + strings.Join(names, " ")
}

// GoString is String, so that %#v shows no secret either.
func (v Values) GoString() string { return v.String() }

// LogValue is String for slog.
func (v Values) LogValue() slog.Value { return slog.StringValue(v.String()) }
