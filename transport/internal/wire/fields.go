package wire

import (
	"stagedoor/engine"
)

// FieldsOf turns the fields a stage declares into inputs.
func FieldsOf(fields []engine.Field) []Field {
	types := map[engine.FieldType]FieldType{
		engine.Text: Text, engine.Secret: Secret, engine.EmailIn: Email, engine.PhoneIn: Phone,
		engine.CodeIn: Code, engine.Bool: Bool, engine.Number: Number, engine.IDList: IDList,
		engine.JSONIn: JSON, engine.Username: Username,
	}
	out := make([]Field, len(fields))
	for i, f := range fields {
		out[i] = Field{
			Name: f.Name, Type: types[f.Type], Required: f.Required,
			MinLength: f.MinLength, MaxLength: f.MaxLength, Help: f.Help, Lookup: f.Lookup,
		}
	}
	return out
}

// EngineErrors turns what is wrong with inputs into what the engine is told.
func EngineErrors(errs []FieldError) []engine.FieldError {
	if len(errs) == 0 {
		return nil
	}
	out := make([]engine.FieldError, len(errs))
	for i, e := range errs {
		out[i] = engine.FieldError(e)
	}
	return out
}

// FieldErrors turns what the engine says is wrong into what is answered.
func FieldErrors(errs []engine.FieldError) []FieldError {
	out := make([]FieldError, len(errs))
	for i, e := range errs {
		out[i] = FieldError(e)
	}
	return out
}
