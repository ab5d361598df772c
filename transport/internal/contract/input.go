package contract

import "stagedoor/transport/internal/wire"

// Input is what a request says: the values of the declared fields, and what is wrong with
// them.
type Input struct {
	wire.Values
	Invalid []wire.FieldError
}

// Add says that a field is wrong; "" means the request as a whole.
func (in *Input) Add(param, code string) {
	in.Invalid = append(in.Invalid, wire.FieldError{Param: param, Code: code})
}

// Err is a 400 with all that is wrong, nil where nothing is.
func (in *Input) Err() error {
	if len(in.Invalid) == 0 {
		return nil
	}
	return wire.Invalid(in.Invalid...)
}
