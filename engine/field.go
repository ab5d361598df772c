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
	Name string
	// Type is [Text] if empty; one that does not exist is refused by [Check].
	Type FieldType
	// Required refuses a submission without it; of a bool, one that does not say true.
	Required bool
	// MinLength and MaxLength are in characters; 0 is no limit of its own.
	MinLength int
	MaxLength int
	// Lookup marks a username that names an account rather than makes one, and a secret
	// that is held against a known one: what is no text at all is a wrong one there.
	Lookup bool
	// Loose takes whatever does not say true for false, of a bool: for an offer that can be
	// turned down.
	Loose bool
	// Help says what belongs in it; it goes into the OpenAPI documents.
	Help string
}

// FieldError says what is wrong with one field. Param is empty for an error that
// belongs to no field. Code is one of the contract's; its text is made on the wire.
type FieldError struct {
	Param string
	Code  string
	// Cause, if not empty, tells what is behind a code that stands for several things.
	Cause string
}

// Values are the cleaned values of a submission. A field that was not sent, or is not
// valid, reads as the zero value.
type Values interface {
	// Given reports whether the field was sent with a value that is not null.
	Given(name string) bool
	Text(name string) string
	Bool(name string) bool
	// IDs reads a field of type ids; JSON the bytes of one of type json.
	IDs(name string) []int64
	JSON(name string) []byte
}

// MapValues are Values in a map: string, bool, []int64 or []byte by field name.
type MapValues map[string]any

// Given reports whether the map has the field.
func (v MapValues) Given(name string) bool { _, ok := v[name]; return ok }

// Text returns a field's text.
func (v MapValues) Text(name string) string { s, _ := v[name].(string); return s }

// Bool returns a field's truth.
func (v MapValues) Bool(name string) bool { b, _ := v[name].(bool); return b }

// IDs returns a field's list of ids.
func (v MapValues) IDs(name string) []int64 { ids, _ := v[name].([]int64); return ids }

// JSON returns a field's JSON.
func (v MapValues) JSON(name string) []byte { b, _ := v[name].([]byte); return b }
