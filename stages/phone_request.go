package stages

import (
	"context"

	"stagedoor/engine"
)

// PhoneRequest asks which number a signed-in account wants.
func PhoneRequest() engine.Stage {
	return engine.Stage{
		ID: "phone_request", Kind: engine.Asks, Title: "the new number",
		Exits: engine.Exits{engine.OK: {}},
		Fields: []engine.Field{
			{Name: "phone", Type: engine.PhoneIn, Required: true, Help: "the new number, in E.164"},
		},
	}
}

type phoneRequest struct{ *Env }

// Clean says whether the number can be changed to.
func (p phoneRequest) Clean(ctx context.Context, s engine.Submission) ([]engine.FieldError, error) {
	phone := s.Values.Text("phone")
	if phone == "" {
		return nil, nil
	}
	account, err := p.account(ctx, s.Client.Account)
	if err != nil || account == nil {
		return nil, err
	}
	if account.Phone == phone {
		return []engine.FieldError{{Param: "phone", Code: "same_as_current"}}, nil
	}
	if errs := p.untexted(phone); errs != nil {
		return errs, nil
	}
	taken, err := p.numberElsewhere(ctx, account.ID, phone)
	if taken && p.PreventEnumeration == Shown {
		return []engine.FieldError{{Param: "phone", Code: "phone_taken"}}, nil
	}
	return nil, err
}

// Submit takes the number a signed-in account wants.
func (p phoneRequest) Submit(_ context.Context, s engine.Submission) (engine.Verdict, error) {
	return engine.Verdict{Exit: engine.OK, Hint: s.Values.Text("phone")}, nil
}
