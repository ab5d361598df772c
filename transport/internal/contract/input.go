package contract

import (
	"stagedoor/state/accounts"
	"stagedoor/transport/internal/wire"
)

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

// Problem is what is answered to an error of a request to a route, see [wire.Refused]; errors
// of fields can name the limit that was not kept.
func (c *Call) Problem(path string, err error) *wire.Problem {
	p := wire.Refused(c.Log, c.Request, path, err)
	if len(p.Errors) == 0 || p.Limit != nil {
		return p
	}
	told := *p
	told.Limit = c.limit
	return &told
}

// limit is the number that an error is about, 0 where there is none. How long passwords are
// is no field's business.
func (c *Call) limit(e wire.FieldError) int {
	password := e.Param == "password" || e.Param == "new_password"
	switch n := c.Input.Limit(e); {
	case e.Code == accounts.PasswordTooShort:
		return c.PasswordMinLength
	case password && e.Code == accounts.PasswordTooLong && n == 0:
		return accounts.MaxPasswordBytes
	default:
		return n
	}
}
