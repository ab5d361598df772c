package wire

import (
	"stagedoor/engine"
)

// FieldsOf converts the fields that a stage declares to inputs.
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
			MinLength: f.MinLength, MaxLength: f.MaxLength, Help: f.Help, Lookup: f.Lookup, Loose: f.Loose,
		}
	}
	return out
}

// EngineErrors converts the errors of inputs for the engine.
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

// FieldErrors converts the engine's errors of inputs for the answer.
func FieldErrors(errs []engine.FieldError) []FieldError {
	out := make([]FieldError, len(errs))
	for i, e := range errs {
		out[i] = FieldError(e)
	}
	return out
}
