package engine

// FieldType tells how a field is read and cleaned.
type FieldType string

// The types of field.
const (
	Text     FieldType = "text"
	Secret   FieldType = "secret" // text that is neither logged nor recorded
	EmailIn  FieldType = "email"
	PhoneIn  FieldType = "phone"
	CodeIn   FieldType = "code"
	Bool     FieldType = "bool"
	Number   FieldType = "number"
	IDList   FieldType = "ids"
	JSONIn   FieldType = "json"
	Username FieldType = "username"
)

// Field declares one field of a submission.
type Field struct {
	Name     string
	Type     FieldType
	Required bool
	// MaxLength is in characters; 0 is no limit of its own.
	MaxLength int
	// Help says what belongs in it; it goes into the OpenAPI documents.
	Help string
}

// FieldError says what is wrong with one field. Param is empty for an error that
// belongs to no field. Code is one of the contract's; its text is made on the wire.
type FieldError struct {
	Param string
	Code  string
}

// Values are the cleaned values of a submission by field name: string, bool, int64,
// []int64 or json.RawMessage. A field that was not sent is missing.
type Values map[string]any

// Text returns a field's text, or "" where it was not sent.
func (v Values) Text(name string) string {
	s, _ := v[name].(string)
	return s
}

// Bool returns a field's truth, false where it was not sent.
func (v Values) Bool(name string) bool {
	b, _ := v[name].(bool)
	return b
}

// Has reports whether the field was sent.
func (v Values) Has(name string) bool {
	_, ok := v[name]
	return ok
}
